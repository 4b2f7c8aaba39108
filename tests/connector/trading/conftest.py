"""A venue in process that keeps orders like a real one, fails as it is told, and a clock that moves by hand."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from declconn.account.events import AccountEvent, OrderEvent
from declconn.account.order_store import MemoryStore
from declconn.connector.exchange import Exchange
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.errors import LostAnswerError, NetworkError
from declconn.net.transport import Request, Response, SocketClosed
from declconn.registry import connect
from declconn.testing import ManualClock

SPEC = """\
spec: 1
name: desk
kind: exchange
example_pair: BTC-USD
credentials: [api_key, api_secret]
time_unit: ms
environments: {main: {rest: https://desk.example/api, ws: wss://desk.example}}
auth:
  recipes:
    signed:
      let: {sign: {hmac: sha256, key: "{cred.api_secret}", data: "{req.payload}", out: hex}}
      inject: {headers: {KEY: "{cred.api_key}", SIGN: "{sign}"}}
endpoints:
  trading_rules:
    get: /markets
    each: "@"
    result:
      symbol: id
      base: base
      quote: quote
      min_order_size: min
      max_order_size: max
      min_base_amount_increment: step
      min_price_increment: tick
      min_notional_size: worth
  place_order:
    post: /order
    auth: signed
    body: {market: "{symbol}", side: "{side}", size: "{amount}", tag: "{client_order_id}"}
    result: {exchange_order_id: id, state: state, filled: done}
  cancel_order:
    delete: /order
    auth: signed
    params: {market: "{symbol}", tag: "{client_order_id}"}
    result: {cancelled: gone}
  order_status:
    get: /order
    auth: signed
    params: {market: "{symbol}", tag: "{client_order_id}"}
    result: &order
      {client_order_id: tag, exchange_order_id: id, symbol: market, state: state, filled: done,
       amount: size, price: price, side: side}
  open_orders: {get: /orders, auth: signed, each: "@", result: *order}
  order_trades:
    get: /fills
    auth: signed
    params: {id: "{exchange_order_id}"}
    each: "@"
    result: &fill
      {trade_id: n, client_order_id: tag, exchange_order_id: id, symbol: market, price: price, amount: size,
       fee: {amount: fee, token: coin}, timestamp: at}
  balances: {get: /balances, auth: signed, each: "@", result: {asset: coin, total: total, available: free}}
orders:
  client_order_id: {prefix: d-, length: 32}
  sides: {BUY: buy, SELL: sell}
  types: {LIMIT: {kind: limit, price: "{price}"}, LIMIT_MAKER: {kind: maker, price: "{price}"}, MARKET: {kind: market}}
  states: {new: OPEN, part: PARTIALLY_FILLED, done: FILLED, gone: CANCELED, bad: FAILED}
  cancel: sync
streams:
  market:
    url: "{env.ws}/market"
    subscribe: {op: sub, channel: "{channel}", id: "{request_id}"}
    accepted: {ok: "{request_id}"}
    channels: {book: "book.{symbol}"}
    events:
      book: {when: {t: book}, emit: order_book_snapshot, map: {symbol: s, bids: b, asks: a}}
  user:
    url: "{env.ws}/user"
    login: {send: {op: login, key: "{cred.api_key}"}, accepted: {welcome: true}}
    subscribe: {op: sub, channel: "{channel}", id: "{request_id}"}
    unsubscribe: {op: unsub}
    accepted: {ok: "{request_id}"}
    channels: {account: account}
    events:
      order: {when: {t: order}, emit: order_update, map: *order}
      fill: {when: {t: fill}, emit: trade_update, map: *fill}
      balance: {when: {t: balance}, emit: balance_update, map: {asset: coin, total: total, available: free}}
order_book: {snapshot: every, rule: none}
fees: {maker_percent_fee_decimal: 0.001, taker_percent_fee_decimal: 0.002}
errors:
  ok: "!error"
  code: error.code
  message: error.text
  kinds:
    insufficient_funds: {code: POOR}
    post_only_rejected: {code: TAKES}
    duplicate_order: {code: TWICE}
    order_not_found: {code: NONE}
    order_done: {code: LATE}
    authentication: {code: WHO}
"""

CREDENTIALS = {"api_key": "key", "api_secret": "secret"}


class DeskSocket:
    """One socket, as the connector sees it, and from the venue's side `say` and `drop`."""

    def __init__(self, desk: Desk, url: str) -> None:
        self.path = urlsplit(url).path
        self.heard: list[Any] = []
        self.channels: list[str] = []
        self.is_open = True
        self._desk = desk
        self._frames: asyncio.Queue[str | None] = asyncio.Queue()

    async def send(self, message: str | bytes) -> None:
        said = json.loads(message)
        self.heard.append(said)
        if said["op"] == "login":
            self.say({"welcome": True})
        elif said["op"] == "sub":
            self.channels.append(said["channel"])
            self.say({"ok": said["id"]})
            if said["channel"].startswith("book."):
                self.say({"t": "book", "s": said["channel"][5:], "b": [["99", "5"]], "a": [["101", "5"]]})
        elif said["op"] == "unsub":
            self.channels.remove(said["channel"])

    async def receive(self) -> str:
        frame = await self._frames.get()
        if frame is None:
            raise SocketClosed(1006)
        return frame

    async def close(self) -> None:
        self.is_open = False

    def say(self, message: Any) -> None:
        """Say something to the connector."""
        self._frames.put_nowait(json.dumps(message))

    def drop(self) -> None:
        """The connection is lost."""
        self._frames.put_nowait(None)


Handler = Callable[[dict[str, Any]], Any]


def lost(handle: Handler, fields: dict[str, Any]) -> Any:
    """The request is carried out, and the answer is lost."""
    handle(fields)
    raise LostAnswerError("the connection was lost")


def vanished(handle: Handler, fields: dict[str, Any]) -> Any:
    """The request never arrives, and nobody can tell."""
    raise LostAnswerError("the connection was lost")


def unreachable(handle: Handler, fields: dict[str, Any]) -> Any:
    """The request surely does not leave."""
    raise NetworkError("refused")


class Desk:
    """A venue: a transport whose answers follow from the orders that it has.

    Attributes:
        orders: by the venue's id.
        fills: of all orders.
        balances: rows by coin.
        asked: requests that need a signature, as ``POST /order`` with their fields, in order.
        arrived: how often each order reached the venue, by its tag.
        script: what the next requests of a kind are answered: an error code, or a function such as `lost`.
        gates: requests of a kind wait for this before they are looked at.
        tells: the user stream says what happens.
        sockets: every one that was opened.
    """

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.orders: dict[str, dict[str, Any]] = {}
        self.fills: list[dict[str, Any]] = []
        self.balances = {
            "USD": {"coin": "USD", "total": "1000", "free": "1000"},
            "BTC": {"coin": "BTC", "total": "10", "free": "10"},
        }
        self.markets = [
            {"id": f"{coin}usd", "base": coin.upper(), "quote": "USD", "min": "0.01", "max": "100", "step": "0.001"}
            | {"tick": "0.5", "worth": "1"}
            for coin in ("btc", "eth", "ltc")
        ]
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.arrived: Counter[str] = Counter()
        self.script: dict[str, list[Any]] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.answers: dict[str, Handler] = {
            "GET /markets": lambda _fields: self.markets,
            "POST /order": self._place,
            "PUT /order": self._amend,
            "DELETE /order": self._cancel,
            "GET /order": self._status,
            "GET /orders": self._open,
            "GET /fills": lambda fields: [fill for fill in self.fills if fields.get("id") in (None, fill["id"])],
            "GET /balances": lambda _fields: list(self.balances.values()),
        }
        self.tells = True
        self.sockets: list[DeskSocket] = []
        self.closings = 0
        self._ids, self._trades = count(1), count(1)

    # The connector's side.

    async def send(self, request: Request) -> Response:
        await asyncio.sleep(0)
        parts = urlsplit(request.url)
        what = f"{request.method} {parts.path.removeprefix('/api')}"
        fields = dict(parse_qsl(parts.query)) | (json.loads(request.body) if request.body else {})
        if "KEY" in request.headers:
            self.asked.append((what, fields))
        if what in self.gates:
            await self.gates[what].wait()
        answer: Any = self.answers[what]
        planned = self.script[what].pop(0) if self.script.get(what) else None
        if isinstance(planned, str):
            answer = {"error": {"code": planned, "text": "no"}}
        else:
            answer = answer(fields) if planned is None else planned(answer, fields)
        return Response(200, {}, json.dumps(answer).encode())

    async def connect(self, url: str, headers: Mapping[str, str], *, max_frame: int, ping: float | None) -> DeskSocket:
        await asyncio.sleep(0)
        self.sockets.append(DeskSocket(self, url))
        return self.sockets[-1]

    async def close(self) -> None:
        self.closings += 1

    # The test's side.

    @property
    def user(self) -> DeskSocket:
        """The last private socket; nobody hears what is said on it before there is one."""
        return next((socket for socket in reversed(self.sockets) if socket.path == "/user"), DeskSocket(self, "/user"))

    def count(self, what: str) -> int:
        """How often something was asked."""
        return Counter(asked for asked, _ in self.asked)[what]

    def fields(self, what: str) -> list[dict[str, Any]]:
        """What it was asked with."""
        return [fields for asked, fields in self.asked if asked == what]

    def order(self, tag: str) -> dict[str, Any]:
        """The order with that client id."""
        return next(order for order in self.orders.values() if order["tag"] == tag)

    def put(self, **fields: Any) -> dict[str, Any]:
        """An order is placed, by us or by others."""
        number = str(next(self._ids))
        order = {"market": "btcusd", "side": "buy", "size": "1", "price": "100", "tag": None, **fields}
        order |= {"id": number, "state": "new", "done": "0"}
        self.orders[number] = order
        self.tell_order(order)
        return order

    def tell_order(self, order: dict[str, Any]) -> None:
        """Say on the user stream how an order stands, if that speaks at all."""
        if self.tells:
            self.user.say({"t": "order", **order})

    def fill(
        self, order: dict[str, Any], size: str, price: str | None = None, *, tell: str = "order fill"
    ) -> dict[str, Any]:
        """Execute a part of an order.

        Args:
            tell: what the user stream tells, in that order.
        """
        fill = {"n": f"t{next(self._trades)}", "tag": order["tag"], "id": order["id"], "market": order["market"]}
        fill |= {"price": price or order["price"] or "100", "size": size, "fee": "0.1", "coin": "USD"}
        fill["at"] = self.clock.time_ns() // 10**6
        self.fills.append(fill)
        order["done"] = str(Decimal(order["done"]) + Decimal(size))
        order["state"] = "done" if Decimal(order["done"]) >= Decimal(order["size"]) else "part"
        for what in tell.split():
            if what == "order":
                self.tell_order(order)
            elif self.tells:
                self.user.say({"t": "fill", **fill})
        return fill

    def end(self, order: dict[str, Any], state: str = "gone") -> None:
        """Let an order end without being filled."""
        order["state"] = state
        self.tell_order(order)

    def _place(self, fields: dict[str, Any]) -> Any:
        self.arrived[fields["tag"]] += 1
        if any(order["tag"] == fields["tag"] for order in self.orders.values()):
            return {"error": {"code": "TWICE", "text": "that tag was used"}}
        return self.put(**{"price": None, **fields})

    def _find(self, fields: dict[str, Any]) -> dict[str, Any] | None:
        wanted = {name: fields[name] for name in ("tag", "id") if name in fields}
        found = (order for order in self.orders.values() if all(order[name] == wanted[name] for name in wanted))
        return next(found, None)

    def _status(self, fields: dict[str, Any]) -> Any:
        return self._find(fields) or {"error": {"code": "NONE", "text": "no such order"}}

    def _open(self, fields: dict[str, Any]) -> Any:
        return [
            order
            for order in self.orders.values()
            if is_open(order) and fields.get("market", order["market"]) == order["market"]
        ]

    def _cancel(self, fields: dict[str, Any]) -> Any:
        order = self._find(fields)
        if order is None:
            return {"error": {"code": "NONE", "text": "no such order"}}
        if not is_open(order):
            return {"error": {"code": "LATE", "text": f"it is {order['state']}"}}
        self.end(order)
        return {"gone": True}

    def _amend(self, fields: dict[str, Any]) -> Any:
        order = self._status(fields)
        order |= {name: fields[name] for name in ("size", "price") if name in fields}
        return order


def is_open(order: dict[str, Any]) -> bool:
    """Whether the venue still works it."""
    return order["state"] in ("new", "part")


class Player:
    """What a test has: the venue, the clock, connectors, and what they tell."""

    def __init__(self, folder: Path, running: AsyncExitStack) -> None:
        self.clock = ManualClock()
        self.desk = Desk(self.clock)
        self._folder, self._running = folder, running
        self._files, self._seeds = count(), count()

    def spec(self, variant: str = "", *, name: str = "desk") -> Path:
        """The toy spec, or one that differs from it in some words."""
        base = self._folder / "desk.yaml"
        base.write_text(SPEC)
        if not variant:
            return base
        path = self._folder / f"{name}{next(self._files)}.yaml"
        path.write_text(f"spec: 1\nextends: desk\nname: {path.stem}\n{variant}")
        return path

    def connector(self, variant: str | Path = "", *pairs: str, **more: Any) -> Exchange:
        """A connector that is not started."""
        spec = variant if isinstance(variant, Path) else self.spec(variant)
        arguments = {
            "credentials": CREDENTIALS,
            "trading": TradingSettings(store=MemoryStore()),
            "transport": self.desk,
            "clock": self.clock,
            "random": Random(next(self._seeds)),
            **more,
        }
        return connect(spec, pairs or ("BTC-USD",), **arguments)

    async def start(self, variant: str | Path = "", *pairs: str, **more: Any) -> Exchange:
        """A connector that runs and is ready."""
        exchange = self.connector(variant, *pairs, **more)
        self._running.push_async_callback(exchange.stop)
        await exchange.start()
        await self.settle()
        assert exchange.ready, exchange.status_dict
        return exchange

    def hear(self, exchange: Exchange, *kinds: type) -> list[Any]:
        """Keep the events of some classes (by default: of orders)."""
        events: list[Any] = []
        exchange.add_listener(events.append, *(kinds or (OrderEvent,)))
        return events

    async def settle(self) -> None:
        """Let everything happen that happens without time."""
        for _ in range(60):
            await asyncio.sleep(0)

    async def pass_by(self, seconds: float, step: float = 0.5) -> None:
        """Let time pass."""
        await self.settle()
        for _ in range(round(seconds / step)):
            self.clock.advance(step)
            await self.settle()


def names_of(events: list[AccountEvent]) -> list[str]:
    """The classes of events, without the word that all have."""
    return [type(event).__name__.removesuffix("Event") for event in events]


@pytest.fixture
async def player(tmp_path: Path) -> AsyncIterator[Player]:
    async with AsyncExitStack() as running:
        yield Player(tmp_path, running)


@pytest.fixture
def desk(player: Player) -> Desk:
    return player.desk


@pytest.fixture
def faults() -> dict[str, Any]:
    """What a request may be answered besides an error code."""
    return {"lost": lost, "vanished": vanished, "unreachable": unreachable}


@pytest.fixture(name="names_of")
def names_of_events() -> Callable[[list[Any]], list[str]]:
    return names_of


@pytest.fixture
def new_player() -> type[Player]:
    """Makes players, for tests that need many."""
    return Player
