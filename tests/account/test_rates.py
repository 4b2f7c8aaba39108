"""What one token is worth in another."""

from __future__ import annotations

from decimal import Decimal

import pytest

from declconn.account.rates import BookRates, TableRates, find_rate

D = Decimal
PRICES = {"HBOT-USDT": D(100), "AAVE-USDT": D(50), "USDT-GBP": D("0.75")}


@pytest.mark.parametrize(
    ("base", "quote", "rate"),
    [
        ("HBOT", "USDT", "100"),
        ("USDT", "HBOT", "0.01"),
        ("HBOT", "AAVE", "2"),
        ("AAVE", "HBOT", "0.5"),
        ("HBOT", "GBP", "75"),
        ("HBOT", "USD", "100"),
        ("USD", "HBOT", "0.01"),
        ("USD", "USDT", "1"),
        ("ZBOT", "ZBOT", "1"),
        ("WETH", "ETH", "1"),
        ("ZBOT", "USDT", None),
        ("ZBOT", "GBP", None),
    ],
)
def test_a_rate_is_found_directly_reversed_or_over_one_token(base: str, quote: str, rate: str | None) -> None:
    assert find_rate(PRICES, base, quote) == (None if rate is None else D(rate))


def test_both_steps_of_a_bridge_may_be_reversed() -> None:
    assert find_rate({"USDT-GBP": D("0.5"), "AAVE-USDT": D(50)}, "GBP", "AAVE") == D("0.04")


def test_a_bridge_is_one_token_long() -> None:
    assert find_rate({"A-B": D(2), "B-C": D(2), "C-D": D(2)}, "A", "D") is None


def test_the_pair_itself_goes_before_everything_else() -> None:
    prices = {"USD-USDT": D("0.999"), "USDT-USD": D("1.002"), "A-B": D(3), "A-C": D(2), "C-B": D(2)}
    assert find_rate(prices, "USD", "USDT") == D("0.999")
    assert find_rate(prices, "A", "B") == D(3)


@pytest.mark.parametrize("price", ["0", "-1"])
def test_a_price_that_cannot_be_is_passed_over(price: str) -> None:
    assert find_rate({"A-B": D(price)}, "A", "B") is None
    assert find_rate({"A-B": D(price)}, "B", "A") is None
    assert find_rate({"A-B": D(price), "A-C": D(2), "C-B": D(3)}, "A", "B") == D(6)


def test_a_table_is_read_whenever_it_is_asked() -> None:
    prices = {"A-B": D(1)}
    rates = TableRates(prices)
    prices["A-B"] = D(2)
    assert rates.rate("A", "B") == D(2)


def test_books_give_the_rates_of_the_pairs_that_are_followed_and_known() -> None:
    middles = {"HBOT-USDT": D(100), "AAVE-USDT": None}
    rates = BookRates(lambda: middles, middles.__getitem__)
    assert rates.rate("USDT", "HBOT") == D("0.01")
    assert rates.rate("AAVE", "USDT") is None
