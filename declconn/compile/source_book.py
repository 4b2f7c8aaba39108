"""What templates may name whatever the operation: the spec's own values, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

from declconn.clock import WallClock
from declconn.compile.lookup import Sources
from declconn.nonces import MemoryNonces, Nonces, NonceSource


class FrozenClock(Mapping[str, Any]):
    """One instant in every form that a template may ask for: ``{clock.ms}``, ``{clock.iso8601ms}``, ..."""

    __slots__ = ("_ns",)

    FORMS = ("s", "ms", "us", "ns", "decimal_s", "iso8601s", "iso8601ms")

    def __init__(self, ns: int) -> None:
        self._ns = ns

    def __getitem__(self, form: str) -> int | str:
        seconds, millis = self._ns // 1_000_000_000, self._ns // 1_000_000 % 1000
        match form:
            case "s":
                return seconds
            case "ms":
                return self._ns // 1_000_000
            case "us":
                return self._ns // 1_000
            case "ns":
                return self._ns
            case "decimal_s":
                return f"{seconds}.{millis:03}"
            case "iso8601s":
                return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}Z"
            case "iso8601ms":
                return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{millis:03}Z"
        raise KeyError(form)

    def __iter__(self) -> Iterator[str]:
        return iter(self.FORMS)

    def __len__(self) -> int:
        return len(self.FORMS)


class SourceBook:
    """``env``, ``opt``, ``const`` and ``cred``, which stay as they are, the clock, and nonces.

    Args:
        clock: the time that templates see.
        environment, options, constants, credentials: by name.
        nonces: where rising numbers come from.
        key: the fingerprint of the account's key, for which they rise.
        random: where random ones come from.

    Attributes:
        fixed: what stays as it is.
    """

    def __init__(
        self,
        clock: WallClock,
        *,
        environment: Mapping[str, Any],
        options: Mapping[str, Any],
        constants: Mapping[str, Any],
        credentials: Mapping[str, Any],
        nonces: NonceSource | None = None,
        key: str = "",
        random: Random | None = None,
    ) -> None:
        self._clock, self._key = clock, key
        self._nonces, self._random = nonces or MemoryNonces(), random or Random()
        self.fixed: Sources = {"env": environment, "opt": options, "const": constants, "cred": credentials}

    def now(self) -> dict[str, Any]:
        """All of them, with the clock as it stands and new nonces."""
        ns = self._clock.time_ns()
        return {**self.fixed, "clock": FrozenClock(ns), "nonce": Nonces(self._nonces, self._key, ns, self._random)}
