"""How long to wait before the next attempt to connect."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

LONGEST = 32.0
HEALTHY = 60.0


class Backoff:
    """1, 2, 4 .. 32 seconds, each shortened by chance to as little as half: many clients must not come back at once."""

    def __init__(self, random: Callable[[], float]) -> None:
        """`random` returns numbers from 0 up to but not including 1."""
        self._random = random
        self._delay = 1.0

    def after(self, lived: float) -> float:
        """Return the seconds to wait after a connection that lived this long; a healthy minute begins anew."""
        delay = 1.0 if lived >= HEALTHY else self._delay
        self._delay = min(delay * 2, LONGEST)
        return delay * (0.5 + self._random() / 2)


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks to wait, never below 0; ``None`` without a usable one.

    Args:
        headers: of an answer, read without regard to case.
        now: seconds since the epoch, for a header that names a date (RFC 9110, 10.2.3) in an answer that does not
            say itself when it was written.
    """
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    then, written = _date(text), _date(headers.get("Date", ""))
    since = now if written is None else written
    return None if then is None or since is None else max(then - since, 0.0)


def _date(text: str) -> float | None:
    """Seconds since the epoch of a date in a header."""
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
