"""Orders are followed: each event once, each fill once, nothing lost on the way."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest

from declconn.account.order_store import MemoryStore
from declconn.account.tracked_orders import KEPT_ORDERS, MAX_CACHE_SIZE
from declconn.errors import ConfigurationError
from declconn.records import OrderUpdate
from declconn.types import OrderState, Side

D = Decimal


async def settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


def lose(desk: Any, order: str = "dc-1") -> None:
    desk.clock.advance(31)
    for _ in range(4):
        desk.tracker.process_order_not_found(order)


# Life


def test_an_order_is_in_the_store_before_it_can_be_sent(desk: Any) -> None:
    desk.start()
    (state,) = desk.store.orders()
    assert (state["client_order_id"], state["last_state"]) == ("dc-1", "PENDING_CREATE")


def test_a_client_order_id_is_used_once(desk: Any) -> None:
    desk.start()
    desk.says("CANCELED")
    with pytest.raises(ConfigurationError, match="'dc-1' was used before; give every order an id of its own"):
        desk.start()


def test_a_whole_life_in_events(desk: Any) -> None:
    desk.start()
    desk.says("OPEN", exchange_order_id="77")
    desk.fills("4", "a")
    desk.says("PARTIALLY_FILLED", "4")
    desk.fills("6", "b")
    desk.says("FILLED", "10")
    assert desk.events == ["BuyOrderCreated", "OrderFilled", "OrderFilled", "BuyOrderCompleted"]
    created, first, _, completed = desk.heard
    assert created.event_id == "dc-1:created"
    assert (created.exchange_order_id, created.amount, created.price) == ("77", 10, 100)
    assert (first.event_id, first.amount, first.price, first.exchange_trade_id) == ("BTC-USDT:a:dc-1", 4, 99, "a")
    assert first.trade_fee.percent == D("0.001")
    assert (completed.base_asset, completed.base_asset_amount) == ("BTC", 10)
    assert (completed.quote_asset, completed.quote_asset_amount) == ("USDT", 990)


def test_a_sale_has_events_of_its_own(desk: Any) -> None:
    desk.start(side=Side.SELL)
    desk.fills("10")
    desk.says("FILLED")
    assert desk.events == ["SellOrderCreated", "OrderFilled", "SellOrderCompleted"]


def test_an_event_has_the_venues_time_or_else_ours(desk: Any) -> None:
    desk.start()
    desk.says("OPEN", timestamp=123)
    desk.says("CANCELED")
    assert [event.timestamp for event in desk.heard] == [123, desk.clock.time_ns()]


def test_the_last_change_of_an_order_is_dated_like_its_events(desk: Any) -> None:
    order = desk.start()
    desk.clock.advance(1)
    desk.says("OPEN")
    assert order.last_update_timestamp == desk.clock.time_ns()
    desk.fills("1", timestamp=desk.clock.time_ns() + 5)
    assert order.last_update_timestamp == desk.clock.time_ns() + 5


@pytest.mark.parametrize("state", ["OPEN", "PARTIALLY_FILLED", "PENDING_CANCEL", "CANCELED", "FILLED", "FAILED"])
def test_what_is_told_twice_is_news_once(desk: Any, state: str) -> None:
    desk.start()
    desk.fills("10")
    desk.says(state)
    heard = desk.events
    desk.says(state)
    desk.fills("10")
    assert desk.events == heard


def test_news_for_an_order_that_is_known_need_not_name_it(desk: Any) -> None:
    order = desk.start()
    desk.clock.advance(31)
    desk.tracker.process_order_not_found("dc-1")
    desk.tracker.update_order(order, OrderUpdate(exchange_order_id="77", state=OrderState.OPEN))
    assert desk.events == ["BuyOrderCreated"]
    assert (desk.tracker.fetch_order(exchange_order_id="77"), order.not_found_count) == (order, 0)


def test_an_order_that_was_cancelled_before_it_was_accepted_was_never_created(desk: Any) -> None:
    desk.start()
    desk.says("CANCELED")
    desk.says("OPEN")
    assert desk.events == ["OrderCancelled"]


def test_an_order_that_is_cancelled_with_fills_was_created(desk: Any) -> None:
    desk.start()
    desk.fills("3")
    desk.says("CANCELED", "3")
    assert desk.events == ["BuyOrderCreated", "OrderFilled", "OrderCancelled"]


def test_a_fill_may_be_faster_than_the_answer_to_the_order(desk: Any) -> None:
    desk.start()
    desk.fills("4", exchange_order_id="77")
    desk.says("OPEN", exchange_order_id="77")
    assert desk.events == ["BuyOrderCreated", "OrderFilled"]
    assert desk.tracker.fetch_order(exchange_order_id="77").state is OrderState.PARTIALLY_FILLED


def test_an_order_that_the_venue_gives_up_has_expired(desk: Any) -> None:
    desk.start()
    desk.says("OPEN")
    desk.says("FAILED")
    assert desk.events == ["BuyOrderCreated", "OrderExpired"]
    assert desk.tracker.fetch_order("dc-1").is_cancelled


def test_a_refused_order_fails_and_says_why(desk: Any) -> None:
    desk.start()
    desk.tracker.order_failed("dc-1", "not enough USDT", "insufficient_funds")
    (failure,) = desk.heard
    assert (failure.event_id, failure.error_type) == ("dc-1:failed", "insufficient_funds")
    assert failure.error_message == "not enough USDT"
    assert not desk.tracker.active_orders
    assert "dc-1" in desk.tracker.cached_orders


def test_an_order_that_is_refused_by_the_users_stream_fails_too(desk: Any) -> None:
    desk.start()
    desk.says("FAILED")
    assert desk.events == ["MarketOrderFailure"]


def test_an_order_that_lives_cannot_fail(desk: Any, caplog: pytest.LogCaptureFixture) -> None:
    desk.start()
    desk.says("OPEN")
    desk.tracker.order_failed("dc-1", "an answer that was mixed up", "rejected")
    assert desk.events == ["BuyOrderCreated"]
    assert "is said to have failed (rejected: an answer that was mixed up), but it lives" in caplog.text


async def test_who_waits_for_the_end_sees_it_with_all_amounts(desk: Any) -> None:
    order = desk.start()
    waiting = asyncio.ensure_future(order.wait_until_done())
    await settled()
    desk.fills("10")
    desk.says("FILLED")
    assert (await waiting).executed_amount_base == 10


def test_a_listener_may_act_on_what_it_hears(new_desk: Any) -> None:
    desk = new_desk()
    heard = []

    def act(event: Any) -> None:
        heard.append(type(event).__name__)
        if len(heard) == 1:
            desk.says("CANCELED")
            desk.start("dc-2")

    desk.tracker._trigger_event = act
    desk.start()
    desk.says("OPEN")
    assert heard == ["BuyOrderCreatedEvent", "OrderCancelledEvent"]
    assert list(desk.tracker.active_orders) == ["dc-2"]


# Fills that are missing


async def test_a_filled_order_waits_for_its_fills(desk: Any) -> None:
    desk.start()
    desk.says("FILLED", "10")
    assert desk.events == ["BuyOrderCreated"]
    assert desk.wanted == ["dc-1"]
    desk.fills("10")
    assert desk.events == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]
    await settled()
    desk.clock.advance(6)
    await settled()
    assert len(desk.events) == 3


async def test_fills_that_do_not_come_end_the_order_with_the_venues_numbers(
    desk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    order = desk.start()
    desk.fills("4", "a")
    desk.says("FILLED", "10", filled_quote=D(988))
    await settled()
    desk.clock.advance(4.9)
    await settled()
    assert order.is_open
    desk.clock.advance(0.2)
    await settled()
    assert order.is_done
    assert caplog.text.count("not all of its fills arrived on time") == 1
    completed = desk.heard[-1]
    assert (completed.base_asset_amount, completed.quote_asset_amount) == (10, 988)
    assert order.executed_amount_base == 4  # fills are never guessed
    desk.fills("6", "b")
    desk.says("FILLED", "10")
    assert order.executed_amount_base == 10
    assert desk.events == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted", "OrderFilled"]


@pytest.mark.parametrize(("end", "event"), [("CANCELED", "OrderCancelled"), ("FAILED", "OrderExpired")])
async def test_an_order_that_is_cut_short_waits_for_its_fills(desk: Any, end: str, event: str) -> None:
    """Whoever waits for its end knows then what was executed; an IOC order may well end before its fills are told."""
    order = desk.start()
    waiting = asyncio.ensure_future(order.wait_until_done())
    desk.says(end, "3", exchange_order_id="77")
    await settled()
    assert (desk.events, desk.wanted, waiting.done()) == (["BuyOrderCreated"], ["dc-1"], False)
    desk.says(end, "3")
    desk.fills("1", "a")
    assert order.is_open
    desk.fills("2", "b")
    assert desk.events == ["BuyOrderCreated", "OrderFilled", "OrderFilled", event]
    assert (await waiting).executed_amount_base == 3
    assert not desk.heard[-1].is_missing_fills
    desk.clock.advance(6)
    await settled()
    assert len(desk.events) == 4


@pytest.mark.parametrize(("end", "event"), [("CANCELED", "OrderCancelled"), ("FAILED", "OrderExpired")])
async def test_an_order_that_is_cut_short_does_not_wait_for_ever(
    desk: Any, end: str, event: str, caplog: pytest.LogCaptureFixture
) -> None:
    order = desk.start()
    desk.says(end, "3")
    await settled()
    desk.clock.advance(4.9)
    await settled()
    assert order.is_open
    desk.clock.advance(0.2)
    await settled()
    assert order.is_cancelled
    assert "not all of its fills arrived on time; it ends with the venue's 3" in caplog.text
    assert desk.heard[-1].is_missing_fills
    desk.fills("3")
    assert desk.events == ["BuyOrderCreated", event, "OrderFilled"]


async def test_fills_that_were_asked_for_in_vain_are_asked_for_again_at_the_end(desk: Any) -> None:
    desk.start()
    desk.says("OPEN", "3")
    desk.says("CANCELED", "3")
    assert desk.wanted == ["dc-1", "dc-1"]


def test_an_order_that_is_over_and_waits_for_its_fills_is_not_lost(desk: Any) -> None:
    order = desk.start()
    desk.says("CANCELED", "3")
    lose(desk)
    assert order.is_open
    desk.fills("3")
    assert desk.events == ["BuyOrderCreated", "OrderFilled", "OrderCancelled"]


async def test_fills_are_waited_for_while_the_venue_is_being_asked(desk: Any) -> None:
    """The question may be held back by our own rate limit."""
    order = desk.start()
    desk.says("FILLED", "10")
    desk.asked.add("dc-1")
    for _ in range(10):
        await settled()
        desk.clock.advance(5)
    await settled()
    assert order.is_open
    desk.asked.clear()
    desk.clock.advance(5)
    await settled()
    assert order.is_done


async def test_a_question_that_is_never_answered_is_waited_for_two_minutes(desk: Any) -> None:
    order = desk.start()
    desk.says("FILLED", "10")
    desk.asked.add("dc-1")
    for _ in range(23):
        await settled()
        desk.clock.advance(5)
    await settled()
    assert order.is_open
    desk.clock.advance(5)
    await settled()
    assert order.is_done


async def test_one_task_waits_for_the_fills_of_all_orders(desk: Any) -> None:
    others = len(asyncio.all_tasks())
    for number in range(100):
        desk.start(f"dc-{number}")
        desk.says("FILLED", order=f"dc-{number}")
        desk.clock.advance(0.01)
    assert len(asyncio.all_tasks()) == others + 1
    await settled()
    for _ in range(100):
        desk.clock.advance(6)
        await settled()
    assert desk.events.count("BuyOrderCompleted") == 100
    assert len(asyncio.all_tasks()) == others


def test_more_filled_than_the_known_fills_asks_for_them_once_per_number(desk: Any) -> None:
    desk.start()
    desk.says("OPEN", "2")
    desk.says("OPEN", "2")
    desk.says("OPEN", "3")
    desk.fills("3")
    desk.says("OPEN", "3")
    assert desk.wanted == ["dc-1", "dc-1"]


def test_fills_that_were_missing_are_not_counted_twice_when_they_come(desk: Any) -> None:
    """nautilus #3493: fills were made up from the venue's number, and counted again when the real ones came."""
    order = desk.start()
    desk.says("PARTIALLY_FILLED", "7")
    assert order.executed_amount_base == 0
    desk.fills("4", "a")
    desk.fills("3", "b")
    assert order.executed_amount_base == 7
    assert desk.events.count("OrderFilled") == 2


@pytest.mark.parametrize("end", ["CANCELED", "FILLED"])
def test_fills_count_after_the_end(desk: Any, end: str) -> None:
    order = desk.start()
    desk.fills("6", "a")
    desk.says(end, "6")
    desk.fills("1", "late")
    assert order.executed_amount_base == 7
    assert desk.events[-1] == "OrderFilled"


# News by the venue's id


async def test_news_that_names_only_the_venues_id_is_kept_until_the_id_is_known(desk: Any) -> None:
    desk.start()
    desk.fills("4", "a", order=None, exchange_order_id="77", trading_pair="BTC-USDT")
    desk.says("FILLED", "10", order=None, exchange_order_id="77")
    desk.fills("6", "b", order=None, exchange_order_id="77")
    assert desk.events == []
    desk.says("OPEN", exchange_order_id="77")
    assert desk.events == ["BuyOrderCreated", "OrderFilled", "OrderFilled", "BuyOrderCompleted"]
    desk.fills("6", "b", order=None, exchange_order_id="77")
    assert len(desk.events) == 4


def test_venues_number_orders_per_market(desk: Any) -> None:
    desk.start()
    desk.says("OPEN", exchange_order_id="77")
    desk.fills("4", order=None, exchange_order_id="77", trading_pair="ETH-USDT")
    assert desk.events == ["BuyOrderCreated"]
    desk.fills("4", order=None, exchange_order_id="77", trading_pair="BTC-USDT")
    assert desk.events[1:] == ["OrderFilled"]


def test_an_account_that_trades_with_itself_has_one_trade_in_two_orders(desk: Any) -> None:
    desk.start("dc-1")
    desk.start("dc-2", Side.SELL)
    desk.fills("4", "same", "dc-1")
    desk.fills("4", "same", "dc-2")
    fills = [event.event_id for event in desk.heard if type(event).__name__ == "OrderFilledEvent"]
    assert fills == ["BTC-USDT:same:dc-1", "BTC-USDT:same:dc-2"]
    assert [len(desk.store.fills(order)) for order in ("dc-1", "dc-2")] == [1, 1]


# Orders that the venue does not find


def test_an_order_that_is_not_found_too_often_is_lost(desk: Any) -> None:
    order = desk.start()
    desk.says("OPEN")
    lose(desk)
    assert desk.events == ["BuyOrderCreated", "MarketOrderFailure"]
    assert desk.heard[-1].error_type == "order_not_found"
    assert desk.tracker.lost_orders == desk.tracker.all_updatable_orders == {"dc-1": order}
    assert "dc-1" in desk.tracker.all_fillable_orders
    assert not desk.tracker.active_orders
    assert not desk.tracker.cached_orders


@pytest.mark.parametrize("good", ["found", "update", "fill"])
def test_a_good_answer_clears_what_was_not_found(desk: Any, good: str) -> None:
    order = desk.start()
    desk.clock.advance(31)
    for _ in range(3):
        desk.tracker.process_order_not_found("dc-1")
    if good == "found":
        desk.tracker.found("dc-1")
    elif good == "update":
        desk.says("OPEN")
    else:
        desk.fills("1")
    desk.tracker.process_order_not_found("dc-1")
    assert order.is_open


def test_a_young_order_is_not_written_off(desk: Any) -> None:
    """nautilus #4958: an order known by its client id only was given up while it lived on the venue."""
    order = desk.start()
    order.fate_unknown = True
    for _ in range(10):
        desk.clock.advance(2.9)
        desk.tracker.process_order_not_found("dc-1")
    assert order.is_pending_create
    desk.says("OPEN", exchange_order_id="77")
    assert not order.fate_unknown
    assert desk.events == ["BuyOrderCreated"]


def test_an_order_whose_fills_are_all_here_is_not_lost_but_filled(desk: Any) -> None:
    desk.start()
    desk.fills("10")
    lose(desk)
    assert desk.events == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]


def test_an_order_that_was_to_be_cancelled_and_is_not_found_is_cancelled(desk: Any) -> None:
    desk.start()
    desk.says("PENDING_CANCEL")
    lose(desk)
    assert desk.events == ["BuyOrderCreated", "OrderCancelled"]


def test_fills_of_a_lost_order_count(desk: Any) -> None:
    order = desk.start()
    lose(desk)
    desk.fills("2")
    assert order.executed_amount_base == 2
    assert desk.events == ["MarketOrderFailure", "OrderFilled"]


def test_a_fill_proves_that_a_lost_order_was_accepted_and_its_true_end_is_told(desk: Any) -> None:
    order = desk.start()
    lose(desk)
    desk.fills("10")
    assert desk.tracker.active_orders == {"dc-1": order}
    desk.tracker.process_order_not_found("dc-1")
    assert (order.state, order.is_lost) == (OrderState.FILLED, False)
    assert desk.events == ["MarketOrderFailure", "OrderFilled", "BuyOrderCompleted"]


def test_a_lost_order_that_was_cancelled_is_over_and_that_was_told_already(desk: Any) -> None:
    order = desk.start()
    lose(desk)
    desk.says("CANCELED")
    assert not desk.tracker.lost_orders
    assert order.is_cancelled
    assert desk.events == ["MarketOrderFailure"]


def test_a_lost_order_that_was_filled_lives_until_its_fills_are_here_and_completes(desk: Any) -> None:
    order = desk.start()
    lose(desk)
    desk.says("FILLED")
    assert desk.tracker.active_orders == {"dc-1": order}
    desk.fills("10")
    assert order.state is OrderState.FILLED
    assert desk.events == ["MarketOrderFailure", "OrderFilled", "BuyOrderCompleted"]


@pytest.mark.parametrize(("end", "event"), [("CANCELED", "OrderCancelled"), ("FAILED", "OrderExpired")])
def test_a_lost_order_that_was_cut_short_lives_until_its_fills_are_here_too(desk: Any, end: str, event: str) -> None:
    order = desk.start()
    lose(desk)
    desk.says(end, "3")
    assert (desk.tracker.active_orders, order.awaits_fills) == ({"dc-1": order}, True)
    desk.fills("3")
    assert order.is_cancelled
    assert desk.events == ["MarketOrderFailure", "OrderFilled", event]


@pytest.mark.parametrize("is_over", [False, True])
async def test_an_order_that_the_venue_called_executed_whole_and_does_not_find_is_filled(
    desk: Any, is_over: bool
) -> None:
    order = desk.start()
    desk.says("OPEN", "10")
    desk.clock.advance(31)
    for _ in range(4):
        desk.tracker.process_order_not_found("dc-1", is_over=is_over)
    await settled()
    desk.clock.advance(6)
    await settled()
    assert order.state is OrderState.FILLED
    assert desk.events == ["BuyOrderCreated", "BuyOrderCompleted"]
    assert (desk.heard[-1].base_asset_amount, desk.heard[-1].is_missing_fills) == (10, True)


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_an_order_that_is_filled_by_the_venues_word_is_never_lost(
    desk: Any, new_desk: Any, is_restarted: bool
) -> None:
    desk.start()
    desk.says("FILLED")
    desk.clock.advance(60)
    await desk.tracker.stop()
    again = restarted(desk, new_desk) if is_restarted else desk
    for _ in range(4):
        again.tracker.process_order_not_found("dc-1")
    again.tracker.restore()
    await settled()
    again.clock.advance(6)
    await settled()
    assert again.events[-1] == "BuyOrderCompleted"
    assert again.heard[-1].is_missing_fills
    await again.tracker.stop()


def test_the_whole_of_an_order_that_was_amended_meanwhile_is_what_it_is_now(desk: Any) -> None:
    """FILLED without a number is told while the answer to our amendment from 10 to 5 is on its way."""
    order = desk.start()
    desk.says("OPEN")
    desk.says("FILLED")
    desk.fills("5")
    assert order.awaits_fills
    desk.says(None, amount=D(5))
    assert desk.events == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]
    assert (desk.heard[-1].base_asset_amount, desk.heard[-1].is_missing_fills) == (5, False)


def test_a_number_that_comes_after_a_bare_filled_is_what_is_filled(desk: Any) -> None:
    desk.start()
    desk.says("OPEN")
    desk.fills("5")
    desk.says("FILLED")
    desk.says("FILLED", "5")
    assert desk.events == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]
    assert desk.heard[-1].base_asset_amount == 5


def test_a_lost_order_that_is_not_found_once_more_is_over(desk: Any) -> None:
    desk.start()
    lose(desk)
    desk.tracker.process_order_not_found("dc-1")
    assert not desk.tracker.lost_orders
    desk.tracker.process_order_not_found("dc-1")
    assert desk.events == ["MarketOrderFailure"]


@pytest.mark.parametrize("times_more", [0, 1])
def test_a_lost_order_that_lives_comes_back(desk: Any, times_more: int, caplog: pytest.LogCaptureFixture) -> None:
    order = desk.start()
    desk.says("OPEN")
    lose(desk)
    for _ in range(times_more):
        desk.tracker.process_order_not_found("dc-1")
    desk.says("OPEN", "2")
    assert "was lost and lives after all" in caplog.text
    assert desk.tracker.active_orders == {"dc-1": order}
    assert not desk.tracker.lost_orders
    desk.fills("2")
    desk.says("CANCELED")
    assert desk.events == ["BuyOrderCreated", "MarketOrderFailure", "OrderFilled", "OrderCancelled"]


def test_an_order_that_is_lost_twice_has_failed_once(desk: Any) -> None:
    desk.start()
    lose(desk)
    desk.says("OPEN")
    lose(desk)
    assert desk.events.count("MarketOrderFailure") == 1


# Orders of others


def seen(**told: Any) -> OrderUpdate:
    known: dict[str, Any] = {"exchange_order_id": "99", "trading_pair": "BTC-USDT", "side": Side.SELL, "price": D(90)}
    return OrderUpdate(**{**known, "amount": D(2), "state": OrderState.OPEN, **told})


def test_an_order_of_others_is_followed_under_its_own_ids(desk: Any) -> None:
    desk.fills("1", order="by-hand", exchange_order_id="99")
    order = desk.tracker.start_tracking_external(seen(client_order_id="by-hand"))
    assert (order.client_order_id, order.exchange_order_id) == ("by-hand", "99")
    assert desk.tracker.start_tracking_external(seen(client_order_id="by-hand")) is order
    desk.tracker.process_order_update(seen(state=OrderState.CANCELED))
    assert desk.events == ["ExternalOrder", "OrderFilled", "OrderCancelled"]


async def test_an_order_of_others_may_be_over_when_it_is_seen_first(desk: Any) -> None:
    desk.tracker.start_tracking_external(seen(state=OrderState.FILLED, filled=D(2)))
    desk.fills("2", order=None, exchange_order_id="99")
    assert desk.events == ["ExternalOrder", "OrderFilled", "SellOrderCompleted"]


def test_an_order_of_others_of_which_too_little_is_told_is_left_alone(desk: Any) -> None:
    for lacking in ("exchange_order_id", "trading_pair", "side", "amount"):
        assert desk.tracker.start_tracking_external(seen(**{lacking: None})) is None
    assert desk.events == []


# Memory


def test_orders_that_ended_are_cached_for_a_time(desk: Any) -> None:
    desk.start()
    desk.says("CANCELED")
    desk.clock.advance(30)
    assert "dc-1" in desk.tracker.all_orders
    desk.clock.advance(0.1)
    assert not desk.tracker.all_orders


async def test_an_order_whose_fills_are_missing_is_cached_longer(desk: Any) -> None:
    desk.start()
    desk.says("CANCELED", "3")
    await settled()
    desk.clock.advance(5)
    await settled()
    desk.clock.advance(599)
    assert "dc-1" in desk.tracker.all_fillable_orders
    desk.clock.advance(2)
    assert not desk.tracker.all_fillable_orders


def test_a_fill_that_comes_very_late_counts_still(desk: Any) -> None:
    order = desk.start()
    desk.says("CANCELED")
    desk.clock.advance(3600)
    desk.fills("2")
    assert order.executed_amount_base == 2


def test_memory_of_orders_that_ended_is_bounded(desk: Any) -> None:
    for number in range(KEPT_ORDERS + 5):
        desk.start(f"dc-{number}")
        desk.says("CANCELED", order=f"dc-{number}", exchange_order_id=str(number))
    assert len(desk.tracker.cached_orders) == MAX_CACHE_SIZE
    assert desk.tracker.fetch_order("dc-4") is None
    assert desk.tracker.fetch_order(exchange_order_id="4") is None
    assert desk.tracker.fetch_order(exchange_order_id="5") is not None
    assert len(desk.store.orders()) == KEPT_ORDERS


def test_views_are_snapshots(desk: Any) -> None:
    desk.start()
    active = desk.tracker.active_orders
    desk.says("CANCELED")
    assert list(active) == ["dc-1"]


# Restarts


def restarted(desk: Any, new_desk: Any) -> Any:
    """A process that finds what the first one has kept."""
    second = new_desk(desk.store, desk.clock)
    second.tracker.restore()
    return second


def test_a_restart_takes_up_what_was_kept(desk: Any, new_desk: Any) -> None:
    for order, state in (("sent", None), ("open", "OPEN"), ("over", "CANCELED"), ("lost", None)):
        desk.start(order)
        desk.fills("1", "a", order) if order == "open" else None
        desk.says(state, order=order, exchange_order_id=f"#{order}") if state else None
    lose(desk, "lost")
    tracker = restarted(desk, new_desk).tracker
    assert sorted(tracker.active_orders) == ["open", "sent"]
    assert list(tracker.lost_orders) == ["lost"]
    assert list(tracker.cached_orders) == ["over"]
    assert tracker.fetch_order("sent").fate_unknown
    assert tracker.fetch_order(exchange_order_id="#open").executed_amount_base == 1
    for order in ("sent", "open", "over", "lost"):
        assert tracker.fetch_order(order).to_json() == desk.tracker.fetch_order(order).to_json()


def test_after_a_restart_nothing_that_was_kept_is_told_again(desk: Any, new_desk: Any) -> None:
    desk.start()
    desk.says("OPEN")
    desk.fills("4", "a")
    second = restarted(desk, new_desk)
    second.says("OPEN")
    second.fills("4", "a")
    second.fills("6", "b")
    second.says("FILLED")
    assert second.events == ["OrderFilled", "BuyOrderCompleted"]
    third = restarted(desk, new_desk)
    third.says("FILLED")
    third.fills("6", "b")
    assert third.events == []


@pytest.mark.parametrize("last_words", ["save_order", "save_fill"])
def test_what_was_told_but_not_kept_is_told_again_with_the_same_id(new_desk: Any, last_words: str) -> None:
    class KilledError(BaseException):
        """Nothing catches the end of a process."""

    class Dies(MemoryStore):
        """A store in a process that ends before the first change of its order is kept."""

        alive = True

        def save_order(self, state: dict[str, Any]) -> None:
            if state["last_state"] != "PENDING_CREATE" and last_words == "save_order":
                self._die()
            super().save_order(state)

        def save_fill(self, *fill: Any) -> bool:
            if last_words == "save_fill":
                self._die()
            return super().save_fill(*fill)

        def _die(self) -> None:
            if self.alive:
                self.alive = False
                raise KilledError

    first = new_desk(Dies())
    first.start()
    with pytest.raises(KilledError):
        first.fills("4", "a")
    second = restarted(first, new_desk)
    second.fills("4", "a")
    told = [event.event_id for event in first.heard]
    again = [event.event_id for event in second.heard]
    assert told == ["dc-1:created", "BTC-USDT:a:dc-1"]
    assert set(again) <= set(told)
    assert second.tracker.fetch_order("dc-1").executed_amount_base == 4
    assert len(first.store.fills("dc-1")) == 1


def test_tracking_states_can_be_kept_elsewhere(desk: Any, new_desk: Any) -> None:
    desk.start("open")
    desk.fills("4", "a", "open", exchange_order_id="77")
    desk.start("lost")
    lose(desk, "lost")
    desk.start("over")
    desk.says("CANCELED", order="over")
    states = json.loads(json.dumps(desk.tracker.tracking_states))
    assert sorted(states) == ["lost", "open"]
    second = new_desk()
    second.tracker.restore_tracking_states(states)
    second.tracker.restore_tracking_states(states)
    assert list(second.tracker.active_orders) == ["open"]
    assert list(second.tracker.lost_orders) == ["lost"]
    second.fills("4", "a", order=None, exchange_order_id="77")
    assert second.events == []
    assert len(second.store.orders()) == 2
    assert len(second.store.fills("open")) == 1


@pytest.mark.parametrize("end", ["CANCELED", "FILLED", "FAILED"])
async def test_a_restart_goes_on_waiting_for_fills(desk: Any, new_desk: Any, end: str) -> None:
    desk.start()
    desk.says(end, "10")
    await desk.tracker.stop()
    second = restarted(desk, new_desk)
    await settled()
    second.clock.advance(5)
    await settled()
    ended = {"CANCELED": "OrderCancelled", "FILLED": "BuyOrderCompleted", "FAILED": "OrderExpired"}[end]
    assert second.events == [ended]
    assert not second.tracker.active_orders


async def test_states_kept_elsewhere_may_be_taken_up_before_a_loop_runs(desk: Any, new_desk: Any) -> None:
    desk.start()
    desk.says("CANCELED", "3")
    second = new_desk()
    await asyncio.to_thread(second.tracker.restore_tracking_states, desk.tracker.tracking_states)
    assert list(second.tracker.active_orders) == ["dc-1"]
    second.tracker.restore()
    await settled()
    second.clock.advance(5)
    await settled()
    assert second.events == ["OrderCancelled"]


async def test_stopping_ends_the_waiting_and_starting_again_goes_on(desk: Any) -> None:
    others = len(asyncio.all_tasks())
    order = desk.start()
    desk.says("FILLED")
    await settled()
    await desk.tracker.stop()
    assert len(asyncio.all_tasks()) == others
    desk.clock.advance(60)
    assert order.is_open
    desk.tracker.restore()
    assert desk.tracker.active_orders == {"dc-1": order}
    await settled()
    assert order.is_done


async def test_an_amendment_that_is_kept_is_a_change(desk: Any) -> None:
    order = desk.start()
    desk.changed.clear()
    desk.tracker.keep_terms(order, Decimal(5), order.price, None)
    assert desk.changed == ["dc-1"], "what it holds of the account is another amount now"
