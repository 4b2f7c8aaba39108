"""One value of a fused mapping: the ordinary case in a line or two, everything else by the column's own function."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from declconn.compile.codegen import Body
from declconn.compile.column import Column
from declconn.compile.convert import NS
from declconn.compile.words import Words
from declconn.records import Kind
from declconn.types import TimeUnit

VALUE_NAMES: Mapping[str, Any] = {"Decimal": Decimal, "ZERO": Decimal(0)}
"""What the generated statements refer to."""

_NUMBERS = (Kind.DECIMAL, Kind.AMOUNT, Kind.PRICE)


def write_value(body: Body, column: Column, raw: str, words: Words) -> str:
    """Write the conversion of one raw value; returns the name that holds ours, ``None`` if it is absent."""
    if column.kind is Kind.ANY and not column.table:
        return raw
    careful = f"{body.module.constant(column.value)}({raw})"
    if column.table:
        return _write_table(body, column.table, raw, careful)
    if column.kind in _NUMBERS:
        return _write_number(body, column, raw, careful)
    tables: Mapping[Kind, Mapping[str, Any]] = {
        Kind.SIDE: words.sides,
        Kind.MODE: words.position_modes,
        Kind.POSITION_SIDE: words.position_sides,
    }
    if column.kind in tables:
        return _write_lookup(body, tables[column.kind], raw, careful)
    return body.assign(_ordinary(body, column, raw, words) + careful)


def _ordinary(body: Body, column: Column, raw: str, words: Words) -> str:
    """``value if test else``, for the values that most messages have."""
    is_text = f"{raw}.__class__ is str and {raw}"
    if column.kind is Kind.TEXT:
        return f"{raw} if {is_text} else "
    if column.kind is Kind.INT:
        return f"{raw} if {raw}.__class__ is int else "
    if column.kind is Kind.BOOL:
        return f"{raw} if {raw}.__class__ is bool else "
    if column.kind in (Kind.ASSET, Kind.STATE):
        convert = body.module.constant(words.assets if column.kind is Kind.ASSET else words.states)
        return f"{convert}({raw}) if {is_text} else "
    if column.kind is Kind.TIME and column.time is not TimeUnit.ISO:
        factor = NS[column.time]
        digits = f"int({raw}) * {factor} if {raw}.__class__ is str and {raw}.isdigit() else "
        return f"{raw} * {factor} if {raw}.__class__ is int else {digits}"
    return ""


def _write_number(body: Body, column: Column, raw: str, careful: str) -> str:
    sign = "" if column.signed else " and ZERO <= {}" if column.kind is Kind.AMOUNT else " and ZERO < {}"
    number = body.module.fresh()
    with body.block(f"if {raw}.__class__ is str and {raw}:"):
        body.put(f"{number} = Decimal({raw})")
        body.put(f"if not ({number}.is_finite(){sign.format(number)}): {number} = {careful}")
    body.put(f"else: {number} = {careful}")
    return number


def _write_table(body: Body, table: Mapping[str, Any], raw: str, careful: str) -> str:
    if "true" not in table or "false" not in table:
        return _write_lookup(body, table, raw, careful)
    yes, no = (body.module.constant(table[word]) for word in ("true", "false"))
    return body.assign(f"{yes} if {raw} is True else {no} if {raw} is False else {careful}")


def _write_lookup(body: Body, table: Mapping[str, Any], raw: str, careful: str) -> str:
    found = body.assign(f"{body.module.constant(table.get)}({raw}) if {raw}.__class__ is str else None")
    body.put(f"if {found} is None: {found} = {careful}")
    return found
