"""What the user of a connector chooses: where it connects to, and the values of its spec's options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from declconn.compile.template import as_text
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
    """The value of every option that has one: the user's, of the kind that its default is, else its default.

    Raises:
        ConfigurationError: the spec has no such option, or does not allow this value.
    """
    defaults = {name: option.default for name, option in spec.options.items() if option.default is not None}
    return {**defaults, **{name: _chosen(spec, name, value) for name, value in chosen.items()}}


def _chosen(spec: Spec, name: str, value: Any) -> Any:
    """A user's value: whoever types it gives a text, and the venue wants the number that the spec has."""
    option = spec.options.get(name)
    if option is None:
        known = ", ".join(spec.options) or "none"
        raise ConfigurationError(f"{spec.name} has no option {name!r}{suggestion(name, spec.options)}; it has {known}")
    if option.choices:
        if (choice := {as_text(one): one for one in option.choices}.get(as_text(value))) is None:
            choices = ", ".join(map(as_text, option.choices))
            raise ConfigurationError(f"{spec.name}: option {name!r} may be {choices}; found {value!r}")
        return choice
    kind = next((kind for kind in _KINDS if isinstance(option.default, kind.types)), None)
    if kind is None:
        return value
    try:
        return kind.read(as_text(value))
    except (ValueError, KeyError, InvalidOperation):
        default = as_text(option.default)
        raise ConfigurationError(
            f"{spec.name}: option {name!r} is {kind.name}, by default {default}; found {value!r}"
        ) from None


def _number(text: str) -> int | Decimal:
    try:
        return int(text)
    except ValueError:
        number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    return number


class _Kind(NamedTuple):
    """What an option is, by its default's types, and how a text is read as one."""

    name: str
    types: tuple[type, ...]
    read: Callable[[str], Any]


_KINDS: Final = (
    _Kind("true or false", (bool,), {"true": True, "false": False}.__getitem__),
    _Kind("a number", (int, Decimal), _number),
    _Kind("a text", (str,), str),
)


def how_to_give_credentials(spec: Spec) -> str:
    """What to say to a user who gave none."""
    if not spec.credentials:
        return f"the spec of {spec.name} declares no `credentials`"
    given = ", ".join(f"{name!r}: ..." for name in spec.credentials)
    return f"give connect() credentials={{{given}}}, or set {credential_variables(spec)}"


def credential_variables(spec: Spec) -> str:
    """The environment variables that credentials are looked for in."""
    return ", ".join(f"DECLCONN_{spec.name}_{name}".upper() for name in spec.credentials)
