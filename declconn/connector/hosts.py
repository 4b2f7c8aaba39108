"""Which hosts a connector may speak to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from declconn.errors import CredentialsError


def is_loopback(host: str) -> bool:
    """This machine: the one place where credentials may travel without TLS."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Hosts:
    """The hosts of the chosen environment, and those that the spec lists.

    Args:
        environment: urls by name.
        suffixes: `hosts` of the spec: these hosts, and all below them.
    """

    def __init__(self, environment: Mapping[str, Any], suffixes: Iterable[str]) -> None:
        self._good: set[str] = set()
        named = (urlsplit(str(url)).hostname for url in environment.values() if "://" in str(url))
        self._hosts: Collection[str] = frozenset(host for host in named if host)
        self._suffixes = tuple(f".{suffix.lstrip('.')}" for suffix in suffixes)

    def check(self, where: str, url: str) -> str:
        """The same url, if a socket that the venue named may be opened there.

        Args:
            where: the url's place in the spec.
            url: as the venue said it; its query is never shown, because it may hold a token.

        Raises:
            CredentialsError: it goes elsewhere, or without TLS.
        """
        self._check(where, url, "wss", "the venue named a socket")
        return url

    def check_request(self, operation: str, url: str) -> None:
        """See that a request which holds secrets may go there.

        Raises:
            CredentialsError: it goes elsewhere, or without TLS.
        """
        origin = url[: url.find("/", len("https://"))]
        if origin not in self._good:
            self._check(f"endpoints.{operation}", url, "https", "credentials would go")
            self._good.add(origin)

    def _check(self, where: str, url: str, scheme: str, what: str) -> None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if is_loopback(host):
            return
        if parts.scheme != scheme:
            raise CredentialsError(f"{where}: {what} without TLS ({parts.scheme}://{host}); refused")
        if host not in self._hosts and not (self._suffixes and f".{host}".endswith(self._suffixes)):
            known = ", ".join((*sorted(self._hosts), *(f"*{suffix}" for suffix in self._suffixes)))
            raise CredentialsError(
                f"{where}: {what} at {host!r}, and the spec knows {known}; if it is the venue's, name it in `hosts`"
            )
