"""Signatures checked as a venue checks them: what was asked is written and signed anew, and compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from declconn.compile import convert
from declconn.compile.lookup import Sources
from declconn.compile.source_book import FrozenClock
from declconn.errors import CredentialsError
from declconn.net.transport import Headers, Request
from declconn.simulator.desk.members import Member, Members
from declconn.simulator.engine.refusals import RefusedError
from declconn.types import TimeUnit

WINDOW: Final = 5_000_000_000
"""Nanoseconds that a request's time may be off."""

_UNITS: Final = {"iso8601ms": TimeUnit.ISO, "iso8601s": TimeUnit.ISO, "decimal_s": TimeUnit.S}


class Signatures:
    """Finds out who signed something.

    Args:
        members: whose keys are known.
        now: the venue's time, nanoseconds since the epoch.
    """

    def __init__(self, members: Members, now: Callable[[], int]) -> None:
        self._members, self._now = members, now

    def check(self, request: Request, sources: Sources, write: Callable[[Sources], Request]) -> Member:
        """Who sent a request.

        Args:
            request: as it came.
            sources: what it was written from, with ``cred``, ``clock`` and ``nonce`` as far as they were sent.
            write: writes and signs it.

        Raises:
            RefusedError: authentication, clock_skew or nonce.
        """
        member = self.member(sources)
        self.check_signature(lambda: _is_same(write(_signing(sources, member)), request))
        self._check_time(sources.get("clock", {}))
        self._check_nonce(member, sources.get("nonce", {}))
        return member

    def check_message(
        self, message: Mapping[str, Any], sources: Sources, write: Callable[[Sources], Mapping[str, Any]]
    ) -> Member:
        """Who sent a message on a socket; otherwise as ``check``."""
        member = self.member(sources)
        self.check_signature(lambda: write(_signing(sources, member)) == message)
        self._check_time(sources.get("clock", {}))
        return member

    def member(self, sources: Sources) -> Member:
        """Whose key, or whose token, was shown."""
        member = self._members.with_credentials(sources.get("cred", {}))
        held = (self._members.holder(token) for token in sources.get("session", {}).values())
        member = member or next((holder for holder in held if holder is not None), None)
        if member is None:
            raise RefusedError("authentication", "nobody here has this key")
        return member

    def check_signature(self, is_right: Callable[[], bool]) -> None:
        """Raise ``RefusedError`` if what was signed anew is something else."""
        try:
            right = is_right()
        except CredentialsError as error:
            raise RefusedError("authentication", f"the key does not fit: {error}") from error
        if not right:
            raise RefusedError("authentication", "the signature is not valid")

    def _check_time(self, clock: Mapping[str, Any]) -> None:
        if clock and abs(_moment(clock) - self._now()) > WINDOW:
            raise RefusedError("clock_skew", "the request's time is not the venue's")

    def _check_nonce(self, member: Member, nonces: Mapping[str, Any]) -> None:
        for form in nonces.keys() & {"s", "ms", "us", "ns"}:
            nonce = int(nonces[form])
            if nonce <= member.nonce.get(form, -1):
                raise RefusedError("nonce", f"the nonce {nonce} does not follow {member.nonce[form]}")
            member.nonce[form] = nonce


def _signing(sources: Sources, member: Member) -> dict[str, Any]:
    """The sources that the sender had: his secrets, and the clock that he read."""
    clock = sources.get("clock", {})
    return {**sources, "cred": member.credentials, "clock": FrozenClock(_moment(clock) if clock else 0)}


def _moment(clock: Mapping[str, Any]) -> int:
    """The time behind the finest form of it that was sent, nanoseconds since the epoch."""
    forms = ("ns", "us", "ms", "iso8601ms", "decimal_s", "s", "iso8601s")
    form = next(form for form in forms if form in clock)
    unit = _UNITS[form] if form in _UNITS else TimeUnit(form)
    return convert.nanoseconds(clock[form], unit)


def _is_same(written: Request, request: Request) -> bool:
    headers = Headers(request.headers)
    return (written.method, written.url, written.body) == (request.method, request.url, request.body) and all(
        headers.get(name) == value for name, value in written.headers.items()
    )
