"""The levels of a book as a venue writes them: rows, or maps with a price and a size, always as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from declconn.simulator.wire.inverse import lens
from declconn.simulator.wire.lens import Lens, Row
from declconn.spec.models import Path, Slot


def write_levels(slot: Slot, rows: Sequence[Sequence[Any]]) -> list[Any]:
    """Price and size of each row, where the slot says that they stand.

    Raises:
        ValueError: they cannot be written there.
    """
    price, size, where = _lens(slot.price, "[0]"), _lens(slot.size, "[1]"), _lens(slot.where, True)

    def offered(row: Sequence[Any]) -> Iterator[Any]:
        for priced in price.put(Row(), _text(row[0])):
            for sized in size.put(priced, _text(row[1])):
                yield from (made.document for made in where.make(sized, True))

    written = [next(offered(row), None) for row in rows]
    if None in written:
        raise ValueError(f"the level {rows[written.index(None)]!r} cannot be written where its price and size are read")
    return written


def same_levels(rows: Sequence[Sequence[Any]], others: Sequence[Sequence[Any]]) -> bool:
    """Whether two lists of rows mean the same prices and sizes."""
    return [_numbers(row) for row in rows] == [_numbers(row) for row in others]


def _numbers(row: Sequence[Any]) -> tuple[Decimal, Decimal]:
    return Decimal(row[0]), Decimal(row[1])


def _lens(path: Path | None, otherwise: Path) -> Lens:
    return lens(otherwise if path is None else path)


def _text(number: Any) -> str:
    return number if isinstance(number, str) else format(Decimal(number), "f")
