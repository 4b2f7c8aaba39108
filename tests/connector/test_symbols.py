"""The markets of a venue, and every way that it spells them."""

from __future__ import annotations

import logging
from decimal import Decimal

import pytest

from declconn.connector.symbols import Symbols
from declconn.errors import UnknownPairError
from declconn.records import TradingRule


def rule(symbol: str, base: str, quote: str, **more: object) -> TradingRule:
    return TradingRule(symbol, base, quote, **more)  # type: ignore[arg-type]


def test_a_symbol_and_its_aliases_mean_one_pair() -> None:
    symbols = Symbols()
    symbols.update([rule("XBTUSD", "BTC", "USD", aliases=("XXBTZUSD", "XBT/USD"))])

    assert symbols.pairs == {"XBTUSD": "BTC-USD", "XXBTZUSD": "BTC-USD", "XBT/USD": "BTC-USD"}


def test_an_alias_never_takes_the_name_that_another_market_has_as_its_symbol() -> None:
    symbols = Symbols()
    symbols.update([rule("BTC-USDC", "BTC", "USDC", aliases=("BTC-USD",)), rule("BTC-USD", "BTC", "USD")])

    assert symbols.pairs["BTC-USD"] == "BTC-USD"


def test_a_stream_with_its_own_spelling_has_its_own_way_back() -> None:
    symbols = Symbols()
    spelled = symbols.spelled(lambda rule: f"{rule.base}/{rule.quote}")
    symbols.update([rule("XBTUSD", "BTC", "USD")])

    assert spelled == {"BTC/USD": "BTC-USD"}


def test_maps_are_filled_in_place_so_that_compiled_mappings_may_hold_on_to_them() -> None:
    symbols = Symbols()
    pairs = symbols.pairs
    symbols.update([rule("A", "A", "USD")])
    symbols.update([rule("B", "B", "USD")])

    assert pairs is symbols.pairs
    assert pairs == {"A": "A-USD", "B": "B-USD"}
    assert list(symbols.rules) == ["B-USD"]


def test_the_first_of_two_markets_with_one_pair_is_used_and_the_other_is_told(caplog: pytest.LogCaptureFixture) -> None:
    symbols = Symbols()
    with caplog.at_level(logging.WARNING):
        symbols.update([rule("XBTUSD", "BTC", "USD"), rule("XBTUSD.d", "BTC", "USD")])

    assert symbols.rules["BTC-USD"].symbol == "XBTUSD"
    assert "XBTUSD.d" in caplog.text


def test_decimals_become_steps_and_a_given_step_wins() -> None:
    symbols = Symbols()
    symbols.update(
        [
            rule("A", "A", "USD", price_decimals=4, amount_decimals=0),
            rule("B", "B", "USD", price_decimals=4, min_price_increment=Decimal("0.5")),
        ]
    )

    assert symbols.rules["A-USD"].min_price_increment == Decimal("0.0001")
    assert symbols.rules["A-USD"].min_base_amount_increment == Decimal(1)
    assert symbols.rules["B-USD"].min_price_increment == Decimal("0.5")


def test_an_unknown_pair_is_an_error_that_says_what_is_near() -> None:
    symbols = Symbols()
    symbols.update([rule("BTCUSDT", "BTC", "USDT")])

    with pytest.raises(UnknownPairError, match=r"'BTCUSDT' is not listed here.*BASE-QUOTE.*did you mean BTC-USDT"):
        symbols.rule("BTCUSDT")


def test_contract_sizes_are_known_by_pair() -> None:
    symbols = Symbols()
    symbols.update([rule("BTC-USDT-SWAP", "BTC", "USDT", contract_size=Decimal("0.01"))])

    assert symbols.contract_sizes == {"BTC-USDT": Decimal("0.01")}
