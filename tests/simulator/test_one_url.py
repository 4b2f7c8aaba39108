"""A venue with one socket for everything, symbols in paths and amounts that have to be computed, played as it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from declconn import MemoryStore, TradingSettings
from declconn.errors import NotSupportedError
from declconn.registry import connect, load_spec
from declconn.simulator import FeeSchedule, FrameFault, InProcessVenue, Market, MatchingEngine, NewOrder, RequestFault
from declconn.testing import ManualClock
from declconn.types import OrderState, OrderType, Side

D = Decimal
PAIR = "COINX-USDT"

SPEC = """
spec: 1
name: one_url
kind: exchange
example_pair: COINX-USDT
credentials: [api_key, api_secret]
options: {account: {}}
environments: {main: {rest: "https://api.x.example/v2", ws: "wss://ws.x.example/v2/"}}
auth:
  clock: local
  recipes:
    signed:
      let:
        mac: {hmac: sha256, key: "{cred.api_secret}", data: "{clock.ms}{req.method}{req.target}{req.body}", out: hex}
      inject: {headers: {KEY: "{cred.api_key}", MAC: "{mac}", AT: "{clock.ms}"}}
    login:
      let: {mac: {hmac: sha256, key: "{cred.api_secret}", data: "{clock.ms}", out: hex}}
      inject: {message: {key: "{cred.api_key}", mac: "{mac}", at: "{clock.ms}"}}
endpoints:
  trading_rules:
    {get: /markets, each: "@", result: {symbol: s, base: b, quote: q, min_price_increment: t, amount_decimals: d}}
  order_book_snapshot: {get: "/{symbol}/book", result: {update_id: n, bids: b, asks: a}}
  place_order:
    post: /{symbol}/orders
    auth: signed
    body: {side: "{side}", size: "{amount}", id: "{client_order_id}"}
    result: &order
      {exchange_order_id: oid, client_order_id: id, symbol: s, state: st, amount: size, filled: "subtract(size, left)"}
  open_orders: {get: "/{symbol}/orders/open", auth: signed, each: "@", result: *order}
  order_status: {get: "/{symbol}/orders/{exchange_order_id??client_order_id}", auth: signed, result: *order}
  order_trades:
    get: /{symbol}/orders/{exchange_order_id??client_order_id}/fills
    auth: signed
    each: "@"
    result: &fill {trade_id: t, exchange_order_id: oid, client_order_id: id, symbol: s, price: p, side: side,
                   amount: q, fee: {amount: "add(fee, rebate || '0')", token: ft}, timestamp: ts, is_taker: taker}
  cancel_order: {delete: "/{symbol}/orders/{client_order_id}", auth: signed, result: {exchange_order_id: oid}}
  balances: {get: /balances, auth: signed, each: "@", result: {asset: a, total: "add(free, held)", available: free}}
orders:
  sides: {BUY: buy, SELL: sell}
  types: {LIMIT: {kind: limit, price: "{price}"}, MARKET: {kind: market}}
  states: {new: OPEN, filled: FILLED, "canceled*": CANCELED}
streams:
  market:
    url: "{env.ws}"
    subscribe: {op: subscribe, channels: ["{channel}"]}
    channels: {book: {name: book, market: "{symbol}"}}
    events: {book: {when: {e: book}, emit: order_book_diff, map: {symbol: s, update_id: n, bids: b, asks: a}}}
  user:
    url: "{env.ws}"
    login: {send: {op: login}, auth: login, accepted: {e: login, ok: true}}
    subscribe: {op: subscribe, channels: ["{channel}"]}
    accepted: {e: subscribed}
    channels: {account: {name: account, markets: "{symbols}"}}
    events:
      order: {when: {e: order}, emit: order_update, map: *order}
      fill: {when: {e: fill}, emit: trade_update, map: *fill}
order_book: {snapshot: rest, rule: step}
errors: {code: error, kinds: {order_not_found: {code: 1}, authentication: {code: 2}}}
"""


def opened(clock: ManualClock) -> MatchingEngine:
    """A market and two accounts."""
    market = Market.of(PAIR, tick=D("0.1"), step=D("0.001"))
    engine = MatchingEngine([market], FeeSchedule(maker=D("0.0010"), taker=D("0.0020")), clock)
    for account in ("ann", "bob"):
        engine.open_account(account, {"USDT": D(10000), "COINX": D(10)})
    return engine


class Played:
    """The venue and a connector, and a clock that runs while somebody waits."""

    def __init__(self, path: Path) -> None:
        self.clock = ManualClock()
        self.engine = opened(self.clock)
        self.bob(Side.SELL, "1", "100")
        self.bob(Side.BUY, "1", "90")
        self.venue = InProcessVenue(load_spec(path), self.engine, clock=self.clock, accounts=["ann"])
        self.exchange: Any = connect(
            path,
            [PAIR],
            transport=self.venue.transport,
            clock=self.clock,
            random=Random(1),
            credentials=self.venue.credentials("ann"),
            trading=TradingSettings(store=MemoryStore()),
        )

    def bob(self, side: Side, amount: str, price: str) -> None:
        self.engine.place("bob", NewOrder(trading_pair=PAIR, side=side, amount=D(amount), price=D(price)))

    async def until(self, is_so: Callable[[], bool], what: Any = None) -> Any:
        """Wait for something, and for its result if it has one."""
        task = asyncio.ensure_future(what if what is not None else asyncio.sleep(0))
        for _ in range(3000):
            if task.done() and is_so():
                break
            await asyncio.sleep(0)
            self.clock.advance(0.05)
        assert is_so()
        return await asyncio.wait_for(task, 1)

    async def done(self, what: Any) -> Any:
        return await self.until(lambda: True, what)

    async def order(self, price: str) -> Any:
        """An order of ann's, as the connector has it."""
        return await self.done(self.exchange.place_order(PAIR, Side.BUY, D("1.5"), OrderType.LIMIT, D(price)))


@pytest.fixture
async def played(tmp_path: Path) -> AsyncIterator[Played]:
    path = tmp_path / "one_url.yaml"
    path.write_text(SPEC)
    played = Played(path)
    await played.done(played.exchange.start())
    await played.done(played.exchange.wait_until_ready(60))
    yield played
    await played.done(played.exchange.stop())


async def test_nothing_is_left_out_and_market_and_user_are_told_on_one_url(played: Played) -> None:
    assert played.venue.unplayed == {}
    played.bob(Side.BUY, "1", "91")
    book = played.exchange.get_order_book(PAIR)
    await played.until(lambda: book.best_bid == 91)
    order = await played.order("95")
    played.bob(Side.SELL, "0.5", "95")
    await played.until(lambda: order.executed_amount_base == D("0.5"))
    assert played.exchange.get_balance("COINX") == D("10.5")
    await played.done(played.exchange.cancel_order(order.client_order_id))
    await played.until(lambda: order.state is OrderState.CANCELED)


async def test_an_order_whose_answer_was_lost_is_found_by_the_id_in_its_path(played: Played) -> None:
    played.venue.faults.plan(RequestFault.ANSWER_LOST, "place_order")
    played.venue.faults.plan_frame(FrameFault.LOST, "order_update")
    order = await played.order("95")
    await played.until(lambda: order.state is OrderState.OPEN)
    assert played.venue.transport.sent.count("order_status") >= 1


async def test_of_two_paths_that_fit_the_one_with_more_text_is_meant(played: Played) -> None:
    order = await played.order("95")
    market = played.exchange.parts.symbols.arguments(PAIR)
    ask = played.exchange.parts.operations.call
    assert [found.client_order_id for found in await played.done(ask("open_orders", market))] == [order.client_order_id]
    named = {**market, "client_order_id": order.client_order_id}
    assert await played.done(ask("order_trades", named)) == []
    played.bob(Side.SELL, "1.5", "95")
    fill = (await played.done(ask("order_trades", named)))[0]
    assert (fill.amount, fill.fee[0].amount) == (D("1.5"), D("0.1425"))


CHANNEL = 'channels: ["{channel}"]'
REFUSED = [
    ("amount: size, ", "amount: length(size), ", "streams.user.events.order.amount: its path cannot be read backwards"),
    ("send: {op: login}", 'send: {op: login, of: ["{opt.account?}", x]}', "streams.user.login: its message cannot be"),
    (
        f"{CHANNEL}}}\n    accepted",
        'name: "{channel.name}"}\n    accepted',
        "streams.user.subscribe: what asks for 'account' cannot be read backwards",
    ),
]


def edited(tmp_path: Path, old: str, new: str) -> InProcessVenue:
    """The venue with something else in its spec."""
    assert SPEC.count(old) == 1
    path = tmp_path / "one_url.yaml"
    path.write_text(SPEC.replace(old, new))
    clock = ManualClock()
    return InProcessVenue(load_spec(path), opened(clock), clock=clock, accounts=["ann"])


@pytest.mark.parametrize(("old", "new", "reason"), REFUSED)
def test_what_could_not_be_said_or_understood_later_is_left_out_with_the_reason(
    old: str, new: str, reason: str, tmp_path: Path
) -> None:
    assert reason in edited(tmp_path, old, new).unplayed["user"]


def test_books_that_nobody_could_subscribe_to_are_refused(tmp_path: Path) -> None:
    reason = "streams.market.subscribe: what asks for 'book' of COINX-USDT cannot be read backwards"
    with pytest.raises(NotSupportedError, match=reason):
        edited(tmp_path, f"{CHANNEL}}}\n    channels: {{book", 'name: "{channel.name}"}\n    channels: {book')
