"""How long an order waits, and for which price: what users say, what the venue is told, what becomes of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from declconn import OrderRequest
from declconn.account.order_store import MemoryStore
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.errors import InvalidOrderError, NotSupportedError, UnknownOrderError, UnknownOutcomeError
from declconn.types import OrderState, OrderType, Side, TimeInForce, Trigger

LIMIT, LIMIT_MAKER, MARKET = OrderType.LIMIT, OrderType.LIMIT_MAKER, OrderType.MARKET
GTC, IOC, FOK = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK
STOP, TAKE_PROFIT = Trigger.STOP, Trigger.TAKE_PROFIT
PAIR, ONE, HUNDRED = "BTC-USD", Decimal(1), Decimal(100)

TERMS = """\
orders:
  types:
    LIMIT:
      tif: gtc
      IOC: {tif: ioc}
      FOK: {tif: fok, kind: all}
      STOP: {kind: stop-limit, stop: "{trigger_price}", tif: null}
      TAKE_PROFIT: {kind: take-limit, stop: "{trigger_price}"}
    MARKET:
      STOP: {kind: stop, stop: "{trigger_price}", BUY: {worth: "{quote_amount}"}}
"""

ELSEWHERE = """\
endpoints:
  place_order:
    - {post: /order, when: {trigger: {absent: true}}, auth: signed,
       body: {market: "{symbol}", side: "{side}", size: "{amount}", tag: "{client_order_id}"},
       result: {exchange_order_id: id, state: state, filled: done}}
    - {post: /stops, when: {trigger: STOP}, auth: signed,
       body: {market: "{symbol}", side: "{side}", size: "{amount}", tag: "{client_order_id}"},
       result: {exchange_order_id: id, state: state, filled: done}}
  cancel_order:
    - {delete: /order, when: {trigger: {absent: true}}, auth: signed, params: {tag: "{client_order_id}"}}
    - {delete: /stops, when: {trigger: STOP}, auth: signed, params: {id: "{exchange_order_id}"}}
  cancel_all_orders: {delete: /orders, auth: signed}
  order_status:
    - {get: /order, when: {trigger: {absent: true}}, auth: signed, params: {tag: "{client_order_id}"}, result: &order
       {client_order_id: tag, exchange_order_id: id, symbol: market, state: state, filled: done}}
    - {get: /stops, when: {trigger: STOP}, auth: signed, params: {tag: "{client_order_id}"}, result: *order}
orders: {types: {LIMIT: {STOP: {stop: "{trigger_price}"}}}}
"""


def elsewhere(desk: Any) -> None:
    """Orders that wait for a price have requests of their own."""
    for what in ("POST", "DELETE", "GET"):
        desk.answers[f"{what} /stops"] = desk.answers[f"{what} /order"]


def words_of(fields: dict[str, Any]) -> dict[str, Any]:
    """What a request says of its order's terms."""
    return {name: fields[name] for name in ("kind", "tif", "price", "stop", "worth") if name in fields}


async def test_the_venue_is_told_the_terms_of_an_order(player: Any, desk: Any) -> None:
    exchange = await player.start(TERMS)
    asked: list[tuple[OrderType, dict[str, Any]]] = [
        (LIMIT, {}),
        (LIMIT, {"time_in_force": IOC}),
        (LIMIT, {"time_in_force": FOK}),
        (LIMIT, {"trigger_price": Decimal(110)}),
        (LIMIT, {"trigger_price": Decimal(90), "trigger": TAKE_PROFIT, "time_in_force": IOC}),
        (MARKET, {"trigger_price": Decimal(110)}),
    ]
    for order_type, terms in asked:
        await exchange.place_order(PAIR, Side.BUY, ONE, order_type, HUNDRED, **terms)
    assert [words_of(fields) for fields in desk.fields("POST /order")] == [
        {"kind": "limit", "tif": "gtc", "price": "100"},
        {"kind": "limit", "tif": "ioc", "price": "100"},
        {"kind": "all", "tif": "fok", "price": "100"},
        {"kind": "stop-limit", "stop": "110", "price": "100"},
        {"kind": "take-limit", "tif": "ioc", "stop": "90", "price": "100"},
        {"kind": "stop", "stop": "110", "worth": "110"},
    ]


async def test_buy_sell_and_batches_take_the_same_words_also_as_text(player: Any, desk: Any) -> None:
    exchange = await player.start(TERMS)
    exchange.buy(PAIR, ONE, price=HUNDRED, time_in_force="IOC")
    exchange.sell(PAIR, ONE, price=HUNDRED, trigger_price=Decimal(120), trigger="TAKE_PROFIT")
    exchange.batch_order_create([OrderRequest(PAIR, Side.SELL, ONE, MARKET, trigger_price=Decimal(90))])
    await player.settle()
    assert [words_of(fields).get("kind") for fields in desk.fields("POST /order")] == ["limit", "take-limit", "stop"]
    assert desk.fields("POST /order")[0]["tif"] == "ioc"


async def test_an_order_keeps_its_terms(player: Any) -> None:
    exchange = await player.start(TERMS)
    order = await exchange.place_order(PAIR, Side.SELL, ONE, MARKET, trigger_price=Decimal("90.7"))
    assert (order.time_in_force, order.trigger_price, order.trigger) == (GTC, Decimal("90.5"), STOP)
    order = await exchange.place_order(PAIR, Side.SELL, ONE, price=HUNDRED, time_in_force=FOK)
    assert (order.time_in_force, order.trigger_price, order.trigger) == (FOK, None, None)


async def test_what_is_offered_can_be_asked(player: Any) -> None:
    exchange = await player.start(TERMS)
    assert exchange.supported_times_in_force(LIMIT) == {GTC, IOC, FOK}
    assert exchange.supported_triggers(LIMIT) == {STOP, TAKE_PROFIT}
    assert exchange.supported_times_in_force(MARKET) == exchange.supported_times_in_force(LIMIT_MAKER) == {GTC}
    assert exchange.supported_triggers(MARKET) == {STOP}
    assert exchange.supported_triggers(LIMIT_MAKER) == frozenset()
    nothing = await player.start("orders: {types: {MARKET: null}}\n")
    assert nothing.supported_times_in_force(MARKET) == nothing.supported_triggers(MARKET) == frozenset()


@pytest.mark.parametrize(
    ("order_type", "terms", "error", "message"),
    [
        (
            MARKET,
            {"time_in_force": IOC},
            NotSupportedError,
            "MARKET IOC orders are not .* there are MARKET, MARKET STOP",
        ),
        (
            MARKET,
            {"trigger_price": ONE, "trigger": TAKE_PROFIT},
            NotSupportedError,
            "MARKET TAKE_PROFIT orders are not",
        ),
        (LIMIT_MAKER, {"trigger_price": ONE}, NotSupportedError, "LIMIT_MAKER STOP orders are not"),
        (LIMIT, {"trigger_price": ONE, "time_in_force": IOC}, NotSupportedError, "LIMIT IOC STOP orders are not"),
        (LIMIT_MAKER, {"time_in_force": IOC}, InvalidOrderError, "found IOC of a LIMIT_MAKER order, which only waits"),
        (LIMIT, {"trigger": TAKE_PROFIT}, InvalidOrderError, "found TAKE_PROFIT without a price; say trigger_price"),
        (LIMIT, {"trigger_price": Decimal(0)}, InvalidOrderError, "trigger_price: found 0, expected a positive number"),
        (LIMIT, {"trigger_price": 90.5}, InvalidOrderError, "trigger_price: found 90.5, expected a Decimal"),
        (LIMIT, {"trigger_price": Decimal("0.1")}, InvalidOrderError, "the trigger price 0.1 rounds down to 0"),
        (LIMIT, {"time_in_force": "GTD"}, InvalidOrderError, "time_in_force: found 'GTD', expected TimeInForce.GTC or"),
        (LIMIT, {"trigger_price": ONE, "trigger": "LIMIT"}, InvalidOrderError, "trigger: found 'LIMIT', expected"),
    ],
)
async def test_terms_that_the_venue_does_not_take_are_refused_before_anything_is_sent(
    player: Any, desk: Any, order_type: OrderType, terms: Any, error: type[Exception], message: str
) -> None:
    exchange = await player.start(TERMS)
    with pytest.raises(error, match=message):
        await exchange.place_order(PAIR, Side.BUY, ONE, order_type, HUNDRED, **terms)
    assert desk.count("POST /order") == 0


async def test_a_trigger_that_takes_the_time_in_forces_word_away_is_not_offered_with_it(player: Any) -> None:
    exchange = await player.start(TERMS)
    with pytest.raises(NotSupportedError, match="there are LIMIT, LIMIT STOP, LIMIT TAKE_PROFIT, LIMIT IOC"):
        await exchange.place_order(PAIR, Side.BUY, ONE, LIMIT, HUNDRED, time_in_force=IOC, trigger_price=ONE)
    takes = {"trigger_price": Decimal(5), "trigger": TAKE_PROFIT}
    order = await exchange.place_order(PAIR, Side.BUY, ONE, LIMIT, HUNDRED, time_in_force=IOC, **takes)
    assert repr(order).endswith(" IOC TAKE_PROFIT at 5.0, 0 filled>")


@pytest.mark.parametrize(("side", "trigger_price", "worth"), [(Side.BUY, "0.5", "0.5"), (Side.BUY, "3", "3")])
async def test_a_market_order_that_waits_is_worth_what_its_trigger_price_says(
    player: Any, desk: Any, side: Side, trigger_price: str, worth: str
) -> None:
    exchange = await player.start(TERMS)
    placing = exchange.place_order(PAIR, side, ONE, MARKET, trigger_price=Decimal(trigger_price))
    if Decimal(worth) < 1:
        with pytest.raises(InvalidOrderError, match=r"worth 0.5 USD, less than the smallest worth, 1 USD"):
            await placing
    else:
        await placing
        assert desk.fields("POST /order")[0]["worth"] == worth


async def test_a_market_order_that_waits_needs_no_live_book(player: Any, desk: Any) -> None:
    exchange = await player.start(TERMS)
    await exchange.place_order("ETH-USD", Side.BUY, ONE, MARKET, trigger_price=Decimal(7))
    assert desk.fields("POST /order")[0]["worth"] == "7"


async def test_an_order_that_waits_is_not_asked_about_and_one_that_cannot_is(player: Any, desk: Any) -> None:
    exchange = await player.start(TERMS)
    await exchange.place_order(PAIR, Side.BUY, ONE, MARKET, trigger_price=HUNDRED)
    await exchange.place_order(PAIR, Side.BUY, ONE, price=HUNDRED)
    await player.pass_by(3)
    assert desk.count("GET /order") == 0

    order = await exchange.place_order(PAIR, Side.BUY, ONE, price=HUNDRED, time_in_force=IOC)
    desk.tells = False
    desk.end(desk.order(order.client_order_id))
    await player.pass_by(3)
    assert order.state is OrderState.CANCELED


@pytest.mark.parametrize("filled", ["0", "0.4"])
async def test_an_ioc_order_that_ends_in_the_venues_answer_keeps_its_fills(
    player: Any, desk: Any, names_of: Any, filled: str
) -> None:
    exchange = await player.start(TERMS)
    events = player.hear(exchange)

    def killed(handle: Any, fields: dict[str, Any]) -> Any:
        order = handle(fields)
        if filled != "0":
            desk.fill(order, filled, tell="")
        return order | {"state": "gone"}

    desk.tells = False
    desk.script["POST /order"] = [killed]
    order = await exchange.place_order(PAIR, Side.BUY, ONE, price=HUNDRED, time_in_force=IOC)
    desk.order(order.client_order_id)["state"] = "gone"
    await player.pass_by(3)
    assert order.state is OrderState.CANCELED
    assert order.executed_amount_base == Decimal(filled)
    assert names_of(events).count("OrderCancelled") == 1
    assert names_of(events).count("OrderFilled") == (filled != "0")


async def test_a_waiting_order_that_is_taken_up_again_is_still_one(player: Any, desk: Any) -> None:
    elsewhere(desk)
    store = MemoryStore()
    exchange = await player.start(ELSEWHERE, trading=TradingSettings(store=store))
    placed = await exchange.place_order(PAIR, Side.BUY, ONE, price=HUNDRED, trigger_price=Decimal(90))
    await exchange.stop()
    exchange = await player.start(ELSEWHERE, trading=TradingSettings(store=store))
    order = exchange.in_flight_orders[placed.client_order_id]
    assert (order.trigger, order.trigger_price) == (STOP, Decimal(90))
    await exchange.cancel_order(order.client_order_id)
    assert desk.fields("DELETE /stops") == [{"id": order.exchange_order_id}]
    assert desk.count("DELETE /order") == 0


async def test_orders_that_wait_are_asked_about_by_requests_of_their_own(player: Any, desk: Any, faults: Any) -> None:
    elsewhere(desk)
    exchange = await player.start(ELSEWHERE)
    desk.script["POST /stops"] = [faults["lost"]]
    order = await exchange.place_order(PAIR, Side.BUY, ONE, price=HUNDRED, trigger_price=Decimal(90))
    await player.pass_by(2)
    assert order.state is OrderState.OPEN
    assert desk.count("GET /stops") > 0
    assert desk.count("GET /order") == 0


async def test_lists_of_orders_in_doubt_hold_those_of_one_request(player: Any, desk: Any, faults: Any) -> None:
    elsewhere(desk)
    lists = ELSEWHERE.replace(
        'params: {tag: "{client_order_id}"}, result', 'params: {tags: "{client_order_ids|join:,}"}, each: "@", result'
    )

    def status(fields: dict[str, Any]) -> Any:
        return [desk.order(tag) for tag in fields["tags"].split(",")]

    desk.answers["GET /order"] = desk.answers["GET /stops"] = status
    exchange = await player.start(lists)
    desk.tells = False
    desk.script["POST /order"], desk.script["POST /stops"] = [faults["lost"]] * 2, [faults["lost"]]
    usual = [exchange.buy(PAIR, ONE, price=HUNDRED) for _ in range(2)]
    waiting = exchange.buy(PAIR, ONE, price=HUNDRED, trigger_price=Decimal(90))
    await player.pass_by(3)
    assert {order.state for order in exchange.in_flight_orders.values()} == {OrderState.OPEN}
    assert {tag for fields in desk.fields("GET /order") for tag in fields["tags"].split(",")} == {*usual}
    assert {fields["tags"] for fields in desk.fields("GET /stops")} == {waiting}


async def test_orders_that_have_requests_of_their_own_are_not_cancelled_at_a_stroke(player: Any, desk: Any) -> None:
    elsewhere(desk)
    desk.answers["DELETE /orders"] = lambda _fields: [desk.end(one) for one in desk.orders.values()] and {}
    exchange = await player.start(ELSEWHERE)
    waiting = await exchange.place_order(PAIR, Side.BUY, ONE, price=HUNDRED, trigger_price=Decimal(90))
    others = [await exchange.place_order(PAIR, Side.BUY, ONE, price=HUNDRED) for _ in range(2)]
    results = await exchange.cancel_all()
    assert {result.order_id for result in results if result.success} == {
        order.client_order_id for order in (waiting, *others)
    }
    assert desk.fields("DELETE /stops") == [{"id": waiting.exchange_order_id}]


AMENDS = (
    TERMS
    + """\
endpoints:
  amend_order: {put: /order, auth: signed, body: {tag: "{client_order_id}", size: "{amount}", price: "{price?}"}}
"""
)
AMENDS_TRIGGERS = AMENDS.replace('"{price?}"', '"{price?}", stop: "{trigger_price?}"')


async def test_the_trigger_price_is_amended_where_the_venue_can(player: Any, desk: Any) -> None:
    store = MemoryStore()
    exchange = await player.start(AMENDS_TRIGGERS, trading=TradingSettings(store=store))
    order = await exchange.place_order(PAIR, Side.BUY, ONE, MARKET, trigger_price=Decimal(110))
    await exchange.amend_order(order.client_order_id, trigger_price=Decimal("120.3"))
    assert order.trigger_price == Decimal(120)
    assert desk.fields("PUT /order")[0] == {"tag": order.client_order_id, "size": "1", "stop": "120"}
    assert [state["trigger_price"] for state in store.orders()] == ["120.0"]

    await exchange.amend_order(order.client_order_id, amount=Decimal(2))
    assert desk.fields("PUT /order")[1] == {"tag": order.client_order_id, "size": "2"}, "what changes is told"
    assert (order.amount, order.trigger_price) == (Decimal(2), Decimal(120))
    assert [state["amount"] for state in store.orders()] == ["2.000"]
    with pytest.raises(InvalidOrderError, match="it is so already"):
        await exchange.amend_order(order.client_order_id, trigger_price=Decimal(120))
    usual = await exchange.place_order(PAIR, Side.BUY, ONE, price=HUNDRED)
    with pytest.raises(InvalidOrderError, match="it waits for no price, so it has no trigger_price"):
        await exchange.amend_order(usual.client_order_id, trigger_price=Decimal(120))


async def test_a_trigger_price_is_amended_by_what_the_type_says_too(player: Any, desk: Any) -> None:
    exchange = await player.start(AMENDS.replace('"{price?}"', '"{price?}", stop: "{type.stop?}"'))
    order = await exchange.place_order(PAIR, Side.BUY, ONE, price=HUNDRED, trigger_price=Decimal(110))
    await exchange.amend_order(order.client_order_id, trigger_price=Decimal(120))
    assert desk.fields("PUT /order")[0]["stop"] == "120"
    assert order.trigger_price == Decimal(120)


async def test_a_venue_that_is_not_told_the_trigger_price_cannot_amend_it(player: Any, desk: Any) -> None:
    exchange = await player.start(AMENDS)
    order = await exchange.place_order(PAIR, Side.BUY, ONE, price=HUNDRED, trigger_price=Decimal(110))
    with pytest.raises(NotSupportedError, match=r"tells no \{trigger_price\} here"):
        await exchange.amend_order(order.client_order_id, trigger_price=Decimal(120))
    await exchange.amend_order(order.client_order_id, price=Decimal(99))
    assert (order.price, order.trigger_price) == (Decimal(99), Decimal(110))


async def test_an_order_that_only_waits_for_its_fills_is_not_amended(player: Any, desk: Any) -> None:
    exchange = await player.start(AMENDS)
    order = await exchange.place_order(PAIR, Side.BUY, ONE, price=HUNDRED)
    desk.fill(desk.order(order.client_order_id), "1", tell="order")
    await player.settle()
    assert order.awaits_fills
    with pytest.raises(UnknownOrderError, match="the venue has told its end"):
        await exchange.amend_order(order.client_order_id, price=Decimal(99))
    assert not desk.fields("PUT /order")


async def test_an_amendment_whose_answer_is_lost_may_be_taken_back(player: Any, desk: Any, faults: Any) -> None:
    store = MemoryStore()
    exchange = await player.start(AMENDS_TRIGGERS, trading=TradingSettings(store=store))
    order = await exchange.place_order(PAIR, Side.BUY, ONE, price=HUNDRED, trigger_price=Decimal(110))
    desk.script["PUT /order"] = [faults["lost"]]
    with pytest.raises(UnknownOutcomeError):
        await exchange.amend_order(order.client_order_id, trigger_price=Decimal(120))
    assert (order.trigger_price, order.is_amendment_lost) == (Decimal(110), True)
    assert [state["is_amendment_lost"] for state in store.orders()] == [True]
    await exchange.amend_order(order.client_order_id, trigger_price=Decimal(110))
    assert desk.fields("PUT /order")[1]["stop"] == "110"
    with pytest.raises(InvalidOrderError, match="it is so already"):
        await exchange.amend_order(order.client_order_id)


async def test_what_a_request_cannot_do_without_is_told_though_it_stays(player: Any, desk: Any) -> None:
    exchange = await player.start(AMENDS.replace('"{price?}"', '"{price}", stop: "{trigger_price?}"'))
    order = await exchange.place_order(PAIR, Side.BUY, ONE, price=HUNDRED, trigger_price=Decimal(110))
    await exchange.amend_order(order.client_order_id, trigger_price=Decimal(120))
    assert desk.fields("PUT /order")[0] == {"tag": order.client_order_id, "size": "1", "price": "100", "stop": "120"}


@pytest.mark.parametrize("trigger", [STOP, "STOP", TAKE_PROFIT])
async def test_a_trigger_without_a_price_is_refused_in_every_way(player: Any, desk: Any, trigger: Any) -> None:
    exchange = await player.start(TERMS)
    words = {"order_type": MARKET, "trigger": trigger}
    for place in (exchange.buy, exchange.sell):
        with pytest.raises(InvalidOrderError, match="without a price"):
            place(PAIR, ONE, **words)
    with pytest.raises(InvalidOrderError, match="without a price"):
        exchange.batch_order_create([OrderRequest(PAIR, Side.SELL, ONE, **words)])
    with pytest.raises(InvalidOrderError, match="without a price"):
        await exchange.place_order(PAIR, Side.SELL, ONE, trigger_price=None, **words)
    assert desk.count("POST /order") == 0


async def test_a_type_that_there_is_not_is_told_so(player: Any) -> None:
    exchange = await player.start(TERMS)
    assert exchange.supported_triggers("MARKET") == {STOP}
    for ask in (exchange.supported_triggers, exchange.supported_times_in_force):
        assert ask("market") == ask("MARKET")
        with pytest.raises(InvalidOrderError, match=r"order_type: found 'maker', expected OrderType\.LIMIT or"):
            ask("maker")
