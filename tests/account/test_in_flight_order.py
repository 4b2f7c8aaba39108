"""One order: amounts are what fills say, and those who wait for something are woken."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal

import pytest

from declconn.account.in_flight_order import InFlightOrder
from declconn.account.order_facts import OrderFacts
from declconn.account.trade_fee import AddedToCostTradeFee, DeductedFromReturnsTradeFee, TokenAmount
from declconn.records import Fee, OrderUpdate, TradeUpdate
from declconn.testing import ManualClock
from declconn.types import OrderState, OrderType, PositionAction, Side, TimeInForce, Trigger

D = Decimal
TERMS = ("time_in_force", "trigger_price", "trigger")


def limit_order(amount: str = "10", price: str | None = "100") -> InFlightOrder:
    return InFlightOrder(
        client_order_id="dc-1",
        trading_pair="BTC-USDT",
        order_type=OrderType.LIMIT if price else OrderType.MARKET,
        trade_type=Side.BUY,
        amount=D(amount),
        price=None if price is None else D(price),
        creation_timestamp=1_000,
    )


def trade(trade_id: str, amount: str, price: str = "99") -> TradeUpdate:
    return TradeUpdate(trade_id, D(price), D(amount), exchange_order_id="77")


def test_the_digits_of_a_number_stay_while_the_venue_says_the_same_number() -> None:
    order = limit_order("10.00", "100")
    order.update_with_order_update(OrderUpdate(amount=D("1E+1"), price=D("1E+2"), state=OrderState.OPEN))
    assert (str(order.amount), str(order.price)) == ("10.00", "100")
    order.update_with_order_update(OrderUpdate(amount=D(11), price=D(99)))
    assert (order.amount, order.price) == (11, 99)


def test_an_amendment_that_fills_the_order_fills_the_new_amount() -> None:
    order = limit_order("10")
    order.update_with_order_update(OrderUpdate(amount=D(4), price=D(101), state=OrderState.FILLED))
    assert (order.amount, order.filled_by_venue) == (4, 4)


def test_a_new_order_waits_to_be_accepted() -> None:
    order = limit_order()
    assert order.is_pending_create
    assert order.is_open
    assert [order.is_done, order.is_filled, order.has_fills, order.is_missing_fills] == [False] * 4
    assert (order.base_asset, order.quote_asset) == ("BTC", "USDT")
    assert order.average_executed_price is None


def test_an_update_changes_what_it_names() -> None:
    order = limit_order()
    assert order.update_with_order_update(OrderUpdate(exchange_order_id="77", state=OrderState.OPEN))
    assert (order.state, order.exchange_order_id) == (OrderState.OPEN, "77")
    assert (order.amount, order.price) == (D(10), D(100))


def test_an_update_that_says_nothing_new_changes_nothing() -> None:
    order = limit_order()
    update = OrderUpdate(exchange_order_id="77", state=OrderState.OPEN, filled=D(0), timestamp=2_000)
    assert order.update_with_order_update(update)
    assert not order.update_with_order_update(update)


def test_executed_amounts_are_the_sums_of_fills() -> None:
    order = limit_order()
    assert order.update_with_trade_update(trade("a", "1", "99"))
    assert order.update_with_trade_update(trade("b", "2", "102"))
    assert order.executed_amount_base == 3
    assert order.executed_amount_quote == 303
    assert order.average_executed_price == 101
    assert list(order.order_fills) == ["a", "b"]


def test_the_venue_counts_quote_amounts_itself_where_it_tells_them() -> None:
    order = limit_order()
    order.update_with_trade_update(TradeUpdate("a", D(99), D(1), quote_amount=D("98.99")))
    assert order.executed_amount_quote == D("98.99")


def test_a_fill_counts_once_and_the_first_of_two_that_differ(caplog: pytest.LogCaptureFixture) -> None:
    order = limit_order()
    assert order.update_with_trade_update(trade("a", "1"))
    assert not order.update_with_trade_update(trade("a", "1"))
    assert not caplog.records
    assert not order.update_with_trade_update(trade("a", "5"))
    assert "trade a was 1 at 99 and now comes as 5 at 99; the first counts" in caplog.text
    assert order.executed_amount_base == 1


def test_a_fill_says_that_the_order_is_accepted_and_what_the_venue_calls_it() -> None:
    order = limit_order()
    order.fate_unknown = True
    order.update_with_trade_update(trade("a", "1"))
    assert order.state is OrderState.PARTIALLY_FILLED
    assert order.exchange_order_id == "77"
    assert not order.fate_unknown


def test_fills_alone_do_not_end_an_order() -> None:
    order = limit_order()
    order.update_with_trade_update(trade("a", "10"))
    assert order.is_filled
    assert order.is_open  # it may have been enlarged meanwhile; the venue says when it is over


def test_a_filled_order_stays_open_until_its_fills_are_here() -> None:
    order = limit_order()
    order.update_with_trade_update(trade("a", "4"))
    order.update_with_order_update(OrderUpdate(state=OrderState.FILLED))
    assert order.state is OrderState.PARTIALLY_FILLED
    assert (order.told_end, order.awaits_fills) == (OrderState.FILLED, True)
    assert order.is_missing_fills
    assert order.filled_by_venue == 10
    order.update_with_order_update(OrderUpdate(state=OrderState.CANCELED))
    assert order.is_open
    order.update_with_trade_update(trade("b", "6"))
    assert order.state is OrderState.FILLED
    assert not order.awaits_fills


@pytest.mark.parametrize("told", [OrderState.CANCELED, OrderState.FAILED])
def test_an_order_that_is_cut_short_stays_open_until_its_fills_are_here(told: OrderState) -> None:
    order = limit_order()
    order.update_with_order_update(OrderUpdate(state=told, filled=D(4)))
    assert (order.state, order.is_open, order.is_done) == (OrderState.PENDING_CANCEL, True, False)
    assert [order.awaits_fills, order.is_over_by_word, order.is_cut_short] == [True] * 3
    order.update_with_order_update(OrderUpdate(state=OrderState.FILLED))
    order.update_with_order_update(OrderUpdate(state=OrderState.OPEN))
    assert order.told_end is told, "the first end that was told is the end"
    order.update_with_trade_update(trade("a", "10"))
    assert (order.state, order.awaits_fills, order.is_over_by_word) == (OrderState.CANCELED, False, True)


def test_an_order_that_is_cut_short_without_missing_fills_is_over_at_once() -> None:
    order = limit_order()
    order.update_with_trade_update(trade("a", "4"))
    order.update_with_order_update(OrderUpdate(state=OrderState.CANCELED, filled=D(4)))
    assert order.state is OrderState.CANCELED


def test_an_order_that_waits_for_its_fills_survives_json() -> None:
    order = limit_order()
    order.update_with_order_update(OrderUpdate(state=OrderState.FAILED, filled=D(4)))
    again = InFlightOrder.from_json(json.loads(json.dumps(order.to_json())))
    assert again.to_json() == order.to_json()
    assert (again.told_end, again.awaits_fills) == (OrderState.FAILED, True)
    of_before = {name: value for name, value in order.to_json().items() if name != "told_end"}
    assert InFlightOrder.from_json(of_before).told_end is None


def test_what_the_venue_counts_is_kept_beside_the_fills() -> None:
    order = limit_order()
    order.update_with_order_update(OrderUpdate(state=OrderState.OPEN, filled=D(3), filled_quote=D(297)))
    order.update_with_order_update(OrderUpdate(state=OrderState.OPEN, filled=D(2)))
    assert (order.filled_by_venue, order.filled_quote_by_venue) == (3, 297)
    assert order.executed_amount_base == 0
    assert order.state is OrderState.PARTIALLY_FILLED


def test_rounding_of_contracts_leaves_no_fill_missing() -> None:
    order = limit_order("0.3")
    for number in range(3):
        order.update_with_trade_update(trade(str(number), "0.09999999999999999999999999999"))
    order.update_with_order_update(OrderUpdate(state=OrderState.FILLED))
    assert order.state is OrderState.FILLED


def test_an_amendment_is_followed_but_not_by_older_news() -> None:
    order = limit_order()
    order.update_with_order_update(OrderUpdate(state=OrderState.OPEN, amount=D(12), price=D(101), timestamp=5_000))
    assert (order.amount, order.price) == (12, 101)
    order.update_with_order_update(OrderUpdate(amount=D(10), price=D(100), timestamp=4_000))
    assert (order.amount, order.price) == (12, 101)


def test_terms_are_dated_by_the_venue_alone_however_its_clock_goes() -> None:
    order = limit_order()  # created at 1,000 by our clock
    order.update_with_order_update(OrderUpdate(state=OrderState.OPEN, amount=D(12), price=D(101), timestamp=10))
    order.update_with_order_update(OrderUpdate(amount=D(13), price=D(102), timestamp=20))
    assert (order.amount, order.price, order.terms_at) == (13, 102, 20)


def test_news_without_terms_do_not_date_them() -> None:
    order = limit_order()
    order.update_with_order_update(OrderUpdate(state=OrderState.PARTIALLY_FILLED, filled=D(1), timestamp=6_000))
    order.update_with_order_update(OrderUpdate(amount=D(12), price=D(101), timestamp=5_000))
    assert (order.amount, order.price) == (12, 101)


def test_terms_without_a_time_are_those_of_now() -> None:
    order = limit_order()
    order.update_with_order_update(OrderUpdate(amount=D(12), price=D(101), timestamp=5_000))
    order.update_with_order_update(OrderUpdate(amount=D(13), price=D(102)))
    assert (order.amount, order.price, order.terms_at) == (13, 102, 5_000)


@pytest.mark.parametrize("price", ["99", None])
def test_an_amended_trigger_price_is_learnt_from_news_but_not_from_older_ones(price: str | None) -> None:
    order = limit_order(price=price)
    order.trigger, order.trigger_price = Trigger.STOP, D("105.0")
    assert order.update_with_order_update(OrderUpdate(trigger_price=D(107), timestamp=5_000))
    assert order.trigger_price == 107
    order.update_with_order_update(OrderUpdate(trigger_price=D(105), timestamp=4_000))
    assert order.trigger_price == 107
    assert not order.update_with_order_update(OrderUpdate(trigger_price=D("107.0"), timestamp=5_000))


def test_the_price_that_others_wait_for_may_be_told_later() -> None:
    told = OrderUpdate(client_order_id="web", trading_pair="BTC-USDT", side=Side.SELL, amount=D(2), trigger_price=D(9))
    order = InFlightOrder.external(told, 5)
    assert order is not None
    assert (order.exchange_order_id, order.trigger, order.trigger_price) == (None, None, None)
    order.update_with_order_update(OrderUpdate(trigger=Trigger.TAKE_PROFIT, trigger_price=D(9)))
    assert (order.trigger, order.trigger_price, order.waits) == (Trigger.TAKE_PROFIT, 9, True)


def test_the_terms_of_market_orders_are_ours() -> None:
    order = limit_order(price=None)
    order.update_with_order_update(OrderUpdate(state=OrderState.OPEN, amount=D(0), price=D(99)))
    assert (order.amount, order.price) == (10, None)


def test_a_market_order_that_closes_is_as_small_as_the_venue_makes_it() -> None:
    order = limit_order("3", None)
    order.position = PositionAction.CLOSE
    assert order.update_with_order_update(OrderUpdate(amount=D(2), price=D(90), state=OrderState.OPEN))
    assert (order.amount, order.price) == (2, None)


def test_fees_add_up_per_token_and_in_one_token() -> None:
    order = limit_order()
    order.update_with_trade_update(trade("a", "1"), AddedToCostTradeFee(flat_fees=(TokenAmount("USDT", D("0.1")),)))
    order.update_with_trade_update(trade("b", "1"), AddedToCostTradeFee(flat_fees=(TokenAmount("BTC", D("0.001")),)))
    order.update_with_trade_update(trade("c", "1"), DeductedFromReturnsTradeFee(D("0.001")))
    assert order.fees_paid == {"USDT": D("0.1"), "BTC": D("0.001")}
    assert order.cumulative_fee_paid("USDT") == D("0.1") + D("0.099") + D("0.099")


def test_an_order_of_others_needs_no_client_id() -> None:
    told = OrderUpdate(exchange_order_id="77", trading_pair="BTC-USDT", side=Side.SELL, amount=D(2), price=D(90))
    order = InFlightOrder.external(told, 5)
    assert order is not None
    assert (order.client_order_id, order.exchange_order_id) == ("BTC-USDT:77", "77")
    assert order.is_external
    assert not order.has_client_order_id
    assert limit_order().has_client_order_id


async def test_those_who_wait_are_woken_when_it_is_so() -> None:
    order = limit_order()
    named = asyncio.ensure_future(order.get_exchange_order_id())
    done = asyncio.ensure_future(order.wait_until_done())
    whole = asyncio.ensure_future(order.wait_until_completely_filled())
    await asyncio.sleep(0)
    order.update_with_order_update(OrderUpdate(exchange_order_id="77", state=OrderState.OPEN))
    assert await named == "77"
    assert not done.done()
    order.update_with_trade_update(trade("a", "10"))
    await whole
    assert not done.done()
    order.update_with_order_update(OrderUpdate(state=OrderState.FILLED))
    assert await done is order
    assert await order.get_exchange_order_id() == "77"


async def test_who_waits_in_vain_hears_for_what() -> None:
    with pytest.raises(TimeoutError, match=r"order dc-1: the venue's id did not come within 0.001 s; it is PENDING"):
        await limit_order().get_exchange_order_id(timeout=0.001)


async def test_how_long_somebody_waits_is_measured_by_the_clock_that_is_given() -> None:
    order, clock = limit_order(), ManualClock()
    order.wait_by(clock)
    waiting = asyncio.ensure_future(order.wait_until_done(10))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.advance(9)
    await asyncio.sleep(0)
    assert not waiting.done()
    clock.advance(2)
    with pytest.raises(TimeoutError, match=r"its end did not come within 10 s"):
        await waiting


async def test_who_waits_for_an_id_that_will_not_come_hears_so_at_once() -> None:
    order = limit_order()
    order.wait_by(ManualClock())
    waiting = asyncio.ensure_future(order.get_exchange_order_id())
    await asyncio.sleep(0)
    order.finish(OrderState.FAILED)
    with pytest.raises(TimeoutError, match="order dc-1: it is FAILED, and the venue's id did not come"):
        await waiting


def test_an_order_survives_json_whole() -> None:
    order = limit_order()
    order.position, order.leverage = PositionAction.OPEN, D(5)
    order.update_with_order_update(OrderUpdate(exchange_order_id="77", state=OrderState.OPEN, filled=D(4)))
    fill = TradeUpdate("a", D(99), D(3), fee=(Fee(D("0.1"), "BNB"),), is_taker=False, timestamp=9_000)
    order.update_with_trade_update(fill, AddedToCostTradeFee(flat_fees=(TokenAmount("BNB", D("0.1")),)))
    again = InFlightOrder.from_json(json.loads(json.dumps(order.to_json())))
    assert again.to_json() == order.to_json()
    assert again.order_fills == {"a": fill}
    assert again.fees_paid == {"BNB": D("0.1")}
    assert again.executed_amount_base == 3
    assert again.is_missing_fills
    assert not again.fate_unknown


def test_the_terms_of_an_order_survive_json_and_stores_of_before_lack_them() -> None:
    order = limit_order()
    usual = InFlightOrder.from_json({name: value for name, value in order.to_json().items() if name not in TERMS})
    assert (usual.time_in_force, usual.trigger_price, usual.trigger) == (TimeInForce.GTC, None, None)
    order.time_in_force, order.trigger_price, order.trigger = TimeInForce.IOC, D("90.50"), Trigger.TAKE_PROFIT
    again = InFlightOrder.from_json(json.loads(json.dumps(order.to_json())))
    assert again.to_json() == order.to_json()
    assert (again.time_in_force, str(again.trigger_price), again.trigger) == (TimeInForce.IOC, "90.50", "TAKE_PROFIT")
    assert type(again.trigger) is Trigger


def test_terms_are_shown_where_they_are_not_ordinary() -> None:
    order = limit_order()
    assert repr(order) == "<dc-1 PENDING_CREATE: BUY 10 BTC-USDT at 100, 0 filled>"
    order.time_in_force, order.trigger_price, order.trigger = TimeInForce.FOK, D("9E+1"), Trigger.STOP
    assert repr(order) == "<dc-1 PENDING_CREATE: BUY 10 BTC-USDT at 100 FOK STOP at 90, 0 filled>"


@pytest.mark.parametrize(
    ("price", "time_in_force", "trigger", "waits"),
    [
        ("100", TimeInForce.GTC, None, True),
        ("100", TimeInForce.IOC, None, False),
        ("100", TimeInForce.FOK, Trigger.STOP, True),
        (None, TimeInForce.GTC, None, False),
        (None, TimeInForce.GTC, Trigger.STOP, True),
    ],
)
def test_an_order_waits_in_the_book_or_for_a_price(
    price: str | None, time_in_force: TimeInForce, trigger: Trigger | None, waits: bool
) -> None:
    order = limit_order(price=price)
    order.time_in_force, order.trigger = time_in_force, trigger
    assert order.waits is waits


def test_the_amount_of_a_market_order_is_learnt_where_an_amendment_is_in_doubt() -> None:
    order = limit_order(price=None)
    order.trigger, order.trigger_price = Trigger.STOP, D(9)
    news = OrderUpdate(client_order_id="dc-1", state=OrderState.OPEN, amount=D(4), trigger_price=D(8))
    order.update_with_order_update(news)
    assert (order.amount, order.trigger_price) == (10, 8), "it may count in quote"
    order.is_amendment_lost = True
    order.update_with_order_update(news)
    assert order.amount == 4


NOT_KEPT = {"_change", "fate_unknown", "not_found_count"}
"""Who waits for an order in this process; what follows from its state; how often it was not found in a row."""


def test_everything_that_is_known_of_an_order_survives_json_or_need_not() -> None:
    order = limit_order()
    unlike: dict[str, object] = {
        "client_order_id": "dc-2",
        "exchange_order_id": "77",
        "trading_pair": "ETH-USDT",
        "order_type": OrderType.LIMIT_MAKER,
        "trade_type": Side.SELL,
        "amount": D(3),
        "price": D(7),
        "creation_timestamp": 5,
        "last_update_timestamp": 6,
        "terms_at": 7,
        "leverage": D(9),
        "position": PositionAction.CLOSE,
        "state": OrderState.OPEN,
        "is_external": True,
        "time_in_force": TimeInForce.IOC,
        "trigger_price": D(8),
        "trigger": Trigger.STOP,
        "is_lost": True,
        "is_found_again": True,
        "is_cancel_wanted": True,
        "is_amendment_lost": True,
        "is_unconfirmed": True,
        "is_whole_by_word": True,
        "told_end": OrderState.FILLED,
        "told_filled": D(2),
        "filled_quote_by_venue": D(14),
    }
    fresh = limit_order()
    for name, value in unlike.items():
        assert getattr(fresh, name) != value, f"{name} is to be unlike what a new order has"
        setattr(order, name, value)
    order.executions.add("dc-2", trade("a", "1"), None)
    again = InFlightOrder.from_json(json.loads(json.dumps(order.to_json())))
    assert {name: getattr(again, name) for name in unlike} == unlike
    assert again.order_fills == order.order_fills
    assert set(OrderFacts.__slots__) == {*unlike, *NOT_KEPT, "executions"}, "say of every new slot which it is"


def test_nobody_knows_whether_an_order_arrived_that_was_not_accepted_yet() -> None:
    assert InFlightOrder.from_json(limit_order().to_json()).fate_unknown


def test_an_order_reads_as_what_the_venue_says_of_it_without_exponents() -> None:
    order = limit_order("1E+1", "9E+2")
    order.update_with_order_update(OrderUpdate(state=OrderState.PARTIALLY_FILLED, filled=Decimal(4)))
    assert "PARTIALLY_FILLED: BUY 10 " in repr(order)
    assert repr(order).endswith(" at 900, 4 filled>"), "its fills are on their way"
