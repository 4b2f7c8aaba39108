"""Our words in the venue's."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from declconn.compile.assets import Assets
from declconn.compile.filters import Time
from declconn.connector.symbols import Symbols
from declconn.connector.venue_words import VenueWords
from declconn.errors import UnknownPairError
from declconn.records import BalanceUpdate, FundingPayment, PositionUpdate, TradingRule
from declconn.registry import load_spec
from declconn.types import PositionMode, PositionSide, Side

SECTIONS = """\
orders: {sides: {BUY: b, SELL: s}}
positions: {modes: {ONEWAY: false, HEDGE: true}, sides: {LONG: 1, SHORT: 2}}
"""


@pytest.fixture
def words(toy: Path) -> VenueWords:
    """The words of a derivative venue that writes XBT for BTC."""
    toy.write_text(
        toy.read_text().replace("kind: exchange", "kind: derivative").replace("streams:\n", f"{SECTIONS}streams:\n", 1)
    )
    symbols = Symbols(Assets(None, {"XBT": "BTC"}).write)
    symbols.update(
        [
            TradingRule("XBTUSD", "BTC", "USD", collateral_token="BTC", market={"n": 3}),
            TradingRule("ETHUSD", "ETH", "USD"),
        ]
    )
    return VenueWords(load_spec(toy), symbols, Assets(None, {"XBT": "BTC"}))


def test_markets_are_named_as_the_venue_does_it(words: VenueWords) -> None:
    assert words.market("BTC-USD") == {"symbol": "XBTUSD", "base": "XBT", "quote": "USD", "market": {"n": 3}}
    assert words.pair("XBTUSD") == "BTC-USD"
    assert words.pair("SOLUSD") is None
    with pytest.raises(UnknownPairError):
        words.market("SOL-USD")


def test_the_token_of_margin_is_an_asset(words: VenueWords) -> None:
    assert words.collateral_token("BTC-USD") == "XBT"
    assert words.collateral_token("ETH-USD") is None


def test_words_that_the_venue_has_are_its_own(words: VenueWords) -> None:
    assert words.side(Side.SELL) == "s"
    assert words.position_mode(PositionMode.ONEWAY) is False
    assert words.position_side(PositionSide.LONG) == 1
    assert words.position_side(PositionSide.BOTH) is None


def test_a_record_is_a_row_again(words: VenueWords) -> None:
    assert words.row(BalanceUpdate("BTC", Decimal(5))) == {"asset": "XBT", "total": Decimal(5)}
    assert words.row(PositionUpdate("BTC-USD", Decimal(5), PositionSide.SHORT)) == {
        "symbol": "XBTUSD",
        "amount": Decimal(5),
        "side": 2,
    }
    assert words.row({"token": "x", "ttl": None}) == {"token": "x"}


def test_the_times_of_a_row_are_written_in_the_units_of_templates(words: VenueWords) -> None:
    row = words.row(FundingPayment("BTC-USD", Decimal(1), 1_700_000_000_000_000_000))

    assert isinstance(row["timestamp"], Time)
