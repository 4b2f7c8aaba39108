"""One side of a book in floats: for venues whose every digit is not asked for, and where speed is."""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Sequence
from typing import Any, Literal

from declconn.book.rows import Row, floats_of, level_type
from declconn.book.side import BookSide


class FloatSide(BookSide):
    """Floats by floats: ``levels`` is ``{price: size}``."""

    __slots__ = ("_decoded",)

    levels: dict[float, float]

    def __init__(self, sign: Literal[1, -1], negative_prices: bool = False) -> None:
        super().__init__(sign, negative_prices)
        self._decoded = level_type("float", negative_prices)

    def apply(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        levels, sign = self.levels, self._sign
        decoded: Any = rows
        if decoded[0].__class__ is not self._decoded:
            decoded = floats_of(rows, self._lowest)
        for row in decoded:
            price = row.price
            if price in levels:
                levels[price] = row.size
            elif row.size:
                levels[price] = row.size
                key = price * sign
                if key > self._edge:
                    insort(self.keys, key)
        if self.keys:
            best = self.keys[-1] * sign
            if levels[best] and len(levels) <= self._limit:
                self.best = best
                return
        self._find_best()

    def _find_best(self) -> None:
        keys, levels, sign = self.keys, self.levels, self._sign
        while keys and not levels[keys[-1] * sign]:
            del levels[keys.pop() * sign]
        if not keys or len(levels) > self._limit:
            self._settle()
        else:
            self.best = keys[-1] * sign

    def _row(self, key: float) -> Row:
        price = key * self._sign
        return [price, self.levels[price]]

    def _floats(self, count: int) -> list[tuple[float, float]]:
        levels, sign = self.levels, self._sign
        return [(price, size) for key in self.keys[: -count - 1 : -1] if (size := levels[price := key * sign])]

    def _there(self) -> list[float]:
        return [price * self._sign for price, size in self.levels.items() if size]

    def _forget(self, key: float) -> None:
        del self.levels[key * self._sign]

    def _keep(self, keys: Collection[float]) -> None:
        levels, sign = self.levels, self._sign
        self.levels = {price: levels[price] for key in keys if (price := key * sign) in levels}
