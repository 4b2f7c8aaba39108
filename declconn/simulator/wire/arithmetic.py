"""Exact arithmetic solved for either operand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException
from typing import Any, Final, NamedTuple, TypeAlias

from jmespath.exceptions import JMESPathError

from declconn.compile.filters import plain_decimal
from declconn.compile.functions import EXACT, QUOTIENT, operand

Solve: TypeAlias = Callable[[Decimal, Decimal | None], str | None]
"""Takes the result and the other operand; ``None`` where there is no one answer."""


class Solution(NamedTuple):
    """How an operation is undone.

    Attributes:
        left: the left operand, by the right one.
        right: the right operand, by the left one.
        neutral: the right operand with which the result is the left one.
    """

    left: Solve
    right: Solve
    neutral: str


def number(value: Any) -> Decimal | None:
    """A number, or one in text; ``None`` for anything else."""
    try:
        return operand("", value)
    except JMESPathError:
        return None


def _by(compute: Callable[[Decimal, Decimal], Decimal]) -> Solve:
    def solve(result: Decimal, other: Decimal | None) -> str | None:
        try:
            return None if other is None else plain_decimal(compute(result, other))
        except DecimalException:
            return None  # 0 times anything is 0

    return solve


_MINUS, _OVER = _by(EXACT.subtract), _by(QUOTIENT.divide)

SOLUTIONS: Final[Mapping[str, Solution]] = {
    "add": Solution(_MINUS, _MINUS, "0"),
    "subtract": Solution(_by(EXACT.add), _by(lambda result, left: EXACT.subtract(left, result)), "0"),
    "multiply": Solution(_OVER, _OVER, "1"),
    "divide": Solution(_by(EXACT.multiply), _by(lambda result, left: QUOTIENT.divide(left, result)), "1"),
}
"""By the function's name in a path."""
