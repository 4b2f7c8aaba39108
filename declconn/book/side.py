"""One side of an order book: what both forms of it, exact and float, share. The hot loops are in those."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from math import inf
from typing import Any, Final, Literal

from declconn.book.rows import Row, as_decimal

WINDOW: Final = 32
"""How many of the best levels are put in order at first; twice as many each time that they were not enough."""

_SPARE: Final = 8
"""How many deleted levels among the best are stepped over before they are swept away."""


class BookSide(ABC):
    """The levels of one side.

    ``levels`` holds every size by its price. A deleted level stays in it with size 0, because it often comes back, and
    is swept away later. Only the best are kept in order: by their *key*, the price as a float, negated for asks, so
    that the best is the last. So a change far from the best is a look into a dict and no more.

    Prices that differ only beyond a float's 15 digits are one level.

    Args:
        sign: 1 for bids, -1 for asks.
        negative_prices: prices of 0 and below are allowed.

    Attributes:
        best: the best price as a float, or ``None`` where there is no level.
        levels: price -> size.
        keys: those of all ``levels`` that are better than ``_edge``, in order.
    """

    __slots__ = ("_edge", "_limit", "_lowest", "_sign", "_window", "best", "keys", "levels")

    def __init__(self, sign: Literal[1, -1], negative_prices: bool = False) -> None:
        self._sign = float(sign)
        self._lowest = -inf if negative_prices else 0.0
        self._window = WINDOW
        self.levels: Any = {}
        self.keys: list[float] = []
        self.best: float | None = None
        self._edge = -inf
        self._limit = float(WINDOW)

    def __len__(self) -> int:
        return len(self._there())

    def __iter__(self) -> Iterator[Row]:
        """Every level, best first; those that are not in order are only sorted if it comes to them."""
        for price, _ in self._floats(len(self.keys)):
            yield self._row(price * self._sign)
        if self._edge > -inf:
            deep = [key for key in self._there() if key <= self._edge]
            yield from map(self._row, sorted(deep, reverse=True))

    @abstractmethod
    def apply(self, rows: Sequence[Row]) -> None:
        """Set every level to its new size; size 0 deletes, and deleting what is not there is nothing.

        Raises:
            BookError: a row is no level. Others of the message are applied, so the side is not to be trusted any more.
        """

    @abstractmethod
    def _row(self, key: float) -> Row:
        """The price and size of a level."""

    @abstractmethod
    def _floats(self, count: int) -> list[tuple[float, float]]:
        """Price and size of those of the last ``count`` keys that are not deleted, best first."""

    @abstractmethod
    def _there(self) -> list[float]:
        """The keys of all levels that are not deleted."""

    @abstractmethod
    def _forget(self, key: float) -> None:
        """Keep nothing of a level."""

    @abstractmethod
    def _keep(self, keys: Collection[float]) -> None:
        """Keep nothing of any levels but these."""

    def replace(self, rows: Sequence[Row]) -> None:
        """Forget all levels and take these.

        Raises:
            BookError: as ``apply`` does.
        """
        self._keep(())
        self.keys, self._edge = [], inf  # nothing is put in order one by one
        self.apply(rows)
        self._settle()

    def top(self, count: int) -> list[tuple[float, float]]:
        """The best levels as floats (price, size in the venue's unit), at most ``count``, best first.

        Raises:
            BookError: a level that came with a text for its size turns out to have none.
        """
        found = self._floats(count + _SPARE)
        return found[:count] if len(found) >= count else self._look_deeper(count)

    @property
    def best_price(self) -> Decimal | None:
        """The best price, exact."""
        return None if self.best is None else as_decimal(self._row(self.best * self._sign)[0])

    def rows(self, count: int) -> list[Row]:
        """The best levels, at most ``count``, best first."""
        return [self._row(price * self._sign) for price, _ in self.top(count)]

    def truncate(self, depth: int) -> None:
        """Drop the worst levels until at most ``depth`` are left."""
        if len(self.levels) > depth:
            self._window = max(self._window, depth)
            self._settle(depth)

    def differences(self, other: BookSide) -> int:
        """How many levels differ in size, down to the worst level of ``other``.

        A snapshot is cut at some depth, so what lies beyond its last level says nothing.
        """
        mine, theirs = self._sizes(), other._sizes()
        last = min(theirs, default=inf)
        return sum(mine.get(key) != theirs.get(key) for key in mine.keys() | theirs.keys() if key >= last)

    def _sizes(self) -> dict[float, float]:
        return {key: float(self._row(key)[1]) for key in self._there()}

    def _look_deeper(self, count: int) -> list[tuple[float, float]]:
        """What ``top`` gives, after sweeping away the deleted levels that are in its way."""
        reach, found = count, self._sweep(count)
        while len(found) < min(count, len(self.keys)):
            reach *= 2
            found = self._sweep(reach)
        if len(found) < count and self._edge > -inf:
            self._window = 2 * count
            self._settle()
            found = self._floats(count)
        return found[:count]

    def _sweep(self, count: int) -> list[tuple[float, float]]:
        """Forget the deleted ones of the last ``count`` keys; returns the others' price and size, best first."""
        found = self._floats(count)
        left = [price * self._sign for price, _ in reversed(found)]
        for key in set(self.keys[-count:]).difference(left):
            self._forget(key)
        self.keys[-count:] = left
        return found

    def _settle(self, depth: int | None = None) -> None:
        """Forget deleted levels, and those beyond a depth; put the best of the others in order."""
        if not self.keys and -inf < self._edge < inf:
            self._window *= 2
        keys = sorted(self._there())
        if depth is not None:
            del keys[:-depth]
        self._keep(keys)
        self.keys = keys[-self._window :]
        self._edge = -inf if len(keys) <= self._window else keys[-self._window - 1]
        self._limit = 3 * len(keys) + WINDOW
        self.best = keys[-1] * self._sign if keys else None
