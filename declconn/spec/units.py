"""Shorthand values: ``30s`` is a duration, ``8MiB`` a size, ``6000/1m`` and ``15+20/1m`` are allowances."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_SECONDS = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600), "d": Decimal(86400)}
_BYTES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)", re.ASCII)
_SIZE = re.compile(r"(\d{1,9})(B|KiB|MiB|GiB)", re.ASCII)
_ALLOWANCE = re.compile(r"(?:(\d{1,12})\+)?(\d{1,12})/(\S+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much may be drawn from a pool.

    Attributes:
        burst: the size of a bucket that refills steadily; ``None``: a window, not a bucket.
        refill: what flows back within the window; without a bucket, what may be drawn in any window.
        window: seconds.
    """

    burst: int | None
    refill: int
    window: Decimal

    def __str__(self) -> str:
        burst = "" if self.burst is None else f"{self.burst}+"
        return f"{burst}{self.refill}/{self.window.normalize():f}s"


def parse_duration(value: Any) -> Decimal:
    """Seconds of ``500ms``, ``30s``, ``2m``, ``23h`` or ``1d``; raises ``ValueError``."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"{_quoted(value)} is not a duration; write a number and one of ms s m h d, like 30s")
    return Decimal(found[1]) * _SECONDS[found[2]]


def parse_size(value: Any) -> int:
    """Bytes of ``512KiB`` or ``8MiB``; raises ``ValueError``."""
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"{_quoted(value)} is not a size; write a number and one of B KiB MiB GiB, like 8MiB")
    return int(found[1]) * _BYTES[found[2]]


def parse_allowance(value: Any) -> Allowance:
    """``6000/1m``: 6000 in any minute; ``15+20/1m``: a bucket of 15 that refills 20 a minute; raises ``ValueError``."""
    found = _ALLOWANCE.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"{_quoted(value)} is not an allowance; write 6000/1m, or 15+20/1m for a bucket that refills")
    burst = int(found[1]) if found[1] else None
    allowance = Allowance(burst, int(found[2]), parse_duration(found[3]))
    if not allowance.refill or not allowance.window or burst == 0:
        raise ValueError(f"{_quoted(value)} would never let anything through; every number must be above 0")
    return allowance


def _quoted(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else repr(value)
