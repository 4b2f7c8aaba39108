"""What is legal in a path but rarely meant: one small function each, in a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Lint: TypeAlias = Callable[[Mapping[str, Any]], str]

_NUMBERS = frozenset({"abs", "avg", "ceil", "floor", "length", "sum", "to_number"})
_DECIMALS = frozenset({"add", "divide", "multiply", "negate", "step", "subtract"})
_AFTER_NOT = frozenset(["subexpression", "flatten", "filter_projection", "value_projection"])
_ORDERINGS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def lint_not(node: Mapping[str, Any]) -> str:
    """``!a.b`` negates ``a`` alone, and then reads ``b`` of a boolean: always null."""
    if node["type"] in _AFTER_NOT and node["children"][0]["type"] == "not_expression":
        return "'!a.b' means '(!a).b', which is always null; write '!(a.b)'"
    return ""


def lint_ordering(node: Mapping[str, Any]) -> str:
    """Venues write numbers as text, and text is ordered letter by letter."""
    if node["type"] != "comparator" or node["value"] not in _ORDERINGS or any(map(_is_number, node["children"])):
        return ""
    sign = _ORDERINGS[node["value"]]
    return f"'{sign}' compares text letter by letter ('9' < '10' is false); use to_number() on both sides"


def lint_quotes(node: Mapping[str, Any], text: str) -> str:
    """In JMESPath ``online`` and ``"online"`` are the key `online`, and no texts; of two keys one was meant as text."""
    if node["type"] != "comparator":
        return ""
    names = [child["value"] for child in node["children"] if child["type"] == "field"]
    doubtful = (name for name in names if len(names) == 2 or name.isidentifier())
    quoted = next((name for name in doubtful if f'"{name}"' in text), None)
    if quoted is not None:
        return f"\"{quoted}\" is a field; a text is '{quoted}'"
    if len(names) < 2 or node["value"] in _ORDERINGS:
        return ""
    return f"{names[1]} is a field; a text is '{names[1]}', and a field that is meant is written @.{names[1]}"


def lint_functions(node: Mapping[str, Any]) -> str:
    """`frame` and `key` are functions; without parentheses they are fields of the row."""
    name = node["children"][0].get("value") if node["type"] == "subexpression" else None
    if node["type"] != "subexpression" or node["children"][0]["type"] != "field" or name not in ("frame", "key"):
        return ""
    return f"'{name}' is a field here, and the function is {name}(); a field that is meant is written @.{name}"


def lint_conditional(node: Mapping[str, Any]) -> str:
    """A choice between two texts can be read backwards only as a map."""
    if node["type"] != "or_expression" or node["children"][0]["type"] != "and_expression":
        return ""
    words = [node["children"][0]["children"][1], node["children"][1]]
    if not all(word["type"] == "literal" and isinstance(word["value"], str) for word in words):
        return ""
    yes, no = (word["value"] for word in words)
    return f"\"x && '{yes}' || '{no}'\" is a two-way map: write {{path: x, map: {{...: {yes}, ...: {no}}}}}"


def lint_rows(ast: Mapping[str, Any]) -> str:
    """``each: a.*`` forgets the keys, so that it cannot be written back."""
    if ast["type"] == "value_projection":
        return "'.*' in `each` forgets the keys; leave it out (`each` runs over a map's values) or use items()"
    return ""


def _is_number(node: Mapping[str, Any]) -> bool:
    if node["type"] == "literal":
        return isinstance(node["value"], (int, float))
    return node["type"] == "function_expression" and node["value"] in _NUMBERS | _DECIMALS


LINTS: tuple[Lint, ...] = (lint_not, lint_ordering, lint_functions)
"""The lints that look at one node of a path's tree; each returns a line of text, empty if all is well."""
