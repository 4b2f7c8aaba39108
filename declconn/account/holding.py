"""One asset of an account: the venue's last word of it, carried on by what our orders and fills do to it."""

from __future__ import annotations

from decimal import Decimal

from declconn.account.holds import ZERO, AssetChange
from declconn.records import BalanceUpdate


class Holding:
    """What is held of one asset.

    A lone total says nothing of what is locked, so the two may have been told at different times. Fills from before
    the venue's last word of either are in that word.

    Args:
        real_time: the venue tells what is available as it changes, so its word needs no help.

    Attributes:
        number: of the last piece of news that a stream told of it.
        told: total and available, as they were told last.
    """

    __slots__ = (
        "_at_ns",
        "_available",
        "_available_change",
        "_held_then",
        "_locked_at_ns",
        "_real_time",
        "_total",
        "_total_change",
        "number",
        "told",
    )

    def __init__(self, *, real_time: bool) -> None:
        self._real_time = real_time
        self._total = self._available = self._held_then = ZERO
        self._total_change = self._available_change = ZERO
        self._at_ns = self._locked_at_ns = 0
        self.number = 0
        self.told = ZERO, ZERO

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self._total if self._real_time else self._total + self._total_change

    def available(self, held: Decimal) -> Decimal:
        """What can be used of it, while our orders hold so much."""
        if self._real_time:
            return self._available
        return self._available + self._available_change + self._held_then - held

    def set(self, update: BalanceUpdate, held_then: Decimal, at_ns: int) -> None:
        """Take the venue's word, which was true at that time, when our orders held so much."""
        self._total, self._available = self._completed(update, held_then)
        self._held_then, self._at_ns = held_then, at_ns
        if update.locked is not None or update.available is not None:
            self._locked_at_ns = at_ns
        self._total_change = self._available_change = ZERO

    def is_changed_by(self, at_ns: int | None) -> bool:
        """Whether a change of that time (``None``: just now) counts.

        What nobody told cannot change, and a change from before the venue's last word is in that word.
        """
        return self._at_ns > 0 and (at_ns is None or at_ns > self._at_ns)

    def add(self, delta: Decimal) -> None:
        """There is so much more of it, or less, than the venue told."""
        self._total += delta
        self._available += delta

    def fill(self, change: AssetChange, at_ns: int) -> None:
        """A fill changed it at that time."""
        if at_ns > self._at_ns:
            self._total_change += change.total
            self._available_change += change.total
        if at_ns > self._locked_at_ns:
            self._available_change += change.available - change.total

    def _completed(self, update: BalanceUpdate, held_then: Decimal) -> tuple[Decimal, Decimal]:
        """Total and available: two of the three numbers give the third; of one alone, the others stay as they are."""
        total, available, locked = update.total, update.available, update.locked
        if total is not None and available is not None:
            return total, available
        if locked is None:
            locked = self._locked(held_then)
        if available is not None:
            return available + locked, available
        if total is None:
            total = self.total
        return total, total - locked

    def _locked(self, held_then: Decimal) -> Decimal:
        """What is not available when our orders hold that much, as far as we know it without the venue's word."""
        locked = self._total - self._available
        if self._real_time:
            return locked
        return locked + self._total_change - self._available_change + held_then - self._held_then
