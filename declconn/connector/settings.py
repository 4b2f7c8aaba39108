"""What the user of a connector chooses: where it connects to, and the values of its spec's options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from declconn.connector.hosts import is_loopback
from declconn.credentials import hosts
from declconn.errors import ConfigurationError, CredentialsError
from declconn.spec import Spec
from declconn.suggest import suggestion

CUSTOM = "custom"


def choose_environment(
    spec: Spec, environment: str | Mapping[str, str] | None, has_credentials: bool
) -> tuple[str, Mapping[str, Any]]:
    """The name and the urls of an environment.

    Args:
        spec: whose environments.
        environment: a name, urls by name that replace those of the first one, or ``None`` for the first.
        has_credentials: credentials will be sent there.

    Raises:
        ConfigurationError: there is no such environment, or it lacks a url.
        CredentialsError: credentials may not go to a host of these urls.
    """
    default = next(iter(spec.environments))
    if environment is None or isinstance(environment, str):
        name = environment or default
        if name not in spec.environments:
            known = ", ".join(spec.environments)
            raise ConfigurationError(
                f"{spec.name} has no environment {name!r}{suggestion(name, spec.environments)}; it has {known}"
            )
        return name, _with_tls(spec, spec.environments[name], has_credentials)
    unknown = sorted(set(environment) - set(spec.environments[default]))
    if unknown:
        known = ", ".join(spec.environments[default])
        raise ConfigurationError(f"{spec.name}: an environment has no {unknown[0]!r}; it has {known}")
    urls = {**spec.environments[default], **environment}
    if has_credentials:
        _check_hosts(spec, environment)
    return CUSTOM, _with_tls(spec, urls, has_credentials)


def _with_tls(spec: Spec, urls: Mapping[str, Any], has_credentials: bool) -> Mapping[str, Any]:
    """These urls, where credentials may travel."""
    for name, url in urls.items() if has_credentials else ():
        parts = urlsplit(str(url))
        if parts.scheme in ("http", "ws") and not is_loopback(parts.hostname or ""):
            raise CredentialsError(
                f"{spec.name}: credentials do not go to {parts.hostname!r} ({name}) without TLS; "
                f"write {parts.scheme}s://, or connect without credentials"
            )
    return urls


def _check_hosts(spec: Spec, environment: Mapping[str, str]) -> None:
    allowed = hosts(spec)
    for name, url in environment.items():
        host = urlsplit(url).hostname or ""
        if host not in allowed and not is_loopback(host):
            raise CredentialsError(
                f"{spec.name}: credentials do not go to {host!r} ({name}); only to its spec's hosts and to loopback"
            )


def choose_options(spec: Spec, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every option that has one: the user's, else its default.

    Raises:
        ConfigurationError: the spec has no such option, or does not allow this value.
    """
    for name, value in chosen.items():
        option = spec.options.get(name)
        if option is None:
            known = ", ".join(spec.options) or "none"
            raise ConfigurationError(
                f"{spec.name} has no option {name!r}{suggestion(name, spec.options)}; it has {known}"
            )
        if option.choices and str(value) not in map(str, option.choices):
            choices = ", ".join(map(str, option.choices))
            raise ConfigurationError(f"{spec.name}: option {name!r} may be {choices}; found {value!r}")
    defaults = {name: option.default for name, option in spec.options.items() if option.default is not None}
    return {**defaults, **chosen}


def how_to_give_credentials(spec: Spec) -> str:
    """What to say to a user who gave none."""
    if not spec.credentials:
        return f"the spec of {spec.name} declares no `credentials`"
    given = ", ".join(f"{name!r}: ..." for name in spec.credentials)
    return f"give connect() credentials={{{given}}}, or set {credential_variables(spec)}"


def credential_variables(spec: Spec) -> str:
    """The environment variables that credentials are looked for in."""
    return ", ".join(f"DECLCONN_{spec.name}_{name}".upper() for name in spec.credentials)
