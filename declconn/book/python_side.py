"""One side of an order book in Python: what both forms of it, exact and float, share. The hot loops are in those."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from math import inf
from typing import Any, Final, Literal

from declconn.book.rows import Row, as_decimal, changed, no_level

WINDOW: Final = 32
"""How many of the best levels are put in order at first; twice as many each time that they were not enough."""

_SPARE: Final = 8
"""How many deleted levels among the best are stepped over before they are swept away."""


class PythonSide(ABC):
    """The levels of one side; ``BookSide`` says what its methods do.

    A deleted level stays in ``levels`` with size 0, because it often comes back, and is swept away later. Only the
    prices near the best are kept in order. So a change of a known level is an entry in a dict and no more.

    Attributes:
        changes: how often the levels were changed.
        levels: what there is at each price.
        near: the prices of all ``levels`` that are better than ``_edge``, ascending.
    """

    __slots__ = ("_best_at", "_edge", "_limit", "_lowest", "_sign", "_window", "best", "changes", "levels", "near")

    def __init__(self, sign: Literal[1, -1], negative_prices: bool = False) -> None:
        self._sign = sign
        self._best_at = -1 if sign > 0 else 0
        self._lowest = -inf if negative_prices else 0.0
        self._window = WINDOW
        self.changes = 0
        self.levels: dict[float, Any] = {}
        self.near: list[float] = []
        self.best: float | None = None
        self._edge = -inf
        self._limit: float = WINDOW

    def __len__(self) -> int:
        return len(self._there())

    def __iter__(self) -> Iterator[Row]:
        changes = self.changes
        for price in self._walk():
            yield self._row(price)
            if self.changes != changes:
                raise changed()

    @abstractmethod
    def apply(self, rows: Sequence[Row]) -> None: ...

    @abstractmethod
    def _row(self, price: float) -> Row:
        """The price and size of a level."""

    @abstractmethod
    def _size(self, price: float) -> float:
        """The size of a level."""

    @abstractmethod
    def _floats(self, count: int) -> list[tuple[float, float]]:
        """Price and size of those of the ``count`` nearest prices that are not deleted, best first."""

    @abstractmethod
    def _there(self) -> list[float]:
        """The prices of all levels that are not deleted."""

    def replace(self, rows: Sequence[Row]) -> None:
        self.levels, self.near, self.best = {}, [], None
        self.changes += 1
        self._edge = self._limit = inf  # nothing is put in order one by one
        if rows:
            self.apply(rows)
        else:
            self._settle()

    def top(self, count: int) -> list[tuple[float, float]]:
        found = self._floats(count + _SPARE)
        while len(found) < count and self._makes_way(count, found):
            found = self._floats(count + _SPARE)
        return found[:count]

    @property
    def best_price(self) -> Decimal | None:
        return None if self.best is None else as_decimal(self._row(self.best)[0])

    def rows(self, count: int) -> list[Row]:
        return [self._row(price) for price, _ in self.top(count)]

    def truncate(self, depth: int) -> None:
        self.changes += 1
        if len(self.levels) > depth:
            self._window = max(self._window, depth)
            self._settle(depth)

    def _walk(self) -> Iterator[float]:
        """The prices of all levels, best first. Those that are not in order are only sorted if it comes to them."""
        edge = self._edge  # reading more than is in order moves it
        for price, _ in self._floats(len(self.near)):
            yield price
        if edge > -inf:
            yield from self._ranked(price for price in self._there() if price * self._sign <= edge)

    def _add(self, count: int) -> None:
        """Put the levels in order that were added last; a dict remembers which those are."""
        near, sign, edge, lowest = self.near, self._sign, self._edge, self._lowest
        for price in islice(reversed(self.levels), count):
            if not lowest < price < inf:
                raise no_level(self._row(price), lowest)
            if price * sign > edge:
                insort(near, price)
        if len(self.levels) > self._limit:
            self._settle()

    def _find_best(self) -> None:
        """Set the best price, and forget the deleted levels that are in its way."""
        near, best_at = self.near, self._best_at
        while near and not self._size(near[best_at]):
            del self.levels[near.pop(best_at)]
        if near:
            self.best = near[best_at]
        else:
            self._settle()

    def _ranked(self, prices: Iterable[float]) -> list[float]:
        """Prices, best first."""
        return sorted(prices, reverse=self._sign > 0)

    def _nearest(self, count: int) -> list[float]:
        """The best prices that are in order, best first; deleted levels are among them."""
        return self.near[: -count - 1 : -1] if self._sign > 0 else self.near[:count]

    def _makes_way(self, count: int, found: list[tuple[float, float]]) -> bool:
        """Whether ``top`` may find more than this now: deleted levels went, or more levels were put in order."""
        nearest = self._nearest(count + _SPARE)
        if len(found) < len(nearest):
            self._sweep(nearest, [price for price, _ in found])
        elif self._edge > -inf:
            self._window = 4 * count
            self._settle()
        else:
            return False
        return True

    def _sweep(self, nearest: list[float], left: list[float]) -> None:
        """Forget those of the nearest prices that are not left."""
        for price in set(nearest).difference(left):
            del self.levels[price]
        if self._sign > 0:
            self.near[-len(nearest) :] = reversed(left)
        else:
            self.near[: len(nearest)] = left

    def _settle(self, depth: int | None = None) -> None:
        """Forget deleted levels, and those beyond a depth; put the best of the others in order."""
        if not self.near and -inf < self._edge < inf:
            self._window *= 2
        levels, ranked = self.levels, self._ranked(self._there())[:depth]
        self.levels = {price: levels[price] for price in ranked}
        self.near = sorted(ranked[: self._window])
        self._edge = -inf if len(ranked) <= self._window else ranked[self._window] * self._sign
        self._limit = 3 * len(ranked) + WINDOW
        self.best = ranked[0] if ranked else None
