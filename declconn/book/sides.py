"""What books are made of: compiled sides where a C compiler was at hand when this was installed, else Python's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from declconn.book.exact_side import ExactSide
from declconn.book.float_side import FloatSide
from declconn.book.rows import Precision
from declconn.book.side import BookSide
from declconn.log import get_logger

Sides: TypeAlias = Mapping[Precision, type[BookSide]]
"""The side of a book for each precision."""

logger = get_logger("declconn.book")


def _native() -> Sides | None:
    try:
        import declconn.book.native_side as native
    except ModuleNotFoundError as error:
        if error.name != "declconn.book.native_side":
            raise
        logger.info("order books are made of Python's sides: declconn was installed without a C compiler")
        return None
    except ImportError as error:
        logger.warning("order books are made of Python's sides, which are slower: %s; install declconn anew", error)
        return None
    logger.info("order books are made of compiled sides")
    return {"exact": native.NativeExactSide, "float": native.NativeFloatSide}


PYTHON: Final[Sides] = {"exact": ExactSide, "float": FloatSide}

NATIVE: Final = _native()
"""``None`` where they were not compiled."""

FASTEST: Final = NATIVE or PYTHON
"""Both do the same."""
