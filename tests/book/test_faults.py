"""The fault table of ``docs/order-book.md`` as a property.

A little venue keeps the true book and its history. Hypothesis lets it lose, repeat, reorder, corrupt and cut messages,
send old snapshots, fall silent and disconnect. Whatever happens: a live book is exactly what the venue's book was at
the id that the live book has, and when the trouble ends the book comes back.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declconn.book.book_rules import BookRules, Need
from declconn.book.checksum import Crc32
from declconn.book.order_book import OrderBook
from declconn.book.synchronizer import BookSynchronizer
from declconn.records import OrderBookMessage
from declconn.types import BookState

Levels = dict[str, str]
State = tuple[Levels, Levels]

RECIPE = Crc32("bids_asks", 1_000)

change = st.tuples(st.integers(1, 16), st.sampled_from(["0", "1", "2", "3"]))
"""A price and its new size: prices up to 8 are bids, above they are asks, so the venue's own book is never crossed."""


class Venue:
    """The true book of a market, its past, and a subscriber who sees it through faults."""

    def __init__(self, rules: BookRules) -> None:
        self.rules = rules
        self.book = OrderBook("BTC-USDT")
        self.synchronizer = BookSynchronizer(self.book, rules)
        self.state: State = ({}, {})
        self.past: list[tuple[int, State]] = [(100, ({}, {}))]
        self.sent: list[OrderBookMessage] = []
        self._stamps = itertools.count(1)
        self.connect()

    # What the venue does.

    def change(self, changes: list[tuple[int, str]]) -> OrderBookMessage:
        """Change the book and write the diff that says so."""
        last, _ = self.past[-1]
        update = last + (1 if self.rules.rule == "step" else len(changes))
        sides: State = ({}, {})
        for price, size in changes:
            side = 0 if price <= 8 else 1
            sides[side][str(price)] = size
            self.state[side][str(price)] = size
            if size == "0":
                del self.state[side][str(price)]
        self.past.append((update, deepcopy(self.state)))
        first = last + 1 if self.rules.rule == "range" else None
        message = self._message(update, sides, self.state)
        message.first_update_id, message.previous_update_id = first, last
        self.sent.append(message)
        return message

    def snapshot(self, age: int = 0) -> OrderBookMessage:
        """The book as it is, or as it was so many changes ago."""
        update, state = self.past[max(0, len(self.past) - 1 - age)]
        return self._message(update, state, state)

    def _message(self, update: int, levels: State, after: State) -> OrderBookMessage:
        bids, asks = ([[price, size] for price, size in side.items()] for side in levels)
        checksum = None if self.rules.checksum is None else checksum_of(after)
        return OrderBookMessage("BTC-USDT", bids, asks, update, checksum=checksum)

    # What the subscriber receives.

    def deliver(self, diff: OrderBookMessage) -> None:
        self.synchronizer.on_diff(deepcopy(diff), next(self._stamps))

    def deliver_snapshot(self, age: int = 0) -> None:
        self.synchronizer.on_snapshot(self.snapshot(age), next(self._stamps))

    def obey(self, age: int = 0) -> None:
        """Give the book what it needs, with a snapshot of this age."""
        if not self.synchronizer.connected:
            self.connect()
        match self.synchronizer.need:
            case Need.SNAPSHOT:
                self.deliver_snapshot(age)
            case Need.RESUBSCRIBE | Need.RECONNECT:
                self.connect()
            case Need.NOTHING if self.book.state is not BookState.LIVE:
                self.synchronizer.on_timeout()
            case Need.NOTHING:
                pass

    def connect(self) -> None:
        self.synchronizer.on_connect()
        if not self.rules.asks_for_snapshots:
            self.deliver_snapshot()

    # What must hold.

    def is_true(self) -> bool:
        """The live book is what the venue's was at that id; without ids, what it was at some time."""
        if self.book.state is not BookState.LIVE:
            return True
        bids, asks = ({row[0]: row[1] for row in side} for side in self.book.unchecked.rows(1_000))
        if self.rules.rule == "checksum":
            return any(state == (bids, asks) for _, state in self.past)
        return (bids, asks) == next(state for update, state in self.past if update == self.book.last_diff_uid)

    def is_back(self) -> bool:
        """The book is live and holds what the venue's holds now."""
        bids, asks = ({row[0]: row[1] for row in side} for side in self.book.unchecked.rows(1_000))
        return self.book.state is BookState.LIVE and (bids, asks) == self.state


def checksum_of(state: State) -> int:
    book = OrderBook("BTC-USDT")
    bids, asks = ([[price, size] for price, size in side.items()] for side in state)
    book.apply_snapshot(OrderBookMessage("BTC-USDT", bids, asks))
    return RECIPE.compute(book.unchecked)


def arrives(venue: Venue, changes: Any, age: int) -> None:
    venue.deliver(venue.change(changes))


def is_dropped(venue: Venue, changes: Any, age: int) -> None:
    venue.change(changes)


def is_duplicated(venue: Venue, changes: Any, age: int) -> None:
    diff = venue.change(changes)
    venue.deliver(diff)
    venue.deliver(diff)


def is_reordered(venue: Venue, changes: Any, age: int) -> None:
    earlier, later = venue.change(changes), venue.change(changes[::-1])
    venue.deliver(later)
    venue.deliver(earlier)


def comes_again_much_later(venue: Venue, changes: Any, age: int) -> None:
    if venue.sent:
        venue.deliver(venue.sent[-1 - age % len(venue.sent)])


def is_corrupted(venue: Venue, changes: Any, age: int) -> None:
    diff = deepcopy(venue.change(changes))
    diff.bids.append(["1", "NaN"])
    venue.deliver(diff)


def has_no_id(venue: Venue, changes: Any, age: int) -> None:
    diff = deepcopy(venue.change(changes))
    diff.update_id = None
    venue.deliver(diff)


def is_truncated(venue: Venue, changes: Any, age: int) -> None:
    diff = deepcopy(venue.change(changes))
    (diff.bids or diff.asks).pop()
    venue.deliver(diff)


def is_altered(venue: Venue, changes: Any, age: int) -> None:
    diff = deepcopy(venue.change(changes))
    (diff.bids or diff.asks)[0][1] = "4"
    venue.deliver(diff)


def snapshot_is_old(venue: Venue, changes: Any, age: int) -> None:
    venue.deliver_snapshot(age)


def need_is_served(venue: Venue, changes: Any, age: int) -> None:
    venue.obey()


def need_is_served_with_an_old_snapshot(venue: Venue, changes: Any, age: int) -> None:
    venue.obey(age)


def snapshot_is_compared(venue: Venue, changes: Any, age: int) -> None:
    venue.synchronizer.refresh()


def connection_is_lost(venue: Venue, changes: Any, age: int) -> None:
    venue.synchronizer.on_disconnect()


def stream_is_silent(venue: Venue, changes: Any, age: int) -> None:
    venue.synchronizer.on_silence()


Fault = Callable[[Venue, Any, int], None]
SEEN_BY_IDS: list[Fault] = [
    is_dropped,
    is_duplicated,
    is_reordered,
    comes_again_much_later,
    is_corrupted,
    has_no_id,
    snapshot_is_old,
    need_is_served_with_an_old_snapshot,
    snapshot_is_compared,
    connection_is_lost,
    stream_is_silent,
]
SEEN_BY_CHECKSUMS = [fault for fault in SEEN_BY_IDS if fault is not has_no_id] + [is_truncated, is_altered]


def stories(faults: list[Fault]) -> st.SearchStrategy[list[tuple[Fault, Any, int]]]:
    """What happens one after the other: mostly good messages and served needs."""
    what = st.sampled_from([arrives, need_is_served]) | st.sampled_from(faults)
    changes = st.lists(change, min_size=1, max_size=4, unique_by=lambda one: one[0])
    return st.lists(st.tuples(what, changes, st.integers(1, 6)), max_size=40)


def play(rules: BookRules, story: list[tuple[Fault, Any, int]]) -> Venue:
    """Live through a story, then through a quiet end."""
    venue = Venue(rules)
    for happens, changes, age in story:
        happens(venue, changes, age)
        assert venue.is_true(), f"{happens.__name__} left a wrong book live: {venue.book}"
    for _ in range(6):
        venue.deliver(venue.change([(1, "1"), (16, "2")]))
        venue.obey()
        assert venue.is_true()
    assert venue.is_back(), f"did not come back: {venue.book} {venue.book.reason} needs {venue.synchronizer.need}"
    return venue


@pytest.mark.parametrize(
    "rules",
    [
        BookRules("rest", "range"),
        BookRules("rest", "prev"),
        BookRules("request", "prev", join=("prev_contains",)),
        BookRules("rest", "step", retries=0),
        BookRules("rest", "range", after_diffs=2),
        BookRules("rest", "step", on_gap="resubscribe"),
        BookRules("stream", "range"),
        BookRules("stream", "prev"),
        BookRules("stream", "step", on_gap="reconnect"),
        BookRules("stream", "step"),
    ],
    ids=lambda rules: f"{rules.snapshot}-{rules.rule}-{rules.on_gap}",
)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_ids_never_leave_a_wrong_book_live_and_it_always_comes_back(rules: BookRules, data: st.DataObject) -> None:
    venue = play(rules, data.draw(stories(SEEN_BY_IDS)))
    assert venue.synchronizer.metrics.drift == 0


@pytest.mark.parametrize("rule", ["checksum", "step", "prev"])
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_checksum_also_sees_what_is_wrong_inside_a_message(rule: Any, data: st.DataObject) -> None:
    play(BookRules("stream", rule, checksum=RECIPE), data.draw(stories(SEEN_BY_CHECKSUMS)))


@pytest.mark.parametrize("rule", ["monotonic", "none"])
@pytest.mark.parametrize("snapshot", ["rest", "stream"])
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_without_ids_that_link_at_least_these_faults_are_seen(snapshot: Any, rule: Any, data: st.DataObject) -> None:
    seen = [is_corrupted, is_duplicated, connection_is_lost, stream_is_silent]
    venue = Venue(BookRules(snapshot, rule))
    for happens, changes, age in data.draw(stories(seen)):
        lost = happens in (connection_is_lost, is_corrupted) and venue.book.state is BookState.LIVE
        happens(venue, changes, age)
        assert not lost or venue.book.state is BookState.STALE


def test_a_lost_diff_is_not_seen_without_ids_or_checksums() -> None:
    venue = Venue(BookRules("stream", "none"))
    is_dropped(venue, [(1, "1")], 0)
    arrives(venue, [(2, "1")], 0)
    assert venue.book.state is BookState.LIVE
    assert venue.book.integrity == "unverified"
    assert not venue.is_back()
