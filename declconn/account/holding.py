"""One asset of an account: the venue's last word of it, carried on by what our orders and fills do to it."""

from __future__ import annotations

from decimal import Decimal

from declconn.account.figure import ZERO, Figure
from declconn.account.holds import AssetChange
from declconn.records import BalanceUpdate


class Holding:
    """What is held of one asset: how much, and how much of that is locked. The two may be told at different times.

    Args:
        real_time: the venue tells what is available as it changes, so its word needs no help.

    Attributes:
        announced: total and available, as they were announced last.
    """

    __slots__ = ("_held_then", "_locked", "_real_time", "_total", "announced")

    def __init__(self, *, real_time: bool) -> None:
        self._real_time = real_time
        self._total, self._locked = Figure(), Figure()
        self._held_then = ZERO
        self.announced = ZERO, ZERO

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self._total.now

    def available(self, held: Decimal) -> Decimal:
        """What can be used of it, while our orders hold so much."""
        return self._total.now - self._locked_while(held)

    def ask(self) -> None:
        """The venue is about to be asked."""
        self._total.ask()
        self._locked.ask()

    def answer(self, update: BalanceUpdate, held_then: Decimal, asked_ns: int, now_ns: int) -> None:
        """Take an answer.

        Args:
            held_then: what the venue held for our orders when it was asked.
        """
        total, locked = self._told(update, held_then)
        if total is not None:
            self._total.answer(total, asked_ns, now_ns)
        if locked is not None and self._locked.answer(locked, asked_ns, now_ns):
            self._held_then = held_then

    def hear(self, update: BalanceUpdate, held_then: Decimal, now_ns: int) -> None:
        """Take a stream's word; what the venue holds for our orders is as for `answer`."""
        total, locked = self._told(update, held_then)
        if total is not None:
            self._total.hear(total, update.timestamp, now_ns)
        if locked is not None and self._locked.hear(locked, update.timestamp, now_ns):
            self._held_then = held_then

    @property
    def is_told(self) -> bool:
        """Whether the venue said how much there is of it."""
        return self._total.is_told

    def add(self, delta: Decimal, stamp: int | None, now_ns: int) -> bool:
        """A stream tells that there is so much more of it, or less; tell whether that is news."""
        if self._total.has(stamp, now_ns):
            return False
        self._total.add(delta)
        return True

    def fill(self, change: AssetChange, at_ns: int, *, is_held: bool) -> bool:
        """A fill changed it at that time.

        Args:
            is_held: the venue's word of what is locked has in it what the fill's order held, which the fill has moved.

        Returns:
            whether the fill is taken for a part of an answer, by times that two clocks told.
        """
        if self._real_time:
            return False
        if self._total.is_newer(at_ns):
            self._total.add(change.total)
        if is_held or self._locked.is_newer(at_ns):
            self._locked.add(change.total - change.available)
        return self._total.is_answer and not self._total.is_newer(at_ns)

    def _told(self, update: BalanceUpdate, held: Decimal) -> tuple[Decimal | None, Decimal | None]:
        """Total and locked: two of the three numbers give the third; of one alone, what is locked stays as it is."""
        total, available, locked = update.total, update.available, update.locked
        if available is None:
            return total, locked
        if total is not None:
            return total, total - available
        if locked is not None:
            return available + locked, locked
        return available + self._locked_while(held), None

    def _locked_while(self, held: Decimal) -> Decimal:
        """What is locked while our orders hold so much.

        Not less than the venue's word and our orders both say: an end that we hear of may be in that word already.
        """
        if self._real_time:
            return self._locked.now
        return max(self._locked.now + held - self._held_then, min(self._locked.told, held))
