"""What venues answer about orders, written by hand from their documentation, as the shipped specs read it.

An order that somebody else placed can be followed only if its market, side and amount are told; so every spec reads
them, and says nothing where the venue counts in another unit than usual.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from declconn.account.in_flight_order import InFlightOrder
from declconn.records import OrderUpdate, TradingRule
from declconn.testing import OfflineConnector
from declconn.types import AmountUnit, OrderState, OrderType, Side

D = Decimal
Wrap = Callable[[list[Any]], Any]


def plain(rows: list[Any]) -> Any:
    return rows


@dataclass(frozen=True)
class Venue:
    """A spec, one of its markets, and what stands around the rows of open orders and of a single one."""

    spec: str
    market: TradingRule
    listed: Wrap = plain
    alone: Wrap = lambda rows: rows[0]

    def read(self, operation: str, *rows: Any) -> list[OrderUpdate]:
        """What an operation says of this market's orders."""
        venue = OfflineConnector(self.spec)
        venue.exchange.parts.symbols.update([self.market])
        answer = (self.listed if operation == "open_orders" else self.alone)(list(rows))
        return venue.on_response(operation, json.dumps(answer), symbol=self.market.symbol)


def bybit_list(rows: list[Any]) -> Any:
    return {"retCode": 0, "retMsg": "OK", "result": {"list": rows, "nextPageCursor": "", "category": "linear"}}


def okx_list(rows: list[Any]) -> Any:
    return {"code": "0", "msg": "", "data": rows}


def kucoin_page(rows: list[Any]) -> Any:
    return {"code": "200000", "data": {"currentPage": 1, "pageSize": 500, "totalPage": 1, "items": rows}}


def kucoin_one(rows: list[Any]) -> Any:
    return {"code": "200000", "data": rows[0]}


def contract(symbol: str, size: str) -> TradingRule:
    return TradingRule(symbol, "BTC", "USDT", contract_size=D(size), collateral_token="USDT")


BINANCE = Venue("binance", TradingRule("BTCUSDT", "BTC", "USDT"))
BINANCE_PERPETUAL = Venue("binance_perpetual", TradingRule("BTCUSDT", "BTC", "USDT"))
BYBIT = Venue("bybit", TradingRule("BTCUSDT", "BTC", "USDT"), bybit_list, bybit_list)
BYBIT_PERPETUAL = Venue("bybit_perpetual", TradingRule("BTCUSDT", "BTC", "USDT"), bybit_list, bybit_list)
BYBIT_INVERSE = Venue(
    "bybit_perpetual", TradingRule("BTCUSD", "BTC", "USD", amount_unit=AmountUnit.QUOTE), bybit_list, bybit_list
)
OKX = Venue("okx", TradingRule("BTC-USDT", "BTC", "USDT"), okx_list, okx_list)
OKX_PERPETUAL = Venue("okx_perpetual", contract("BTC-USDT-SWAP", "0.01"), okx_list, okx_list)
COINBASE = Venue(
    "coinbase_advanced_trade",
    TradingRule("BTC-USD", "BTC", "USD"),
    lambda rows: {"orders": rows, "sequence": "0", "has_next": False, "cursor": ""},
    lambda rows: {"order": rows[0]},
)
GATE = Venue("gate_io", TradingRule("BTC_USDT", "BTC", "USDT"))
GATE_PERPETUAL = Venue("gate_io_perpetual", contract("BTC_USDT", "0.0001"))
HTX = Venue(
    "htx",
    TradingRule("btcusdt", "BTC", "USDT"),
    lambda rows: {"status": "ok", "data": rows},
    lambda rows: {"status": "ok", "data": rows[0]},
)
HYPERLIQUID = Venue("hyperliquid_perpetual", TradingRule("BTC", "BTC", "USD"))
KRAKEN = Venue(
    "kraken",
    TradingRule("XBTUSDT", "BTC", "USDT", aliases=("XBT/USDT",)),
    lambda rows: {"error": [], "result": {"open": {row["id"]: row for row in rows}}},
    lambda rows: {"error": [], "result": {row["id"]: row for row in rows}},
)
KUCOIN = Venue("kucoin", TradingRule("BTC-USDT", "BTC", "USDT"), kucoin_page, kucoin_one)
KUCOIN_PERPETUAL = Venue("kucoin_perpetual", contract("XBTUSDTM", "0.001"), kucoin_page, kucoin_one)

BINANCE_ROW = {
    "symbol": "BTCUSDT", "orderId": 28, "clientOrderId": "web_1", "price": "9000.5", "origQty": "0.75",
    "executedQty": "0.25", "status": "PARTIALLY_FILLED", "timeInForce": "GTC", "type": "LIMIT", "side": "SELL",
    "time": 1507725176595, "updateTime": 1507725176595,
}  # fmt: skip
BYBIT_ROW = {
    "orderId": "fd4300ae", "orderLinkId": "", "symbol": "BTCUSDT", "price": "9000.5", "qty": "0.75", "side": "Sell",
    "orderStatus": "PartiallyFilled", "cumExecQty": "0.25", "cumExecValue": "2250.125", "orderType": "Limit",
    "marketUnit": "", "avgPrice": "9000.5", "updatedTime": "1684738540561",
}  # fmt: skip
OKX_ROW = {
    "instId": "BTC-USDT", "ordId": "1752588852617379840", "clOrdId": "", "px": "9000.5", "sz": "0.75", "side": "sell",
    "ordType": "limit", "state": "partially_filled", "accFillSz": "0.25", "tgtCcy": "", "uTime": "1724733617998",
}  # fmt: skip
COINBASE_ROW = {
    "order_id": "0000-1", "product_id": "BTC-USD", "client_order_id": "11111-1", "side": "SELL", "status": "OPEN",
    "order_configuration": {"limit_limit_gtc": {"base_size": "0.75", "limit_price": "9000.5", "post_only": False}},
    "filled_size": "0.25", "last_fill_time": "2021-05-31T10:30:00Z", "order_type": "LIMIT",
}  # fmt: skip
GATE_ROW = {
    "id": "62364648575", "text": "apiv4", "update_time_ms": 1626354834544, "status": "open", "type": "limit",
    "currency_pair": "BTC_USDT", "side": "sell", "amount": "0.75", "price": "9000.5", "left": "0.5",
    "filled_total": "2250.125", "finish_as": "open",
}  # fmt: skip
GATE_CONTRACTS_ROW = {
    "id": 15675394, "contract": "BTC_USDT", "create_time": 1546569968.2, "size": -7500, "left": -5000,
    "price": "9000.5", "text": "web", "tif": "gtc", "status": "open", "is_liq": False, "is_close": False,
}  # fmt: skip
HTX_ROW = {
    "id": 13997833014, "symbol": "btcusdt", "account-id": 3398321, "client-order-id": "", "amount": "0.75",
    "price": "9000.5", "created-at": 1545836976871, "type": "sell-limit", "state": "partial-filled",
    "filled-amount": "0.25", "filled-cash-amount": "2250.125", "filled-fees": "0.1", "source": "web",
}  # fmt: skip
HYPERLIQUID_ROW = {
    "coin": "BTC", "side": "A", "limitPx": "9000.5", "sz": "0.5", "oid": 91490942, "timestamp": 1681247412573,
    "origSz": "0.75", "cloid": None,
}  # fmt: skip
KRAKEN_ROW = {
    "id": "OXM2QD-EALR2-YBAVEU", "refid": None, "userref": 0, "status": "open", "vol": "0.75", "vol_exec": "0.25",
    "descr": {"pair": "XBTUSDT", "type": "sell", "ordertype": "limit", "price": "9000.5", "price2": "0"},
}  # fmt: skip
KUCOIN_ROW = {
    "id": "5c35c02703aa673ceec2a168", "symbol": "BTC-USDT", "opType": "DEAL", "type": "limit", "side": "sell",
    "price": "9000.5", "size": "0.75", "funds": "0", "dealSize": "0.25", "clientOid": "", "isActive": True,
    "cancelExist": False, "createdAt": 1547026471000,
}  # fmt: skip

OPEN_ORDERS = {
    "binance": (BINANCE, BINANCE_ROW),
    "binance_perpetual": (BINANCE_PERPETUAL, {**BINANCE_ROW, "positionSide": "BOTH", "reduceOnly": False}),
    "bybit": (BYBIT, BYBIT_ROW),
    "bybit_perpetual": (BYBIT_PERPETUAL, BYBIT_ROW),
    "okx": (OKX, OKX_ROW),
    "okx_perpetual": (OKX_PERPETUAL, {**OKX_ROW, "instId": "BTC-USDT-SWAP", "sz": "75", "accFillSz": "25"}),
    "coinbase_advanced_trade": (COINBASE, COINBASE_ROW),
    "gate_io": (GATE, GATE_ROW),
    "gate_io_perpetual": (GATE_PERPETUAL, GATE_CONTRACTS_ROW),
    "htx": (HTX, HTX_ROW),
    "hyperliquid_perpetual": (HYPERLIQUID, HYPERLIQUID_ROW),
    "kraken": (KRAKEN, KRAKEN_ROW),
    "kucoin": (KUCOIN, KUCOIN_ROW),
    "kucoin_perpetual": (KUCOIN_PERPETUAL, {**KUCOIN_ROW, "symbol": "XBTUSDTM", "size": 750, "dealSize": 250}),
}
"""An open sale of 0.75 at 9000.5, a third of it filled, that somebody placed by hand."""


def terms(update: OrderUpdate) -> tuple[Any, ...]:
    return update.trading_pair, update.side, update.amount, update.price


@pytest.mark.parametrize("name", OPEN_ORDERS)
def test_an_open_order_of_somebody_else_can_be_followed(name: str) -> None:
    venue, row = OPEN_ORDERS[name]
    (update,) = venue.read("open_orders", row)
    assert terms(update) == (venue.market.trading_pair, Side.SELL, D("0.75"), D("9000.5"))
    assert update.state in (OrderState.OPEN, OrderState.PARTIALLY_FILLED)

    order = InFlightOrder.external(update, 0)
    assert order is not None
    assert order.order_type is OrderType.LIMIT


@pytest.mark.parametrize("name", OPEN_ORDERS)
def test_one_order_is_told_in_the_same_terms(name: str) -> None:
    venue, row = OPEN_ORDERS[name]
    if name == "hyperliquid_perpetual":
        row = {"status": "order", "order": {"order": row, "status": "open", "statusTimestamp": 1724361546645}}
    (update,) = venue.read("order_status", row)
    assert terms(update) == (venue.market.trading_pair, Side.SELL, D("0.75"), D("9000.5"))


MARKET_ORDERS = {
    "binance": (BINANCE, {**BINANCE_ROW, "type": "MARKET", "price": "0.00000000"}),
    "binance_perpetual": (BINANCE_PERPETUAL, {**BINANCE_ROW, "type": "MARKET", "price": "0"}),
    "bybit": (BYBIT, {**BYBIT_ROW, "orderType": "Market", "price": "9450", "marketUnit": "baseCoin"}),
    "bybit_perpetual": (BYBIT_PERPETUAL, {**BYBIT_ROW, "orderType": "Market", "price": "0"}),
    "okx": (OKX, {**OKX_ROW, "ordType": "market", "px": "", "tgtCcy": "base_ccy"}),
    "coinbase_advanced_trade": (
        COINBASE,
        {**COINBASE_ROW, "order_configuration": {"market_market_ioc": {"base_size": "0.75"}}},
    ),
    "gate_io": (GATE, {**GATE_ROW, "type": "market", "price": "0"}),
    "gate_io_perpetual": (GATE_PERPETUAL, {**GATE_CONTRACTS_ROW, "price": "0", "tif": "ioc"}),
    "htx": (HTX, {**HTX_ROW, "type": "sell-market", "price": "0.0"}),
    "kraken": (
        KRAKEN,
        {**KRAKEN_ROW, "descr": {"pair": "XBTUSDT", "type": "sell", "ordertype": "market", "price": "0"}},
    ),
    "kucoin": (KUCOIN, {**KUCOIN_ROW, "type": "market", "price": "0"}),
    "kucoin_perpetual": (KUCOIN_PERPETUAL, {**OPEN_ORDERS["kucoin_perpetual"][1], "type": "market", "price": None}),
}


@pytest.mark.parametrize("name", MARKET_ORDERS)
def test_a_market_order_has_no_price(name: str) -> None:
    venue, row = MARKET_ORDERS[name]
    (update,) = venue.read("order_status", row)
    assert terms(update) == (venue.market.trading_pair, Side.SELL, D("0.75"), None)


COUNTED_IN_QUOTE = {
    "bybit": (BYBIT, {**BYBIT_ROW, "orderType": "Market", "qty": "500", "marketUnit": "quoteCoin"}),
    "okx": (OKX, {**OKX_ROW, "ordType": "market", "px": "", "sz": "500", "tgtCcy": "quote_ccy"}),
    "coinbase_advanced_trade": (
        COINBASE,
        {**COINBASE_ROW, "order_configuration": {"market_market_ioc": {"quote_size": "500"}}},
    ),
    "gate_io": (GATE, {**GATE_ROW, "type": "market", "side": "buy", "amount": "500", "price": "0"}),
    "htx": (HTX, {**HTX_ROW, "type": "buy-market", "amount": "500", "price": "0.0"}),
    "kucoin": (KUCOIN, {**KUCOIN_ROW, "type": "market", "price": "0", "size": "0", "funds": "500"}),
}


@pytest.mark.parametrize("name", COUNTED_IN_QUOTE)
def test_what_an_order_is_worth_is_not_taken_for_its_amount(name: str) -> None:
    venue, row = COUNTED_IN_QUOTE[name]
    (update,) = venue.read("order_status", row)
    assert (update.amount, update.price) == (None, None)


def test_inverse_contracts_become_base_at_the_orders_price_and_their_fills_at_theirs() -> None:
    row = {
        **BYBIT_ROW,
        "symbol": "BTCUSD",
        "price": "20000",
        "qty": "500",
        "cumExecQty": "100",
        "cumExecValue": "0.004",
    }
    (update,) = BYBIT_INVERSE.read("open_orders", row)
    assert (update.amount, update.filled) == (D("0.025"), D("0.004"))


def test_of_an_inverse_market_order_nobody_knows_the_amount_in_base() -> None:
    row = {**BYBIT_ROW, "symbol": "BTCUSD", "orderType": "Market", "qty": "500", "cumExecValue": "0.004"}
    (update,) = BYBIT_INVERSE.read("order_status", row)
    assert (update.amount, update.filled, update.state) == (None, D("0.004"), OrderState.PARTIALLY_FILLED)


@pytest.mark.parametrize("userref", [0, None])
def test_orders_without_an_id_of_their_owner_do_not_share_one(userref: int | None) -> None:
    first, second = KRAKEN.read(
        "open_orders", {**KRAKEN_ROW, "userref": userref}, {**KRAKEN_ROW, "id": "OYEQF4", "userref": userref}
    )
    assert (first.client_order_id, second.client_order_id) == (None, None)
    assert (first.exchange_order_id, second.exchange_order_id) == ("OXM2QD-EALR2-YBAVEU", "OYEQF4")


def test_a_number_is_an_id() -> None:
    (update,) = KRAKEN.read("open_orders", {**KRAKEN_ROW, "userref": 123456})
    assert update.client_order_id == "123456"


def test_a_price_that_is_an_offset_is_none() -> None:
    offset = {"pair": "XBTUSDT", "type": "sell", "ordertype": "trailing-stop", "price": "+50.0000%", "price2": "0"}
    (update,) = KRAKEN.read("open_orders", {**KRAKEN_ROW, "descr": offset})
    assert (update.price, update.amount) == (None, D("0.75"))


@pytest.mark.parametrize("venue", [GATE, GATE_PERPETUAL], ids=lambda venue: venue.spec)
@pytest.mark.parametrize(("text", "own"), [("t-1", "t-1"), ("web", None), ("apiv4", None), ("-", None), ("", None)])
def test_a_word_of_the_venue_is_not_an_id(venue: Venue, text: str, own: str | None) -> None:
    row = GATE_ROW if venue is GATE else GATE_CONTRACTS_ROW
    (update,) = venue.read("open_orders", {**row, "text": text})
    assert update.client_order_id == own


def test_an_order_that_closes_a_position_whatever_its_size_has_no_amount() -> None:
    (update,) = GATE_PERPETUAL.read("open_orders", {**GATE_CONTRACTS_ROW, "size": 0, "left": 0, "is_close": True})
    assert update.amount is None
