"""Arithmetic of money that does not round behind the reader's back.

Python rounds every result to 28 digits; the product of an amount, a price and a share easily has more.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import wraps
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

EXACT: Final = Context(prec=200)
"""Sums and products of what venues and traders write are exact here."""

_DIGITS: Final = 28
"""How many digits a quotient keeps that does not end; Python's own number."""

_ENDING: Final = Context(prec=60, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
_NEAREST: Final = Context(prec=_DIGITS, rounding=ROUND_HALF_EVEN)
_DOWN: Final = Context(prec=_DIGITS, rounding=ROUND_FLOOR)
_UP: Final = Context(prec=_DIGITS, rounding=ROUND_CEILING)


def exact(function: Callable[P, R]) -> Callable[P, R]:
    """A decorator: inside the function, sums and products of decimals are exact."""

    @wraps(function)
    def calculated(*args: P.args, **kwargs: P.kwargs) -> R:
        with localcontext(EXACT):
            return function(*args, **kwargs)

    return calculated


def quotient(dividend: Decimal, divisor: Decimal) -> Decimal:
    """The nearest decimal: for rates and for what is only shown."""
    return _quotient(dividend, divisor, _NEAREST)


def quotient_down(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Never more than the quotient: for what may be spent."""
    return _quotient(dividend, divisor, _DOWN)


def quotient_up(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Never less than the quotient: for what is needed."""
    return _quotient(dividend, divisor, _UP)


def _quotient(dividend: Decimal, divisor: Decimal, rounding: Context) -> Decimal:
    try:
        return _ENDING.divide(dividend, divisor)
    except Inexact:
        return rounding.divide(dividend, divisor)
