"""The sources of one request or message, among them the values of a recipe, computed when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from declconn.compile.lookup import Sources

Value: TypeAlias = Callable[[Sources], Any]
"""A step or template, compiled: from sources to text, bytes, a number, a map, or ``ABSENT``."""


class Scope(dict[str, Any]):
    """A mapping that computes each named value at most once.

    A ``dict``, because that is the fastest mapping to look into; names that it lacks are computed, or found outside.
    """

    __slots__ = ("_outside", "_values")

    def __init__(self, values: Mapping[str, Value], outside: Sources) -> None:
        self._values, self._outside = values, outside

    def __missing__(self, name: str) -> Any:
        compute = self._values.get(name)
        value = self._outside.get(name) if compute is None else compute(self)
        self[name] = value
        return value

    def get(self, name: str, default: Any = None) -> Any:
        value = self[name]
        return default if value is None else value
