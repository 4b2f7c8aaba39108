"""Times that cannot be: where a spec's `time_unit` is wrong by a factor of a thousand, a year gives it away."""

from __future__ import annotations

from typing import Any, Final

_YEAR: Final = 31_556_952_000_000_000
"""Nanoseconds of a mean Gregorian year."""

_FIRST: Final = 1_230_768_000_000_000_000
"""2009 begins; before, there was nothing to trade."""

_END: Final = 4_102_444_800_000_000_000
"""2100 begins."""


def strange_time(ns: int) -> str | None:
    """What is doubtful about a time in nanoseconds since the epoch; ``None`` if it may well be right."""
    if _FIRST <= ns < _END:
        return None
    return f"a time in the year {1970 + ns // _YEAR}; is `time_unit` right?"


def strange_time_of(record: Any) -> str | None:
    """The same about a record; one without a time has nothing doubtful, nor has 0, which some venues write for none."""
    ns = getattr(record, "timestamp", None) or getattr(record, "time", None)
    return strange_time(ns) if ns else None
