"""One side of an order book: what every implementation promises. Which ones there are is for ``sides`` to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from math import inf
from typing import Literal, Protocol

from declconn.book.rows import Row


class BookSide(Protocol):
    """The levels of one side.

    Prices that differ only beyond a float's 15 digits are one level.

    Args:
        sign: 1 for bids, -1 for asks: a price is the better the greater it is times this.
        negative_prices: prices of 0 and below are allowed.
    """

    def __init__(self, sign: Literal[1, -1], negative_prices: bool = False) -> None: ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Row]:
        """Every level, best first."""
        ...

    @property
    def best(self) -> float | None:
        """The best price as a float, or ``None`` where there is no level."""
        ...

    @property
    def best_price(self) -> Decimal | None:
        """The best price, exact."""
        ...

    def apply(self, rows: Sequence[Row]) -> None:
        """Set every level to its new size; size 0 deletes, and deleting what is not there is nothing.

        Raises:
            BookError: a row is no level. Others of the message are applied, so the side is not to be trusted any more.
        """
        ...

    def replace(self, rows: Sequence[Row]) -> None:
        """Forget all levels and take these.

        Raises:
            BookError: as ``apply`` does.
        """
        ...

    def top(self, count: int) -> list[tuple[float, float]]:
        """The best levels as floats (price, size in the venue's unit), at most ``count``, best first."""
        ...

    def rows(self, count: int) -> list[Row]:
        """The best levels, at most ``count``, best first."""
        ...

    def truncate(self, depth: int) -> None:
        """Drop the worst levels until at most ``depth`` are left."""
        ...


def differences(mine: BookSide, theirs: BookSide, sign: Literal[1, -1]) -> int:
    """How many levels differ in size, down to the worst level of ``theirs``.

    A snapshot is cut at some depth, so what lies beyond its last level says nothing.
    """
    one, other = _sizes(mine), _sizes(theirs)
    worst = min((price * sign for price in other), default=inf)
    return sum(one.get(price) != other.get(price) for price in one.keys() | other.keys() if price * sign >= worst)


def _sizes(side: BookSide) -> dict[float, float]:
    return {float(row[0]): float(row[1]) for row in side}
