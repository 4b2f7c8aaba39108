"""Credentials: who they belong to, and which hosts may see them.

Credentials belong to a spec and its set of hosts. Those of a name are handed to another spec only if it is
descended from that name and speaks to no other host: a spec found on disk that ``extends: binance`` but names its
own server gets nothing of Binance's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from pydantic import SecretStr

from declconn.errors import CredentialsError
from declconn.nonces import fingerprint
from declconn.spec import Spec


@dataclass(frozen=True, slots=True)
class Credentials:
    """The secrets of one account by the spec's names; nothing prints them."""

    values: Mapping[str, SecretStr] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.values)

    @property
    def fingerprint(self) -> str:
        """What stands for the account's key, the first of its secrets, where nonces and turns are counted."""
        return fingerprint(next(iter(self.values.values())).get_secret_value()) if self.values else ""


def credentials_for(
    spec: Spec,
    given: Mapping[str, Any] | None,
    registered: Callable[[str], Spec | None],
    environ: Mapping[str, str] = os.environ,
    keyring: Callable[[str, str], str | None] | None = None,
) -> Credentials:
    """The credentials that a connector of this spec may use.

    Args:
        spec: the spec that asks.
        given: what the caller handed in; nothing else is then looked up.
        registered: the spec that a name stands for.
        environ: environment variables, ``DECLCONN_<SPEC>_<CREDENTIAL>``.
        keyring: looks a secret up by service (``declconn:<spec>``) and name; the system's by default, if the extra
            ``keyring`` is installed.

    Raises:
        CredentialsError: some are given but not all, or one that the spec does not know.
    """
    names = tuple(spec.credentials or ())
    if given is not None and not isinstance(given, Mapping):
        raise CredentialsError(f"{spec.name}: credentials are a map of names to values; it takes {', '.join(names)}")
    if given is not None:
        return _whole(spec.name, names, given)
    look = keyring or system_keyring
    for owner in _lineage(spec, registered) if names else ():
        prefix = f"DECLCONN_{owner.upper()}_"
        found = {name: environ[prefix + name.upper()] for name in names if prefix + name.upper() in environ}
        if not found:
            found = {name: secret for name in names if (secret := look(f"declconn:{owner}", name)) is not None}
        if found and _may_see(spec, owner, registered):
            return _whole(owner, names, found)
    return Credentials()


def system_keyring(service: str, name: str) -> str | None:
    """A secret of the system's keyring; ``None`` where there is none, or the extra is not installed."""
    if find_spec("keyring") is None:
        return None
    import keyring

    secret: str | None = keyring.get_password(service, name)
    return secret


def read_credentials(path: Path) -> dict[str, SecretStr]:
    """Credentials from a file, JSON or YAML: a map of the spec's names to texts.

    Raises:
        CredentialsError: it is missing, readable by others than its owner, or of another form; never shows a value.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_bytes()
    except OSError as error:
        raise CredentialsError(f"{path}: cannot be read: {error.strerror}") from error
    if mode & 0o077:
        raise CredentialsError(f"{path}: others than its owner may read it; run: chmod 600 {path}")
    try:
        # No value may become a number or a date: a secret is text as it is written.
        found = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        raise CredentialsError(f"{path}: neither JSON nor YAML") from None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise CredentialsError(f"{path}: expected a map of names to texts, like {{api_key: ..., api_secret: ...}}")
    return {name: SecretStr(value) for name, value in found.items()}


def hosts(spec: Spec) -> frozenset[str]:
    """Every host that a spec may speak to, and the suffixes that its negotiated urls may end in."""
    urls = (url for environment in spec.environments.values() for url in environment.values())
    named = (urlsplit(url).hostname for url in urls if isinstance(url, str) and "://" in url)
    return frozenset(host for host in named if host) | {f"*.{suffix}" for suffix in spec.hosts or ()}


def _lineage(spec: Spec, registered: Callable[[str], Spec | None]) -> Iterator[str]:
    """The name of a spec, and those of its ancestors."""
    yield spec.name
    seen, name = {spec.name}, spec.extends
    while name is not None and name not in seen:
        yield name
        seen.add(name)
        parent = registered(name)
        name = parent.extends if parent else None


def _may_see(spec: Spec, owner: str, registered: Callable[[str], Spec | None]) -> bool:
    """Whether a spec speaks to no other host than the one whose credentials these are."""
    known = registered(owner)
    return hosts(spec) <= hosts(known) if known else owner == spec.name


def _whole(owner: str, names: tuple[str, ...], values: Mapping[str, Any]) -> Credentials:
    unknown = sorted(set(values) - set(names))
    if unknown:
        known = ", ".join(names) or "none: its spec is for market data only"
        raise CredentialsError(f"{owner}: unknown credential {unknown[0]!r}; it takes {known}")
    missing = [name for name in names if name not in values]
    if missing and values:
        raise CredentialsError(f"{owner}: the credential {missing[0]!r} is missing; it takes {', '.join(names)}")
    for name, value in values.items():
        if not isinstance(value, str | SecretStr):
            raise CredentialsError(f"{owner}: the credential {name!r} is not text")
    return Credentials({name: _secret(value) for name, value in values.items()})


def _secret(value: Any) -> SecretStr:
    return value if isinstance(value, SecretStr) else SecretStr(value)
