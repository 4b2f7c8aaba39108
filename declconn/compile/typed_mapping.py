"""The mapping of a book event as a shape to decode into, and as functions that make messages from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from declconn.book.rows import LevelType
from declconn.compile.codegen import Body, Module
from declconn.compile.column import Column
from declconn.compile.convert import NS
from declconn.compile.plan import Plan, attribute_of
from declconn.compile.shape import REQUIRED, Shape, UnclearError, frame_keys, plain_keys
from declconn.compile.structures import shapes_levels
from declconn.records import Kind, OrderBookMessage
from declconn.types import TimeUnit

Captures: TypeAlias = Mapping[str, Any]

Read: TypeAlias = Callable[[Any, Captures], list[OrderBookMessage] | None]
"""Makes the messages of a decoded frame; ``None`` where it is not sure."""


class TypedMapping:
    """A mapping whose paths are keys and nothing else.

    Args:
        plan: the mapping.
        level: what levels are read as.

    Attributes:
        shape: what of a frame is read.

    Raises:
        UnclearError: it needs more.
    """

    def __init__(self, plan: Plan, level: LevelType) -> None:
        self.shape = Shape()
        self._levels: Any = list[level] | None  # type: ignore[valid-type]
        self._row, self._payload = self.shape, plain_keys(plan.source.unwrap)
        self._rows: str | None = None
        if plan.source.where is not None or isinstance(plan.source.each, Mapping):
            raise UnclearError("its rows are chosen")
        if plan.source.each is not None:
            rows = self._payload + plain_keys(plan.source.each)
            self._row, self._payload = Shape(), ()
            self._fields(plan)
            self._rows = self.shape.value(rows, list[self._row.struct()])  # type: ignore[misc]
        else:
            self._fields(plan)

    def reader(self, plan: Plan) -> Read:
        """The function for frames whose holes captured what this plan is given."""
        fields = self._fields(plan)
        module = Module({"pair_of": plan.words.pairs.get, "Message": OrderBookMessage})
        body = Body(module)
        body.put("out = []")
        with body.block("for row in (frame,):" if self._rows is None else f"for row in frame{self._rows}:"):
            body.put(f"pair = pair_of({fields.pop('trading_pair')})")
            body.put("if pair is None: return None")  # the general way counts it
            arguments = ", ".join(["pair", *(f"{name}={value}" for name, value in fields.items())])
            body.put(f"out.append(Message({arguments}))")
        body.put("return out")
        module.define("read", "frame, given", body)
        return module.build("read")

    def _fields(self, plan: Plan) -> dict[str, str]:
        """For each attribute of the message how it is written."""
        record = plan.record
        if record is None or record.type is not OrderBookMessage:
            raise UnclearError("it makes no book messages")
        fields = {attribute_of(record, column.name): self._field(column) for column in plan.columns}
        return {"bids": "[]", "asks": "[]", **fields}

    def _field(self, column: Column) -> str:
        slot = column.slot
        if column.table:
            raise UnclearError("it has words of its own")
        if column.kind is Kind.SYMBOL:
            return f"given[{column.name!r}]" if slot is None else self._value(column, str, REQUIRED)
        if slot is None:
            raise UnclearError("it is filled from a hole")
        if column.kind is Kind.LEVELS and not shapes_levels(slot):
            return f"{self._value(column, self._levels)} or []"
        if column.kind is Kind.INT:
            return self._value(column, int | None)
        if column.kind is Kind.TIME and column.time is not TimeUnit.ISO:
            time = self._value(column, int | None)
            return f"None if {time} is None else {time} * {NS[column.time]}"
        raise UnclearError(f"its {column.name} is more than a value")

    def _value(self, column: Column, kind: Any, default: Any = None) -> str:
        path = None if column.slot is None else column.slot.path
        if path is None:
            raise UnclearError("it has no path")
        keys = frame_keys(path)
        if keys is not None:
            return "frame" + self.shape.value(keys, kind, default)
        return "row" + self._row.value(self._payload + plain_keys(path), kind, default)


def write_words(attributes: Sequence[str]) -> Callable[[Any], Any]:
    """A function that gives the words of a decoded frame."""
    module = Module({})
    body = Body(module)
    body.put(f"return ({''.join(f'frame{attribute}, ' for attribute in attributes)})")
    module.define("words", "frame", body)
    return module.build("words")
