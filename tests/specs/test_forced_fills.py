"""Fills by which venues close a position of ours, as the shipped specs read them."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from declconn.records import OrderUpdate, TradeUpdate, TradingRule
from declconn.testing import OfflineConnector
from declconn.types import FillCause, OrderState, PositionSide, Side

D = Decimal
LIQUIDATION, ADL = FillCause.LIQUIDATION, FillCause.ADL
MARKETS = {
    "binance_perpetual": TradingRule("BTCUSDT", "BTC", "USDT"),
    "bybit_perpetual": TradingRule("BTCUSDT", "BTC", "USDT"),
    "okx_perpetual": TradingRule("BTC-USDT-SWAP", "BTC", "USDT", contract_size=D("0.01")),
    "gate_io_perpetual": TradingRule("BTC_USDT", "BTC", "USDT", contract_size=D("0.0001")),
    "kucoin_perpetual": TradingRule("XBTUSDTM", "BTC", "USDT", contract_size=D("0.001")),
    "hyperliquid_perpetual": TradingRule("BTC", "BTC", "USD"),
}


def connector(spec: str) -> OfflineConnector:
    venue = OfflineConnector(spec)
    venue.exchange.parts.symbols.update([MARKETS[spec]])
    return venue


def told(spec: str, frame: Any) -> list[Any]:
    """What the user stream tells, without orders of which too little is known."""
    venue = connector(spec)
    venue.on_frame("user", json.dumps(frame))
    assert not venue.exchange.parts.complaints.counts
    return venue.events


def fill_of(spec: str, frame: Any) -> TradeUpdate:
    (fill,) = [event for event in told(spec, frame) if isinstance(event, TradeUpdate)]
    return fill


def binance(client_order_id: str, state: str = "FILLED", **changes: Any) -> dict[str, Any]:
    details = {
        "s": "BTCUSDT", "c": client_order_id, "S": "SELL", "o": "LIMIT", "f": "IOC", "q": "0.014", "p": "9910",
        "x": "CALCULATED", "X": state, "i": 8886999, "l": "0.014", "z": "0.014", "L": "9910.12", "N": "USDT",
        "n": "0.0694", "T": 1568879465651, "t": 12345999, "m": False, "ps": "BOTH", **changes,
    }  # fmt: skip
    return {"e": "ORDER_TRADE_UPDATE", "T": 1568879465651, "E": 1568879465651, "o": details}


def bybit(kind: str) -> dict[str, Any]:
    row = {
        "category": "linear", "symbol": "BTCUSDT", "execFee": "0", "execId": "0ab1bdf7", "execPrice": "9910.12",
        "execQty": "0.014", "execType": kind, "orderId": "9aac161b", "orderLinkId": "", "orderType": "Market",
        "side": "Sell", "execTime": "1746270400398", "isMaker": False, "feeCurrency": "",
    }  # fmt: skip
    return {"topic": "execution", "id": "386825804", "creationTime": 1746270400400, "data": [row]}


def okx(category: str) -> dict[str, Any]:
    row = {
        "instId": "BTC-USDT-SWAP", "instType": "SWAP", "category": category, "clOrdId": "", "ordId": "2497956918703",
        "ordType": "market", "px": "", "sz": "1.4", "side": "sell", "posSide": "net", "state": "filled",
        "accFillSz": "1.4", "fillPx": "9910.12", "fillSz": "1.4", "fillTime": "1746947317402", "tradeId": "15189",
        "execType": "T", "fillFee": "-20", "fillFeeCcy": "USDT", "tgtCcy": "", "uTime": "1746947317402",
    }  # fmt: skip
    return {"arg": {"channel": "orders", "instType": "SWAP"}, "data": [row]}


def gate(text: str) -> dict[str, Any]:
    row = {
        "id": "3335259", "create_time": 1628736848, "create_time_ms": 1628736848321, "contract": "BTC_USDT",
        "order_id": "4872460", "size": -140, "price": "9910.12", "role": "taker", "text": text, "fee": 0.0009,
    }  # fmt: skip
    return {"time": 1543205083, "channel": "futures.usertrades", "event": "update", "error": None, "result": [row]}


def kucoin(kind: str) -> dict[str, Any]:
    data = {
        "symbol": "XBTUSDTM", "orderType": "market", "side": "sell", "orderId": "5cdfc138b21023a909e5ad55",
        "type": "match", "orderTime": 1545914149935808589, "size": "14", "filledSize": "14", "price": "",
        "matchPrice": "9910.12", "matchSize": "14", "remainSize": "0", "tradeId": "5ce24c16b210233c36eexxxx",
        "clientOid": "", "status": "match", "liquidity": "taker", "tradeType": kind, "ts": 1545914149935808589,
    }  # fmt: skip
    return {"type": "message", "topic": "/contractMarket/tradeOrders", "subject": "orderChange", "data": data}


def hyperliquid(direction: str) -> dict[str, Any]:
    fill = {
        "coin": "BTC", "px": "9910.12", "sz": "0.014", "side": "A", "time": 1760130964831, "startPosition": "0.014",
        "dir": direction, "closedPnl": "-5.67", "hash": "0x92", "oid": 194018286846, "crossed": True, "fee": "0.0",
        "tid": 771334864158847, "feeToken": "USDC",
    }  # fmt: skip
    return {"channel": "user", "data": {"fills": [fill]}}


Frame = Callable[[str], dict[str, Any]]
FORCED: list[tuple[str, Frame, str, FillCause | None]] = [
    ("binance_perpetual", binance, "autoclose-1234567890", LIQUIDATION),
    ("binance_perpetual", binance, "adl_autoclose", ADL),
    ("binance_perpetual", binance, "settlement_autoclose-9999", None),
    ("bybit_perpetual", bybit, "BustTrade", LIQUIDATION),
    ("bybit_perpetual", bybit, "AdlTrade", ADL),
    ("bybit_perpetual", bybit, "Trade", None),
    ("okx_perpetual", okx, "full_liquidation", LIQUIDATION),
    ("okx_perpetual", okx, "partial_liquidation", LIQUIDATION),
    ("okx_perpetual", okx, "adl", ADL),
    ("okx_perpetual", okx, "normal", None),
    ("gate_io_perpetual", gate, "liquidation", LIQUIDATION),
    ("gate_io_perpetual", gate, "liq-8a3f", LIQUIDATION),
    ("gate_io_perpetual", gate, "hedge-liq-8a3f", LIQUIDATION),
    ("gate_io_perpetual", gate, "auto_deleveraging", ADL),
    ("gate_io_perpetual", gate, "web", None),
    ("kucoin_perpetual", kucoin, "liquid", LIQUIDATION),
    ("kucoin_perpetual", kucoin, "adl", ADL),
    ("kucoin_perpetual", kucoin, "trade", None),
    ("hyperliquid_perpetual", hyperliquid, "Liquidated Cross Long", LIQUIDATION),
    ("hyperliquid_perpetual", hyperliquid, "Auto-Deleveraging", ADL),
    ("hyperliquid_perpetual", hyperliquid, "Close Long", None),
]


@pytest.mark.parametrize(
    ("spec", "frame", "word", "cause"), FORCED, ids=lambda value: getattr(value, "__name__", str(value))
)
def test_a_fill_tells_whether_the_venue_forced_it(spec: str, frame: Frame, word: str, cause: FillCause | None) -> None:
    fill = fill_of(spec, frame(word))
    assert (fill.cause, fill.side) == (cause, Side.SELL)
    assert (fill.trading_pair, fill.price, fill.amount) == (
        MARKETS[spec].trading_pair,
        D("9910.12"),
        D("0.014"),
    )


def test_the_orders_of_two_forced_closes_do_not_share_an_id() -> None:
    order, fill = told("binance_perpetual", binance("adl_autoclose", "NEW_ADL"))
    assert isinstance(order, OrderUpdate)
    assert (order.client_order_id, fill.client_order_id) == (None, None)
    assert (order.exchange_order_id, fill.exchange_order_id) == ("8886999", "8886999")
    assert order.state is OrderState.OPEN


def test_a_close_that_has_not_traded_yet_is_no_fill() -> None:
    pending = binance("autoclose-1", "NEW", l="0", z="0", L="0", t=0)
    assert [type(event) for event in told("binance_perpetual", pending)] == [OrderUpdate]


def test_rest_tells_it_by_the_type_of_the_bill() -> None:
    row = {
        "instType": "SWAP", "instId": "BTC-USDT-SWAP", "tradeId": "123", "ordId": "98", "clOrdId": "", "billId": "1",
        "subType": "125", "fillPx": "9910.12", "fillSz": "1.4", "side": "sell", "posSide": "long", "execType": "T",
        "feeCcy": "USDT", "fee": "-0.04", "ts": "1597026383085",
    }  # fmt: skip
    body = json.dumps({"code": "0", "msg": "", "data": [row]})
    (fill,) = connector("okx_perpetual").on_response("order_trades", body, symbol="BTC-USDT-SWAP")
    assert (fill.cause, fill.position_side) == (ADL, PositionSide.LONG)


RECORDED = [
    ("binance_perpetual", "binance/futures_user_data_json_order_update_adl", ADL),
    ("binance_perpetual", "binance/futures_user_data_json_order_update_calculated", LIQUIDATION),
    ("binance_perpetual", "binance/futures_user_data_json_order_update_insurance", LIQUIDATION),
    ("binance_perpetual", "binance/futures_user_data_json_order_update_settlement", None),
    ("bybit_perpetual", "bybit/ws_account_execution_adl", ADL),
    ("okx_perpetual", "okx/ws_orders_liquidation", LIQUIDATION),
    ("hyperliquid_perpetual", "hyperliquid/ws_user_fill_liquidation", None),  # it is the other one's position
]


@pytest.mark.parametrize(("spec", "file", "cause"), RECORDED, ids=lambda value: str(value))
def test_published_examples_are_read_so(
    spec: str, file: str, cause: FillCause | None, read_json: Callable[[str], Any]
) -> None:
    assert fill_of(spec, read_json(f"payloads/{file}.json")).cause is cause
