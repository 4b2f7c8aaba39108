"""One side of a book in the venue's own digits."""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Sequence
from functools import lru_cache
from math import inf
from operator import neg
from typing import Any, Final, Literal

from declconn.book.rows import Digits, Row, digits_of, no_level
from declconn.book.side import BookSide

_ZEROS: Final = frozenset({"0", *("0." + "0" * decimals for decimals in range(31))})
"""The usual spellings of nothing, by which most deletions of what is not there are known; others are found later."""


class ExactSide(BookSide):
    """Texts by texts: ``levels`` is ``{price: size}``, and ``_prices`` has the price to every key.

    The size of a known price is not read as a number, which would take longer than all else. That it begins like one is
    looked at; whether it goes on like one shows when its level is the best, or is read.
    """

    __slots__ = ("_prices",)

    levels: dict[str, str]

    def __init__(self, sign: Literal[1, -1], negative_prices: bool = False) -> None:
        super().__init__(sign, negative_prices)
        self._prices: dict[float, str] = {}

    def apply(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        levels, prices = self.levels, self._prices
        decoded: Any = rows
        if decoded[0].__class__ is not Digits:
            decoded = digits_of(rows)
        try:
            for row in decoded:
                price, size = row.price, row.size
                if not "0" <= size < ":":
                    raise ValueError(size)
                if price in levels:
                    levels[price] = size
                    continue
                key = float(price) * self._sign
                if key in prices:
                    del levels[prices[key]]  # the venue wrote this price in other digits before
                elif not self._lowest < key * self._sign < inf:
                    raise ValueError(price)
                elif size in _ZEROS:
                    continue
                elif key > self._edge:
                    insort(self.keys, key)
                prices[key], levels[price] = price, size
            self._find_best()
        except ValueError as error:
            raise no_level([price, size], self._lowest) from error

    def _find_best(self) -> None:
        keys, levels, prices = self.keys, self.levels, self._prices
        while keys:
            key = keys[-1]
            price = prices[key]
            if _number(levels[price]):
                self.best = key * self._sign
                break
            del levels[price], prices[key], keys[-1]
        if not keys or len(levels) > self._limit:
            self._settle()

    def _row(self, key: float) -> Row:
        price = self._prices[key]
        return [price, self.levels[price]]

    def _floats(self, count: int) -> list[tuple[float, float]]:
        keys = self.keys[: -count - 1 : -1]
        sizes = list(map(_number, map(self.levels.__getitem__, map(self._prices.__getitem__, keys))))
        prices = keys if self._sign > 0 else map(neg, keys)
        return [level for level in zip(prices, sizes, strict=True) if level[1]]

    def _there(self) -> list[float]:
        levels = self.levels
        return [key for key, price in self._prices.items() if _number(levels[price])]

    def _forget(self, key: float) -> None:
        del self.levels[self._prices.pop(key)]

    def _keep(self, keys: Collection[float]) -> None:
        levels, prices = self.levels, self._prices
        self._prices = {key: prices[key] for key in keys}
        self.levels = {price: levels[price] for price in self._prices.values()}


@lru_cache(maxsize=1 << 14)
def _number(size: str) -> float:
    """A size as a float; the same ones are looked at again and again."""
    try:
        number = float(size)
    except ValueError:
        number = inf
    if number == inf:
        raise no_level(["...", size])
    return number
