"""The life of one book: from the first snapshot through every kind of trouble and back."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any
from zlib import crc32

import pytest

from declconn.book.book_rules import BookRules, Need
from declconn.book.checksum import Crc32
from declconn.book.order_book import OrderBook
from declconn.book.synchronizer import WAITING_LIMIT, BookSynchronizer
from declconn.records import OrderBookMessage
from declconn.types import BookState, Integrity

Message = Callable[..., OrderBookMessage]


class Desk:
    """A synchronizer and a source of stamps, with short ways to hand things in."""

    def __init__(self, snapshot: Any = "rest", rule: Any = "range", **knobs: Any) -> None:
        self.book = OrderBook("BTC-USDT")
        self.synchronizer = BookSynchronizer(self.book, BookRules(snapshot, rule, **knobs))
        self._stamps = itertools.count(1_000)

    def diff(self, message: OrderBookMessage) -> bool:
        return self.synchronizer.on_diff(message, next(self._stamps))

    def snapshot(self, message: OrderBookMessage) -> bool:
        return self.synchronizer.on_snapshot(message, next(self._stamps))

    @property
    def need(self) -> Need:
        return self.synchronizer.need

    @property
    def counts(self) -> dict[str, float | None]:
        """The counters that are not zero."""
        return {name: value for name, value in self.synchronizer.metrics.as_dict().items() if value}

    def bids(self) -> dict[str, str]:
        return {row[0]: row[1] for row in self.book.unchecked.rows(100)[0]}


class TestASnapshotThatIsAskedFor:
    def test_joins_the_diffs_that_waited_for_it(self, message: Message) -> None:
        desk = Desk()
        assert desk.need is Need.SNAPSHOT
        desk.diff(message(5, bids={"1": "5"}))
        desk.diff(message(7, first=6, bids={"1": "7"}))
        desk.diff(message(8, bids={"2": "8"}))
        assert desk.snapshot(message(6, bids={"1": "6", "3": "6"}))
        assert desk.bids() == {"3": "6", "2": "8", "1": "7"}
        assert (desk.book.state, desk.need, desk.book.last_diff_uid) == (BookState.LIVE, Need.NOTHING, 8)
        assert desk.counts == {"frames": 4, "applied": 3, "stale": 1}

    def test_is_asked_for_again_while_it_is_older_than_the_diffs(self, message: Message) -> None:
        desk = Desk(retries=2)
        desk.diff(message(10))
        for left in (1, 0):
            turn = desk.synchronizer.turn
            assert not desk.snapshot(message(5))
            assert (desk.need, desk.book.state) == (Need.SNAPSHOT, BookState.SYNCING), left
            assert desk.synchronizer.turn > turn
        assert desk.snapshot(message(9))
        assert "gaps" not in desk.counts

    def test_that_stays_too_old_makes_everything_start_anew(self, message: Message) -> None:
        desk = Desk(retries=1)
        desk.diff(message(10))
        desk.snapshot(message(5))
        desk.snapshot(message(5))
        assert (desk.need, desk.book.state) == (Need.RESUBSCRIBE, BookState.STALE)
        desk.synchronizer.on_connect()
        assert desk.snapshot(message(5))  # the old diff waits no more

    def test_is_enough_for_a_quiet_market_until_the_next_diff_proves_it_old(self, message: Message) -> None:
        desk = Desk()
        assert desk.snapshot(message(5, bids={"1": "1"}))
        desk.diff(message(9, first=8, bids={"1": "2"}))
        assert (desk.book.state, desk.need) == (BookState.STALE, Need.SNAPSHOT)
        assert desk.snapshot(message(7, bids={"1": "1"}))
        assert desk.bids() == {"1": "2"}
        assert desk.counts["gaps"] == desk.counts["resyncs"] == 1

    def test_is_asked_for_only_when_enough_diffs_wait(self, message: Message) -> None:
        desk = Desk(after_diffs=2)
        assert desk.need is Need.NOTHING
        desk.diff(message(1))
        assert desk.need is Need.NOTHING
        desk.diff(message(2))
        assert desk.need is Need.SNAPSHOT

    def test_is_asked_for_anyway_if_too_few_diffs_come(self) -> None:
        desk = Desk(after_diffs=2)
        desk.synchronizer.on_timeout()
        assert desk.need is Need.SNAPSHOT

    def test_that_nobody_asked_for_is_ignored_while_the_book_is_live(self, message: Message) -> None:
        desk = Desk()
        desk.snapshot(message(5, bids={"1": "1"}))
        assert not desk.snapshot(message(3, bids={"1": "9"}))
        assert (desk.bids(), desk.counts["stale"]) == ({"1": "1"}, 1)

    def test_leaves_the_limit_of_waiting_diffs_alone(self, message: Message) -> None:
        desk = Desk()
        for update in range(1, WAITING_LIMIT + 2):
            desk.diff(message(update))
        assert not desk.snapshot(message(0))  # diff 1 made room for the last one
        assert desk.snapshot(message(1))

    def test_of_an_empty_listing_is_joined_by_any_diff(self, message: Message) -> None:
        desk = Desk(empty_ids=frozenset({-1}))
        desk.snapshot(message(-1))
        assert desk.diff(message(500, bids={"1": "1"}))
        assert desk.diff(message(501))

    def test_may_join_by_the_perpetuals_words(self, message: Message) -> None:
        desk = Desk(rule="prev", stale="<", join=("contains", "prev_equals"))
        desk.diff(message(9, first=8, previous=7))
        desk.diff(message(12, first=10, previous=9, bids={"1": "1"}))
        assert desk.snapshot(message(10))
        assert desk.diff(message(20, first=15, previous=12))


class TestASnapshotFromTheStream:
    def test_makes_the_book_live_and_diffs_before_it_are_dropped(self, message: Message) -> None:
        desk = Desk("stream", "step")
        assert desk.need is Need.NOTHING
        desk.diff(message(4, bids={"9": "9"}))
        assert desk.snapshot(message(7, bids={"1": "1"}))
        assert desk.diff(message(8, bids={"2": "2"}))
        assert desk.bids() == {"2": "2", "1": "1"}

    def test_resets_the_book_at_any_time_even_to_lower_ids(self, message: Message) -> None:
        desk = Desk("stream", "step")
        desk.snapshot(message(700, bids={"1": "1"}))
        assert desk.snapshot(message(1, bids={"5": "5"}))
        assert desk.diff(message(2))
        assert desk.bids() == {"5": "5"}

    def test_is_awaited_after_a_gap_by_subscribing_anew(self, message: Message) -> None:
        desk = Desk("stream", "step")
        desk.snapshot(message(7))
        desk.diff(message(9))
        assert (desk.need, desk.book.state) == (Need.RESUBSCRIBE, BookState.STALE)
        assert "expected 8, found 9" in desk.book.reason
        desk.diff(message(10))
        desk.synchronizer.on_connect()
        assert (desk.need, desk.book.state) == (Need.NOTHING, BookState.SYNCING)
        assert desk.snapshot(message(11))

    def test_that_never_comes_is_asked_for(self) -> None:
        desk = Desk("stream", "step")
        desk.synchronizer.on_timeout()
        assert desk.need is Need.RESUBSCRIBE


class TestASnapshotAlone:
    """Nothing links it to anything yet: a checksum may vouch for it, or the first diff that meets it."""

    @pytest.mark.parametrize("snapshot", ["rest", "request", "stream"])
    def test_is_not_sequenced_before_a_diff_has_met_it(self, snapshot: str, message: Message) -> None:
        desk = Desk(snapshot, "step")
        desk.snapshot(message(10))
        assert (desk.book.state, desk.book.integrity) == (BookState.LIVE, Integrity.UNVERIFIED)
        desk.diff(message(11))
        assert desk.book.integrity is Integrity.SEQUENCED

    def test_is_sequenced_by_the_diffs_that_waited_for_it(self, message: Message) -> None:
        desk = Desk("rest", "step")
        desk.diff(message(11))
        desk.snapshot(message(10))
        assert (desk.book.state, desk.book.integrity) == (BookState.LIVE, Integrity.SEQUENCED)

    @pytest.mark.parametrize(
        ("snapshot", "need"),
        [("rest", Need.SNAPSHOT), ("request", Need.SNAPSHOT), ("stream", Need.RESUBSCRIBE), ("every", Need.NOTHING)],
    )
    def test_that_is_crossed_is_no_book_and_is_asked_for_again(
        self, snapshot: str, need: Need, message: Message
    ) -> None:
        desk = Desk(snapshot, "monotonic" if snapshot == "every" else "step")
        desk.diff(message(11))
        assert not desk.snapshot(message(10, bids={"102": "1"}, asks={"99": "1"}))
        assert (desk.book.state, desk.need, desk.counts["crossed"]) == (BookState.STALE, need, 1)
        assert desk.book.reason.startswith("the best bid 102 is not below the best ask 99")
        assert desk.snapshot(message(12, bids={"99": "1"}, asks={"102": "1"}))

    def test_that_is_crossed_is_believed_if_its_checksum_says_so(self, message: Message) -> None:
        desk = Desk("stream", "checksum", checksum=Crc32("bids_asks", 10))
        crossed = crc32(b"102:1:99:1")
        assert desk.snapshot(message(bids={"102": "1"}, asks={"99": "1"}, checksum=crossed))
        assert (desk.book.integrity, desk.counts["crossed"]) == (Integrity.VERIFIED, 1)

    def test_that_diffs_cross_later_is_only_counted(self, message: Message) -> None:
        desk = Desk("rest", "step")
        desk.snapshot(message(10, bids={"99": "1"}, asks={"102": "1"}))
        assert desk.diff(message(11, bids={"103": "1"}))
        assert (desk.book.state, desk.counts["crossed"]) == (BookState.LIVE, 1)


class TestWholeBooks:
    def test_replace_each_other(self, message: Message) -> None:
        desk = Desk("every", "none")
        assert desk.snapshot(message(bids={"1": "1"}))
        assert desk.snapshot(message(bids={"2": "2"}))
        assert (desk.bids(), desk.book.integrity) == ({"2": "2"}, Integrity.UNVERIFIED)

    def test_never_give_way_to_an_older_one(self, message: Message) -> None:
        desk = Desk("every", "monotonic")
        desk.snapshot(message(20, bids={"2": "2"}))
        assert not desk.snapshot(message(19, bids={"1": "1"}))
        assert (desk.bids(), desk.counts) == ({"2": "2"}, {"frames": 2, "applied": 1, "stale": 1})

    def test_may_begin_anew_with_lower_ids_after_a_reconnect(self, message: Message) -> None:
        desk = Desk("every", "monotonic")
        desk.snapshot(message(20))
        desk.synchronizer.on_disconnect()
        desk.synchronizer.on_connect()
        assert desk.snapshot(message(1, bids={"1": "1"}))

    def test_need_nothing_after_trouble_but_the_next_one(self, message: Message) -> None:
        desk = Desk("every", "none")
        desk.snapshot(message(bids={"nan": "1"}))
        assert (desk.book.state, desk.need) == (BookState.STALE, Need.NOTHING)
        assert desk.snapshot(message(bids={"1": "1"}))


class TestOrder:
    """With ids, a diff counts if its id is above, or exactly one above, the last; without, if it came later."""

    def test_with_a_nonce_exactly_the_next_id_is_applied(self, message: Message) -> None:
        desk = Desk("stream", "step")
        desk.snapshot(message(10))
        assert [desk.diff(message(update)) for update in (11, 11, 12)] == [True, False, True]
        assert not desk.diff(message(14))
        assert desk.book.state is BookState.STALE

    def test_with_a_growing_nonce_any_higher_id_is_applied(self, message: Message) -> None:
        desk = Desk("stream", "monotonic")
        desk.snapshot(message(10))
        assert [desk.diff(message(update)) for update in (9, 10, 15, 12, 16)] == [False, False, True, False, True]
        assert (desk.book.last_diff_uid, desk.book.state) == (16, BookState.LIVE)

    def test_without_ids_diffs_count_as_they_arrive(self, message: Message) -> None:
        desk = Desk("stream", "none")
        desk.snapshot(message(bids={"1": "1"}))
        assert desk.diff(message(bids={"1": "2"}))
        assert desk.diff(message(bids={"1": "3"}))
        assert (desk.bids(), desk.book.snapshot_uid, desk.book.last_diff_uid) == ({"1": "3"}, 1000, 1002)

    def test_without_ids_diffs_from_before_the_snapshot_are_dropped(self, message: Message) -> None:
        desk = Desk("rest", "none")
        desk.diff(message(bids={"1": "7"}))
        assert desk.snapshot(message(bids={"1": "1"}))
        assert (desk.bids(), desk.counts["stale"]) == ({"1": "1"}, 1)

    def test_a_diff_that_lacks_its_id_is_a_gap(self, message: Message) -> None:
        desk = Desk("stream", "step")
        desk.snapshot(message(10))
        desk.diff(message(None))
        assert (desk.book.state, desk.counts["gaps"]) == (BookState.STALE, 1)


class TestAGap:
    @pytest.mark.parametrize(
        ("snapshot", "on_gap", "need"),
        [
            ("rest", None, Need.SNAPSHOT),
            ("request", None, Need.SNAPSHOT),
            ("stream", None, Need.RESUBSCRIBE),
            ("rest", "resubscribe", Need.RESUBSCRIBE),
            ("rest", "reconnect", Need.RECONNECT),
            ("stream", "reconnect", Need.RECONNECT),
        ],
    )
    def test_asks_for_what_the_venue_needs(self, snapshot: str, on_gap: str, need: Need, message: Message) -> None:
        desk = Desk(snapshot, "step", on_gap=on_gap)
        desk.snapshot(message(1))
        desk.diff(message(3))
        assert (desk.need, desk.book.state, desk.counts["gaps"]) == (need, BookState.STALE, 1)

    def test_may_be_ignored_but_the_book_is_not_vouched_for_until_the_next_snapshot(self, message: Message) -> None:
        desk = Desk("stream", "step", on_gap="ignore")
        desk.snapshot(message(1))
        desk.diff(message(2))
        assert desk.book.integrity is Integrity.SEQUENCED
        assert desk.diff(message(4))
        assert desk.diff(message(5))
        assert (desk.book.state, desk.book.integrity, desk.counts["gaps"]) == (BookState.LIVE, "unverified", 1)
        desk.snapshot(message(9))
        assert desk.diff(message(10))
        assert desk.book.integrity is Integrity.SEQUENCED

    def test_among_the_waiting_diffs_asks_for_a_newer_snapshot(self, message: Message) -> None:
        desk = Desk("rest", "step")
        for update in (1, 2, 4, 5):
            desk.diff(message(update, bids={str(update): "1"}))
        assert not desk.snapshot(message(0))
        assert desk.need is Need.SNAPSHOT
        assert desk.snapshot(message(3))
        assert (desk.bids(), desk.book.last_diff_uid) == ({"5": "1", "4": "1"}, 5)


def level_checksum(price: str, size: str) -> int:
    return crc32(f"{price}:{size}".encode())


class TestAChecksum:
    recipe = Crc32("bids_asks", 10, ignore=frozenset({0}))

    def test_that_agrees_verifies_the_book(self, message: Message) -> None:
        desk = Desk("stream", "checksum", checksum=self.recipe)
        desk.snapshot(message(bids={"1": "1"}, checksum=level_checksum("1", "1")))
        assert desk.diff(message(bids={"1": "2"}, checksum=level_checksum("1", "2")))
        assert (desk.book.integrity, desk.counts["checksums_ok"]) == (Integrity.VERIFIED, 2)

    def test_that_differs_makes_the_book_stale(self, message: Message) -> None:
        desk = Desk("stream", "checksum", checksum=self.recipe)
        desk.snapshot(message(bids={"1": "1"}, checksum=level_checksum("1", "1")))
        assert not desk.diff(message(bids={"1": "2"}, checksum=7))
        assert (desk.book.state, desk.need) == (BookState.STALE, Need.RESUBSCRIBE)
        assert desk.counts["checksums_failed"] == desk.counts["resyncs"] == 1
        assert "the venue's checksum is 7" in desk.book.reason

    @pytest.mark.parametrize("absent", [None, 0])
    def test_that_is_absent_vouches_for_nothing(self, absent: int | None, message: Message) -> None:
        desk = Desk("stream", "checksum", checksum=self.recipe)
        desk.snapshot(message(bids={"1": "1"}, checksum=absent))
        assert (desk.book.state, desk.book.integrity) == (BookState.LIVE, Integrity.UNVERIFIED)

    def test_of_a_snapshot_counts_only_where_it_should(self, message: Message) -> None:
        desk = Desk("stream", "checksum", checksum=Crc32("bids_asks", 10, on="diff"))
        assert desk.snapshot(message(bids={"1": "1"}, checksum=7))

    def test_stands_beside_ids(self, message: Message) -> None:
        desk = Desk("stream", "step", checksum=self.recipe)
        desk.snapshot(message(1, bids={"1": "1"}))
        desk.diff(message(2, bids={"1": "3"}))
        assert desk.book.integrity is Integrity.SEQUENCED
        desk.diff(message(3, bids={"1": "2"}, checksum=level_checksum("1", "2")))
        assert desk.book.integrity is Integrity.VERIFIED

    def test_is_of_the_truncated_book(self, message: Message) -> None:
        desk = Desk("stream", "checksum", checksum=self.recipe, truncate=1)
        desk.snapshot(message(bids={"1": "1"}))
        assert desk.diff(message(bids={"2": "2"}, checksum=level_checksum("2", "2")))
        assert desk.bids() == {"2": "2"}


class TestABookThatLooksWrong:
    def test_is_stale_after_a_level_that_is_none(self, message: Message) -> None:
        desk = Desk("rest", "step")
        desk.snapshot(message(1, bids={"1": "1"}))
        assert not desk.diff(message(2, bids={"1": "-5"}))
        assert (desk.book.state, desk.need, desk.counts["resyncs"]) == (BookState.STALE, Need.SNAPSHOT, 1)
        assert "is not a level" in desk.book.reason

    def test_is_stale_if_it_is_crossed_and_nothing_vouches_for_it(self, message: Message) -> None:
        desk = Desk("stream", "none")
        desk.snapshot(message(bids={"1": "1"}, asks={"2": "1"}))
        desk.diff(message(bids={"2": "1"}))
        assert (desk.book.state, desk.counts["crossed"]) == (BookState.STALE, 1)

    def test_may_be_crossed_if_its_ids_vouch_for_it(self, message: Message) -> None:
        desk = Desk("stream", "step")
        desk.snapshot(message(1, bids={"1": "1"}, asks={"2": "1"}))
        assert desk.diff(message(2, bids={"2": "1"}))
        assert (desk.book.state, desk.counts["crossed"]) == (BookState.LIVE, 1)


class TestAConnection:
    @pytest.mark.parametrize("snapshot", ["rest", "stream", "every"])
    def test_that_is_lost_leaves_a_stale_book_that_takes_no_leftovers(self, snapshot: str, message: Message) -> None:
        desk = Desk(snapshot, "monotonic")
        desk.snapshot(message(1, bids={"1": "1"}))
        desk.synchronizer.on_disconnect()
        assert not desk.snapshot(message(2))
        assert not desk.diff(message(3))
        desk.synchronizer.on_silence()
        desk.synchronizer.on_timeout()
        assert (desk.book.state, desk.need, desk.bids()) == (BookState.STALE, Need.NOTHING, {"1": "1"})
        assert desk.synchronizer.is_idle

    def test_that_is_back_begins_anew(self, message: Message) -> None:
        desk = Desk("rest", "step")
        desk.diff(message(1))
        desk.synchronizer.on_disconnect()
        desk.synchronizer.on_connect()
        assert (desk.need, desk.book.state) == (Need.SNAPSHOT, BookState.SYNCING)
        desk.diff(message(50))
        assert desk.snapshot(message(49))

    def test_that_is_silent_is_subscribed_anew(self, message: Message) -> None:
        desk = Desk("rest", "step")
        desk.snapshot(message(1))
        desk.synchronizer.on_silence()
        assert (desk.book.state, desk.need) == (BookState.STALE, Need.RESUBSCRIBE)

    def test_measures_how_late_messages_are(self, message: Message) -> None:
        desk = Desk()
        desk.synchronizer.on_diff(message(1, timestamp=1_000_000_000), 1_250_000_000)
        assert desk.synchronizer.metrics.lag == 0.25


class TestAFreshSnapshotOfALiveBook:
    def test_is_compared_at_the_same_id_and_adopted(self, message: Message) -> None:
        desk = Desk("rest", "step")
        desk.snapshot(message(1, bids={"1": "1", "2": "1"}))
        desk.synchronizer.refresh()
        assert (desk.need, desk.book.state) == (Need.SNAPSHOT, BookState.LIVE)
        desk.diff(message(2, bids={"3": "1"}))
        desk.diff(message(3, bids={"4": "1"}))
        desk.snapshot(message(2, bids={"3": "1", "2": "5"}))
        assert desk.bids() == {"4": "1", "3": "1", "2": "5"}
        assert (desk.need, desk.counts["drift"], desk.book.last_diff_uid) == (Need.NOTHING, 1, 3)
        assert desk.diff(message(4))

    def test_waits_until_a_slower_stream_reaches_it(self, message: Message) -> None:
        desk = Desk("rest", "step")
        desk.snapshot(message(1, bids={"1": "1"}))
        desk.synchronizer.refresh()
        desk.snapshot(message(3, bids={"1": "3"}))
        assert (desk.need, desk.bids()) == (Need.NOTHING, {"1": "1"})
        desk.diff(message(2, bids={"1": "2"}))
        desk.diff(message(3, bids={"1": "3"}))
        assert (desk.bids(), desk.book.snapshot_uid, "drift" in desk.counts) == ({"1": "3"}, 3, False)
        assert desk.diff(message(4))

    def test_that_is_too_old_never_harms_the_live_book(self, message: Message) -> None:
        desk = Desk("rest", "step", retries=1)
        for update in (5, 6):
            desk.diff(message(update))
        desk.snapshot(message(5, bids={"1": "1"}))
        desk.synchronizer.refresh()
        desk.diff(message(7))
        desk.snapshot(message(2))
        assert desk.need is Need.SNAPSHOT
        desk.snapshot(message(2))
        assert (desk.need, desk.book.state, desk.bids()) == (Need.NOTHING, BookState.LIVE, {"1": "1"})

    def test_is_given_up_when_the_live_book_is_lost(self, message: Message) -> None:
        desk = Desk("rest", "step")
        desk.snapshot(message(1, bids={"1": "1"}))
        desk.synchronizer.refresh()
        desk.diff(message(3))
        assert desk.snapshot(message(3, bids={"3": "3"}))
        assert (desk.book.state, desk.bids()) == (BookState.LIVE, {"3": "3"})

    def test_just_replaces_a_book_without_ids(self, message: Message) -> None:
        desk = Desk("rest", "none")
        desk.snapshot(message(bids={"1": "1"}))
        desk.synchronizer.refresh()
        assert desk.snapshot(message(bids={"2": "2"}))
        assert (desk.bids(), desk.need) == ({"2": "2"}, Need.NOTHING)

    def test_comes_by_subscribing_anew_where_the_stream_brings_it(self, message: Message) -> None:
        desk = Desk("stream", "step")
        desk.snapshot(message(1))
        desk.synchronizer.refresh()
        assert desk.need is Need.RESUBSCRIBE

    @pytest.mark.parametrize("snapshot", ["every", "rest"])
    def test_is_not_asked_for_without_reason(self, snapshot: str, message: Message) -> None:
        desk = Desk(snapshot, "monotonic", after_diffs=1)
        if snapshot == "every":
            desk.snapshot(message(1))
        desk.synchronizer.refresh()
        assert desk.need is Need.NOTHING
