"""Many books at once: every need is served, with pauses, one pair's trouble is its own, and nothing is left behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from declconn.book.attendant import LONGEST_PAUSE, PATIENCE
from declconn.book.book_rules import BookRules, Need
from declconn.book.events import BookEvent
from declconn.book.order_book import OrderBook
from declconn.book.order_book_tracker import OrderBookTracker
from declconn.errors import NetworkError, UnknownPairError
from declconn.records import OrderBookMessage, Trade
from declconn.types import AmountUnit, BookState, Side

A, B = "AAA-USDT", "BBB-USDT"


def snapshot(pair: str, update_id: int | None = None) -> OrderBookMessage:
    return OrderBookMessage(pair, [["1", "1"]], [["2", "1"]], update_id)


def diff(pair: str, update_id: int | None = None) -> OrderBookMessage:
    return OrderBookMessage(pair, [["1", "2"]], [], update_id)


class Connections:
    """A data source that notes what it is asked, and answers as the test says."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, Callable[[str], OrderBookMessage | None]] = {}

    async def request_snapshot(self, trading_pair: str) -> OrderBookMessage | None:
        return self._ask("snapshot", trading_pair)

    async def subscribe(self, trading_pair: str) -> None:
        self._ask("subscribe", trading_pair)

    async def unsubscribe(self, trading_pair: str) -> None:
        self._ask("unsubscribe", trading_pair)

    async def resubscribe(self, trading_pair: str) -> None:
        self._ask("resubscribe", trading_pair)

    async def reconnect(self, trading_pair: str) -> None:
        self._ask("reconnect", trading_pair)

    def _ask(self, what: str, pair: str) -> OrderBookMessage | None:
        self.asked.append(f"{what} {pair}")
        answer = self.answers.get(what)
        return answer(pair) if answer is not None else None


def refusing(pair: str) -> OrderBookMessage | None:
    raise NetworkError("refused")


@pytest.fixture
def connections() -> Connections:
    return Connections()


@asynccontextmanager
async def running(
    connections: Connections, clock: Any, rules: BookRules, *pairs: str
) -> AsyncIterator[OrderBookTracker]:
    """A tracker that is started and connected; afterwards no task of it may be left."""
    before = asyncio.all_tasks()
    tracker = OrderBookTracker(connections, rules, clock, Random(0))
    for pair in pairs:
        tracker.follow(pair)
    tracker.start()
    tracker.on_connect(pairs)
    try:
        yield tracker
    finally:
        await tracker.stop()
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == before


async def test_every_book_gets_its_snapshot_and_is_ready(connections: Connections, clock: Any) -> None:
    connections.answers["snapshot"] = lambda pair: snapshot(pair, 5)
    async with running(connections, clock, BookRules("rest", "step"), A, B) as tracker:
        assert not tracker.ready
        await clock.advance()
        assert tracker.ready
        assert connections.asked == [f"snapshot {A}", f"snapshot {B}"]
        assert tracker.order_books[A].best_bid == Decimal("1")


async def test_one_pairs_gap_touches_only_that_pair(connections: Connections, clock: Any) -> None:
    connections.answers["snapshot"] = lambda pair: snapshot(pair, 5 if len(connections.asked) < 3 else 9)
    async with running(connections, clock, BookRules("rest", "step"), A, B) as tracker:
        await clock.advance()
        tracker.on_diff(diff(A, 9))
        tracker.on_diff(diff(B, 6))
        states = {pair: book.state for pair, book in tracker.order_books.items()}
        assert states == {A: BookState.STALE, B: BookState.LIVE}
        await clock.advance(5)
        assert tracker.ready
        assert connections.asked == [f"snapshot {A}", f"snapshot {B}", f"snapshot {A}"]


async def test_a_venue_that_refuses_is_asked_again_after_longer_and_longer_pauses(
    connections: Connections, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    connections.answers["snapshot"] = refusing
    async with running(connections, clock, BookRules("rest", "step"), A):
        await clock.advance(600)
        assert 15 < len(connections.asked) < 60
        assert clock.slept[0] == 0
        assert 0.25 <= clock.slept[1] <= 0.75
        assert LONGEST_PAUSE / 2 <= clock.slept[-1] <= LONGEST_PAUSE * 1.5
    assert "AAA-USDT: snapshot failed, it will be tried again: refused" in caplog.text


async def test_a_data_source_that_breaks_is_asked_again_too(
    connections: Connections, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(pair: str) -> OrderBookMessage:
        if len(connections.asked) == 1:
            raise KeyError("a bug")
        return snapshot(pair, 5)

    connections.answers["snapshot"] = broken
    async with running(connections, clock, BookRules("rest", "step"), A) as tracker:
        await clock.advance(2)
        assert tracker.ready
    assert "a bug" in caplog.text


async def test_a_book_that_breaks_at_once_again_and_again_does_not_storm_the_venue(
    connections: Connections, clock: Any
) -> None:
    rules = BookRules("stream", "step")
    async with running(connections, clock, rules, A) as tracker:
        connections.answers["resubscribe"] = lambda pair: tracker.on_snapshot(snapshot(pair, 5))
        tracker.on_snapshot(snapshot(A, 5))
        for _ in range(3_000):
            tracker.on_diff(diff(A, 99))
            await clock.advance(0.1)
        assert len(connections.asked) < 25


async def test_after_a_calm_time_the_first_request_goes_out_at_once(connections: Connections, clock: Any) -> None:
    connections.answers["snapshot"] = lambda pair: snapshot(pair, 5)
    async with running(connections, clock, BookRules("rest", "step"), A) as tracker:
        await clock.advance()
        await clock.advance(61)
        tracker.on_diff(diff(A, 99))
        await clock.advance()
        assert connections.asked == [f"snapshot {A}"] * 2


async def test_a_snapshot_that_should_come_in_the_stream_is_asked_for_when_it_does_not(
    connections: Connections, clock: Any
) -> None:
    async with running(connections, clock, BookRules("stream", "step"), A) as tracker:
        await clock.advance(PATIENCE - 1)
        assert connections.asked == []
        await clock.advance(2)
        assert connections.asked == [f"resubscribe {A}"]
        tracker.on_snapshot(snapshot(A, 1))
        assert tracker.ready
        await clock.advance(100)
        assert connections.asked == [f"resubscribe {A}"]


async def test_a_requested_snapshot_may_come_in_the_stream(connections: Connections, clock: Any) -> None:
    async with running(connections, clock, BookRules("request", "step"), A) as tracker:
        await clock.advance(PATIENCE - 1)
        assert connections.asked == [f"snapshot {A}"]
        tracker.on_diff(diff(A, 7))
        tracker.on_snapshot(snapshot(A, 2))  # older than the first diff: ask again, after a pause, not after patience
        await clock.advance(1)
        assert connections.asked == [f"snapshot {A}"] * 2
        tracker.on_snapshot(snapshot(A, 6))
        assert tracker.ready


async def test_a_requested_snapshot_that_does_not_come_is_requested_again(connections: Connections, clock: Any) -> None:
    async with running(connections, clock, BookRules("request", "step"), A):
        await clock.advance(PATIENCE + 1)
        assert connections.asked == [f"snapshot {A}"] * 2


async def test_a_snapshot_is_asked_for_no_sooner_than_the_venue_wants(connections: Connections, clock: Any) -> None:
    async with running(connections, clock, BookRules("rest", "step", after_diffs=2, after_delay=1.0), A) as tracker:
        tracker.on_diff(diff(A, 1))
        await clock.advance(2)
        assert connections.asked == []
        tracker.on_diff(diff(A, 2))
        await clock.advance(0.5)
        assert connections.asked == []
        await clock.advance(1)
        assert connections.asked == [f"snapshot {A}"]


async def test_resubscribing_that_fails_is_tried_again(connections: Connections, clock: Any) -> None:
    rules = BookRules("rest", "step", on_gap="resubscribe")
    connections.answers["snapshot"] = lambda pair: snapshot(pair, 5)
    async with running(connections, clock, rules, A) as tracker:
        await clock.advance()
        connections.answers["resubscribe"] = refusing
        tracker.on_diff(diff(A, 99))
        await clock.advance(5)
        assert tracker.order_books[A].state is BookState.STALE
        assert connections.asked.count(f"resubscribe {A}") > 1
        del connections.answers["resubscribe"]
        await clock.advance(30)
        assert tracker.ready


async def test_a_reconnect_is_asked_for_once_and_then_the_connection_speaks(
    connections: Connections, clock: Any
) -> None:
    async with running(connections, clock, BookRules("stream", "step", on_gap="reconnect"), A, B) as tracker:

        def drop(pair: str) -> None:
            tracker.on_disconnect([A, B])

        connections.answers["reconnect"] = drop
        for pair in (A, B):
            tracker.on_snapshot(snapshot(pair, 5))
        tracker.on_diff(diff(A, 9))
        await clock.advance(30)
        assert connections.asked == [f"reconnect {A}"]
        assert {book.state for book in tracker.order_books.values()} == {BookState.STALE}
        tracker.on_connect([A, B])
        for pair in (A, B):
            tracker.on_snapshot(snapshot(pair, 50))
        assert tracker.ready


async def test_nothing_is_asked_while_there_is_no_connection(connections: Connections, clock: Any) -> None:
    connections.answers["snapshot"] = lambda pair: snapshot(pair, 5)
    async with running(connections, clock, BookRules("rest", "step"), A) as tracker:
        await clock.advance()
        tracker.on_disconnect([A])
        await clock.advance(300)
        assert connections.asked == [f"snapshot {A}"]
        tracker.on_connect([A])
        await clock.advance(1)
        assert tracker.ready


async def test_silence_of_a_channel_is_answered_by_subscribing_anew(connections: Connections, clock: Any) -> None:
    connections.answers["snapshot"] = lambda pair: snapshot(pair, 5)
    async with running(connections, clock, BookRules("rest", "step"), A) as tracker:
        await clock.advance()
        tracker.on_silence(A)
        assert tracker.order_books[A].state is BookState.STALE
        await clock.advance(5)
        assert connections.asked == [f"snapshot {A}", f"resubscribe {A}", f"snapshot {A}"]
        assert tracker.ready


async def test_live_books_are_compared_with_fresh_snapshots_one_after_the_other(
    connections: Connections, clock: Any
) -> None:
    connections.answers["snapshot"] = lambda pair: snapshot(pair, 5)
    async with running(connections, clock, BookRules("rest", "step", resnapshot=100.0), A, B) as tracker:
        await clock.advance()
        tracker.order_books[B].unchecked.bids.apply([["1", "7"]])
        await clock.advance(75)
        assert connections.asked[2:] == [f"snapshot {A}"]
        await clock.advance(50)
        assert connections.asked[2:] == [f"snapshot {A}", f"snapshot {B}"]
        assert (tracker.metrics(A).drift, tracker.metrics(B).drift) == (0, 1)
        assert tracker.order_books[B].top(1)[0] == [(1.0, 1.0)]


async def test_pairs_come_and_go_while_it_runs(connections: Connections, clock: Any) -> None:
    connections.answers["snapshot"] = lambda pair: snapshot(pair, 5)
    async with running(connections, clock, BookRules("rest", "step")) as tracker:
        assert not tracker.ready
        await tracker.add_pair(A)
        await tracker.add_pair(A)
        await clock.advance()
        book = tracker.order_books[A]
        assert tracker.ready
        await tracker.remove_pair(A)
        tracker.on_diff(diff(A, 6))
        assert connections.asked == [f"subscribe {A}", f"snapshot {A}", f"unsubscribe {A}"]
        assert (dict(tracker.order_books), tracker.strays, book.state) == ({}, 1, BookState.STALE)
        assert book.reason == "the pair was removed"
        with pytest.raises(UnknownPairError, match="AAA-USDT: no book of this pair; followed are: none"):
            await tracker.remove_pair(A)


async def test_a_pair_that_cannot_be_subscribed_is_not_followed(connections: Connections, clock: Any) -> None:
    connections.answers["subscribe"] = refusing
    async with running(connections, clock, BookRules("rest", "step")) as tracker:
        with pytest.raises(NetworkError):
            await tracker.add_pair(A)
        assert A not in tracker.order_books


async def test_a_pair_may_leave_while_its_snapshot_is_asked_for(connections: Connections, clock: Any) -> None:
    connections.answers["snapshot"] = refusing
    async with running(connections, clock, BookRules("rest", "step"), A, B) as tracker:
        await clock.advance(1)
        await tracker.remove_pair(A)
        connections.asked.clear()
        await clock.advance(20)
        assert set(connections.asked) == {f"snapshot {B}"}


class TestOffline:
    @pytest.fixture
    def tracker(self, connections: Connections, clock: Any) -> OrderBookTracker:
        tracker = OrderBookTracker(connections, BookRules("rest", "step"), clock, Random(0))
        tracker.follow(A)
        return tracker

    def test_it_says_what_it_would_ask_for(self, tracker: OrderBookTracker, connections: Connections) -> None:
        assert tracker.pending_needs() == {A: Need.SNAPSHOT}
        tracker.on_snapshot(snapshot(A, 5))
        assert tracker.pending_needs() == {}
        tracker.on_diff(diff(A, 9))
        assert tracker.pending_needs() == {A: Need.SNAPSHOT}
        assert connections.asked == []

    def test_listeners_hear_of_states_and_applied_messages(self, tracker: OrderBookTracker) -> None:
        heard: list[BookEvent] = []
        tracker.add_listener(heard.append)
        messages = [snapshot(A, 5), diff(A, 6), diff(A, 6), diff(A, 9)]
        tracker.on_snapshot(messages[0])
        for message in messages[1:]:
            tracker.on_diff(message)
        assert [(event.kind, event.state, event.update_id) for event in heard] == [
            ("state", "LIVE", 5),
            ("snapshot", "LIVE", 5),
            ("diff", "LIVE", 6),
            ("state", "STALE", 6),
        ]
        assert [event.message for event in heard] == [None, messages[0], messages[1], None]
        tracker.remove_listener(heard.append)
        tracker.on_disconnect([A])
        assert len(heard) == 4

    def test_the_log_says_why_a_book_is_stale(
        self, tracker: OrderBookTracker, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.WARNING):
            tracker.on_snapshot(snapshot(A, 5))
            tracker.on_diff(diff(A, 9))
        assert "AAA-USDT: the book is STALE: AAA-USDT: gap by rule 'step': expected 6, found 9" in caplog.text

    def test_trades_leave_their_price(self, tracker: OrderBookTracker) -> None:
        for pair in (A, B):
            tracker.on_trade(Trade(pair, Decimal("1.5"), Decimal("1"), Side.BUY, timestamp=7))
        assert (tracker.order_books[A].last_trade_price, tracker.strays) == (Decimal("1.5"), 1)

    def test_messages_about_pairs_that_are_not_followed_are_counted(self, tracker: OrderBookTracker) -> None:
        tracker.on_diff(diff(B, 1))
        tracker.on_snapshot(snapshot(B, 1))
        tracker.on_connect([B])
        assert tracker.strays == 2
        with pytest.raises(UnknownPairError, match="followed are: AAA-USDT"):
            tracker.metrics(B)

    def test_ids_of_a_venue_without_any_grow_though_the_clock_stands_still(
        self, connections: Connections, clock: Any
    ) -> None:
        tracker = OrderBookTracker(connections, BookRules("stream", "none"), clock, Random(0))
        tracker.follow(A)
        tracker.on_snapshot(snapshot(A))
        first = tracker.order_books[A].last_diff_uid
        clock.now -= 5
        tracker.on_diff(diff(A))
        tracker.on_diff(diff(A))
        assert tracker.order_books[A].last_diff_uid == (first or 0) + 2

    def test_books_may_be_made_in_the_markets_own_units(self, connections: Connections, clock: Any) -> None:
        def contracts(pair: str) -> OrderBook:
            return OrderBook(pair, amount_unit=AmountUnit.CONTRACTS, contract_size=Decimal("0.1"))

        tracker = OrderBookTracker(connections, BookRules("stream", "none"), clock, Random(0), contracts)
        tracker.follow(A)
        tracker.on_snapshot(snapshot(A))
        assert tracker.order_books[A].levels(1)[0] == [(Decimal("1"), Decimal("0.1"))]
