"""One number that a venue tells, carried on by what changes it until the venue tells it again."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

ZERO: Final = Decimal(0)

BELATED: Final = 10**9
"""Nanoseconds after an answer in which a stream may still tell what the answer had in it already."""


class Figure:
    """The venue's last word, and the changes since.

    An answer is as old as its question, so changes that were heard since the question are counted on top of it. Whether
    a change is in the venue's word already is decided by times. Those of streams are compared with one another; our own
    clock, which may be wrong, decides only about answers, since these have no other.

    Attributes:
        told: the venue's last word.
        is_told: there was one.
        is_answer: that was an answer.
    """

    __slots__ = (
        "_answered_ns",
        "_heard_since_question",
        "_since_ns",
        "_since_question",
        "_since_told",
        "_stamp",
        "is_answer",
        "is_told",
        "told",
    )

    def __init__(self) -> None:
        self.told = self._since_told = self._since_question = ZERO
        self._since_ns = self._answered_ns = self._stamp = 0
        self.is_told = self.is_answer = self._heard_since_question = False

    @property
    def now(self) -> Decimal:
        """The last word with all changes since."""
        return self.told + self._since_told

    def ask(self) -> None:
        """The venue is about to be asked."""
        self._since_question, self._heard_since_question = ZERO, False

    def answer(self, told: Decimal, asked_ns: int, now_ns: int) -> bool:
        """Take an answer, unless a stream told the number since the question; tell whether it was taken."""
        if self._heard_since_question:
            return False
        self.told, self._since_told = told, self._since_question
        self._since_ns, self._answered_ns = asked_ns, now_ns
        self.is_told = self.is_answer = True
        return True

    def hear(self, told: Decimal, stamp: int | None, now_ns: int) -> bool:
        """Take a stream's word, unless it is older than the stream's last one; tell whether it was taken.

        Args:
            stamp: the venue's time, nanoseconds since the epoch.
        """
        if stamp is not None:
            if stamp < self._stamp:
                return False
            self._stamp = stamp
        self.told, self._since_told, self._since_question = told, ZERO, ZERO
        self._since_ns = 1 + (now_ns if stamp is None else stamp)
        self.is_told = self._heard_since_question = True
        self.is_answer = False
        return True

    def add(self, change: Decimal) -> None:
        """It has changed by so much."""
        self._since_told += change
        self._since_question += change

    def is_newer(self, at_ns: int) -> bool:
        """Whether a fill of that time is not in the venue's word."""
        return at_ns >= self._since_ns

    def has(self, stamp: int | None, now_ns: int) -> bool:
        """Whether a change that a stream tells now, with that time of the venue's, is in the venue's word already."""
        if stamp is None:
            return False
        is_belated = self.is_answer and now_ns - self._answered_ns < BELATED
        return stamp <= self._stamp or (is_belated and stamp <= self._answered_ns)
