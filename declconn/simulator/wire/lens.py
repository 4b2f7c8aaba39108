"""Places that can be read and written: what a path becomes when it is read backwards.

A lens offers changed copies of a row, best first, and never changes the row itself. Each rule of
``declconn.simulator.wire.inverse`` may be wrong about a row that it has not foreseen, so whoever writes through a lens
reads the value back: a wrong rule can then only refuse, and never lie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from jmespath.exceptions import JMESPathError

from declconn.compile.functions import NUMBERS, equal
from declconn.errors import MappingError


class UnwritableError(MappingError):
    """A record cannot be written where the spec reads it; ``field`` says which part of it."""


class Row(NamedTuple):
    """A document and, if it stands in a map, its key."""

    document: Any = None
    key: str | None = None


Read: TypeAlias = Callable[[Any, str | None], Any]
"""Takes a document and its key."""

Put: TypeAlias = Callable[[Row, Any], Iterator[Row]]
"""Takes a row and a value; gives changed rows that may read as the value."""

Make: TypeAlias = Callable[[Row, bool], Iterator[Row]]
"""Takes a row and a truth; gives changed rows for which the path, as a condition, may hold or not."""


class Lens:
    """A place of a row.

    Args:
        read: the path, compiled.
        put: its inverse.
        make: its inverse as a condition; without it ``true`` or ``false`` is put.
    """

    def __init__(self, read: Read, put: Put, make: Make | None = None) -> None:
        self._read, self._put, self._make = read, put, make or put

    def read(self, row: Row) -> Any:
        """What the path finds; ``None`` also where it does not suit the row."""
        try:
            return self._read(row.document, row.key)
        except JMESPathError:
            return None

    def put(self, row: Row, value: Any) -> Iterator[Row]:
        """Rows that may read as ``value``; the row itself if it does already."""
        return iter([row]) if equal(self.read(row), value) else self._put(row, value)

    def put_null(self, row: Row) -> Iterator[Row]:
        """Rows in which ``null`` is written out, where ``put`` is content with a missing key."""
        return self._put(row, None)

    def make(self, row: Row, truth: bool) -> Iterator[Row]:
        """Rows for which the path, as a condition, may hold or not; the row itself if that is so already."""
        return iter([row]) if is_true(self.read(row)) is truth else self._make(row, truth)


def refuse(_row: Row, _value: Any) -> Iterator[Row]:
    """The inverse of what has none: no row is offered."""
    return iter(())


def is_true(value: Any) -> bool:
    """JMESPath's truth: 0 is true; null, false, and what is empty are false."""
    return bool(value) or value.__class__ in NUMBERS


def with_field(document: Any, name: str, value: Any) -> dict[str, Any] | None:
    """A copy of a map (or of nothing) with one more key; ``None`` for any other document."""
    if document is None or isinstance(document, Mapping):
        return {**(document or {}), name: value}
    return None
