"""A store that fails for a while loses no change of an order, and stops none."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.account.order_store import MemoryStore


class FailingStore(MemoryStore):
    """Fails while it is full."""

    def __init__(self) -> None:
        super().__init__()
        self.is_full = False

    def save_order(self, state: dict[str, Any]) -> None:
        self._need_room()
        super().save_order(state)

    def save_fill(self, trading_pair: str, trade_id: str, client_order_id: str, fill: dict[str, Any]) -> bool:
        self._need_room()
        return super().save_fill(trading_pair, trade_id, client_order_id, fill)

    def forget_order(self, client_order_id: str) -> None:
        self._need_room()
        super().forget_order(client_order_id)

    def _need_room(self) -> None:
        if self.is_full:
            raise OSError("disk full")


@pytest.fixture
def store() -> FailingStore:
    return FailingStore()


def kept(store: MemoryStore) -> dict[str, tuple[str, Decimal]]:
    """State and executed amount of every order, as a new process would see them."""
    return {
        state["client_order_id"]: (
            state["last_state"],
            sum((Decimal(fill["amount"]) for fill in store.fills(state["client_order_id"])), Decimal(0)),
        )
        for state in store.orders()
    }


def test_what_cannot_be_kept_is_told_and_kept_when_it_can_be(
    new_desk: Any, store: FailingStore, caplog: pytest.LogCaptureFixture
) -> None:
    desk = new_desk(store)
    desk.start()
    desk.says("OPEN")
    store.is_full = True
    desk.fills("10")
    desk.says("FILLED", "10")
    assert desk.events == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]
    assert kept(store) == {"dc-1": ("OPEN", 0)}
    assert caplog.text.count("cannot keep a change of order dc-1; it is tried again") == 1
    store.is_full = False
    desk.tracker.save_again()
    assert kept(store) == {"dc-1": ("FILLED", 10)}
    assert "2 changes of orders that waited are kept now" in caplog.text


def test_the_next_change_of_any_order_brings_it_along(new_desk: Any, store: FailingStore) -> None:
    desk = new_desk(store)
    desk.start("dc-1")
    desk.start("dc-2")
    store.is_full = True
    desk.says("OPEN", order="dc-1")
    store.is_full = False
    desk.says("OPEN", order="dc-2")
    assert kept(store) == {"dc-1": ("OPEN", 0), "dc-2": ("OPEN", 0)}


async def test_a_tracker_that_stops_tries_once_more(new_desk: Any, store: FailingStore) -> None:
    desk = new_desk(store)
    desk.start()
    store.is_full = True
    desk.says("OPEN")
    store.is_full = False
    await desk.tracker.stop()
    assert kept(store) == {"dc-1": ("OPEN", 0)}


def test_a_new_order_that_cannot_be_kept_is_refused(new_desk: Any, store: FailingStore) -> None:
    desk = new_desk(store)
    store.is_full = True
    with pytest.raises(OSError, match="disk full"):
        desk.start()
    assert not desk.tracker.active_orders


NEWS: list[Callable[[Any, str], None]] = [
    lambda desk, order: desk.says("OPEN", order=order),
    lambda desk, order: desk.fills("1", "a", order),
    lambda desk, order: desk.fills("2", "b", order),
    lambda desk, order: desk.says("CANCELED", order=order),
]


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["dc-1", "dc-2", "dc-3"]), st.sampled_from(range(len(NEWS))), st.booleans())
    )
)
def test_whenever_it_fails_everything_is_kept_in_the_end(new_desk: Any, steps: list[tuple[str, int, bool]]) -> None:
    store, usual = FailingStore(), MemoryStore()
    troubled, untroubled = new_desk(store), new_desk(usual)
    for desk in (troubled, untroubled):
        for order in ("dc-1", "dc-2", "dc-3"):
            desk.start(order)
    for order, number, is_full in steps:
        store.is_full = is_full
        NEWS[number](troubled, order)
        NEWS[number](untroubled, order)
    store.is_full = False
    troubled.tracker.save_again()
    assert kept(store) == kept(usual)
    assert troubled.events == untroubled.events
