"""The rows of messages, in the two forms that books keep: the venue's digits, or floats."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import inf
from sys import float_info
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec

from declconn.errors import BookError

Row: TypeAlias = Sequence[Any]
"""A level: price and size (text, int, Decimal or float); whatever follows them is ignored."""

Precision: TypeAlias = Literal["exact", "float"]
"""What a book keeps of a level: every digit, or floats, which is faster."""

_MOST: Final = float_info.max

_NUMBERS: Final[frozenset[Any]] = frozenset((float, Decimal, int))

_LONGEST: Final = 400
"""No float has so many digits before the point, or zeros behind it: what has more is not written out."""

number: Final = msgspec.json.Decoder(float).decode
"""A text as a float: four times as fast as ``float``, and it takes a number as JSON writes it and nothing else."""


class Digits(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The price and the size of a row, which may be longer, in the venue's own digits."""

    price: str
    size: str

    def __getitem__(self, index: int) -> str:
        return (self.price, self.size)[index]


class Floats(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The price and the size of a row, which may be longer, as floats; the size finite and not negative.

    A decoder that makes these refuses all other sizes, so a book looks at prices only, and at each only when it is new.
    """

    price: float
    size: Annotated[float, msgspec.Meta(ge=0, le=_MOST)]

    def __getitem__(self, index: int) -> float:
        return (self.price, self.size)[index]


LevelType: TypeAlias = type[Digits] | type[Floats]


def level_type(precision: Precision) -> LevelType:
    """What a decoder reads the rows of a market's messages as."""
    return Digits if precision == "exact" else Floats


def digits_of(rows: Sequence[Row], lowest: float = 0.0) -> list[Digits]:
    """Rows in digits; whether they are levels is not asked.

    Args:
        rows: of texts or any numbers.
        lowest: what an error says that a price has to be above.

    Raises:
        BookError: a row has no price and size, or they are neither text nor numbers.
    """
    return [_digits(row, lowest) for row in rows]


def floats_of(rows: Sequence[Row], lowest: float = 0.0) -> list[Floats]:
    """Rows in floats.

    Args:
        rows: of any numbers.
        lowest: what a price has to be above; minus infinity allows all.

    Raises:
        BookError: a row is not a level.
    """
    return [_floats(row, lowest) for row in rows]


def no_level(row: Any, lowest: float = 0.0) -> BookError:
    """The error for a row that is none."""
    above = "" if lowest == -inf else f" and above {lowest:g}"
    return BookError(
        f"{row!r} is not a level: expected [price, size], price finite{above}, size finite and not negative"
    )


def changed() -> RuntimeError:
    """The error for levels that change under whoever walks through them; a dict's is of the same kind."""
    return RuntimeError(
        "the book changed while its levels were walked through: take rows(n), or a list, before you await"
    )


def raw_text(value: Any) -> str:
    """A price or size in the venue's own digits, without an exponent: ``Decimal("1E-8")`` is ``0.00000001``."""
    return value if isinstance(value, str) else format(as_decimal(value), "f")


def as_decimal(value: Any) -> Decimal:
    """A number with the digits that it was written with; a float with the fewest that give it back."""
    return Decimal(repr(value) if value.__class__ is float else value)


def _digits(row: Row, lowest: float) -> Digits:
    try:
        return Digits(_text(row[0]), _text(row[1]))
    except (TypeError, ValueError, LookupError, ArithmeticError) as error:
        raise no_level(row, lowest) from error


def _floats(row: Row, lowest: float) -> Floats:
    try:
        price, size = _float(row[0]), _float(row[1])
    except (TypeError, ValueError, LookupError, ArithmeticError) as error:
        raise no_level(row, lowest) from error
    if not (lowest < price < inf and 0 <= size < inf):
        raise no_level(row, lowest)
    return Floats(price, size)


def _float(value: Any) -> float:
    return float(value) if value.__class__ in _NUMBERS else number(_text(value))


def _text(value: Any) -> str:
    """The digits of what a message has for a price or size."""
    if isinstance(value, str):
        return str(value)  # nothing else is kept or decoded: not what is merely a kind of text
    if isinstance(value, bool):
        raise TypeError("true and false are no numbers")
    decimal = as_decimal(value)
    return format(decimal, "f") if abs(decimal.adjusted()) <= _LONGEST else str(decimal)
