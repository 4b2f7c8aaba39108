"""Paths: how a spec says where a value stands in a message.

A path is JMESPath, or JSONPath if it begins with ``$``, or a constant if it is not text (``0``, ``true``).
Here a path is parsed and checked; ``declconn.compile.path`` makes a function of it. See docs/paths.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

import jmespath
from jmespath.exceptions import JMESPathError

from declconn.spec.path_lints import LINTS, lint_conditional, lint_quotes, lint_rows
from declconn.spec.path_syntax import MAX_DIGITS, explain_syntax, has_long_number, short
from declconn.suggest import near

PathText: TypeAlias = str | bool | int | Decimal
Ast: TypeAlias = Mapping[str, Any]


class Function(NamedTuple):
    """How many arguments a path function takes; ``most`` is ``None`` where there is no limit."""

    least: int
    most: int | None


def _exactly(count: int, names: str) -> dict[str, Function]:
    return {name: Function(count, count) for name in names.split()}


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        **_exactly(0, "key frame"),
        **_exactly(
            1, "abs avg ceil floor keys length max min reverse sort sum to_array to_number to_string type values"
        ),
        **_exactly(2, "contains ends_with join map max_by min_by sort_by starts_with"),
        **_exactly(1, "upper lower trim items from_items from_json enumerate negate step"),
        **_exactly(2, "split add subtract multiply divide"),
        **_exactly(3, "replace"),
        "merge": Function(1, None),
        "not_null": Function(1, None),
        "zip": Function(1, None),
    }
)
"""Every function that a path may call: JMESPath's own, and the language's (docs/paths.md)."""


@dataclass(frozen=True, slots=True)
class ParsedPath:
    """A path that is known to be well formed.

    Attributes:
        text: the path as it is written.
        kind: what it is written in.
        ast: the JMESPath tree. A JSONPath that names one place has one too; it is ``None`` for a JSONPath that
            searches (``$..x``, ``$.a[*]``) and for a constant.
        value: the constant.
    """

    text: str
    kind: Literal["jmespath", "jsonpath", "constant"]
    ast: Ast | None = field(default=None, repr=False)
    value: bool | int | Decimal | None = None


@lru_cache(maxsize=4096, typed=True)  # typed: True, 1 and Decimal(1) are equal, but not the same path
def parse_path(text: PathText) -> ParsedPath:
    """Parse one path.

    Raises:
        ValueError: a syntax error, an unknown function, or a wrong number of arguments.
    """
    if not isinstance(text, str):
        return ParsedPath(str(text).lower(), "constant", value=text)
    if has_long_number(text):
        raise ValueError(f"path {short(text)} holds a number of more than {MAX_DIGITS} digits; no list is so long")
    try:
        if text.startswith("$"):
            return ParsedPath(text, "jsonpath", _parse_jsonpath(text))
        ast: Ast = jmespath.compile(text).parsed
        if _depth(ast) > _DEEPEST:
            raise RecursionError
        for node in walk(ast):
            _check_node(node)
    except RecursionError:
        raise ValueError(f"path {short(text)} is nested too deeply; split it with `unwrap` or `each`") from None
    except JMESPathError as error:
        raise ValueError(explain_syntax(text, error)) from None
    return ParsedPath(text, "jmespath", ast)


def check_path(value: Any) -> Any:
    """Return ``value`` unchanged if it is a path; made for a pydantic ``BeforeValidator``.

    Raises:
        ValueError: it is no text, number or boolean, or ``parse_path`` refuses it.
    """
    if not isinstance(value, (str, bool, int, Decimal)):
        found = {dict: "a map", list: "a list", type(None): "nothing"}.get(type(value), type(value).__name__)
        raise ValueError(f"found {found}, expected a path such as 'data.price', or a constant number or boolean")
    parse_path(value)
    return value


def lint_path(parsed: ParsedPath, *, rows: bool = False) -> list[str]:
    """What is legal in a path but rarely meant, one line for each; ``rows`` says that the path is an ``each``."""
    if parsed.ast is None:
        return []
    found = [message for node in walk(parsed.ast) for lint in LINTS if (message := lint(node))]
    found += [message for node in walk(parsed.ast) if (message := lint_quotes(node, parsed.text))]
    # Inside a larger expression these are no mistake: a choice among three has no map.
    whole = (lint_conditional, lint_rows) if rows else (lint_conditional,)
    return found + [message for lint in whole if (message := lint(parsed.ast))]


def walk(node: Ast) -> Iterator[Ast]:
    """The node of a JMESPath tree and all that is under it, outermost first."""
    yield node
    for child in node["children"]:
        if isinstance(child, Mapping):  # the children of a slice are numbers
            yield from walk(child)


def called_functions(parsed: ParsedPath) -> frozenset[str]:
    """The names of the functions that a path calls."""
    if parsed.ast is None:
        return frozenset()
    return frozenset(node["value"] for node in walk(parsed.ast) if node["type"] == "function_expression")


def root_names(parsed: ParsedPath) -> frozenset[str]:
    """The keys that a path reads from the message itself: ``a`` for ``a.b``, ``a`` and ``c`` for ``a || c.d``."""
    return frozenset() if parsed.ast is None else frozenset(_roots(parsed.ast))


def first_step(parsed: ParsedPath) -> type | None:
    """``dict`` if a path reads a key first, ``list`` if an index, ``None`` if it begins in another way."""
    node = parsed.ast
    while node is not None and node["type"] in _CHAINS:
        node = next((child for child in node["children"] if child["type"] not in ("current", "identity")), None)
    return None if node is None else {"field": dict, "index": list}.get(node["type"])


def _roots(node: Ast) -> Iterator[str]:
    kind, children = node["type"], node["children"]
    if kind == "field":
        yield node["value"]
    elif kind in _CHAINS:
        first = next((child for child in children if child["type"] not in ("current", "identity")), None)
        if first is not None:
            yield from _roots(first)
    elif kind != "expref":  # an expression reference reads the items of another list
        for child in children:
            if isinstance(child, Mapping):
                yield from _roots(child)


_DEEPEST = 150
"""Levels of a tree; a bound that does not depend on how much of Python's stack is in use when a spec is read."""


def _depth(ast: Ast) -> int:
    level: list[Ast] = [ast]
    depth = 0
    while level:
        level = [child for node in level for child in node["children"] if isinstance(child, Mapping)]
        depth += 1
    return depth


_CHAINS = frozenset(
    ["subexpression", "pipe", "index_expression", "projection", "value_projection", "filter_projection", "flatten"]
)


def _check_node(node: Ast) -> None:
    if node["type"] == "function_expression":
        _check_call(node["value"], len(node["children"]))
    elif node["type"] == "slice" and node["children"][2] == 0:
        raise ValueError("the step of a slice cannot be 0")


def _check_call(name: str, given: int) -> None:
    wanted = FUNCTIONS.get(name)
    if wanted is None:
        meant = near(name, FUNCTIONS)
        hint = f"did you mean {meant[0]}()?" if meant else f"known are {', '.join(sorted(FUNCTIONS))}"
        raise ValueError(f"unknown function {name}(); {hint}")
    if given < wanted.least or (wanted.most is not None and given > wanted.most):
        least = "at least " if wanted.most is None else ""
        plural = "" if wanted.least == 1 else "s"
        raise ValueError(f"{name}() takes {least}{wanted.least} argument{plural}, found {given}")


def _parse_jsonpath(text: str) -> Ast | None:
    from declconn.spec import jsonpath  # its parser takes 50 ms to load, and hardly any spec needs it

    return jsonpath.parse(text)
