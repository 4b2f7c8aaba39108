"""One side of a book in floats: for venues whose every digit is not asked for, and where speed is."""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Sequence
from typing import Any

from declconn.book.rows import Floats, PositiveFloats, Row, floats_of
from declconn.book.side import BookSide


class FloatSide(BookSide):
    """Floats by floats: ``levels`` is ``{price: size}``."""

    __slots__ = ()

    levels: dict[float, float]

    def apply(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        levels, sign = self.levels, self._sign
        decoded: Any = rows
        if decoded[0].__class__ not in _DECODED:
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
        keys = self.keys
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


_DECODED = frozenset({Floats, PositiveFloats})
