"""One side of a book in floats: for venues whose every digit is not asked for, and where speed is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from declconn.book.python_side import PythonSide
from declconn.book.rows import Floats, Row, floats_of


class FloatSide(PythonSide):
    """Floats by floats: ``levels`` is ``{price: size}``."""

    __slots__ = ()

    levels: dict[float, float]

    def apply(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        decoded: Any = rows
        if decoded[0].__class__ is not Floats:
            decoded = floats_of(rows, self._lowest)
        self.changes += 1
        levels = self.levels
        known = len(levels)
        for row in decoded:
            levels[row.price] = row.size
        if len(levels) > known:
            self._add(len(levels) - known)
        near = self.near
        if near and levels[best := near[self._best_at]]:
            self.best = best
        else:
            self._find_best()

    def _row(self, price: float) -> Row:
        return [price, self.levels[price]]

    def _size(self, price: float) -> float:
        return self.levels[price]

    def _floats(self, count: int) -> list[tuple[float, float]]:
        levels = self.levels
        return [(price, size) for price in self._nearest(count) if (size := levels[price])]

    def _there(self) -> list[float]:
        return [price for price, size in self.levels.items() if size]
