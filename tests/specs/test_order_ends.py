"""What becomes of orders that do not wait, and of orders that wait for a price, in answers and in news of the venue.

The payloads are written by hand after the venues' documentation, those of OKX excepted; ids and numbers are made up.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import pytest

from declconn.errors import VenueError
from declconn.records import OrderUpdate, TradeUpdate, TradingRule
from declconn.testing import OfflineConnector
from declconn.types import OrderState, Side, Trigger

D = Decimal
CANCELED, FILLED, OPEN = OrderState.CANCELED, OrderState.FILLED, OrderState.OPEN


def swap(symbol: str, size: str) -> TradingRule:
    return TradingRule(symbol, "BTC", "USDT", contract_size=D(size), collateral_token="USDT")


MARKETS: Final = {
    "kraken": TradingRule("XBTUSDT", "BTC", "USDT", aliases=("XBT/USDT",)),
    "gate_io": TradingRule("BTC_USDT", "BTC", "USDT"),
    "gate_io_perpetual": swap("BTC_USDT", "0.0001"),
    "kucoin": TradingRule("BTC-USDT", "BTC", "USDT"),
    "kucoin_perpetual": swap("XBTUSDTM", "0.001"),
    "okx": TradingRule("BTC-USDT", "BTC", "USDT"),
    "okx_perpetual": swap("BTC-USDT-SWAP", "0.01"),
    "htx": TradingRule("btcusdt", "BTC", "USDT"),
}

STOP = Trigger.STOP
Read = Callable[[OfflineConnector, TradingRule], list[Any]]


def streamed(frame: Any, stream: str = "user") -> Read:
    """What a frame of a stream tells of orders."""

    def read(venue: OfflineConnector, _market: TradingRule) -> list[Any]:
        venue.on_frame(stream, json.dumps(frame))
        assert not venue.exchange.parts.complaints.counts
        return [event for event in venue.events if isinstance(event, OrderUpdate)]

    return read


def answered(operation: str, answer: Any, **asked: Any) -> Read:
    """What an answer tells."""
    return lambda venue, market: venue.on_response(operation, json.dumps(answer), symbol=market.symbol, **asked)


@dataclass(frozen=True)
class Told:
    """News of one order: its state, and what else is worth a look."""

    spec: str
    what: str
    read: Read
    state: OrderState
    also: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.spec}: {self.what}"


def kraken(**report: Any) -> Read:
    common = {"order_id": "OK4GJX-KSTLS-7DZZO5", "order_userref": 7, "timestamp": "2025-10-11T15:11:47.695226Z"}
    return streamed({"channel": "executions", "type": "update", "data": [{**common, **report}], "sequence": 9})


KRAKEN_STOP: Final = {
    "symbol": "BTC/USDT", "order_qty": 0.5, "cum_cost": 0, "time_in_force": "GTC", "side": "sell",
    "order_type": "stop-loss-limit", "limit_price_type": "static", "limit_price": 26000.0, "stop_price": 26500.0,
    "triggers": {"reference": "last", "price": 26500.0, "price_type": "static", "status": "untriggered"},
}  # fmt: skip
WAITS_FOR_26500: Final = {"amount": D("0.5"), "trigger": STOP, "trigger_price": D(26500)}
KRAKEN_ROW: Final[dict[str, Any]] = {
    "refid": None, "userref": 7, "status": "open", "reason": None, "opentm": 1733815269.370054, "vol": "0.50000000",
    "vol_exec": "0.00000000", "cost": "0.00000", "fee": "0.00000", "price": "0.00000", "stopprice": "0.00000",
    "limitprice": "0.00000", "misc": "", "oflags": "fciq",
    "descr": {
        "pair": "XBTUSDT", "type": "sell", "ordertype": "stop-loss-limit", "price": "26500.0", "price2": "26000.0",
        "leverage": "none", "order": "sell 0.50000000 XBTUSDT @ stop loss 26500.0 -> limit 26000.0", "close": "",
    },
}  # fmt: skip


def kraken_row(**changes: Any) -> Read:
    return answered("order_status", {"error": [], "result": {"OK4GJX-KSTLS-7DZZO5": {**KRAKEN_ROW, **changes}}})


KRAKEN: Final = [
    Told(
        "kraken",
        "what an IOC order left is cancelled",
        kraken(exec_type="canceled", order_status="canceled", cum_qty=0.2, cum_cost=5200, avg_price=26000.0),
        CANCELED,
        {"client_order_id": "7", "filled": D("0.2")},
    ),
    Told(
        "kraken",
        "a stop order that waits",
        kraken(exec_type="new", order_status="new", cum_qty=0, **KRAKEN_STOP),
        OPEN,
        {"price": D(26000), "amount": D("0.5"), "side": Side.SELL, "trigger": STOP, "trigger_price": D(26500)},
    ),
    Told(
        "kraken",
        "a stop order that was triggered",
        kraken(exec_type="status", order_status="triggered", cum_qty=0, **KRAKEN_STOP),
        OPEN,
        {"price": D(26000)},
    ),
    Told(
        "kraken",
        "a stop order to which another price was given",
        kraken(exec_type="amended", order_status="new", cum_qty=0, **{**KRAKEN_STOP, "limit_price": 25900.0}),
        OPEN,
        {"price": D(25900), "amount": D("0.5")},
    ),
    Told("kraken", "a stop order that is asked for", kraken_row(), OPEN, {"price": D(26000), **WAITS_FOR_26500}),
    Told(
        "kraken",
        "an order that waits for no price is asked for",
        kraken_row(descr={**KRAKEN_ROW["descr"], "ordertype": "limit", "price": "26000.0", "price2": "0"}),
        OPEN,
        {"price": D(26000), "trigger": None, "trigger_price": None},
    ),
    Told(
        "kraken",
        "an order of others that takes profit",
        kraken_row(descr={**KRAKEN_ROW["descr"], "ordertype": "take-profit-limit"}, userref=0),
        OPEN,
        {"client_order_id": None, "trigger": Trigger.TAKE_PROFIT, "trigger_price": D(26500)},
    ),
    Told(
        "kraken",
        "a stop order without a price is one for the market",
        kraken_row(descr={**KRAKEN_ROW["descr"], "ordertype": "stop-loss", "price2": "0"}),
        OPEN,
        {"price": None, **WAITS_FOR_26500},
    ),
    Told(
        "kraken",
        "a stop order that would have been triggered at once",
        kraken_row(status="canceled", reason="Order would trigger immediately"),
        CANCELED,
        {"filled": D(0)},
    ),
]


def gate(**changes: Any) -> dict[str, Any]:
    return {
        "id": "399123456", "text": "t-1", "update_time_ms": 1694655225316, "currency_pair": "BTC_USDT", "type": "limit",
        "account": "spot", "side": "sell", "amount": "19", "price": "0.0579", "time_in_force": "ioc", "left": "3",
        "filled_amount": "16", "filled_total": "0.9264", "fee": "0", "fee_currency": "USDT", **changes,
    }  # fmt: skip


def gate_news(**changes: Any) -> Read:
    row = gate(event="finish", **changes)
    return streamed({"time": 1694655225, "channel": "spot.orders", "event": "update", "result": [row]})


def gate_contracts(**changes: Any) -> dict[str, Any]:
    return {
        "id": 88, "text": "t-1", "contract": "BTC_USDT", "create_time": 1628736847.325, "size": 10, "left": 4,
        "tif": "ioc", "price": "40000.4", "fill_price": "40000.4", "status": "finished", "is_liq": False,
        "is_close": False, **changes,
    }  # fmt: skip


GATE: Final = [
    Told(
        "gate_io",
        "what an IOC order left is cancelled",
        gate_news(finish_as="ioc"),
        CANCELED,
        {"filled_quote": D("0.9264"), "amount": D(19)},
    ),
    Told("gate_io", "an IOC order that was filled", gate_news(finish_as="filled", left="0"), FILLED, {}),
    Told(
        "gate_io",
        "a FOK order that could not be filled",
        gate_news(finish_as="fok", left="19", filled_total="0"),
        CANCELED,
        {"filled_quote": D(0)},
    ),
    Told(
        "gate_io",
        "the answer to an IOC order tells its end already",
        answered("place_order", gate(status="cancelled", finish_as="ioc")),
        CANCELED,
        {"filled_quote": D("0.9264")},
    ),
    Told(
        "gate_io_perpetual",
        "what an IOC order left is cancelled",
        answered("place_order", gate_contracts(finish_as="ioc")),
        CANCELED,
        {"filled": D("0.0006"), "amount": D("0.001")},
    ),
    Told(
        "gate_io_perpetual",
        "an IOC order that was filled",
        answered("place_order", gate_contracts(finish_as="filled", left=0)),
        FILLED,
        {"filled": D("0.001")},
    ),
]


def kucoin(**changes: Any) -> Read:
    row = {
        "id": "5c35c02703aa673ceec2a168", "symbol": "BTC-USDT", "opType": "DEAL", "type": "limit", "side": "sell",
        "price": "9000.5", "size": "0.75", "funds": "0", "dealSize": "0.25", "timeInForce": "IOC", "stop": "",
        "clientOid": "7", "isActive": False, "cancelExist": False, "createdAt": 1547026471000, **changes,
    }  # fmt: skip
    return answered("order_status", {"code": "200000", "data": row})


def kucoin_contracts(**changes: Any) -> Read:
    row = {
        "id": "622076e79f12700001f84138", "symbol": "XBTUSDTM", "type": "limit", "side": "sell", "price": "32000",
        "size": 2, "value": "0", "dealValue": "0", "dealSize": 0, "stop": "down", "stopPriceType": "TP",
        "stopTriggered": None, "stopPrice": "33000", "timeInForce": "GTC", "clientOid": "7", "isActive": True,
        "cancelExist": False, "createdAt": 1646294759000, "status": "open", "filledSize": 0, **changes,
    }  # fmt: skip
    return answered("order_status", {"code": "200000", "data": row})


def kucoin_stop(**changes: Any) -> Read:
    data = {
        "marginMode": "ISOLATED", "orderId": "240673378116083712", "orderPrice": "32000", "orderType": "stop",
        "side": "sell", "size": 2, "stop": "down", "stopPrice": "33000", "stopPriceType": "TP", "symbol": "XBTUSDTM",
        "createdAt": 1730194206837, "ts": 1730194206843133000, **changes,
    }  # fmt: skip
    return streamed(
        {"topic": "/contractMarket/advancedOrders", "type": "message", "subject": "stopOrder", "data": data}
    )


STOPPED: Final = {"client_order_id": None, "exchange_order_id": "240673378116083712", "amount": None}
KUCOIN: Final = [
    Told("kucoin", "what an IOC order left is cancelled", kucoin(cancelExist=True), CANCELED, {"filled": D("0.25")}),
    Told("kucoin", "an IOC order that was filled", kucoin(dealSize="0.75"), FILLED, {"filled": D("0.75")}),
    Told("kucoin_perpetual", "a stop order that waits", kucoin_stop(type="open"), OPEN, STOPPED),
    Told(
        "kucoin_perpetual",
        "a stop order that was triggered",
        kucoin_stop(type="triggered", triggerSuccess=True),
        OPEN,
        STOPPED,
    ),
    Told(
        "kucoin_perpetual",
        "a stop order that could not be placed when it was triggered",
        kucoin_stop(type="triggered", triggerSuccess=False, error="error.createOrder.accountBalanceInsufficient"),
        CANCELED,
        STOPPED,
    ),
    Told("kucoin_perpetual", "a stop order that was cancelled", kucoin_stop(type="cancel"), CANCELED, STOPPED),
    Told(
        "kucoin_perpetual",
        "a stop order that is asked for",
        kucoin_contracts(),
        OPEN,
        {
            "client_order_id": "7",
            "price": D(32000),
            "amount": D("0.002"),
            "side": Side.SELL,
            "trigger": STOP,
            "trigger_price": D(33000),
        },
    ),
    Told(
        "kucoin_perpetual",
        "a stop order that was filled after it was triggered",
        kucoin_contracts(stopTriggered=True, isActive=False, dealSize=2, status="done"),
        FILLED,
        {"exchange_order_id": "622076e79f12700001f84138", "filled": D("0.002")},
    ),
]


def htx(**changes: Any) -> Read:
    row = {
        "id": 13997833014, "symbol": "btcusdt", "account-id": 3398321, "client-order-id": "7", "amount": "0.75",
        "price": "9000.5", "created-at": 1545836976871, "type": "sell-stop-limit", "field-amount": "0",
        "stop-price": "9100", "operator": "lte", "state": "created", "source": "spot-api", **changes,
    }  # fmt: skip
    return answered("order_status", {"status": "ok", "data": row})


HTX_NEWS: Final = {
    "orderSize": "0.75", "orderCreateTime": 1583853365586, "accountId": 992701, "orderPrice": "9000.5",
    "type": "sell-stop-limit", "orderId": 13997833014, "clientOrderId": "7", "orderSource": "spot-api",
    "orderStatus": "submitted", "symbol": "btcusdt", "eventType": "creation",
}  # fmt: skip
HTX: Final = [
    Told(
        "htx",
        "a stop order that waits",
        htx(),
        OPEN,
        {"side": Side.SELL, "amount": D("0.75"), "price": D("9000.5"), "trigger": STOP, "trigger_price": D(9100)},
    ),
    Told("htx", "a stop order that was triggered", htx(state="submitted"), OPEN, {"exchange_order_id": "13997833014"}),
    Told(
        "htx",
        "what an IOC order left is cancelled",
        htx(type="buy-ioc", state="partial-canceled", **{"field-amount": "0.25"}),
        CANCELED,
        {"side": Side.BUY, "filled": D("0.25")},
    ),
    Told(
        "htx",
        "a FOK order that could not be filled",
        htx(type="buy-limit-fok", state="canceled"),
        CANCELED,
        {"side": Side.BUY, "filled": D(0)},
    ),
    Told(
        "htx",
        "the stream says when a stop order comes into the book",
        streamed({"action": "push", "ch": "orders#btcusdt", "data": HTX_NEWS}),
        OPEN,
        {"side": Side.SELL, "amount": D("0.75"), "price": D("9000.5")},
    ),
]


OKX_WAITS: Final = {
    "instType": "SWAP", "instId": "BTC-USDT-SWAP", "ccy": "", "ordId": "", "clOrdId": "", "algoId": "2148719",
    "algoClOrdId": "dc7", "sz": "25", "ordType": "conditional", "side": "sell", "posSide": "net", "tdMode": "cross",
    "slTriggerPx": "291", "slTriggerPxType": "last", "slOrdPx": "290", "tpTriggerPx": "", "tpOrdPx": "", "ordPx": "",
    "state": "live", "lever": "1", "actualPx": "", "actualSz": "", "triggerTime": "", "failCode": "", "tag": "",
    "reduceOnly": "false", "cTime": "1724733617998", "uTime": "1724733617998",
}  # fmt: skip
OKX_TRIGGERED: Final = {
    "instType": "SWAP", "instId": "BTC-USDT-SWAP", "ordId": "1752588852617379840", "clOrdId": "", "algoId": "2148719",
    "algoClOrdId": "dc7", "px": "290", "sz": "25", "side": "sell", "posSide": "net", "ordType": "limit",
    "state": "partially_filled", "accFillSz": "10", "tradeId": "242589207", "fillPx": "290.5", "fillSz": "10",
    "fillFee": "-0.1", "fillFeeCcy": "USDT", "fillTime": "1724733617999", "execType": "T", "tgtCcy": "",
    "category": "normal", "uTime": "1724733617999",
}  # fmt: skip


def okx_waits(**changes: Any) -> Read:
    row = {**OKX_WAITS, **changes}
    return streamed({"arg": {"channel": "orders-algo", "instType": "SWAP"}, "data": [row]}, "waiting")


ITS_ID: Final = {"client_order_id": "dc7", "exchange_order_id": OKX_TRIGGERED["ordId"]}
OKX: Final = [
    Told(
        "okx_perpetual",
        "a stop order that waits",
        okx_waits(),
        OPEN,
        {
            "client_order_id": "dc7",
            "exchange_order_id": None,
            "amount": D("0.25"),
            "side": Side.SELL,
            "price": D(290),
            "trigger": STOP,
            "trigger_price": D(291),
        },
    ),
    Told(
        "okx_perpetual",
        "a market order that waits to take profit",
        okx_waits(slTriggerPx="", slOrdPx="", tpTriggerPx="295", tpOrdPx="-1"),
        OPEN,
        {"price": None, "trigger": Trigger.TAKE_PROFIT, "trigger_price": D(295)},
    ),
    Told(
        "okx_perpetual",
        "a stop order that was triggered",
        okx_waits(state="effective", ordId=OKX_TRIGGERED["ordId"], ordIdList=[OKX_TRIGGERED["ordId"]]),
        OPEN,
        ITS_ID,
    ),
    Told("okx_perpetual", "a stop order that was cancelled", okx_waits(state="canceled"), CANCELED, {}),
    Told(
        "okx_perpetual",
        "a stop order that could not be placed when it was triggered",
        okx_waits(state="order_failed", failCode="51008"),
        OrderState.FAILED,
        {},
    ),
    Told(
        "okx_perpetual",
        "what is placed when it is triggered says the id of what waited",
        streamed({"arg": {"channel": "orders", "instType": "SWAP"}, "data": [OKX_TRIGGERED]}),
        OrderState.PARTIALLY_FILLED,
        {**ITS_ID, "amount": D("0.25"), "filled": D("0.1"), "price": D(290)},
    ),
    Told(
        "okx_perpetual",
        "a stop order that is asked for while it waits",
        answered("order_status", {"code": "0", "data": [OKX_WAITS]}, trigger="STOP", client_order_id="dc7"),
        OPEN,
        {"client_order_id": "dc7", "exchange_order_id": None},
    ),
]


BINANCE_CANCELLED: Final = answered(
    "cancel_order",
    {
        "symbol": "BTCUSDT", "orderId": 4, "clientOrderId": "cancelMyOrder1", "origClientOrderId": "dc7",
        "price": "9000.5", "origQty": "0.75", "executedQty": "0.25", "status": "CANCELED", "side": "SELL",
    },
    exchange_order_id="4",
    client_order_id="dc7",
)  # fmt: skip


@pytest.mark.parametrize("spec", ["binance", "binance_perpetual"])
def test_the_answer_of_a_cancel_counts_what_was_executed_so_that_those_fills_are_awaited(spec: str) -> None:
    venue, market = OfflineConnector(spec), TradingRule("BTCUSDT", "BTC", "USDT")
    venue.exchange.parts.symbols.update([market])
    (told,) = BINANCE_CANCELLED(venue, market)
    assert (told.cancelled, told.filled) == (True, D("0.25"))


def test_a_fill_of_what_waited_says_its_id() -> None:
    venue = OfflineConnector("okx_perpetual")
    venue.exchange.parts.symbols.update([MARKETS["okx_perpetual"]])
    streamed({"arg": {"channel": "orders", "instType": "SWAP"}, "data": [OKX_TRIGGERED]})(
        venue, MARKETS["okx_perpetual"]
    )
    (fill,) = [event for event in venue.events if isinstance(event, TradeUpdate)]
    assert (fill.client_order_id, fill.exchange_order_id, fill.amount) == ("dc7", OKX_TRIGGERED["ordId"], D("0.1"))


def test_what_somebody_lets_wait_without_an_id_is_not_told() -> None:
    venue = OfflineConnector("okx_perpetual")
    assert okx_waits(algoClOrdId="")(venue, MARKETS["okx_perpetual"]) == []


@pytest.mark.parametrize("told", [*KRAKEN, *GATE, *KUCOIN, *HTX, *OKX], ids=str)
def test_what_becomes_of_an_order(told: Told) -> None:
    venue = OfflineConnector(told.spec)
    market = MARKETS[told.spec]
    venue.exchange.parts.symbols.update([market])
    (update,) = told.read(venue, market)
    assert update.state is told.state
    assert {name: getattr(update, name) for name in told.also} == told.also


@pytest.mark.parametrize(
    ("file", "client", "state", "filled"),
    [
        ("ioc", "IOC-TEST-001", OrderState.PARTIALLY_FILLED, "0.02"),
        ("fok", "FOK-TEST-001", FILLED, "0.05"),
    ],
)
def test_okx_tells_of_them_as_of_other_orders(
    read_json: Callable[[str], Any], file: str, client: str, state: OrderState, filled: str
) -> None:
    """The files are another project's, after the venue's documentation."""
    frame = read_json(f"payloads/okx/ws_orders_{file}.json")
    venue = OfflineConnector("okx")
    venue.exchange.parts.symbols.update([MARKETS["okx"]])
    order = streamed(frame)(venue, MARKETS["okx"])[0]
    assert (order.client_order_id, order.state, order.filled) == (client, state, D(filled))
    assert [fill.amount for fill in venue.events if isinstance(fill, TradeUpdate)] == [D(filled)]

    frame["data"][0] |= {"state": "canceled", "tradeId": "", "fillSz": ""}
    assert streamed(frame)(venue, MARKETS["okx"])[-1].state is CANCELED


@pytest.mark.parametrize(
    ("spec", "kind", "answer"),
    [
        ("htx", "invalid_order", {"status": "error", "err-code": "order-stop-order-hit-trigger", "err-msg": "..."}),
        ("kraken", "order_not_found", {"error": ["EOrder:Unknown order"]}),
        ("gate_io", "rejected", {"label": "FOK_NOT_FILL", "message": "FOK order cannot be filled completely"}),
    ],
)
def test_refusals_of_such_orders_have_a_kind(spec: str, kind: str, answer: Any) -> None:
    operation = "amend_order" if kind == "order_not_found" else "place_order"
    with pytest.raises(VenueError) as caught:
        answered(operation, answer)(OfflineConnector(spec), MARKETS[spec])
    assert caught.value.kind == kind
