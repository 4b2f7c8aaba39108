"""What books are made of: compiled sides where a C compiler was at hand when this was installed, else Python's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from declconn.book.exact_side import ExactSide
from declconn.book.float_side import FloatSide
from declconn.book.rows import Precision
from declconn.book.side import BookSide

Sides: TypeAlias = Mapping[Precision, type[BookSide]]
"""The side of a book for each precision."""


def _native() -> Sides | None:
    try:
        from declconn.book import native_side
    except ImportError:
        return None
    return MappingProxyType({"exact": native_side.NativeExactSide, "float": native_side.NativeFloatSide})


PYTHON: Final[Sides] = MappingProxyType({"exact": ExactSide, "float": FloatSide})

NATIVE: Final = _native()
"""``None`` where they were not compiled."""

FASTEST: Final = NATIVE or PYTHON
"""Both do the same."""
