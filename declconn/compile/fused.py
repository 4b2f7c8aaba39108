"""A mapping as one generated function: paths and conversions in straight lines, no call per field where none is needed.

It knows only the ordinary case. Whatever raises in it is read again by ``CarefulReader``, which finds the right answer
or says which field is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from msgspec import NODEFAULT

from declconn.compile.careful import SKIP, CarefulReader, Failures, nested_rows, pairs_of
from declconn.compile.codegen import Body, Module
from declconn.compile.column import Column
from declconn.compile.convert import to_base
from declconn.compile.expression import NAMES, truth, write_path
from declconn.compile.fused_values import VALUE_NAMES, write_value
from declconn.compile.plan import Plan, attribute_of, defaults_of
from declconn.compile.structures import level, rows_of, shapes_levels
from declconn.records import Kind, Record
from declconn.spec.models.mapping import Slot
from declconn.spec.path import PathText, first_step, parse_path
from declconn.types import AmountUnit, Side

FastReader: TypeAlias = Callable[[Any, Mapping[str, Any], Failures], list[Any]]
"""Takes a message, what is given beside it, and where the errors of rows go."""

_HELPERS: Mapping[str, Any] = {
    **NAMES,
    **VALUE_NAMES,
    "BUY": Side.BUY,
    "SELL": Side.SELL,
    "QUOTE": AmountUnit.QUOTE,
    "SKIP": SKIP,
    "nested_rows": nested_rows,
    "rows_of": rows_of,
    "pairs_of": pairs_of,
    "level": level,
    "to_base": to_base,
}


def fuse(plan: Plan, careful: CarefulReader) -> FastReader:
    """Generate the function of a mapping."""
    words = plan.words
    own: dict[str, Any] = {"careful": careful, "pair_of": words.pairs.get, "size_of": words.contract_sizes.get}
    own["inverse"] = words.inverse
    if words.amount_units is not None:
        own["unit_of"] = words.amount_units.get
    module = Module({**_HELPERS, **own})
    body = Body(module)
    body.put("key = None")
    with body.block("try:"):
        head = _write_rows(body, plan)
    body.put("except Exception: return careful.read(frame, given, failed)")
    body.put("out = []")
    with body.block(head):
        with body.block("try:"):
            _RowWriter(body, plan).write()
        body.put("except Exception: careful.add(out, row, key, frame, given, failed)")
    body.put("return out")
    module.define("read", "frame, given, failed", body)
    return module.build("read")


def _write_rows(body: Body, plan: Plan) -> str:
    """Write what finds the rows; returns the head of the loop over them."""
    unwrap, each = plan.source.unwrap, plan.source.each
    payload = "frame" if unwrap is None else write_path(body, parse_path(unwrap), "frame")
    if each is None:
        return f"for row in ({body.assign(payload)},):"
    if isinstance(each, Mapping):
        return f"for key, row in {body.assign(f'nested_rows({body.module.constant(each)}, {payload}, frame)')}:"
    found = write_path(body, parse_path(each), payload)
    if plan.uses_key:
        return f"for key, row in {body.assign(f'pairs_of({found})')}:"
    return f"for row in {body.assign(f'rows_of({found})')}:"


class _RowWriter:
    """Writes what makes a record of the name ``row``."""

    def __init__(self, body: Body, plan: Plan) -> None:
        self._body, self._plan = body, plan
        self._names: dict[str, str] = {}

    def write(self) -> None:
        body, plan = self._body, self._plan
        self._write_shape()
        if plan.source.where is not None:
            parsed = parse_path(plan.source.where)
            body.put(f"if not {truth(parsed.ast, write_path(body, parsed, 'row'))}: continue")
        for column in plan.columns:
            self._names[column.name] = self._write_column(column)
        if plan.needs:
            body.put(f"if {' and '.join(f'{self._names[one.name]} is None' for one in plan.needs)}: raise LookupError")
        if plan.sign_is_side:
            amount = self._names["amount"]
            self._names["side"] = body.assign(f"SELL if {amount} < ZERO else BUY")
            self._names["amount"] = body.assign(f"{amount}.copy_abs()")
        body.put(f"out.append({self._result()})")

    def _write_shape(self) -> None:
        """Test once that the row is the map or the list that its paths begin to read."""
        steps = [step for path in self._plan.row_paths if (step := first_step(parse_path(path))) is not None]
        if len(set(steps)) == 1:
            shape = steps[0]
            self._body.put(f"if row.__class__ is not {shape.__name__}: raise TypeError")
            self._body.shapes["row"] = shape

    def _write_column(self, column: Column) -> str:
        body = self._body
        if column.kind is Kind.LEVELS and column.slot is not None:
            return self._write_levels(column.slot, column.required)
        if column.kind in (Kind.CHANGES, Kind.FEE):
            return body.assign(f"{body.module.constant(column.read)}(row, key, frame, given)")
        raw = body.assign(f"given.get({column.name!r})") if column.slot is None else self._read(column.slot.path, "row")
        if column.kind is Kind.SYMBOL and not column.table:
            return self._write_pair(raw, column.required)
        value = write_value(body, column, raw, self._plan.words)
        if column.required:
            body.put(f"if {value} is None: raise LookupError")
        return self._in_base(column, value) if column.kind is Kind.AMOUNT else value

    def _read(self, path: PathText | None, value: str, otherwise: PathText = "`null`") -> str:
        return write_path(self._body, parse_path(otherwise if path is None else path), value)

    def _write_pair(self, raw: str, required: bool) -> str:
        body = self._body
        pair = body.assign(f"pair_of({raw}) if {raw}.__class__ is str else None")
        with body.block(f"if {pair} is None:"):
            with body.block(f"if {raw} is not None and {raw} != '':"):
                body.put(f"{pair} = careful.pair({raw})")
                body.put(f"if {pair} is SKIP: continue")
            if required:
                body.put("else: raise LookupError")
        return pair

    def _write_levels(self, slot: Slot, required: bool) -> str:
        body = self._body
        raw = self._read(slot.path, "row", "@")
        if required:
            body.put(f"if {raw} is None: raise LookupError")
        found = body.assign(f"rows_of({raw})")
        if not shapes_levels(slot):
            return found
        levels, item = body.assign("[]"), body.module.fresh()
        with body.block(f"for {item} in {found}:"):
            if slot.where is not None:
                parsed = parse_path(slot.where)
                body.put(f"if not {truth(parsed.ast, write_path(body, parsed, item))}: continue")
            price, size = self._read(slot.price, item, "[0]"), self._read(slot.size, item, "[1]")
            body.put(f"{levels}.append(level({price}, {size}))")
        return levels

    def _in_base(self, column: Column, amount: str) -> str:
        plan, names = self._plan, self._names
        body, pair = self._body, names.get("symbol")
        unit = body.module.constant(column.amount)
        if not column.own_unit and "amount_unit" in names:
            unit = f"{names['amount_unit']} or {unit}"
        elif not column.own_unit and plan.words.amount_units is not None:
            unit = f"unit_of({pair}, {unit})"
        elif column.amount is AmountUnit.BASE:
            return amount
        size = f"{names.get('contract_size')} or size_of({pair})"
        inverse = f"{names.get('contract_unit')} is QUOTE or {pair} in inverse"
        how = f"inverse={inverse}, priced={bool(plan.price)}, required={column.required}"
        base = f"to_base({amount}, {unit}, {size}, {names.get(plan.price)}, {how})"
        return body.assign(f"{amount} if {amount} is None else {base}")

    def _result(self) -> str:
        record = self._plan.record
        if record is None:
            return _dict(self._names)
        values = {attribute_of(record, name): value for name, value in self._names.items()}
        if "changes" in values:
            both = values.pop("changes")
            values |= {"bids": f"{both}[0]", "asks": f"{both}[1]"}
        if self._plan.facts:
            values["market"] = _dict({column.name: self._write_column(column) for column in self._plan.facts})
        arguments = ", ".join(self._arguments(record, values))
        return f"{self._body.module.constant(record.type)}({arguments})"

    def _arguments(self, record: Record, values: Mapping[str, str]) -> list[str]:
        """One for each attribute of the record's class, up to the last that is not left at its default."""
        arguments = []
        for name, default in defaults_of(record).items():
            if name not in values:
                arguments.append("[]" if default is NODEFAULT else self._body.module.constant(default))
            elif default is NODEFAULT or default is None:
                arguments.append(values[name])
            else:
                constant = self._body.module.constant(default)
                arguments.append(f"{constant} if {values[name]} is None else {values[name]}")
        last = max(number for number, name in enumerate(defaults_of(record)) if name in values)
        return arguments[: last + 1]


def _dict(names: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{name!r}: {value}' for name, value in names.items())}}}"
