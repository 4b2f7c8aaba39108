"""A REST call from arguments to a record: declconn beside ccxt's async client, and a bare request as the floor.

The venue is another process on this machine that reads a request and answers from a table, so the CPU time of this
process is the client's alone. Calls are interleaved, one after another: what is measured is work, not waiting.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import multiprocessing
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

import declconn
from bench.contender import ratio
from bench.signing import ORDER, by_hand
from declconn.net import AiohttpTransport, Network
from declconn.net.transport import Transport
from declconn.types import OrderType

CREDENTIALS = {"api_key": "k" * 64, "api_secret": "s" * 64}
CALLS = 60
CLIENT_ID, ORDER_ID = "dc-1234567890", "28"

SPEC = """\
spec: 1
extends: binance
name: binance_bench
rate_limits:
  {request_weight: 1000000000/1m, raw_requests: 1000000000/5m, orders: 1000000000/10s, orders_daily: 1000000000/1d}
"""

_ORDER = {
    "symbol": "BTCUSDT",
    "orderId": 28,
    "orderListId": -1,
    "clientOrderId": CLIENT_ID,
    "origClientOrderId": CLIENT_ID,
    "transactTime": 1507725176595,
    "time": 1507725176595,
    "updateTime": 1507725176595,
    "price": "60000.12",
    "origQty": "0.001",
    "executedQty": "0.0005",
    "cummulativeQuoteQty": "30.00006",
    "status": "CANCELED",
    "timeInForce": "GTC",
    "type": "LIMIT",
    "side": "BUY",
    "fills": [],
}
ANSWERS = {b"/api/v3/time": {"serverTime": 1700000000000}, b"/api/v3/order": _ORDER}

Call = Callable[[], Awaitable[Any]]


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if (at := head.find(b"content-length: ")) >= 0:
                await reader.readexactly(int(head[at + 16 : head.index(b"\r", at)]))
            path = head.split(b" ", 2)[1].partition(b"?")[0]
            body = json.dumps(ANSWERS[path]).encode()
            kind = b"Content-Type: application/json\r\nContent-Length: "
            writer.write(b"HTTP/1.1 200 OK\r\n" + kind + str(len(body)).encode() + b"\r\n\r\n" + body)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _venue(tell: Connection) -> None:
    """The process of the venue; tells its port."""

    async def run() -> None:
        server = await asyncio.start_server(_serve, "127.0.0.1", 0)
        tell.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@asynccontextmanager
async def bare(base: str) -> AsyncIterator[dict[str, Call]]:
    """A signed request written by hand, and its JSON decoded."""
    sign = by_hand()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def place() -> Any:
            url = URL(f"{base}/api/v3/order?{sign().decode()}", encoded=True)
            async with session.post(url, headers={"X-MBX-APIKEY": "k" * 64}) as answer:
                return json.loads(await answer.read())

        yield dict.fromkeys(("place", "status", "cancel"), place)


@asynccontextmanager
async def ours(base: str, transport: Callable[[], Transport] = Network) -> AsyncIterator[dict[str, Call]]:
    """The shipped spec, with higher limits; allowance, time, signature, policy and records included."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "binance_bench.yaml"
        path.write_text(SPEC)
        exchange = declconn.connect(
            path,
            credentials=CREDENTIALS,
            environment={"rest": f"{base}/api/v3"},
            transport=transport(),
            trading=False,
        )
    call = exchange.parts.operations.call
    market = {"symbol": "BTCUSDT", "base": "BTC", "quote": "USDT"}
    placed = {
        **market,
        "side": "BUY",
        "type": OrderType.LIMIT,
        "amount": Decimal(ORDER["quantity"]),
        "price": Decimal(ORDER["price"]),
        "client_order_id": CLIENT_ID,
    }
    named = {**market, "client_order_id": CLIENT_ID, "exchange_order_id": ORDER_ID}
    yield {
        "place": lambda: call("place_order", placed),
        "status": lambda: call("order_status", named),
        "cancel": lambda: call("cancel_order", named),
    }
    await exchange.stop()


@asynccontextmanager
async def peer(base: str) -> AsyncIterator[dict[str, Call]]:
    """ccxt, its own rate limiter switched off."""
    import ccxt.async_support as ccxt

    exchange = ccxt.binance(
        {
            "apiKey": CREDENTIALS["api_key"],
            "secret": CREDENTIALS["api_secret"],
            "enableRateLimit": False,
            "options": {"warnOnFetchOpenOrdersWithoutSymbol": False},
        }
    )
    exchange.urls["api"] = dict.fromkeys(exchange.urls["api"], f"{base}/api/v3")
    exchange.set_markets(
        [
            exchange.safe_market_structure(
                {
                    "id": "BTCUSDT",
                    "symbol": "BTC/USDT",
                    "base": "BTC",
                    "quote": "USDT",
                    "baseId": "BTC",
                    "quoteId": "USDT",
                    "type": "spot",
                    "spot": True,
                    "active": True,
                    "precision": {"amount": 0.00001, "price": 0.01},
                    "info": {"orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"]},
                }
            )
        ]
    )
    more = {"newClientOrderId": CLIENT_ID}
    yield {
        "place": lambda: exchange.create_order("BTC/USDT", "limit", "buy", 0.001, 60000.12, more),
        "status": lambda: exchange.fetch_order(ORDER_ID, "BTC/USDT"),
        "cancel": lambda: exchange.cancel_order(ORDER_ID, "BTC/USDT"),
    }
    await exchange.close()


CONTENDERS = {
    "aiohttp, by hand": bare,
    "declconn": ours,
    "declconn over aiohttp": partial(ours, transport=AiohttpTransport),
    "ccxt": peer,
}

Times = dict[str, dict[str, list[float]]]
"""Microseconds of CPU a call, by operation and contender."""


async def _measure(base: str, rounds: int) -> Times:
    times: Times = {}
    async with AsyncExitStack() as running:
        taking_part = {
            name: await running.enter_async_context(contender(base))
            for name, contender in CONTENDERS.items()
            if importlib.util.find_spec("ccxt") is not None or name != "ccxt"
        }
        for _ in range(rounds):
            for name in random.sample(list(taking_part), len(taking_part)):
                for operation, call in taking_part[name].items():
                    times.setdefault(operation, {}).setdefault(name, []).append(await _time(call))
    return times


async def _time(call: Call) -> float:
    await call()
    start = time.process_time_ns()
    for _ in range(CALLS):
        await call()
    return (time.process_time_ns() - start) / CALLS / 1_000


def report(rounds: int) -> None:
    """Measure and print a table."""
    ours_end, venues_end = multiprocessing.Pipe()
    venue = multiprocessing.get_context("spawn").Process(target=_venue, args=(venues_end,), daemon=True)
    venue.start()
    try:
        times = asyncio.run(_measure(f"http://127.0.0.1:{ours_end.recv()}", rounds))
    finally:
        venue.terminate()
    print("\na REST call, from arguments to a record\n")
    print(f"| {'operation':9} | {'contender':21} | us of CPU, median | x by hand |")
    print(f"|{'-' * 11}|{'-' * 23}|{'-' * 19}|{'-' * 11}|")
    for operation, taken in times.items():
        floor = taken["aiohttp, by hand"]
        for name, micros in taken.items():
            print(f"| {operation:9} | {name:21} | {statistics.median(micros):17.1f} | {ratio(micros, floor):9.2f} |")
