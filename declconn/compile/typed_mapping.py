"""The mapping of a book event as a shape that is decoded into messages at once, and what is left to do with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from declconn.book.rows import LevelType
from declconn.compile.codegen import Body
from declconn.compile.column import Column
from declconn.compile.convert import NS
from declconn.compile.plan import Plan
from declconn.compile.shape import REQUIRED, Shape, UnclearError, frame_keys, plain_keys
from declconn.compile.structures import shapes_levels
from declconn.records import Kind, OrderBookMessage
from declconn.types import TimeUnit


class DecodedMessage(OrderBookMessage, kw_only=True):
    """A message that a decoder fills: ``trading_pair`` is the venue's symbol first, and ``timestamp`` in its unit."""

    trading_pair: str = ""
    bids: list[Any] = msgspec.field(default_factory=list)
    asks: list[Any] = msgspec.field(default_factory=list)

    def __repr__(self) -> str:
        """As the message that it is; what a decoder read besides is nobody's business."""
        told = ", ".join(f"{name}={getattr(self, name)!r}" for name in OrderBookMessage.__struct_fields__)
        return f"{OrderBookMessage.__name__}({told})"


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
        source = plan.source
        if source.where is not None or isinstance(source.each, Mapping):
            raise UnclearError("its rows are chosen")
        if plan.record is None or plan.record.type is not OrderBookMessage:
            raise UnclearError("it makes no book messages")
        self._levels: Any = list[level]  # type: ignore[valid-type]
        payload = plain_keys(source.unwrap)
        if source.each is None:
            self.shape = Shape(None if payload else DecodedMessage)
            found, self._message = self.shape.within(payload, DecodedMessage)
            self._rest = [statement for column in plan.columns for statement in self._finish(column)]
            self._found, self._has_rows = found, False
        else:
            self.shape, self._message = Shape(), Shape(DecodedMessage)
            self._rest = [statement for column in plan.columns for statement in self._finish(column)]
            rows: Any = list[self._message.struct()]  # type: ignore[misc]
            self._found, self._has_rows = self.shape.value(payload + plain_keys(source.each), rows), True

    def write(self, body: Body) -> None:
        """Write what hands the messages of a decoded ``document`` to ``take``, all or none of them.

        The statements know ``pair_of`` and what the holes captured (``captures``); they return ``False`` where they are
        not sure.
        """
        if not self._has_rows:
            body.put(f"message = document{self._found}")
            self._write_rest(body)
            body.put("take(message)")
            return
        body.put(f"messages = document{self._found}")
        with body.block("for message in messages:"):
            self._write_rest(body)
        body.put("for message in messages: take(message)")

    def _write_rest(self, body: Body) -> None:
        for statement in self._rest:
            body.put(statement)

    def _finish(self, column: Column) -> list[str]:
        """What is left to do for one field after decoding."""
        if column.table:
            raise UnclearError("it has words of its own")
        if column.kind is Kind.SYMBOL:
            symbol = f"captures.get({column.name!r})" if column.slot is None else self._read(column, str, REQUIRED)
            # The general way counts the symbols that it does not know.
            return [f"pair = pair_of({symbol})", "if pair is None: return False", "message.trading_pair = pair"]
        if column.kind is Kind.LEVELS and column.slot is not None and not shapes_levels(column.slot):
            return self._put(column, self._read(column, self._levels, REQUIRED if column.required else []))
        if column.kind is Kind.INT:
            return self._put(column, self._read(column, int | None, None))
        if column.kind is Kind.TIME and column.time is not TimeUnit.ISO:
            time = self._read(column, int | None, None)
            return [f"if {time} is not None: message.{column.name} = {time} * {NS[column.time]}"]
        raise UnclearError(f"its {column.name} is more than a value")

    def _read(self, column: Column, kind: Any, default: Any) -> str:
        path = None if column.slot is None else column.slot.path
        if path is None:
            raise UnclearError("it is filled from a hole")
        keys = frame_keys(path)
        if keys is not None:
            return "document" + self.shape.value(keys, kind, default)
        keys = plain_keys(path)
        attribute = "trading_pair" if column.kind is Kind.SYMBOL else column.name
        return "message" + self._message.value(keys, kind, default, attribute if len(keys) == 1 else "")

    def _put(self, column: Column, value: str) -> list[str]:
        """Nothing, for a value that was decoded to where it belongs."""
        place = f"message.{column.name}"
        return [] if value == place else [f"{place} = {value}"]
