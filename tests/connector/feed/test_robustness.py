"""What a venue, or a slow user, may do without harm: nothing grows, nothing stops, nothing is silently wrong."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import pytest

from declconn.connector.feed.bookless import STRANGE
from declconn.records import Trade

TRADE = {"t": "trade", "s": "btcusd", "p": "100", "q": "1", "m": "b"}


async def test_a_slow_reader_delays_nobody_and_loses_the_oldest_events(
    toy: Any, play: Any, venue: Any, until: Any, diff: Any, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = await play(toy)
    await until(lambda: exchange.ready)
    events, read = exchange.parts.listeners.events(Trade, keep=10), []

    async def slow_user() -> None:
        async for trade in events:
            read.append(trade.price)
            await asyncio.sleep(0.02)

    user = asyncio.create_task(slow_user())
    await asyncio.sleep(0)
    for price in range(1, 501):
        await venue.talks[0].say({**TRADE, "p": str(price)})
    await venue.talks[0].say(diff(11, 11))
    await until(lambda: exchange.get_order_book("BTC-USD").last_diff_uid == 11)
    assert len(read) < 400, "the reader has fallen behind"

    await until(lambda: read and read[-1] == 500)
    await until(lambda: "events were lost" in caplog.text)
    assert read == sorted(read)
    user.cancel()


async def test_a_frame_that_is_too_large_ends_the_connection_and_the_next_one_goes_on(
    variant: Any, play: Any, venue: Any, until: Any, heard: Any
) -> None:
    exchange = await play(variant("streams: {market: {max_frame: 1KiB}}"))
    trades = heard(exchange, Trade)
    await until(lambda: exchange.ready)
    await venue.talks[0].say("x" * 2000)
    await until(lambda: len(venue.talks) == 2)
    await until(lambda: exchange.ready)
    await venue.talks[1].say(TRADE)
    await until(lambda: trades)


async def test_a_small_frame_that_unpacks_to_a_large_one_is_not_unpacked(
    variant: Any, play: Any, venue: Any, until: Any
) -> None:
    async def say_yes(talk: Any, message: Any) -> None:
        await talk.say(gzip.compress(b'{"ok": %d}' % message["id"]))

    venue.on_message = say_yes
    exchange = await play(variant("streams: {market: {decode: [gzip, json], max_frame: 1MiB}}"))
    await until(lambda: exchange.ready)
    await venue.talks[0].say(gzip.compress(b" " * 50_000_000))
    await until(lambda: exchange.parts.complaints.counts["streams.market.decode"] == 1)
    assert exchange.ready


async def test_garbage_is_counted_and_the_books_stay_live(
    toy: Any, play: Any, venue: Any, until: Any, diff: Any
) -> None:
    exchange = await play(toy)
    await until(lambda: exchange.ready)
    for garbage in (
        b"\xff\x00\xfe",
        "not json",
        "[",
        "null",
        "[]",
        "17",
        '"text"',
        b"",
        "{}",
        '{"t": []}',
        '{"t": {}}',
    ):
        await venue.talks[0].say(garbage)
    await venue.talks[0].say(diff(11, 11))
    await until(lambda: exchange.get_order_book("BTC-USD").last_diff_uid == 11)

    assert exchange.ready
    assert set(exchange.parts.complaints.counts) == {"streams.market.decode"}


async def test_a_flood_of_unknown_symbols_and_kinds_fills_no_memory(
    toy: Any, play: Any, venue: Any, until: Any, diff: Any
) -> None:
    exchange = await play(toy)
    await until(lambda: exchange.ready)
    [connection] = exchange.parts.data_source.connections
    before = connection.frames
    for number in range(3_000):
        await venue.talks[0].say({**TRADE, "s": f"new{number}usd"})
        await venue.talks[0].say({"t": f"kind {number}"})
    await until(lambda: connection.frames == before + 6_000)

    counts = [event.reader.unknown_symbols for event in connection.stream.events if event.reader]
    assert all(len(unknown) <= 1_000 for unknown in counts)
    assert exchange.ready
    assert connection.unrouted == 3_000


async def test_a_stream_that_never_brings_a_book_event_is_doubted_once(
    variant: Any, play: Any, venue: Any, until: Any, diff: Any, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = await play(variant("streams: {market: {events: {depth: {when: {t: dephts}}}}}"))
    await until(lambda: venue.talks and venue.talks[0].heard)
    for number in range(STRANGE + 10):
        await venue.talks[0].say(diff(number, number))
        await venue.talks[0].say(TRADE)
    [connection] = exchange.parts.data_source.connections
    await until(lambda: connection.unrouted == STRANGE + 10)

    [doubt] = [record.getMessage() for record in caplog.records if "no book event" in record.getMessage()]
    assert "frames are no event of the spec" in doubt
    assert "'t': 'depth'" in doubt, "with an example"


async def test_strange_frames_beside_book_events_are_no_doubt(
    toy: Any, play: Any, venue: Any, until: Any, diff: Any, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = await play(toy)
    await until(lambda: exchange.ready)
    await venue.talks[0].say(diff(11, 11))
    for _ in range(STRANGE + 10):
        await venue.talks[0].say({"t": "weather"})
    [connection] = exchange.parts.data_source.connections
    await until(lambda: connection.unrouted == STRANGE + 10)
    assert "no book event" not in caplog.text


async def test_a_listener_that_raises_harms_nobody(toy: Any, play: Any, venue: Any, until: Any, heard: Any) -> None:
    exchange = await play(toy)

    def broken(_event: Any) -> None:
        raise RuntimeError("a bug of the user")

    exchange.add_listener(broken)
    trades = heard(exchange, Trade)
    await until(lambda: exchange.ready)
    await venue.talks[0].say(TRADE)
    await until(lambda: trades)


async def test_everything_is_gone_after_a_stop(toy: Any, play: Any, venue: Any, until: Any) -> None:
    before = asyncio.all_tasks()
    exchange = await play(toy, "BTC-USD", "ETH-USD")
    await until(lambda: exchange.ready)
    await exchange.stop()
    await until(lambda: all(talk.socket.closed for talk in venue.talks))

    ours = {task for task in asyncio.all_tasks() - before if "aiohttp" not in repr(task.get_coro())}
    assert [task for task in ours if "declconn" in repr(task.get_coro())] == []
