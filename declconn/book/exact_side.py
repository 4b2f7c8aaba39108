"""One side of a book in the venue's own digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from declconn.book.python_side import PythonSide
from declconn.book.rows import Digits, Row, digits_of, no_level, number


class ExactSide(PythonSide):
    """Rows by floats: ``levels`` is ``{price: the venue's digits of price and size}``."""

    __slots__ = ()

    levels: dict[float, Digits]

    def apply(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        decoded: Any = rows
        if decoded[0].__class__ is not Digits:
            decoded = digits_of(rows, self._lowest)
        self.changes += 1
        levels = self.levels
        known = len(levels)
        try:
            for row in decoded:
                if number(row.size) < 0:
                    raise no_level([row.price, row.size], self._lowest)
                levels[number(row.price)] = row
        except (TypeError, ValueError) as error:
            raise no_level([row.price, row.size], self._lowest) from error
        if len(levels) > known:
            self._add(len(levels) - known)
        near = self.near
        if near and number(levels[best := near[self._best_at]].size):
            self.best = best
        else:
            self._find_best()

    def _row(self, price: float) -> Row:
        row = self.levels[price]
        return [row.price, row.size]

    def _size(self, price: float) -> float:
        return number(self.levels[price].size)

    def _floats(self, count: int) -> list[tuple[float, float]]:
        levels = self.levels
        return [(price, size) for price in self._nearest(count) if (size := number(levels[price].size))]

    def _there(self) -> list[float]:
        return [price for price, row in self.levels.items() if number(row.size)]
