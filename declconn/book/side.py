"""One side of an order book: the hot loop of the whole package lives here, so it is plain containers and no calls."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from math import inf
from typing import Any, Literal, TypeAlias

from declconn.errors import BookError

Row: TypeAlias = Sequence[Any]
"""A level as the venue sent it: price and size (text, int or Decimal), whatever follows them is kept and ignored."""


class BookSide:
    """The levels of one side, best first when iterated.

    A level is found by its *key*, the price as a float, negated for asks: so the best level of either side is the
    greatest key. ``rows`` holds the levels. ``keys`` is sorted and may still hold keys of deleted levels, which are
    skipped when met and swept when they are too many; so a delete is one ``dict.pop``, and the best level, near which
    almost everything happens, is the cheap end of the list.

    Prices that differ only beyond a float's 15 digits are one level.

    Args:
        sign: 1 for bids, -1 for asks.
        negative_prices: prices of 0 and below are allowed.
    """

    __slots__ = ("_floor", "_sign", "keys", "rows")

    def __init__(self, sign: Literal[1, -1], negative_prices: bool = False) -> None:
        self._sign = sign
        self._floor = -inf if negative_prices else 0.0
        self.rows: dict[float, Row] = {}
        self.keys: list[float] = []

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        rows = self.rows
        return (rows[key] for key in reversed(self.keys) if key in rows)

    def replace(self, rows: Sequence[Row]) -> None:
        """Forget all levels and take these; levels of size 0 are left out.

        Raises:
            BookError: as ``apply`` does.
        """
        self.rows, self.keys = {}, []
        self.apply(rows)

    def apply(self, rows: Sequence[Row]) -> None:
        """Set every level to its new size; size 0 deletes, and deleting what is not there is nothing.

        Raises:
            BookError: a row has no finite price above 0 (unless ``negative_prices``) or no finite size of 0 or more.
                The rows before it are applied, so the side is not to be trusted any more.
        """
        sign, floor, levels, keys = self._sign, self._floor, self.rows, self.keys
        row: Any = None
        try:
            for row in rows:
                price = float(row[0])
                size = float(row[1])
                if not (floor < price < inf and 0.0 <= size < inf):
                    raise ValueError("its price or size is out of range")
                key = price * sign
                if not size:
                    levels.pop(key, None)
                    continue
                if key not in levels:
                    at = bisect_left(keys, key)
                    # A deleted level that comes back finds its old key still there.
                    if at == len(keys) or keys[at] != key:
                        keys.insert(at, key)
                levels[key] = row
        except (TypeError, ValueError, LookupError, OverflowError) as error:
            raise BookError(
                f"{row!r} is not a level: expected [price, size], price finite and above {floor:g}, "
                f"size finite and not negative ({error})"
            ) from error
        if len(keys) > 2 * len(levels) + 64:
            self.keys = [key for key in keys if key in levels]

    def truncate(self, depth: int) -> None:
        """Drop the worst levels until at most ``depth`` are left."""
        rows, keys, dropped = self.rows, self.keys, 0
        while len(rows) > depth:
            rows.pop(keys[dropped], None)
            dropped += 1
        del keys[:dropped]

    def best_keys(self, count: int) -> list[float]:
        """The keys of the best levels, at most ``count``, best first."""
        rows = self.rows
        found = [key for key in self.keys[: -count - 1 : -1] if key in rows]
        if len(found) == min(count, len(rows)):
            return found
        self._sweep(count)
        return self.keys[: -count - 1 : -1]

    def _sweep(self, count: int) -> None:
        """Remove the keys of deleted levels from among the best, so that the last ``count`` keys all have a level."""
        rows, keys, live, at = self.rows, self.keys, 0, len(self.keys)
        while at and live < count:
            at -= 1
            live += keys[at] in rows
        keys[at:] = [key for key in keys[at:] if key in rows]

    def best(self, count: int) -> list[Row]:
        """The best levels as they came, at most ``count``, best first."""
        rows = self.rows
        return [rows[key] for key in self.best_keys(count)]

    def top(self, count: int) -> list[tuple[float, float]]:
        """The best levels as floats (price, size in the venue's unit), at most ``count``, best first."""
        rows, sign = self.rows, self._sign
        return [(key * sign, float(rows[key][1])) for key in self.best_keys(count)]

    def best_key(self) -> float | None:
        """The key of the best level, or ``None`` if there is none; amortised O(1)."""
        keys, rows = self.keys, self.rows
        while keys:
            if keys[-1] in rows:
                return keys[-1]
            keys.pop()
        return None

    def differences(self, other: BookSide) -> int:
        """How many levels differ in size, down to the worst level of ``other``.

        A snapshot is cut at some depth, so what lies beyond its last level says nothing.
        """
        if not other.rows:
            return 0
        last = min(other.rows)
        mine = {key: float(row[1]) for key, row in self.rows.items() if key >= last}
        theirs = {key: float(row[1]) for key, row in other.rows.items()}
        return sum(mine.get(key) != theirs.get(key) for key in mine.keys() | theirs.keys())
