"""What was probably meant, as an error offers it."""

from __future__ import annotations

import pytest

from declconn.suggest import hint, near, suggestion


@pytest.mark.parametrize(
    ("found", "known", "meant"),
    [
        ("weigth", ["weight", "orders"], ["weight"]),
        ("REST", ["rest", "stream"], ["rest"]),
        ("limit", ["LIMIT", "LIMIT_MAKER"], ["LIMIT"]),
        ("order", ["trade", "order_update", "trade_update"], ["order_update"]),
        ("trade_updates", ["trade", "order_update", "trade_update"], ["trade_update"]),
        ("maker", ["maker_fixed_fees", "maker_percent_fee_decimal"], ["maker_fixed_fees", "maker_percent_fee_decimal"]),
        ("hmac_sha256", ["hash", "hmac", "sign"], ["hmac"]),
        ("a", ["a_1", "a_2", "a_3", "a_4"], []),
        ("weather", ["trade"], []),
    ],
)
def test_the_nearest_words_are_offered(found: str, known: list[str], meant: list[str]) -> None:
    assert near(found, known) == meant


def test_several_are_told_as_a_choice() -> None:
    assert hint("maker", ["maker_a", "maker_b", "maker_c"], "") == "did you mean 'maker_a', 'maker_b' or 'maker_c'?"


def test_where_nothing_is_near_something_else_is_said() -> None:
    assert hint("weather", ["trade"], "known are trade") == "known are trade"
    assert suggestion("weather", ["trade"]) == ""
