"""The fields that are more than one value: levels, changes and fees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from declconn.compile.convert import decimal, found, text, unmapped
from declconn.compile.functions import is_true
from declconn.compile.path import RowReader, compile_row_path
from declconn.compile.words import Words
from declconn.records import Fee, Kind
from declconn.spec.models.mapping import Slot
from declconn.spec.path import PathText
from declconn.types import Side

Rows: TypeAlias = list[Any]


def rows_of(value: Any) -> Rows:
    """The rows of a list, or of a map's values; nothing has none.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, list):
        return value
    if value is None:
        return []
    if isinstance(value, dict):
        return list(value.values())
    raise ValueError(f"found {found(value)}, expected a list or a map")


def levels(slot: Slot, _words: Words) -> RowReader:
    """One side of a book: the venue's own rows, or pairs of price and size where the slot names them.

    ``None`` where there is no such side.
    """
    path, shaped = _path(slot.path, "@"), shapes_levels(slot)
    where, price, size = _path(slot.where, True), _path(slot.price, "[0]"), _path(slot.size, "[1]")

    def read(row: Any, key: Any, frame: Any) -> Rows | None:
        found = path(row, key, frame)
        if found is None or not shaped:
            return None if found is None else rows_of(found)
        return [
            level(price(item, key, frame), size(item, key, frame))
            for item in rows_of(found)
            if is_true(where(item, key, frame))
        ]

    return read


def shapes_levels(slot: Slot) -> bool:
    """Whether the levels are made here, instead of passing through untouched."""
    return slot.price is not None or slot.size is not None or slot.where is not None


def level(price: Any, size: Any) -> tuple[Any, Any]:
    """A row of a book, as the venue wrote its numbers."""
    if price is None or size is None:
        raise ValueError(f"a level with {found(price)} for its price and {found(size)} for its size")
    return price, size


def changes(slot: Slot, words: Words) -> RowReader:
    """One list of levels for both sides, as the two lists ``(bids, asks)``; ``None`` where there is no such list."""
    if slot.side is None or slot.side.path is None:
        raise ValueError("`changes` need `side`: where a row's side stands")
    path, where = _path(slot.path, "@"), _path(slot.where, True)
    price, size, side = _path(slot.price, "[0]"), _path(slot.size, "[1]"), _path(slot.side.path, "@")
    sides = {word: Side(ours) for word, ours in slot.side.map.items()} if slot.side.map else words.sides

    def read(row: Any, key: Any, frame: Any) -> tuple[Rows, Rows] | None:
        bids: Rows = []
        asks: Rows = []
        found = path(row, key, frame)
        if found is None:
            return None
        for item in rows_of(found):
            if is_true(where(item, key, frame)):
                word = side(item, key, frame)
                rows = bids if _side(word, sides) is Side.BUY else asks
                rows.append(level(price(item, key, frame), size(item, key, frame)))
        return bids, asks

    return read


def _side(word: Any, sides: Mapping[str, Side]) -> Side:
    side = sides.get(text(word)) or sides.get("*")
    if side is None:
        raise unmapped(word, sides, "`side.map` or `orders.sides`")
    return side


def fees(slot: Slot, words: Words) -> RowReader:
    """What a fill cost, as a tuple of fees; one without an amount is left out."""
    each = None if slot.each is None else compile_row_path(slot.each)
    amount, token = _path(slot.amount if slot.amount is not None else slot.path, "@"), _path(slot.token, "`null`")

    def read(row: Any, key: Any, frame: Any) -> tuple[Fee, ...]:
        items = [row] if each is None else rows_of(each(row, key, frame))
        paid = ((amount(item, key, frame), token(item, key, frame)) for item in items)
        return tuple(
            Fee(decimal(number), words.assets(text(asset)) if asset is not None and asset != "" else None)
            for number, asset in paid
            if number is not None and number != ""
        )

    return read


def _path(path: PathText | None, otherwise: PathText) -> RowReader:
    return compile_row_path(otherwise if path is None else path)


STRUCTURES: Mapping[Kind, Callable[[Slot, Words], RowReader]] = {
    Kind.LEVELS: levels,
    Kind.CHANGES: changes,
    Kind.FEE: fees,
}
"""How the readers of these fields are made."""
