"""The fees of a fill, where a mapping reads them: one beside the fill, or a list of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from declconn.compile.holes import word
from declconn.simulator.wire.inverse import lens
from declconn.simulator.wire.lens import Lens, Row
from declconn.spec.models import Slot


def fee_lens(slot: Slot) -> Lens:
    """The place of ``[amount, token]`` pairs, the amount as text; a pair has no token where the spec reads none."""
    amount = lens(slot.amount if slot.amount is not None else "@" if slot.path is None else slot.path)
    token = None if slot.token is None else lens(slot.token)

    def read_one(row: Row) -> list[Any]:
        return [word(amount.read(row)), None if token is None else token.read(row)]

    def put_one(row: Row, pair: list[Any]) -> Iterator[Row]:
        for paid in amount.put(row, pair[0]):
            yield from [paid] if token is None else token.put(paid, pair[1])

    def read(document: Any, key: str | None) -> list[Any]:
        items = [Row(document, key)] if each is None else map(Row, each.read(Row(document, key)) or [])
        return [read_one(item) for item in items]

    def put(row: Row, pairs: list[Any]) -> Iterator[Row]:
        if each is not None:
            yield from each.put(row, [next(put_one(Row(), pair)).document for pair in pairs])
        elif len(pairs) == 1:
            yield from put_one(row, pairs[0])

    each = None if slot.each is None else lens(slot.each)
    return Lens(read, put)
