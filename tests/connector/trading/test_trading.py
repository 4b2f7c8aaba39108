"""Placing, changing and cancelling orders: what is sent, what is told, and in which order."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from declconn.account.events import BuyOrderCompletedEvent, MarketOrderFailureEvent, OrderFilledEvent
from declconn.account.order_store import MemoryStore
from declconn.account.rates import TableRates
from declconn.connector.exchange import OrderRequest
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.errors import (
    ConfigurationError,
    CredentialsError,
    InvalidOrderError,
    NetworkError,
    NotSupportedError,
    UnknownOrderError,
    UnknownPairError,
    VenueError,
)
from declconn.types import OrderState, OrderType, Side

ONE, HUNDRED = Decimal(1), Decimal(100)


async def test_buy_returns_at_once_and_events_tell_the_rest(player: Any, desk: Any, names_of: Any) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    client_order_id = exchange.buy("BTC-USD", ONE, price=HUNDRED)
    assert client_order_id in exchange.in_flight_orders
    assert desk.count("POST /order") == 0
    await player.settle()

    order = desk.order(client_order_id)
    assert (order["side"], order["size"], order["price"], order["kind"]) == ("buy", "1", "100", "limit")
    desk.fill(order, "0.4")
    desk.fill(order, "0.6")
    await player.settle()

    assert names_of(events) == ["BuyOrderCreated", "OrderFilled", "OrderFilled", "BuyOrderCompleted"]
    assert exchange.in_flight_orders == {}
    created, first, _, completed = events
    assert (created.order_id, created.exchange_order_id) == (client_order_id, order["id"])
    assert (first.amount, first.price, first.trade_fee.flat_fees[0].amount) == (Decimal("0.4"), HUNDRED, Decimal("0.1"))
    assert (completed.base_asset_amount, completed.quote_asset_amount) == (ONE, HUNDRED)


async def test_place_order_waits_for_the_venue_and_the_order_can_be_waited_for(player: Any, desk: Any) -> None:
    exchange = await player.start()
    order = await exchange.place_order("BTC-USD", Side.SELL, ONE, price=HUNDRED)
    assert (order.state, order.exchange_order_id, order.fate_unknown) == (OrderState.OPEN, "1", False)

    waiting = asyncio.ensure_future(order.wait_until_done())
    desk.fill(desk.order(order.client_order_id), "1")
    await player.settle()
    assert (await waiting).state is OrderState.FILLED
    assert (order.average_executed_price, order.fees_paid) == (HUNDRED, {"USD": Decimal("0.1")})


async def test_prices_and_amounts_are_rounded_down_to_the_venues_steps(player: Any, desk: Any) -> None:
    exchange = await player.start()
    await exchange.place_order("BTC-USD", Side.BUY, Decimal("1.23456789"), price=Decimal("100.7777"))
    (sent,) = desk.fields("POST /order")
    assert (sent["size"], sent["price"]) == ("1.234", "100.5")


@pytest.mark.parametrize(
    ("pair", "amount", "order_type", "price", "error", "words"),
    [
        ("BTC-EUR", ONE, OrderType.LIMIT, HUNDRED, UnknownPairError, "not listed here"),
        ("BTC-USD", Decimal("0.001"), OrderType.LIMIT, HUNDRED, InvalidOrderError, "less than the smallest order"),
        (
            "BTC-USD",
            Decimal("0.0001"),
            OrderType.LIMIT,
            HUNDRED,
            InvalidOrderError,
            r"0\.0001 BTC is less than the small",
        ),
        ("ETH-USD", Decimal("0.0001"), OrderType.LIMIT, HUNDRED, InvalidOrderError, r"0\.0001 ETH rounds down to 0 at"),
        ("BTC-USD", Decimal(101), OrderType.LIMIT, HUNDRED, InvalidOrderError, "more than the largest order"),
        (
            "BTC-USD",
            Decimal("0.01"),
            OrderType.LIMIT,
            Decimal("0.5"),
            InvalidOrderError,
            "less than the smallest worth",
        ),
        (
            "BTC-USD",
            ONE,
            OrderType.LIMIT,
            Decimal("0.1"),
            InvalidOrderError,
            r"price 0\.1 rounds down to 0 at the step 0\.5",
        ),
        ("BTC-USD", ONE, OrderType.LIMIT, None, InvalidOrderError, "found None, expected a Decimal"),
        ("BTC-USD", 0.5, OrderType.LIMIT, HUNDRED, InvalidOrderError, r"found 0\.5, expected a Decimal"),
        ("BTC-USD", ONE, OrderType.LIMIT, 100.5, InvalidOrderError, r"found 100\.5, expected a Decimal"),
        ("BTC-USD", Decimal("NaN"), OrderType.LIMIT, HUNDRED, InvalidOrderError, "expected a positive number"),
        ("BTC-USD", -ONE, OrderType.LIMIT, HUNDRED, InvalidOrderError, "expected a positive number"),
        ("BTC-USD", ONE, OrderType.LIMIT_MAKER, HUNDRED, NotSupportedError, "LIMIT_MAKER orders are not offered here"),
    ],
)
async def test_an_order_that_breaks_a_rule_is_not_sent(
    player: Any, desk: Any, pair: str, amount: Any, order_type: OrderType, price: Any, error: Any, words: str
) -> None:
    desk.markets[1].update(min=None)
    exchange = await player.start("orders: {types: {LIMIT_MAKER: null}}\n")
    with pytest.raises(error, match=words):
        await exchange.place_order(pair, Side.BUY, amount, order_type, price)
    await player.settle()
    assert desk.count("POST /order") == 0
    assert exchange.in_flight_orders == {}


async def test_what_is_no_number_buy_refuses_and_what_breaks_a_rule_it_tells_as_a_failure(
    player: Any, desk: Any, names_of: Any
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    with pytest.raises(InvalidOrderError):
        exchange.buy("BTC-USD", 0.5, price=HUNDRED)
    with pytest.raises(UnknownPairError):
        exchange.buy("BTC-EUR", ONE, price=HUNDRED)
    assert events == []

    exchange.buy("BTC-USD", Decimal("0.001"), price=HUNDRED)
    await player.settle()
    assert names_of(events) == ["MarketOrderFailure"]
    assert events[0].error_type == "invalid_order"
    assert desk.count("POST /order") == 0


async def test_without_an_account_the_error_says_what_is_missing(player: Any) -> None:
    nobody = player.connector(credentials={}, trading=None)
    with pytest.raises(
        CredentialsError, match=r"desk has no account: give connect\(\) credentials=.*DECLCONN_DESK_API_KEY"
    ):
        nobody.buy("BTC-USD", ONE, price=HUNDRED)
    watcher = player.connector(trading=False)
    with pytest.raises(CredentialsError, match="desk has no account: it was connected with trading=False"):
        await watcher.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    reader = player.connector("endpoints: {place_order: null}\n", trading=None)
    with pytest.raises(CredentialsError, match="its spec is for market data"):
        reader.get_balance("BTC")


async def test_outside_the_connectors_event_loop_nothing_is_kept_or_sent(player: Any, desk: Any) -> None:
    exchange = await player.start()
    theirs = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)

    async def elsewhere() -> None:
        await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)

    for call in (
        lambda: exchange.buy("BTC-USD", ONE, price=HUNDRED),
        lambda: exchange.batch_order_create([OrderRequest("BTC-USD", Side.SELL, ONE, price=HUNDRED)]),
        lambda: exchange.cancel("BTC-USD", theirs.client_order_id),
        lambda: asyncio.run(elsewhere()),
    ):
        with pytest.raises(ConfigurationError, match=r"event loop .* nothing was kept or sent; .*call_soon_threadsafe"):
            await asyncio.to_thread(call)
    await player.settle()
    assert list(exchange.in_flight_orders.values()) == [theirs]
    assert desk.count("POST /order") == 1


async def test_before_start_and_after_stop_nothing_can_be_placed(player: Any, desk: Any) -> None:
    exchange = player.connector()
    with pytest.raises(ConfigurationError, match="not started"):
        exchange.buy("BTC-USD", ONE, price=HUNDRED)
    await exchange.start()
    await exchange.stop()
    with pytest.raises(ConfigurationError, match="not started"):
        await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    assert desk.count("POST /order") == 0


@pytest.mark.parametrize(
    ("code", "kind"),
    [("POOR", "insufficient_funds"), ("TAKES", "post_only_rejected"), ("ODD", "rejected"), ("WHO", "authentication")],
)
async def test_a_refusal_is_raised_and_told_with_its_kind(
    player: Any, desk: Any, names_of: Any, code: str, kind: str
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    desk.script["POST /order"] = [code]
    with pytest.raises(VenueError) as refused:
        await exchange.place_order("BTC-USD", Side.BUY, ONE, OrderType.LIMIT_MAKER, HUNDRED)
    assert refused.value.kind == kind
    assert names_of(events) == ["MarketOrderFailure"]
    assert events[0].error_type == kind
    assert desk.count("POST /order") == 1
    assert exchange.in_flight_orders == {}


async def test_an_order_that_did_not_leave_has_failed(player: Any, desk: Any, faults: Any, names_of: Any) -> None:
    exchange = await player.start()
    events = player.hear(exchange, MarketOrderFailureEvent)
    desk.script["POST /order"] = [faults["unreachable"]] * 3
    placing = asyncio.ensure_future(exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED))
    await player.pass_by(10)
    with pytest.raises(NetworkError):
        await placing
    assert [event.error_type for event in events] == ["NetworkError"]


async def test_a_market_order_is_filled_in_the_venues_answer(player: Any, desk: Any, names_of: Any) -> None:
    exchange = await player.start()
    events = player.hear(exchange)

    def fill_at_once(handle: Any, fields: dict[str, Any]) -> Any:
        order = handle(fields)
        desk.fill(order, "1", "101")
        return order

    desk.script["POST /order"] = [fill_at_once]
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, OrderType.MARKET, price=Decimal(5))
    await player.settle()
    assert "price" not in desk.fields("POST /order")[0]
    assert names_of(events) == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]
    assert order.executed_amount_quote == Decimal(101)


async def test_fees_in_a_third_token_are_worth_what_books_or_the_user_say(player: Any, desk: Any) -> None:
    for rates, worth in ((None, 10), (TableRates({"LTC-USD": Decimal(7)}), Decimal("0.7"))):
        settings = TradingSettings(store=MemoryStore(), rates=rates)
        exchange = await player.start("", "BTC-USD", "LTC-USD", trading=settings)
        order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
        desk.tells = False
        fill = desk.fill(desk.order(order.client_order_id), "1")
        desk.tells = True
        desk.user.say({"t": "fill", **fill, "fee": "0.1", "coin": "LTC"})
        await player.settle()
        assert order.cumulative_fee_paid("USD", exchange.rates) == worth
        await exchange.stop()


async def test_a_market_order_counted_in_quote_is_priced_through_the_book(player: Any, desk: Any) -> None:
    variant = (
        'orders: {types: {MARKET: {kind: null, BUY: {kind: market, worth: "{quote_amount}"}, SELL: {kind: market}}}}\n'
    )
    exchange = await player.start(variant)
    await exchange.place_order("BTC-USD", Side.BUY, ONE, OrderType.MARKET)
    assert desk.fields("POST /order")[0]["worth"] == "101"

    with pytest.raises(InvalidOrderError, match="the order book has none"):
        await exchange.place_order("BTC-USD", Side.BUY, Decimal(6), OrderType.MARKET)
    with pytest.raises(InvalidOrderError, match="the order book has none"):
        await exchange.place_order("ETH-USD", Side.BUY, ONE, OrderType.MARKET)
    assert desk.count("POST /order") == 1


async def test_an_order_that_does_not_come_to_an_end_in_time_is_told_so(player: Any) -> None:
    exchange = await player.start()
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    waiting = asyncio.ensure_future(order.wait_until_done(20))
    await player.pass_by(19)
    assert not waiting.done()
    await player.pass_by(2)
    with pytest.raises(TimeoutError, match=r"its end did not come within 20 s; it is OPEN"):
        await waiting


async def test_whoever_stops_waiting_for_an_order_does_not_stop_the_order(player: Any, desk: Any) -> None:
    exchange = await player.start()
    desk.gates["POST /order"] = asyncio.Event()
    placing = asyncio.ensure_future(exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED))
    await player.settle()
    placing.cancel()
    await player.settle()
    desk.gates["POST /order"].set()
    await player.settle()

    (order,) = exchange.in_flight_orders.values()
    assert (order.state, order.fate_unknown, desk.count("POST /order")) == (OrderState.OPEN, False, 1)


async def test_a_cancelled_order_is_told(player: Any, desk: Any, names_of: Any) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    first = exchange.buy("BTC-USD", ONE, price=HUNDRED)
    await player.settle()
    assert exchange.cancel("BTC-USD", first) == first
    await player.settle()
    second = await exchange.place_order("BTC-USD", Side.SELL, ONE, price=HUNDRED)
    assert (await exchange.cancel_order(second.client_order_id)).is_cancelled

    assert names_of(events) == ["BuyOrderCreated", "OrderCancelled", "SellOrderCreated", "OrderCancelled"]
    assert desk.fields("DELETE /order")[0] == {"market": "btcusd", "tag": first}


async def test_where_the_venue_only_takes_the_wish_news_end_the_order(player: Any, desk: Any, names_of: Any) -> None:
    exchange = await player.start("orders: {cancel: async}\nendpoints: {cancel_order: {result: null}}\n")
    events = player.hear(exchange)
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    desk.answers["DELETE /order"] = lambda _fields: {}
    await exchange.cancel_order(order.client_order_id)
    assert order.is_pending_cancel
    desk.end(desk.order(order.client_order_id))
    await player.settle()
    assert order.is_cancelled
    assert names_of(events) == ["BuyOrderCreated", "OrderCancelled"]


async def test_a_cancel_waits_while_the_order_is_on_its_way(player: Any, desk: Any) -> None:
    exchange = await player.start()
    desk.gates["POST /order"] = asyncio.Event()
    client_order_id = exchange.buy("BTC-USD", ONE, price=HUNDRED)
    cancelling = asyncio.ensure_future(exchange.cancel_order(client_order_id))
    await player.settle()
    assert desk.count("DELETE /order") == 0
    desk.gates["POST /order"].set()
    assert (await cancelling).is_cancelled
    assert [what for what, _ in desk.asked if what.endswith(" /order")] == ["POST /order", "DELETE /order"]


async def test_an_order_that_failed_on_its_way_needs_no_cancel(player: Any, desk: Any) -> None:
    exchange = await player.start()
    desk.script["POST /order"] = ["POOR"]
    client_order_id = exchange.buy("BTC-USD", ONE, price=HUNDRED)
    assert (await exchange.cancel_order(client_order_id)).is_failure
    assert desk.count("DELETE /order") == 0


async def test_only_open_orders_can_be_cancelled(player: Any) -> None:
    exchange = await player.start()
    with pytest.raises(UnknownOrderError, match="'d-none' is no order of desk"):
        exchange.cancel("BTC-USD", "d-none")
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    await exchange.cancel_order(order.client_order_id)
    with pytest.raises(UnknownOrderError, match="is over: CANCELED"):
        await exchange.cancel_order(order.client_order_id)


async def test_a_refused_cancel_leaves_the_order_as_it_was(player: Any, desk: Any) -> None:
    exchange = await player.start()
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    desk.script["DELETE /order"] = ["ODD"]
    with pytest.raises(VenueError, match="ODD"):
        await exchange.cancel_order(order.client_order_id)
    assert order.state is OrderState.OPEN


async def test_an_order_is_amended_where_the_venue_can(player: Any, desk: Any) -> None:
    body = '{market: "{symbol}", tag: "{client_order_id}", size: "{amount}", price: "{price}"}'
    amends = (
        f"endpoints: {{amend_order: {{put: /order, auth: signed, body: {body}, result: {{exchange_order_id: id}}}}}}\n"
    )
    exchange = await player.start(amends)
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    await exchange.amend_order(order.client_order_id, price=Decimal("90.3"))
    await exchange.amend_order(order.client_order_id, amount=Decimal(2))
    assert (order.price, order.amount) == (Decimal(90), Decimal(2))
    assert desk.fields("PUT /order")[1] | {"size": "2", "price": "90"} == desk.fields("PUT /order")[1]

    with pytest.raises(InvalidOrderError, match="more than the largest"):
        await exchange.amend_order(order.client_order_id, amount=Decimal(1000))
    other = await player.start()
    placed = await other.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    with pytest.raises(NotSupportedError, match="cancel the order and place another"):
        await other.amend_order(placed.client_order_id, price=HUNDRED)
    assert desk.count("PUT /order") == 2


async def test_several_orders_are_placed_or_none(player: Any, desk: Any) -> None:
    exchange = await player.start()
    good = OrderRequest("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    with pytest.raises(InvalidOrderError):
        exchange.batch_order_create([good, OrderRequest("BTC-USD", Side.BUY, 1.5, price=HUNDRED)])  # type: ignore[arg-type]
    assert exchange.in_flight_orders == {}
    ids = exchange.batch_order_create([good, OrderRequest("BTC-USD", Side.SELL, ONE, price=HUNDRED)])
    await player.settle()
    assert [desk.order(client_order_id)["side"] for client_order_id in ids] == ["buy", "sell"]


async def test_events_are_iterated_from_the_moment_that_they_are_asked_for(player: Any, desk: Any) -> None:
    exchange = await player.start()
    events = exchange.events(OrderFilledEvent, BuyOrderCompletedEvent)
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    desk.fill(desk.order(order.client_order_id), "1")
    await player.settle()
    heard = []
    async for event in events:
        heard.append(type(event))
        if len(heard) == 2:
            break
    assert heard == [OrderFilledEvent, BuyOrderCompletedEvent]
    await events.aclose()


async def test_a_listener_that_fails_harms_nobody(player: Any, desk: Any) -> None:
    exchange = await player.start()
    exchange.add_listener(lambda _event: 1 / 0)
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    desk.fill(desk.order(order.client_order_id), "1")
    await player.settle()
    assert order.is_filled


async def test_sides_types_and_actions_may_be_text(player: Any, desk: Any) -> None:
    exchange = await player.start()
    order = await exchange.place_order("BTC-USD", "BUY", ONE, "LIMIT", HUNDRED)
    assert (order.trade_type, order.order_type) == (Side.BUY, OrderType.LIMIT)
    with pytest.raises(InvalidOrderError, match=r"order_type: found 'STOP', expected OrderType\.LIMIT or"):
        exchange.sell("BTC-USD", ONE, "STOP", HUNDRED)


async def test_an_order_of_another_market_is_not_cancelled(player: Any, desk: Any) -> None:
    exchange = await player.start("", "BTC-USD", "ETH-USD")
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    with pytest.raises(UnknownOrderError, match="is an order of BTC-USD, not of ETH-USD"):
        exchange.cancel("ETH-USD", order.client_order_id)


async def test_an_amendment_that_changes_nothing_is_not_sent(player: Any, desk: Any) -> None:
    amend = "{put: /order, auth: signed, body: {tag: '{client_order_id}', price: '{price}'}}"
    exchange = await player.start(f"endpoints: {{amend_order: {amend}}}\n")
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    with pytest.raises(InvalidOrderError, match="already"):
        await exchange.amend_order(order.client_order_id, price=HUNDRED + Decimal("0.1"))
    assert desk.count("PUT /order") == 0


async def test_an_order_of_others_is_cancelled_by_the_venues_id_where_it_takes_that(player: Any, desk: Any) -> None:
    either = "{id: '{exchange_order_id?}', tag: '{client_order_id?}'}"
    theirs = desk.put()
    exchange = await player.start(f"endpoints: {{cancel_order: {{params: {either}}}}}\n")
    (order,) = exchange.in_flight_orders.values()
    await exchange.cancel_order(order.client_order_id)
    assert theirs["state"] == "gone"


async def test_a_venue_may_have_a_request_for_each_kind_of_id(player: Any, desk: Any) -> None:
    request = "delete: /order, auth: signed, result: {cancelled: gone}"
    by_tag = f"when: {{client_order_id: '{{client_order_id}}'}}, params: {{tag: '{{client_order_id}}'}}, {request}"
    by_id = f"when: {{client_order_id: {{absent: true}}}}, params: {{id: '{{exchange_order_id}}'}}, {request}"
    theirs = desk.put()
    exchange = await player.start(f"endpoints: {{cancel_order: [{{{by_tag}}}, {{{by_id}}}]}}\n")
    ours = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    for order in list(exchange.in_flight_orders.values()):
        await exchange.cancel_order(order.client_order_id)
    assert (theirs["state"], ours.is_cancelled) == ("gone", True)
    assert desk.fields("DELETE /order") == [{"id": "1"}, {"tag": ours.client_order_id}]


async def test_an_order_that_the_venue_cannot_be_told_is_refused_in_a_traders_words(player: Any, desk: Any) -> None:
    desk.put()
    exchange = await player.start()
    (order,) = exchange.in_flight_orders.values()
    with pytest.raises(NotSupportedError, match="cancel_order of BTC-USD:1: the venue wants to be told a client order"):
        await exchange.cancel_order(order.client_order_id)
    assert order.is_open


async def test_an_order_taken_without_the_id_that_a_cancel_names_is_told_once(
    player: Any, desk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    desk.tells = False
    words = "place_order: {result: {exchange_order_id: misspelt}}, cancel_order: {params: {id: '{exchange_order_id}'}}"
    exchange = await player.start(f"endpoints: {{{words}}}\n")
    first = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    assert first.is_open
    (told,) = [
        line for line in caplog.messages if "without a word of the venue's id, which `cancel_order` names" in line
    ]
    assert first.client_order_id in told
