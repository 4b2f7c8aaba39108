"""News of orders: an answer with a hundred open orders, followed among ten thousand; beside ccxt's `parse_order`."""

from __future__ import annotations

import importlib.util
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import msgspec

from bench.contender import ratio
from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.in_flight_order import InFlightOrder
from declconn.account.order_store import AccountStore, MemoryStore
from declconn.account.sqlite_store import SqliteStore
from declconn.account.trade_fee import AddedToCostTradeFee
from declconn.clock import SystemClock
from declconn.records import TradingRule
from declconn.testing import OfflineConnector
from declconn.types import OrderType, Side

OPEN_ORDERS = 10_000
TOLD = 100
"""Orders in an answer."""

Reads = Callable[[bytes], object]


def answer(number: int) -> bytes:
    """What the venue says the n-th time: each of its orders is filled a bit more than before."""
    return json.dumps([_order(number, order) for order in range(TOLD)]).encode()


def _order(number: int, order: int) -> dict[str, object]:
    return {
        "symbol": "BTCUSDT",
        "orderId": 10**9 + order,
        "orderListId": -1,
        "clientOrderId": f"dc-{order}",
        "price": "60000.12",
        "origQty": "1000.000",
        "executedQty": f"{number / 1000:.5f}",
        "cummulativeQuoteQty": "30.00006",
        "status": "PARTIALLY_FILLED",
        "timeInForce": "GTC",
        "type": "LIMIT",
        "side": "BUY",
        "stopPrice": "0.0",
        "icebergQty": "0.0",
        "time": 1507725176595,
        "updateTime": 1507725176595 + number,
        "isWorking": True,
        "origQuoteOrderQty": "0.000000",
    }


def declconn(store: AccountStore) -> Reads:
    """Read, mapped, followed and kept."""
    venue = OfflineConnector("binance")
    venue.exchange.parts.symbols.update([TradingRule("BTCUSDT", "BTC", "USDT")])
    tracker = ClientOrderTracker(
        clock=SystemClock(),
        store=store,
        trigger_event=lambda event: None,
        fee_of=lambda order, trade: AddedToCostTradeFee(),
        want_fills=lambda order: None,
    )
    for number in range(OPEN_ORDERS):
        tracker.start_tracking_order(_in_flight(f"dc-{number}"))

    def read(body: bytes) -> None:
        for update in venue.on_response("open_orders", body):
            tracker.process_order_update(update)

    return read


def _in_flight(client_order_id: str) -> InFlightOrder:
    return InFlightOrder(
        client_order_id=client_order_id,
        trading_pair="BTC-USDT",
        order_type=OrderType.LIMIT,
        trade_type=Side.BUY,
        amount=Decimal(1000),
        price=Decimal("60000.12"),
        creation_timestamp=1507725176595 * 10**6,
    )


def ccxt() -> Reads:
    """Read and parsed; ccxt follows nothing."""
    import ccxt as peer

    exchange = peer.binance()
    market = exchange.safe_market_structure(
        {"id": "BTCUSDT", "symbol": "BTC/USDT", "base": "BTC", "quote": "USDT", "spot": True, "type": "spot"}
    )
    exchange.set_markets([market])

    def read(body: bytes) -> None:
        for order in json.loads(body):
            exchange.parse_order(order, market)

    return read


def contenders(stack: ExitStack) -> Iterator[tuple[str, Reads]]:
    """Everyone who takes part, the floor of the ratios first."""
    yield "msgspec, untyped", msgspec.json.decode
    yield "declconn, in memory", declconn(MemoryStore())
    directory = stack.enter_context(tempfile.TemporaryDirectory())
    store = SqliteStore(Path(directory) / "orders.db", "bench")
    stack.callback(store.close)
    yield "declconn, in a file", declconn(store)
    if importlib.util.find_spec("ccxt") is not None:
        yield "ccxt, parse_order only", ccxt()


def report(rounds: int) -> None:
    """Measure and print a table."""
    with ExitStack() as stack:
        taking_part = dict(contenders(stack))
        times: dict[str, list[float]] = {name: [] for name in taking_part}
        for number in range(rounds):
            body = answer(number + 1)
            for name in random.sample(list(taking_part), len(taking_part)):
                start = time.perf_counter_ns()
                taking_part[name](body)
                times[name].append((time.perf_counter_ns() - start) / TOLD / 1_000)
    print(f"\nupdates of orders, {TOLD} in an answer, {OPEN_ORDERS} open\n")
    print(f"| {'contender':32} | us an order, median | x decoding |")
    print(f"|{'-' * 34}|{'-' * 21}|{'-' * 12}|")
    for name, taken in times.items():
        print(f"| {name:32} | {statistics.median(taken):19.2f} | {ratio(taken, times['msgspec, untyped']):10.2f} |")
