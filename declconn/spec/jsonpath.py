"""JSONPath: parsed by jsonpath-ng; a path that names one place becomes the same tree as the JMESPath of that place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jsonpath_ng import Child, Fields, Index, Root
from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext.parser import parse as parse_text

_CURRENT: Mapping[str, Any] = {"type": "current", "children": []}


def parse(text: str) -> Mapping[str, Any] | None:
    """The JMESPath tree of a JSONPath that names one place, or ``None`` for one that searches.

    Raises:
        ValueError: it is not JSONPath.
    """
    return _tree(_parsed(text))


def finder(text: str) -> Callable[[Any], list[Any]]:
    """A function that gives the list of all values that a searching JSONPath finds, in document order."""
    parsed = _parsed(text)
    return lambda document: [match.value for match in parsed.find(document)]


def _parsed(text: str) -> Any:
    try:
        return parse_text(text)
    except JSONPathError as error:
        raise ValueError(f"path {text!r} is not JSONPath: {error}") from None


def _tree(node: Any) -> Mapping[str, Any] | None:
    if isinstance(node, Root):
        return _CURRENT
    if not isinstance(node, Child):
        return None
    left, right = _tree(node.left), _step(node.right)
    if left is None or right is None:
        return None
    return right if left is _CURRENT else {"type": "subexpression", "children": [left, right]}


def _step(node: Any) -> Mapping[str, Any] | None:
    if isinstance(node, Fields) and len(node.fields) == 1 and node.fields[0] != "*":
        return {"type": "field", "value": node.fields[0], "children": []}
    if isinstance(node, Index) and len(node.indices) == 1:
        return {"type": "index", "value": node.indices[0], "children": []}
    return None
