"""JMESPath trees read backwards: one function for each kind of node, which makes its ``put``.

A chain is the only way in which lenses are composed: ``put(l.r) = put(l, put(r, get(l), value))``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from declconn.compile.codegen import Body, Module
from declconn.compile.expression import CONTEXT, NAMES, write
from declconn.compile.filters import plain_decimal
from declconn.compile.functions import EXACT, NUMBERS
from declconn.simulator.wire.arithmetic import SOLUTIONS, number
from declconn.simulator.wire.lens import Lens, Make, Put, Read, Row, is_true, refuse, with_field
from declconn.spec.path import Ast, PathText, parse_path


@lru_cache(maxsize=1024, typed=True)
def lens(path: PathText) -> Lens:
    """The lens of a path; a constant reads as itself and cannot be written.

    Raises:
        ValueError: the path is not well formed, or is a JSONPath that searches, which has no one place.
    """
    parsed = parse_path(path)
    if parsed.kind == "constant":
        return Lens(lambda _document, _key: parsed.value, refuse)
    if parsed.ast is None:
        raise ValueError(f"'{path}' finds any number of places; only a path that names one can be written")
    return _lens(parsed.ast)


def _lens(ast: Ast) -> Lens:
    kind = ast["type"]
    put = _PUTS[kind](ast) if kind in _PUTS else refuse
    return Lens(_reader(ast), put, _MAKES[kind](ast) if kind in _MAKES else None)


def _reader(ast: Ast) -> Read:
    module = Module(NAMES)
    body = Body(module)
    body.put(f"return {write(body, ast, 'row')}")
    module.define("read", f"row, {', '.join(f'{name}=None' for name in CONTEXT.split(', '))}", body)
    return module.build("read")


# -- places


def _field(ast: Ast) -> Put:
    def put(row: Row, value: Any) -> Iterator[Row]:
        document = with_field(row.document, ast["value"], value)
        if document is not None:
            yield row._replace(document=document)

    return put


def _index(ast: Ast) -> Put:
    place = ast["value"]

    def put(row: Row, value: Any) -> Iterator[Row]:
        items = [] if row.document is None else row.document
        if isinstance(items, list):
            missing = (place + 1 if place >= 0 else -place) - len(items)
            items = [*items, *[None] * missing]
            items[place] = value
            yield row._replace(document=items)

    return put


def _current(_ast: Ast) -> Put:
    return lambda row, value: iter([row._replace(document=value)])


def _chain(ast: Ast) -> Put:
    lenses = [_lens(child) for child in ast["children"]]
    return lambda row, value: _through(lenses, row, value)


def _through(lenses: Sequence[Lens], row: Row, value: Any) -> Iterator[Row]:
    first, *rest = lenses
    if not rest:
        yield from first.put(row, value)
        return
    for inner in _through(rest, row._replace(document=first.read(row)), value):
        yield from first.put(row._replace(key=inner.key), inner.document)


# -- lists


def _projection(ast: Ast) -> Put:
    """The values go, in order, into the items that the projection looks at; further items are made for the rest."""
    base, item = (_lens(child) for child in ast["children"][:2])
    condition = _lens(ast["children"][2] if ast["type"] == "filter_projection" else {"type": "literal", "value": True})

    def fill(document: Any, value: Any) -> Iterator[Any]:
        for changed in item.put(Row(document), value):
            yield from (made.document for made in condition.make(changed, True))

    def put(row: Row, values: Any) -> Iterator[Row]:
        items = base.read(row) or []
        if not isinstance(items, list) or not isinstance(values, list):
            return
        waiting, written = list(values), []
        for document in items:
            if not is_true(condition.read(Row(document, row.key))):
                written.append(document)
            elif waiting:
                written += list(fill(document, waiting.pop(0)))[:1]
        for value in waiting:
            written += list(fill(None, value))[:1]
        yield from base.put(row, written)

    return put


def _flatten(ast: Ast) -> Put:
    """The list itself, or a list of the list; which of the two reads right depends on what is inside."""
    base = _lens(ast["children"][0])

    def put(row: Row, values: Any) -> Iterator[Row]:
        yield from base.put(row, values)
        yield from base.put(row, [values])

    return put


def _value_projection(ast: Ast) -> Put:
    """The values of a map, in order; further values are given keys that count."""
    base, item = (_lens(child) for child in ast["children"])

    def put(row: Row, values: Any) -> Iterator[Row]:
        document = base.read(row) or {}
        if not isinstance(document, dict) or not isinstance(values, list) or len(values) < len(document):
            return
        keys = [*document, *map(str, range(len(document), len(values)))]
        rows = [item.put(Row(document.get(key), key), value) for key, value in zip(keys, values, strict=True)]
        written = [next(offered, None) for offered in rows]
        if None not in written:
            yield from base.put(row, {key: made.document for key, made in zip(keys, written, strict=True) if made})

    return put


def _multi_select_list(ast: Ast) -> Put:
    lenses = [_lens(child) for child in ast["children"]]

    def put(row: Row, values: Any) -> Iterator[Row]:
        if isinstance(values, list) and len(values) == len(lenses):
            yield from put_all(list(zip(lenses, values, strict=True)), row)

    def put_all(pairs: Sequence[tuple[Lens, Any]], row: Row) -> Iterator[Row]:
        if not pairs:
            yield row
            return
        (first, value), *others = pairs
        for changed in first.put(row, value):
            yield from put_all(others, changed)

    return put


# -- logic


def _or(ast: Ast) -> Put:
    """The left branch is written first, unless it stands behind a condition that does not hold."""
    left, right = map(_lens, ast["children"])
    first = ast["children"][0]
    condition = _lens(first["children"][0]) if first["type"] == "and_expression" else None

    def put_right(row: Row, value: Any) -> Iterator[Row]:
        for made in left.make(row, False):
            yield from right.put(made, value)

    def put(row: Row, value: Any) -> Iterator[Row]:
        branches = [left.put, put_right]
        if condition is not None and not is_true(condition.read(row)):
            branches.reverse()
        for branch in branches:
            yield from branch(row, value)

    return put


def _and(ast: Ast) -> Put:
    condition, branch = map(_lens, ast["children"])

    def put(row: Row, value: Any) -> Iterator[Row]:
        for made in condition.make(row, True):
            yield from branch.put(made, value)

    return put


def _make_both(ast: Ast) -> Make:
    """``a && b`` is made true, and ``a || b`` false, through both; the other truth through either."""
    left, right = map(_lens, ast["children"])
    needs_both = ast["type"] == "and_expression"

    def make(row: Row, truth: bool) -> Iterator[Row]:
        if truth is needs_both:
            for half in left.make(row, truth):
                yield from right.make(half, truth)
        else:
            yield from left.make(row, truth)
            yield from right.make(row, truth)

    return make


def _not(ast: Ast) -> Put:
    operand = _lens(ast["children"][0])
    return lambda row, value: operand.make(row, not value)


def _comparator(ast: Ast) -> Put:
    """``x == 'a'`` is made true by writing 'a', and ``x > 1`` by writing 2; no text is invented to make one false."""
    literals = [side["value"] for side in ast["children"] if side["type"] == "literal"]
    places = [_lens(side) for side in ast["children"] if side["type"] != "literal"]
    if len(literals) != 1:
        return refuse
    literal: Any = literals[0]
    operator = ast["value"]
    if operator in ("eq", "ne"):
        return lambda row, value: places[0].put(row, literal) if value is (operator == "eq") else iter(())
    if literal.__class__ not in NUMBERS or ast["children"][1]["type"] != "literal":
        return refuse
    beyond, short_of = _around(literal, operator)
    return lambda row, value: places[0].put(row, beyond if value else short_of)


def _around(limit: Any, operator: str) -> tuple[Any, Any]:
    """A number for which a comparison with a limit holds, and one for which it does not."""
    step = 1 if operator.startswith("gt") else -1
    return (limit, limit - step) if operator.endswith("e") else (limit + step, limit)


# -- functions


def _call(ast: Ast) -> Put:
    rule = _CALLS.get(ast["value"])
    return rule(ast) if rule else refuse


def _key(_ast: Ast) -> Put:
    return lambda row, value: iter([row._replace(key=value)])


def _split(ast: Ast) -> Put:
    subject, separator = map(_lens, ast["children"])

    def put(row: Row, parts: Any) -> Iterator[Row]:
        # A part that is not known yet is empty text.
        return subject.put(row, separator.read(row).join(part or "" for part in parts))

    return put


def _join(ast: Ast) -> Put:
    """One item that is the whole text, or its parts."""
    separator, items = map(_lens, ast["children"])

    def put(row: Row, text: Any) -> Iterator[Row]:
        yield from items.put(row, [text])
        if between := separator.read(row):
            yield from items.put(row, str(text).split(between))

    return put


def _negate(ast: Ast) -> Put:
    subject = _lens(ast["children"][0])
    return lambda row, value: subject.put(row, format(EXACT.minus(Decimal(value)), "f"))


def _unchanged(ast: Ast) -> Put:
    return _lens(ast["children"][0]).put


def _computed(ast: Ast) -> Put:
    """Of a sum, difference, product or quotient the operand is written that is not known, as text, like most numbers.

    Where both are known either may give way; where neither is, the right one becomes 0 or 1 and the left one the value.
    """
    left, right = map(_lens, ast["children"])
    solution = SOLUTIONS[ast["value"]]

    def put(row: Row, value: Any) -> Iterator[Row]:
        result = number(value)
        if result is None:
            return
        by_left = solution.right(result, number(left.read(row)))
        by_right = solution.left(result, number(right.read(row)))
        if by_left is not None:
            yield from right.put(row, by_left)
        if by_right is not None:
            yield from left.put(row, by_right)
        for made in right.put(row, solution.neutral):
            yield from left.put(made, plain_decimal(result))

    return put


_CALLS: Mapping[str, Callable[[Ast], Put]] = {
    "key": _key,
    "split": _split,
    "join": _join,
    "negate": _negate,
    **dict.fromkeys(SOLUTIONS, _computed),
    **dict.fromkeys(("upper", "lower", "trim", "to_number", "to_string", "abs", "not_null"), _unchanged),
}
"""The functions that can be undone; ``upper(x)`` reads as BTC when x is BTC, so it is written unchanged."""

_PUTS: Mapping[str, Callable[[Ast], Put]] = {
    "field": _field,
    "index": _index,
    "current": _current,
    "identity": _current,
    "subexpression": _chain,
    "index_expression": _chain,
    "pipe": _chain,
    "projection": _projection,
    "filter_projection": _projection,
    "value_projection": _value_projection,
    "flatten": _flatten,
    "multi_select_list": _multi_select_list,
    "or_expression": _or,
    "and_expression": _and,
    "not_expression": _not,
    "comparator": _comparator,
    "function_expression": _call,
}
"""How each kind of path is written; the other kinds refuse."""

_MAKES: Mapping[str, Callable[[Ast], Make]] = {"and_expression": _make_both, "or_expression": _make_both}
