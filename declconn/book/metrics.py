"""What happened to one book, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(slots=True)
class BookMetrics:
    """What happened to one book so far; counters only grow.

    Attributes:
        frames: messages that came, snapshots and diffs.
        applied: messages that changed the book.
        stale: messages that were dropped because the book, or the snapshot it waits for, is newer.
        gaps: diffs that did not follow.
        resyncs: how often a live book was found to be possibly wrong.
        checksums_ok: checksums that agreed.
        checksums_failed: checksums that did not.
        crossed: messages after which the best bid was not below the best ask.
        drift: levels that differed from a periodic snapshot of the same id.
        sent, came: the own time of the last message that has one, and when that arrived; nanoseconds since the epoch.
    """

    frames: int = 0
    applied: int = 0
    stale: int = 0
    gaps: int = 0
    resyncs: int = 0
    checksums_ok: int = 0
    checksums_failed: int = 0
    crossed: int = 0
    drift: int = 0
    sent: int | None = None
    came: int | None = None

    @property
    def lag(self) -> float | None:
        """Seconds between that message's own time and its arrival (both clocks' errors included)."""
        return None if self.sent is None or self.came is None else (self.came - self.sent) / 1e9

    def as_dict(self) -> dict[str, int | float | None]:
        """All counters by name, and the lag."""
        names = (field.name for field in fields(self) if field.name not in ("sent", "came"))
        return {name: getattr(self, name) for name in names} | {"lag": self.lag}
