"""Money is not rounded behind the reader's back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.account.exact import exact, quotient, quotient_down, quotient_up

D = Decimal


def test_sums_and_products_are_exact_only_inside() -> None:
    long = D("1.000000000000000000001")
    assert len((long * long).as_tuple().digits) == 28
    assert exact(lambda: long * long)() == D("1.000000000000000000002000000000000000000001")
    assert len((long * long).as_tuple().digits) == 28


@pytest.mark.parametrize("divide", [quotient, quotient_down, quotient_up])
def test_a_quotient_that_ends_is_exact(divide: Callable[[Decimal, Decimal], Decimal]) -> None:
    assert Fraction(divide(D(1), D(2**60))) == Fraction(1, 2**60)


def test_one_that_does_not_is_rounded_by_what_it_is_for() -> None:
    assert quotient(D(2), D(3)) == D("0.6666666666666666666666666667")
    assert quotient(D(1), D(3)) == D("0.3333333333333333333333333333")
    assert quotient_down(D(2), D(3)) == D("0.6666666666666666666666666666")
    assert quotient_up(D(1), D(3)) == D("0.3333333333333333333333333334")


numbers = st.decimals("1e-15", "1e15", places=15)


@given(dividend=numbers, divisor=numbers)
def test_down_is_never_more_and_up_never_less(dividend: Decimal, divisor: Decimal) -> None:
    truth = Fraction(dividend) / Fraction(divisor)
    assert Fraction(quotient_down(dividend, divisor)) <= truth <= Fraction(quotient_up(dividend, divisor))
