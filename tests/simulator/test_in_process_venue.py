"""Whole venues in this process, asked by a connector's own operations; nothing here knows what is on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

import pytest

from declconn.compile.filters import Duration
from declconn.connector.requests.operations import Operations
from declconn.connector.symbols import Symbols
from declconn.errors import ConfigurationError, NetworkError, UnknownOutcomeError, VenueError
from declconn.net.transport import Request
from declconn.records import TradingRule
from declconn.registry import connect, load_spec
from declconn.signing import Signer
from declconn.simulator import FeeSchedule, InProcessVenue, Market, MatchingEngine, NewOrder, RequestFault
from declconn.spec.order_terms import offered
from declconn.testing import ManualClock
from declconn.types import BookState, OrderState, OrderType, PositionMode, Side, Trigger

D = Decimal
PAIR = "BTC-USDT"
NAMES = ["binance", "binance_perpetual", "kraken"]
EVERYWHERE = pytest.mark.parametrize("name", NAMES)
T = TypeVar("T")


class Played:
    """A venue with one connector, and a clock that runs while somebody waits."""

    def __init__(self, name: str, **words: Any) -> None:
        self.spec, self.clock = load_spec(name), ManualClock()
        self.is_derivative = self.spec.kind == "derivative"
        rule = TradingRule(
            "",
            "BTC",
            "USDT",
            min_price_increment=D("0.1"),
            min_base_amount_increment=D("0.001"),
            min_order_size=D("0.001"),
            max_order_size=D(1000),
            min_notional_size=D(1),
            max_leverage=D(50),
            collateral_token="USDT" if self.is_derivative else None,
        )
        market = Market(rule, is_derivative=self.is_derivative)
        self.engine = MatchingEngine([market], FeeSchedule(maker=D("0.001"), taker=D("0.002")), self.clock)
        for account in ("ann", "bob", "cat"):
            self.engine.open_account(account, {"USDT": D(100000), "BTC": D(10)})
        self.bob(Side.SELL, "1", "100")
        self.bob(Side.BUY, "1", "90")
        self.venue = InProcessVenue(self.spec, self.engine, clock=self.clock, accounts=["ann"])
        given = {"credentials": self.venue.credentials("ann"), "trading": False, **words}
        self.connector = connect(
            name, [PAIR], transport=self.venue.transport, clock=self.clock, random=Random(1), **given
        )

    def bob(self, side: Side, amount: str, price: str, account: str = "bob") -> None:
        self.engine.place(account, NewOrder(trading_pair=PAIR, side=side, amount=D(amount), price=D(price)))

    async def until(self, what: Coroutine[Any, Any, T]) -> T:
        """The result of something that may have to wait."""
        task = asyncio.ensure_future(what)
        for _ in range(5000):
            if task.done():
                break
            await asyncio.sleep(0)
            self.clock.advance(0.05)
        return await asyncio.wait_for(task, 1)

    async def ask(self, operation: str, **arguments: Any) -> list[Any]:
        """What an operation answers."""
        operations: Operations = self.connector.parts.operations
        return await self.until(operations.call(operation, arguments))

    async def learn(self) -> dict[str, Any]:
        """The arguments that name the market."""
        symbols: Symbols = self.connector.parts.symbols
        symbols.update(await self.ask("trading_rules"))
        return dict(symbols.arguments(PAIR))

    async def order(self, client_order_id: str = "7", kind: str = "LIMIT", **words: Any) -> dict[str, Any]:
        """Place an order of ann's, and give the arguments that name it, alone or as one of several."""
        market = await self.learn()
        terms = {"type": kind, "side": self.spec.orders.sides[Side.BUY], "amount": D(2), "price": D("95.5"), **words}
        if self.is_derivative:
            terms |= {"position_side": "BOTH", "reduce_only": False}
        placed = await self.ask("place_order", **market, **terms, client_order_id=client_order_id)
        return {**market, **ids(client_order_id, placed[0].exchange_order_id)}

    async def wait(self, seconds: float) -> None:
        await self.until(self.clock.sleep(seconds))


def ids(client_order_id: str, exchange_order_id: str) -> dict[str, Any]:
    """The arguments that name an order, for a request about one and for a request about several."""
    return {
        "client_order_id": client_order_id,
        "exchange_order_id": exchange_order_id,
        "exchange_order_ids": [exchange_order_id],
    }


async def refusal(played: Played, what: Coroutine[Any, Any, Any]) -> str:
    with pytest.raises(VenueError) as caught:
        await what
    return caught.value.kind


# -- operations


@EVERYWHERE
def test_only_what_it_cannot_do_is_left_out(name: str) -> None:
    assert Played(name).venue.unplayed.keys() <= {"klines", "leverage_tiers"}


@EVERYWHERE
async def test_an_order_is_placed_filled_looked_at_and_cancelled(name: str) -> None:
    played = Played(name)
    order = await played.order()
    assert played.engine.open_orders("ann")[0].price == D("95.5")
    assert (await played.ask("order_status", **order))[0].state is OrderState.OPEN
    assert [found.client_order_id for found in await played.ask("open_orders", **order)] == ["7"]
    played.bob(Side.SELL, "0.5", "95", account="cat")
    status = (await played.ask("order_status", **order))[0]
    assert (status.state, status.filled) == (OrderState.PARTIALLY_FILLED, D("0.5"))
    for operation in ("order_trades", "recent_trades"):
        fill = (await played.ask(operation, **order))[0]
        assert (fill.price, fill.amount, fill.is_taker, fill.fee[0].amount) == (
            D("95.5"),
            D("0.5"),
            False,
            D("0.04775"),
        )
    assert (await played.ask("cancel_order", **order))[0].cancelled is True
    assert (await played.ask("order_status", **order))[0].state is OrderState.CANCELED
    assert await played.ask("open_orders", **order) == []


@EVERYWHERE
async def test_every_kind_of_order_that_the_spec_offers_arrives_as_it_is(name: str) -> None:
    played = Played(name)
    for number, terms in enumerate(offered(played.spec.orders)):
        is_market = terms.order_type is OrderType.MARKET
        words = {
            "side": played.spec.orders.sides[terms.side],
            "amount": D("0.1"),
            "price": None if is_market else D(89 if terms.side is Side.BUY else 101),
            "time_in_force": terms.time_in_force,
        }
        if terms.trigger:
            rises = (terms.side is Side.BUY) is (terms.trigger is Trigger.STOP)
            words |= {"trigger": terms.trigger, "trigger_price": D(150 if rises else 50)}
        await played.order(str(number), terms.order_type, **words)
        order = played.engine.account("ann").by_client_id[str(number)]
        asked = order.asked
        assert (asked.order_type, asked.side, asked.time_in_force) == terms[:3]
        assert (asked.price, asked.trigger_price) == (words["price"], words.get("trigger_price"))
        assert terms.trigger in (None, asked.trigger)
        assert order.is_untriggered == (terms.trigger is not None)


async def test_what_waits_at_a_counter_of_its_own_has_no_id_before_it_is_triggered() -> None:
    played = Played("binance_perpetual")
    played.bob(Side.SELL, "0.1", "95")
    played.bob(Side.BUY, "0.1", "95", account="cat")
    await played.order(trigger="STOP", trigger_price=D(96))
    here = {**await played.learn(), "client_order_id": "7", "trigger": "STOP"}
    real = played.engine.account("ann").by_client_id["7"]
    waiting = (await played.ask("order_status", **here))[0]
    assert (waiting.state, waiting.exchange_order_id) == (OrderState.OPEN, None)
    assert [order.client_order_id for order in await played.ask("open_orders")] == ["7"]
    there = {**here, "exchange_order_id": real.exchange_order_id}
    assert await refusal(played, played.ask("order_status", **there)) == "order_not_found"
    await played.ask("cancel_all_orders", **here)
    assert real.is_open, "this is about those in the market"
    played.bob(Side.SELL, "0.1", "96")
    played.bob(Side.BUY, "0.1", "96", account="cat")
    pointer = (await played.ask("order_status", **here))[0]
    assert (pointer.state, pointer.exchange_order_id) == (None, real.exchange_order_id)
    assert await refusal(played, played.ask("cancel_order", **here)) == "order_not_found"
    assert (await played.ask("order_status", **there))[0].state is OrderState.OPEN
    assert (await played.ask("cancel_order", **there))[0].cancelled is True


async def test_an_amendment_may_name_a_trigger_price() -> None:
    played = Played("kraken")
    order = await played.order(trigger="STOP", trigger_price=D(96))
    await played.ask("amend_order", **order, amount=D(3), price=D(94), trigger_price=D(97))
    real = played.engine.account("ann").by_client_id["7"]
    assert (real.amount, real.price, real.trigger_price) == (3, 94, 97)


@EVERYWHERE
async def test_market_orders_and_cancelling_everything(name: str) -> None:
    played = Played(name)
    market = await played.order("8", "MARKET", amount=D("0.4"), price=None)
    await played.order("9")
    await played.ask("cancel_all_orders", **market)
    states = [order.state for order in played.engine.account("ann").orders.values()]
    assert states == [OrderState.FILLED, OrderState.CANCELED]


@EVERYWHERE
async def test_every_refusal_keeps_its_meaning(name: str) -> None:
    played = Played(name)
    order = await played.order()
    assert await refusal(played, played.order()) == ("invalid_order" if name == "kraken" else "duplicate_order")
    assert await refusal(played, played.order("8", "LIMIT_MAKER", price=D(100))) == "post_only_rejected"
    assert await refusal(played, played.order("9", amount=D(900), price=D(1000))) == "insufficient_funds"
    assert await refusal(played, played.order("10", amount=D("0.0001"))) == "invalid_order"
    await played.ask("cancel_order", **order)
    assert await refusal(played, played.ask("cancel_order", **order)) == "order_not_found"
    unknown = {**order, **ids("99", "99")}
    assert await refusal(played, played.ask("order_status", **unknown)) == "order_not_found"


@EVERYWHERE
async def test_balances_and_fees_are_told(name: str) -> None:
    played = Played(name)
    market = await played.order()
    balances = {balance.asset: balance for balance in await played.ask("balances")}
    real = played.engine.account("ann")
    told = balances["USDT"].total or balances["USDT"].available + balances["USDT"].locked
    assert told == real.total("USDT")
    held = balances["USDT"].locked or told - balances["USDT"].available
    assert held == real.total("USDT") - real.available("USDT") > 0
    fee = (await played.ask("trading_fees", **market))[0]
    assert (fee.maker, fee.taker) == (D("0.001"), D("0.002"))


async def test_a_perpetual_has_leverage_modes_positions_and_funding() -> None:
    played = Played("binance_perpetual")
    market = await played.learn()
    assert (await played.ask("set_leverage", **market, leverage=D(5)))[0].leverage == 5
    assert (await played.ask("position_mode"))[0].mode is PositionMode.ONEWAY
    assert await played.ask("set_position_mode", position_mode=False) == []  # already so, which is a success
    order = await played.order()
    amended = await played.ask("amend_order", **order, side="BUY", amount=D(3), price=D("96.5"))
    assert (amended[0].state, played.engine.open_orders("ann")[0].amount) == (OrderState.OPEN, 3)
    played.bob(Side.SELL, "1", "90", account="cat")
    position = (await played.ask("positions"))[0]
    assert (position.amount, position.entry_price, position.leverage) == (1, D("96.5"), 5)
    played.engine.pay_funding(PAIR, D("0.001"), D(100))
    assert (await played.ask("funding_payments", **market))[0].amount == D("-0.1")
    assert (await played.ask("funding_info", **market))[0].mark_price == D("96.5")


async def test_the_dead_mans_switch_cancels_unless_it_is_held() -> None:
    played = Played("kraken")
    await played.order()
    await played.ask("cancel_all_after", timeout=Duration(60 * 10**9))
    await played.ask("cancel_all_after", timeout=Duration(120 * 10**9))
    await played.wait(100)
    assert len(played.engine.open_orders("ann")) == 1
    await played.wait(30)
    assert played.engine.open_orders("ann") == []
    await played.ask("cancel_all_after", timeout=Duration(60 * 10**9))
    await played.venue.close()


# -- who asks


@EVERYWHERE
async def test_a_wrong_secret_is_refused(name: str) -> None:
    keys = Played(name).venue.credentials("ann")
    played = Played(name, credentials={**keys, "api_secret": keys["api_key"]})
    assert await refusal(played, played.ask("balances")) == "authentication"


@EVERYWHERE
async def test_an_unknown_key_is_refused(name: str) -> None:
    keys = Played(name).venue.credentials("ann")
    played = Played(name, credentials={**keys, "api_key": keys["api_secret"]})
    assert await refusal(played, played.ask("balances")) == "authentication"


async def test_a_request_that_was_changed_on_its_way_is_refused() -> None:
    played = Played("binance")
    await played.order()
    request = signed(played, "cancel_order", symbol="BTCUSDT", client_order_id="8")
    changed = replace(request, url=request.url.replace("origClientOrderId=8", "origClientOrderId=7"))
    response = await played.venue.transport.send(changed)
    assert (response.status, b"-1022" in response.body) == (400, True)
    assert len(played.engine.open_orders("ann")) == 1


async def test_a_request_that_comes_late_is_refused() -> None:
    played = Played("binance")
    request = signed(played, "balances")
    assert (await played.venue.transport.send(request)).status == 200
    played.clock.advance(10)
    assert b"-1021" in (await played.venue.transport.send(request)).body


async def test_a_nonce_is_taken_once() -> None:
    played = Played("kraken")
    request = signed(played, "balances")
    assert b"error" not in (await played.venue.transport.send(request)).body
    assert b"Invalid nonce" in (await played.venue.transport.send(request)).body


def test_keys_may_be_given_and_an_environment_must_exist() -> None:
    played = Played("binance")
    keys = {"ann": {"api_key": "k", "api_secret": "s"}}
    venue = InProcessVenue(played.spec, played.engine, clock=played.clock, accounts=["ann"], credentials=keys)
    assert venue.credentials("ann") == keys["ann"]
    with pytest.raises(ConfigurationError, match="no environment 'moon'; it has com, us"):
        InProcessVenue(played.spec, played.engine, clock=played.clock, accounts=[], environment="moon")


async def test_a_request_that_is_nobodys_is_told_so() -> None:
    response = await Played("binance").venue.transport.send(Request("GET", "https://api.binance.com/api/v3/moon"))
    assert (response.status, b"nothing is played at GET" in response.body) == (404, True)


# -- faults


@EVERYWHERE
async def test_a_request_that_never_left_can_be_sent_again(name: str) -> None:
    played = Played(name)
    market = await played.learn()
    played.venue.faults.plan(RequestFault.UNREACHABLE, "cancel_all_orders")
    await played.ask("cancel_all_orders", **market)
    assert played.venue.transport.sent.count("cancel_all_orders") == 1


@EVERYWHERE
@pytest.mark.parametrize(
    ("fault", "orders"),
    [
        (RequestFault.LOST, 0),
        (RequestFault.FAILED, 0),
        (RequestFault.ANSWER_LOST, 1),
        (RequestFault.FAILED_AFTERWARDS, 1),
    ],
)
async def test_nobody_knows_what_became_of_an_order_without_an_answer(
    name: str, fault: RequestFault, orders: int
) -> None:
    played = Played(name)
    played.venue.faults.plan(fault, "place_order")
    with pytest.raises(UnknownOutcomeError):
        await played.order()
    assert len(played.engine.open_orders("ann")) == orders
    assert played.venue.transport.sent.count("place_order") == 1


@EVERYWHERE
async def test_a_question_is_asked_again(name: str) -> None:
    played = Played(name)
    played.venue.faults.plan(RequestFault.ANSWER_LOST, "balances")
    played.venue.faults.plan(RequestFault.RATE_LIMITED, "balances")
    assert {balance.asset for balance in await played.ask("balances")} >= {"USDT"}
    assert played.venue.transport.sent.count("balances") == 3


async def test_an_answer_may_take_its_time_though_the_order_is_there() -> None:
    played = Played("binance")
    await played.learn()
    played.venue.faults.delay(5, "place_order")
    asking = asyncio.ensure_future(played.order())
    await played.wait(2)
    assert (len(played.engine.open_orders("ann")), asking.done()) == (1, False)
    await played.wait(5)
    assert asking.done()


# -- markets


@EVERYWHERE
async def test_books_are_live_and_follow_the_engine(name: str) -> None:
    played = Played(name)
    await played.until(played.connector.start())
    await played.until(played.connector.wait_until_ready(60))
    book = played.connector.get_order_book(PAIR)
    assert (book.state, book.best_bid, book.best_ask) == (BookState.LIVE, 90, 100)
    played.bob(Side.SELL, "0.4", "90", account="cat")
    played.bob(Side.BUY, "1", "91")
    await played.wait(1)
    assert book.best_bid == 91
    played.venue.disconnect()
    await played.wait(1)
    played.bob(Side.BUY, "1", "92")
    await played.wait(60)
    assert (book.state, book.best_bid) == (BookState.LIVE, 92)
    await played.until(played.connector.stop())


@EVERYWHERE
async def test_a_quiet_market_keeps_its_connections(name: str) -> None:
    played = Played(name)
    await played.until(played.connector.start())
    await played.until(played.connector.wait_until_ready(60))
    sockets = list(played.venue.transport.sockets)
    await played.wait(200)
    assert played.venue.transport.sockets == sockets != []
    await played.until(played.connector.stop())


@EVERYWHERE
async def test_a_closed_venue_lets_nobody_in(name: str) -> None:
    played = Played(name)
    played.venue.faults.is_closed = True
    with pytest.raises(NetworkError, match="closed"):
        await played.venue.transport.connect("wss://somewhere", {}, max_frame=1, ping=None)


def signed(played: Played, operation: str, **arguments: str) -> Request:
    """A request as the connector would write it now."""
    at_ms = played.clock.time_ns() // 10**6
    signer = Signer(played.spec.name, at_ms=at_ms, credentials=played.venue.credentials("ann"))
    return signer.operation(operation, arguments).request
