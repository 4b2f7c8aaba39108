"""Sequence rules: does a diff belong to a book, and does it follow the last one?

A rule is asked ``is_stale`` and ``joins`` for the diffs after a snapshot until the first one joined, and ``follows``
for every diff after that. ``last`` is always the id of the last message that was applied, the n of the language.
The rules are vendors' own instructions; each class quotes its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal, TypeAlias

from declconn.clock import Clock
from declconn.errors import SequenceGapError
from declconn.records import OrderBookMessage
from declconn.types import Integrity

RuleName: TypeAlias = Literal["range", "prev", "step", "monotonic", "checksum", "none"]
JoinWord: TypeAlias = Literal["contains_next", "contains", "prev_equals", "prev_contains", "any"]
StaleWord: TypeAlias = Literal["<=", "<"]


@dataclass(frozen=True, slots=True)
class SequenceRule(ABC):
    """What all rules share: what happens between a snapshot and the first diff after it.

    Attributes:
        join: the first diff must satisfy any of these words; empty: the rule's own default.
        stale: diffs up to the snapshot (``<=``), or before it (``<``), are older than it and are dropped.
        empty_ids: ids of a listing's empty book, which say nothing: after one, any first diff joins.
    """

    join: tuple[JoinWord, ...] = ()
    stale: StaleWord = "<="
    empty_ids: frozenset[int] = frozenset()

    name: ClassVar[RuleName]
    default_join: ClassVar[tuple[JoinWord, ...]]
    integrity: ClassVar[Integrity] = Integrity.SEQUENCED
    by_arrival: ClassVar[bool] = False
    """The venue's messages have no order of their own: they are numbered as they arrive (``ArrivalStamps``)."""

    def is_stale(self, diff: OrderBookMessage, last: int | None) -> bool:
        """The snapshot already holds this diff."""
        if last is None or last in self.empty_ids:
            return False
        update = _update_id(diff)
        return update < last or (update == last and self.stale == "<=")

    def joins(self, diff: OrderBookMessage, last: int | None) -> None:
        """This diff, the first that is not stale, is next to the snapshot.

        Raises:
            SequenceGapError: it is not: what stands between the snapshot and this diff is unknown.
        """
        if last in self.empty_ids or any(_joins(word, diff, last) for word in self.join or self.default_join):
            return
        raise self._gap(diff, last)

    @abstractmethod
    def is_next(self, diff: OrderBookMessage, last: int) -> bool:
        """The ordinary case: this diff is the one that comes after ``last``."""

    @abstractmethod
    def follows(self, diff: OrderBookMessage, last: int) -> bool:
        """Whether to apply a diff to a book that has joined: ``False`` is a repetition of what it holds.

        Raises:
            SequenceGapError: something between the two is missing.
        """

    def expected(self, last: int | None) -> int | None:
        """The id that would have followed."""
        return None if last is None else last + 1

    def found(self, diff: OrderBookMessage) -> int | None:
        """The id that is compared with it."""
        return diff.update_id

    def _gap(self, diff: OrderBookMessage, last: int | None) -> SequenceGapError:
        return SequenceGapError(diff.trading_pair, self.name, self.expected(last), self.found(diff))


class RangeRule(SequenceRule):
    """A diff covers the ids from first to last: "``U`` of each event must be the previous event's ``u`` + 1".

    Found at Binance spot, Gate, KuCoin spot, MEXC, Backpack, Gemini v3.
    """

    name: ClassVar[RuleName] = "range"
    default_join = ("contains_next",)

    def is_next(self, diff: OrderBookMessage, last: int) -> bool:
        first = diff.first_update_id
        return (diff.update_id if first is None else first) == last + 1

    def follows(self, diff: OrderBookMessage, last: int) -> bool:
        if self.is_next(diff, last):
            return True
        if diff.update_id == last:
            return False
        raise self._gap(diff, last)

    def found(self, diff: OrderBookMessage) -> int | None:
        return _first_id(diff)


class PrevRule(SequenceRule):
    """A diff names the one before it: "``pu`` must be the previous event's ``u``".

    Found at Binance perpetuals (where ``U`` is *not* the previous ``u`` + 1), OKX, Deribit, HTX, Crypto.com, Lighter.
    An id may stay the same (OKX's keepalive) or fall (OKX's maintenance): only the link counts.
    """

    name: ClassVar[RuleName] = "prev"
    default_join = ("prev_equals",)

    def is_next(self, diff: OrderBookMessage, last: int) -> bool:
        return diff.previous_update_id == last

    def follows(self, diff: OrderBookMessage, last: int) -> bool:
        if self.is_next(diff, last):
            return True
        if diff.update_id == last:
            return False
        raise self._gap(diff, last)

    def expected(self, last: int | None) -> int | None:
        return last

    def found(self, diff: OrderBookMessage) -> int | None:
        return diff.previous_update_id


class StepRule(SequenceRule):
    """Ids count the diffs: each is the one before it plus 1.

    Found at Bybit, KuCoin futures, Kraken futures, HTX swaps, HitBTC, AscendEX.
    """

    name: ClassVar[RuleName] = "step"
    default_join = ("contains_next",)

    def is_next(self, diff: OrderBookMessage, last: int) -> bool:
        return diff.update_id == last + 1

    def follows(self, diff: OrderBookMessage, last: int) -> bool:
        if self.is_next(diff, last):
            return True
        if diff.update_id == last:
            return False
        raise self._gap(diff, last)


class MonotonicRule(SequenceRule):
    """Ids only grow: an older diff is dropped, a lost one cannot be seen.

    Found at Phemex, Bitstamp (a time), Hyperliquid (a time).
    """

    name: ClassVar[RuleName] = "monotonic"
    default_join = ("any",)
    integrity = Integrity.UNVERIFIED

    def is_next(self, diff: OrderBookMessage, last: int) -> bool:
        return _update_id(diff) > last

    follows = is_next


class ArrivalRule(MonotonicRule):
    """No ids that mean anything: messages count as they arrive, and a diff from before the snapshot is dropped.

    Found at Coinbase Exchange, BitMEX, Gemini v2, bitFlyer.
    """

    name: ClassVar[RuleName] = "none"
    by_arrival = True


class ChecksumRule(ArrivalRule):
    """No ids either, but a checksum of the book (see ``declconn.book.checksum``). Found at Kraken and Bitget v1."""

    name: ClassVar[RuleName] = "checksum"


RULES: Mapping[RuleName, type[SequenceRule]] = MappingProxyType(
    {rule.name: rule for rule in (RangeRule, PrevRule, StepRule, MonotonicRule, ChecksumRule, ArrivalRule)}
)
"""Every rule of the language by its word."""


class ArrivalStamps:
    """Strictly increasing stamps in nanoseconds since the epoch, also when the clock stands still or steps back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """The time now, or one more than the stamp before."""
        self._last = max(self._clock.time_ns(), self._last + 1)
        return self._last


def _joins(word: JoinWord, diff: OrderBookMessage, last: int | None) -> bool:
    if word == "any":
        return True
    if last is None:
        return False
    first, update, previous = _first_id(diff), _update_id(diff), diff.previous_update_id
    match word:
        case "contains_next":
            return first <= last + 1 <= update
        case "contains":
            return first <= last <= update
        case "prev_equals":
            return previous == last
        case "prev_contains":
            return previous is not None and previous <= last <= update


def _first_id(diff: OrderBookMessage) -> int:
    return _update_id(diff) if diff.first_update_id is None else diff.first_update_id


def _update_id(diff: OrderBookMessage) -> int:
    # The synchronizer lets no message without an id come this far; -1 is below every id there is.
    return -1 if diff.update_id is None else diff.update_id
