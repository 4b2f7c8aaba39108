"""What venues count in contracts, or in quote, arrives in units of the base asset."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from declconn.records import Kline, Liquidation, Trade
from declconn.testing import OfflineConnector

COIN_M = {
    "symbols": [
        {
            "symbol": "BTCUSD_PERP",
            "contractStatus": "TRADING",
            "contractType": "PERPETUAL",
            "contractSize": 100,
            "baseAsset": "BTC",
            "quoteAsset": "USD",
            "marginAsset": "BTC",
            "filters": [{"filterType": "LOT_SIZE", "minQty": "1", "maxQty": "1000", "stepSize": "1"}],
        }
    ]
}


def coin_m() -> OfflineConnector:
    venue = OfflineConnector("binance_coin_perpetual")
    venue.on_response("trading_rules", json.dumps(COIN_M))
    return venue


def hear(venue: OfflineConnector, data: dict[str, Any]) -> Any:
    venue.on_frame("market", json.dumps({"stream": "", "data": data}))
    return venue.events[-1]


def test_inverse_contracts_of_a_trade_and_a_liquidation_are_divided_by_their_price() -> None:
    venue = coin_m()
    trade = hear(venue, {"e": "aggTrade", "s": "BTCUSD_PERP", "a": 1, "p": "20000", "q": "6", "m": False, "T": 1})
    forced = hear(venue, {"e": "forceOrder", "o": {"s": "BTCUSD_PERP", "S": "SELL", "p": "25000", "q": "5", "T": 1}})

    assert isinstance(trade, Trade)
    assert isinstance(forced, Liquidation)
    assert (trade.amount, forced.amount) == (Decimal("0.03"), Decimal("0.02"))


def test_inverse_contracts_of_a_book_are_divided_by_the_price_of_their_level() -> None:
    venue = coin_m()
    body = {"lastUpdateId": 1, "bids": [["20000", "6"], ["10000", "1"]], "asks": [["25000", "5"]]}
    venue.on_response("order_book_snapshot", json.dumps(body), symbol="BTCUSD_PERP")
    book = venue.order_book("BTC-USD")

    assert [level.amount for level in book.levels(2)[0]] == [Decimal("0.03"), Decimal("0.01")]
    assert book.rows(1) == ([["20000", "6"]], [["25000", "5"]])


def test_a_field_that_counts_in_base_already_is_left_alone() -> None:
    candle = {"t": 0, "i": "1m", "o": "1", "h": "2", "l": "1", "c": "2", "v": "1893", "q": "9.49653573", "x": True}
    kline = hear(coin_m(), {"e": "kline", "s": "BTCUSD_PERP", "k": candle})

    assert isinstance(kline, Kline)
    assert (kline.volume, kline.closed, kline.interval) == (Decimal("9.49653573"), True, "1m")


def test_sizes_of_rules_stay_in_quote_where_no_price_is_known() -> None:
    rule = coin_m().exchange.parts.symbols.rule("BTC-USD")
    assert (rule.min_order_size, rule.max_order_size) == (100, 100_000)


def test_one_venue_may_count_some_markets_in_quote_and_others_in_base() -> None:
    venue = OfflineConnector("bybit_perpetual")
    kinds = {"BTCUSD": ("InversePerpetual", "USD", "BTC"), "BTCUSDT": ("LinearPerpetual", "USDT", "USDT")}
    markets = [
        {
            "symbol": symbol,
            "status": "Trading",
            "baseCoin": "BTC",
            "contractType": kind,
            "quoteCoin": quote,
            "settleCoin": coin,
        }
        for symbol, (kind, quote, coin) in kinds.items()
    ]
    venue.on_response("trading_rules", json.dumps({"retCode": 0, "result": {"list": markets}}))
    for symbol in kinds:
        trade = {"i": "1", "p": "20000", "v": "500", "S": "Buy", "T": 1}
        venue.on_frame("market", json.dumps({"topic": f"publicTrade.{symbol}", "data": [trade]}))

    assert {trade.trading_pair: trade.amount for trade in venue.events} == {
        "BTC-USD": Decimal("0.025"),
        "BTC-USDT": Decimal("500"),
    }
