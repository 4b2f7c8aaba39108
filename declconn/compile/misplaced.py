"""Rows that are looked for where a message has nothing: an absent `each` gives no rows, and so does a misspelt one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from declconn.compile.plan import Source
from declconn.spec.path import Ast, PathText, parse_path

_KEYS_SHOWN: Final = 8

_OF_ONE: Final = ("index_expression", "projection", "value_projection", "filter_projection", "flatten")
"""What is done with the value of the first child."""


def misplaced(source: Source, message: Any) -> str | None:
    """What is doubtful about a message without rows: it has other keys than the one that leads to them, or is a list.

    ``None`` if there is nothing to say: the rows are an empty list, or all that is around them is empty or absent.
    """
    each = next(iter(source.each.values())) if isinstance(source.each, Mapping) else source.each
    value = message
    for word, path in (("unwrap", source.unwrap), ("each", each)):
        passed: list[str] = []
        for key in () if path is None else leading_keys(path):
            if isinstance(value, list) and value:
                found = f"no rows: `{word}: {path}` looks for {key!r} in a list"
                return f'{found}; write `{word}: "{".".join(passed) or "@"}"` if its items are the rows'
            if not isinstance(value, dict) or not value:
                return None
            if key not in value:
                beside = ", ".join(map(repr, list(value)[:_KEYS_SHOWN]))
                return f"no rows: `{word}: {path}` looks for {key!r}, and there is only {beside}"
            value = value[key]
            passed.append(key)
    return None


def leading_keys(path: PathText) -> tuple[str, ...]:
    """The keys that a path reads one after another before it does anything else: ``a`` and ``b`` of ``a.b[0].c``."""
    ast = parse_path(path).ast
    return () if ast is None else _leading(ast)[0]


def _leading(ast: Ast) -> tuple[tuple[str, ...], bool]:
    """The leading keys of a path, and whether it is nothing else."""
    kind, children = ast["type"], ast["children"]
    if kind in ("field", "current", "identity"):
        return ((ast["value"],) if kind == "field" else ()), True
    if kind in _OF_ONE:
        return _leading(children[0])[0], False
    keys: tuple[str, ...] = ()
    for child in children if kind in ("subexpression", "pipe") else ():
        more, is_plain = _leading(child)
        keys += more
        if not is_plain:
            return keys, False
    return keys, kind in ("subexpression", "pipe")
