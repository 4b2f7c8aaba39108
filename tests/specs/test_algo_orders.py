"""Binance's perpetual trigger orders: they wait at a service of their own, and are one order to us all the time.

The answers and news are written by hand from the documentation.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from decimal import Decimal
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from declconn.account.in_flight_order import InFlightOrder
from declconn.connector.exchange import Exchange
from declconn.errors import NetworkError, NotSupportedError
from declconn.net.transport import Request, Response, SocketClosed
from declconn.records import OrderUpdate
from declconn.registry import connect
from declconn.testing import ManualClock
from declconn.types import OrderState, OrderType, Side, Trigger

D = Decimal
PAIR = "BTC-USDT"
THEIRS = OrderUpdate(client_order_id="web_1", trading_pair=PAIR, side=Side.SELL, amount=D("0.25"))
SIGNED = frozenset({"timestamp", "signature"})

MARKET = {
    "symbol": "BTCUSDT", "status": "TRADING", "contractType": "PERPETUAL", "baseAsset": "BTC", "quoteAsset": "USDT",
    "marginAsset": "USDT",
    "filters": [
        {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "100", "stepSize": "0.001"},
        {"filterType": "PRICE_FILTER", "tickSize": "0.1"},
        {"filterType": "MIN_NOTIONAL", "notional": "5"},
    ],
}  # fmt: skip


class Line:
    """The user stream, of which the test says what is told."""

    def __init__(self) -> None:
        self._frames: asyncio.Queue[str | None] = asyncio.Queue()

    def say(self, frame: Mapping[str, Any]) -> None:
        self._frames.put_nowait(json.dumps(frame))

    async def send(self, message: str | bytes) -> None:
        pass

    async def receive(self) -> str:
        frame = await self._frames.get()
        if frame is None:
            raise SocketClosed(1000)
        return frame

    async def close(self) -> None:
        self._frames.put_nowait(None)


class Venue:
    """Answers as it is told, and remembers what it was asked about orders."""

    def __init__(self) -> None:
        self.line = Line()
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.asks: Callable[[str], None] = lambda what: None
        self.answers: dict[str, Any] = {
            "GET /fapi/v1/exchangeInfo": {"symbols": [MARKET]},
            "GET /fapi/v1/time": {"serverTime": 1_700_000_000_000},
            "POST /fapi/v1/listenKey": {"listenKey": "k"},
            "GET /fapi/v2/account": {"assets": []},
            "GET /fapi/v2/positionRisk": [],
            "GET /fapi/v1/income": [],
            "GET /fapi/v1/userTrades": [],
            "GET /fapi/v1/openOrders": [],
            "GET /fapi/v1/openAlgoOrders": [],
            "GET /fapi/v1/positionSide/dual": {"dualSidePosition": False},
            "POST /fapi/v1/algoOrder": {"algoId": 3358, "algoStatus": "NEW", "actualOrderId": ""},
        }

    async def send(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        what = f"{request.method} {parts.path}"
        fields = dict(parse_qsl(parts.query) + parse_qsl(request.body.decode()))
        if parts.path.endswith("rder"):
            self.asks(what)
            self.asked.append((what, {name: text for name, text in fields.items() if name not in SIGNED}))
        if what == "POST /fapi/v1/algoOrder":
            self.now(fields["clientAlgoId"], "NEW")
        answer = self.answers.get(what, {"code": -2013, "msg": "Order does not exist."})
        refused = isinstance(answer, dict) and int(answer.get("code", 0)) < 0
        return Response(400 if refused else 200, {}, json.dumps(answer).encode())

    def now(self, client_algo_id: str, status: str, actual: str = "") -> None:
        """What is answered about an order that waits, or did."""
        row = {"clientAlgoId": client_algo_id, "symbol": "BTCUSDT", "algoStatus": status, "actualOrderId": actual}
        self.answers["GET /fapi/v1/algoOrder"] = row
        self.answers["GET /fapi/v1/openAlgoOrders"] = [row] if status == "NEW" else []

    async def connect(self, url: str, headers: Mapping[str, str], *, max_frame: int, ping: float | None) -> Line:
        if "/private/" not in url:
            raise NetworkError("the market is closed")
        return self.line

    async def close(self) -> None:
        pass


@pytest.fixture
def venue() -> Venue:
    return Venue()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_700_000_000)


@pytest.fixture
async def exchange(venue: Venue, clock: ManualClock) -> AsyncIterator[Exchange]:
    keys = {"api_key": "key", "api_secret": "secret"}
    connector = connect("binance_perpetual", [], credentials=keys, transport=venue, clock=clock, random=Random(1))
    async with connector:
        yield connector


async def waiting(exchange: Exchange, order_type: OrderType = OrderType.LIMIT) -> InFlightOrder:
    """An order that sells at 290 once the price has fallen to 291."""
    price = D(290) if order_type is OrderType.LIMIT else None
    return await exchange.place_order(
        PAIR, Side.SELL, D("0.25"), order_type, price, trigger_price=D(291), trigger=Trigger.STOP
    )


async def until(holds: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
    for _ in range(1000):
        if holds():
            return
        meanwhile()
        await asyncio.sleep(0)
    raise AssertionError("it never came to hold")


def algo_update(order: InFlightOrder, status: str, actual: str = "") -> dict[str, Any]:
    details = {"caid": order.client_order_id, "aid": 3358, "s": "BTCUSDT", "S": "SELL", "q": "0.25", "X": status}
    return {"e": "ALGO_UPDATE", "T": 1_700_000_001_000, "E": 1_700_000_001_001, "o": {**details, "ai": actual}}


def order_update(order: InFlightOrder, status: str, filled: str = "0") -> dict[str, Any]:
    details = {
        "s": "BTCUSDT", "c": order.client_order_id, "S": "SELL", "o": "LIMIT", "f": "GTC", "q": "0.25", "p": "290",
        "sp": "0", "x": "NEW" if status == "NEW" else "TRADE", "X": status, "i": 88, "l": filled, "z": filled,
        "L": "290.5", "N": "USDT", "n": "0.01", "T": 1_700_000_002_000, "t": 7 if status == "FILLED" else 0,
        "m": False, "ps": "BOTH", "ot": "STOP",
    }  # fmt: skip
    return {"e": "ORDER_TRADE_UPDATE", "E": 1_700_000_002_001, "T": 1_700_000_002_000, "o": details}


async def test_it_is_placed_where_such_orders_wait_and_is_open_without_an_id_of_the_venue(
    venue: Venue, exchange: Exchange
) -> None:
    order = await waiting(exchange)
    (what, fields) = venue.asked[-1]
    assert (what, fields["type"], fields["triggerPrice"]) == ("POST /fapi/v1/algoOrder", "STOP", "291")
    assert (order.state, order.exchange_order_id) == (OrderState.OPEN, None)


async def test_while_it_waits_it_is_cancelled_and_asked_about_there(venue: Venue, exchange: Exchange) -> None:
    order = await waiting(exchange)
    name = {"symbol": "BTCUSDT", "clientAlgoId": order.client_order_id}
    venue.answers["DELETE /fapi/v1/algoOrder"] = {"algoId": 3358, "code": "200", "msg": "success"}
    await exchange.cancel_order(order.client_order_id)
    assert venue.asked[-1] == ("DELETE /fapi/v1/algoOrder", name)
    assert order.state is OrderState.CANCELED


async def test_once_it_is_triggered_it_is_cancelled_like_others(venue: Venue, exchange: Exchange) -> None:
    order = await waiting(exchange)
    venue.line.say(algo_update(order, "TRIGGERED", "88"))
    await until(lambda: order.exchange_order_id == "88")
    venue.answers["DELETE /fapi/v1/order"] = {"orderId": 88, "status": "CANCELED"}
    await exchange.cancel_order(order.client_order_id)
    name = {"symbol": "BTCUSDT", "orderId": "88", "origClientOrderId": order.client_order_id}
    assert venue.asked[-1] == ("DELETE /fapi/v1/order", name)


@pytest.mark.parametrize("late", ["TRIGGERING", "TRIGGERED", "FINISHED"])
async def test_whatever_comes_late_it_stays_filled(venue: Venue, exchange: Exchange, late: str) -> None:
    order = await waiting(exchange)
    venue.line.say(order_update(order, "NEW"))
    venue.line.say(order_update(order, "FILLED", "0.25"))
    venue.line.say(algo_update(order, late, "88"))
    venue.line.say(algo_update(order, late, "88"))
    await until(lambda: order.is_done)
    for _ in range(50):
        await asyncio.sleep(0)
    assert (order.state, order.executed_amount_base, order.exchange_order_id) == (OrderState.FILLED, D("0.25"), "88")


async def test_a_fill_that_is_told_before_the_trigger_counts_once(venue: Venue, exchange: Exchange) -> None:
    order = await waiting(exchange, OrderType.MARKET)
    venue.line.say(order_update(order, "FILLED", "0.25"))
    venue.line.say(algo_update(order, "TRIGGERED", "88"))
    venue.line.say(order_update(order, "FILLED", "0.25"))
    venue.line.say(algo_update(order, "FINISHED", "88"))
    await until(lambda: order.is_done)
    assert (order.state, order.executed_amount_base) == (OrderState.FILLED, D("0.25"))


@pytest.mark.parametrize("end", ["REJECTED", "EXPIRED", "CANCELED"])
async def test_what_never_came_to_the_engine_is_over_without_a_fill(venue: Venue, exchange: Exchange, end: str) -> None:
    order = await waiting(exchange)
    venue.line.say(algo_update(order, end))
    await until(lambda: order.is_done)
    assert (order.state, order.executed_amount_base) == (OrderState.CANCELED, D(0))


async def test_a_trigger_that_no_stream_told_is_found_by_asking(
    venue: Venue, exchange: Exchange, clock: ManualClock
) -> None:
    """The waiting place tells the triggered order's id, and only that one tells how it ended."""
    order = await waiting(exchange)
    venue.now(order.client_order_id, "FINISHED", "88")
    asked_at: list[float] = []
    venue.asks = lambda what: asked_at.append(clock.monotonic()) if what.startswith("GET") else None
    venue.answers["GET /fapi/v1/order"] = {
        "clientOrderId": order.client_order_id, "orderId": 88, "symbol": "BTCUSDT", "status": "CANCELED",
        "executedQty": "0", "origQty": "0.25", "price": "290", "side": "SELL", "updateTime": 1_700_000_900_000,
    }  # fmt: skip
    await until(lambda: order.is_done, lambda: clock.advance(1))
    questions = [what for what, _fields in venue.asked if what.startswith("GET")]
    assert questions[-2:] == ["GET /fapi/v1/algoOrder", "GET /fapi/v1/order"]
    assert asked_at[-2] == asked_at[-1], "at once"
    assert order.state is OrderState.CANCELED


async def test_what_waits_cannot_be_changed_and_what_was_triggered_can(venue: Venue, exchange: Exchange) -> None:
    order = await waiting(exchange)
    with pytest.raises(NotSupportedError, match="an order that waits for its price cannot be amended here; cancel it"):
        await exchange.amend_order(order.client_order_id, price=D(280))
    venue.line.say(algo_update(order, "TRIGGERED", "88"))
    await until(lambda: order.exchange_order_id == "88")
    venue.answers["PUT /fapi/v1/order"] = {"orderId": 88, "status": "NEW", "updateTime": 1_700_000_003_000}
    await exchange.amend_order(order.client_order_id, price=D(280))
    assert (venue.asked[-1][0], order.price) == ("PUT /fapi/v1/order", D(280))


async def test_one_that_somebody_else_placed_is_known_with_its_terms_and_cancelled_where_it_waits(
    venue: Venue, exchange: Exchange
) -> None:
    details = {"o": "STOP_MARKET", "tp": "291", "p": "0", "ai": ""}
    frame = algo_update(InFlightOrder.external(THEIRS, 0), "NEW")
    venue.line.say({**frame, "o": {**frame["o"], **details}})
    await until(lambda: "web_1" in exchange.in_flight_orders)
    order = exchange.in_flight_orders["web_1"]
    assert (order.is_external, order.exchange_order_id, order.amount) == (True, None, D("0.25"))
    assert (order.order_type, order.trigger, order.trigger_price) == (OrderType.MARKET, Trigger.STOP, D(291))
    venue.answers["DELETE /fapi/v1/algoOrder"] = {"algoId": 3358, "code": "200", "msg": "success"}
    await exchange.cancel_order(order.client_order_id)
    assert venue.asked[-1] == ("DELETE /fapi/v1/algoOrder", {"symbol": "BTCUSDT", "clientAlgoId": "web_1"})
