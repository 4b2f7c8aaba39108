"""Faults that users of other libraries reported, and what happens here instead."""

from __future__ import annotations

import asyncio
from binascii import crc32
from typing import Any

import pytest

from declconn.book import BookEvent, BookEventKind
from declconn.errors import BookNotLiveError
from declconn.testing import OfflineConnector
from declconn.types import BookState, Integrity

CHECKSUMS = """\
streams:
  market:
    events:
      whole:
        when: {t: whole}
        emit: order_book_snapshot
        channel: book
        map: {symbol: s, bids: b, asks: a, checksum: c}
      depth: {channel: book, map: {first_update_id: null, update_id: null, checksum: c}}
order_book: {snapshot: stream, rule: checksum, checksum: {crc32: bids_asks, depth: 10, join: ":"}}
"""


def checksum(*rows: tuple[str, str]) -> int:
    return crc32(":".join(f"{price}:{size}" for price, size in rows).encode())


WHOLE = {"t": "whole", "b": [["99", "1"]], "a": [["101", "1"]], "c": checksum(("99", "1"), ("101", "1"))}


async def test_one_pairs_gap_resyncs_that_pair_only(toy: Any, play: Any, venue: Any, until: Any, diff: Any) -> None:
    """cryptofeed 291: a lost message of one pair reset the books of all pairs."""
    exchange = await play(toy, "BTC-USD", "ETH-USD", "LTC-USD")
    await until(lambda: exchange.ready)
    asked = len(venue.requests)
    states: dict[str, list[BookState]] = {pair: [] for pair in exchange.trading_pairs}
    exchange.add_listener(
        lambda event: event.kind is BookEventKind.STATE and states[event.trading_pair].append(event.state), BookEvent
    )
    await venue.talks[0].say(diff(11, 11, "btcusd"))
    await venue.talks[0].say(diff(11, 11, "ethusd"))
    await venue.talks[0].say(diff(13, 13, "btcusd"))
    venue.answers["/api/book"] = {"seq": 13, "bids": [["99", "1"]], "asks": [["101", "1"]]}
    await until(lambda: len(states["BTC-USD"]) == 2)

    assert states == {"BTC-USD": [BookState.STALE, BookState.LIVE], "ETH-USD": [], "LTC-USD": []}
    assert venue.requests[asked:] == ["/api/book?market=btcusd"]
    assert len(venue.talks) == 1
    assert len(venue.talks[0].heard) == 6, "nothing was subscribed anew"


def test_a_snapshot_that_does_not_meet_the_stream_is_not_taken_for_a_book(toy: Any, markets: bytes, diff: Any) -> None:
    """cryptofeed 1016: updates between the snapshot and the stream were missing, and the book looked plausible."""
    venue = OfflineConnector(toy)
    venue.on_response("trading_rules", markets)
    venue.on_frame("market", _json(diff(20, 22)))
    venue.on_response("order_book_snapshot", b'{"seq": 10, "bids": [["99", "1"]], "asks": []}', symbol="btcusd")
    book = venue.order_book("BTC-USD")
    assert book.state is BookState.SYNCING
    assert "the snapshot is older than the diffs" in book.reason
    with pytest.raises(BookNotLiveError):
        _ = book.best_bid

    venue.on_response("order_book_snapshot", b'{"seq": 21, "bids": [["99", "1"]], "asks": []}', symbol="btcusd")
    assert book.state is BookState.LIVE
    assert book.last_diff_uid == 22


def test_a_book_that_crosses_itself_is_not_readable_where_nothing_vouches_for_it(
    variant: Any, markets: bytes, diff: Any
) -> None:
    """cryptofeed 232: bids above asks were handed to users for hours."""
    venue = OfflineConnector(variant("order_book: {rule: none}"))
    venue.on_response("trading_rules", markets)
    venue.on_response("order_book_snapshot", b'{"bids": [["99", "1"]], "asks": [["101", "1"]]}', symbol="btcusd")
    venue.on_frame("market", _json(diff(1, 1, bids=[["102", "1"]])))

    book = venue.order_book("BTC-USD")
    assert book.state is BookState.STALE
    assert "the best bid 102 is not below the best ask 101" in book.reason


async def test_a_bad_checksum_is_mended_without_the_user_and_without_other_pairs(
    variant: Any, play: Any, venue: Any, until: Any, diff: Any
) -> None:
    """ccxt 23453: once a checksum had failed it failed for ever, unless the user closed everything."""

    async def answer(talk: Any, message: Any) -> None:
        await talk.say({"ok": message["id"]})
        if message["op"] == "sub" and message["channel"].startswith("book"):
            await talk.say({**WHOLE, "s": message["channel"].partition(".")[2]})

    venue.on_message = answer
    exchange = await play(variant(CHECKSUMS), "BTC-USD", "ETH-USD")
    await until(lambda: exchange.ready)
    said = len(venue.talks[0].heard)
    await venue.talks[0].say({**diff(0, 0, bids=[["100", "1"]]), "c": 12345})
    metrics = exchange.order_book_tracker.metrics("BTC-USD")
    await until(lambda: metrics.checksums_failed == 1)
    await until(lambda: exchange.ready)

    book = exchange.get_order_book("BTC-USD")
    assert book.integrity is Integrity.VERIFIED
    assert book.rows(5) == ([["99", "1"]], [["101", "1"]])
    again = [(message["op"], message["channel"]) for message in venue.talks[0].heard[said:]]
    assert again == [("unsub", "book.btcusd"), ("sub", "book.btcusd")]
    assert exchange.order_book_tracker.metrics("ETH-USD").resyncs == 0
    assert len(venue.talks) == 1


async def test_updates_faster_than_the_user_reads_break_no_checksum(
    variant: Any, play: Any, venue: Any, until: Any, diff: Any
) -> None:
    """ccxt 22758: the checksum was compared in the user's loop, which came too late."""

    async def answer(talk: Any, message: Any) -> None:
        await talk.say({"ok": message["id"]})
        if message["channel"].startswith("book"):
            await talk.say({**WHOLE, "s": "btcusd"})

    venue.on_message = answer
    exchange = await play(variant(CHECKSUMS))
    await until(lambda: exchange.ready)
    read = 0

    async def slow_user() -> None:
        nonlocal read
        async for _ in exchange.events(BookEvent):
            read += 1
            await asyncio.sleep(0.05)

    user = asyncio.create_task(slow_user())
    for size in range(2, 302):
        right = checksum(("99", str(size)), ("101", "1"))
        await venue.talks[0].say({**diff(0, 0, bids=[["99", str(size)]]), "c": right})
    metrics = exchange.order_book_tracker.metrics("BTC-USD")
    await until(lambda: metrics.checksums_ok == 301)
    user.cancel()

    assert (metrics.checksums_failed, metrics.resyncs) == (0, 0)
    assert read < 100


def _json(message: dict[str, Any]) -> str:
    return str(message).replace("'", '"')
