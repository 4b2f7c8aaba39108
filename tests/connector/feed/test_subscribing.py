"""What is said on real sockets, and what becomes of the venue's answers."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from declconn.connector.news import StreamTrouble
from declconn.errors import LostAnswerError, VenueError
from declconn.records import Trade
from declconn.types import BookState

TRADE = {"t": "trade", "s": "btcusd", "p": "100", "q": "1", "m": "b"}


async def test_one_message_per_channel_each_with_its_number(toy: Any, play: Any, venue: Any, until: Any) -> None:
    exchange = await play(toy, "BTC-USD", "ETH-USD")
    await until(lambda: exchange.ready)

    [talk] = venue.talks
    assert sorted(talk.subscribed()) == ["book.btcusd", "book.ethusd", "trades.btcusd", "trades.ethusd"]
    assert len({message["id"] for message in talk.heard}) == 4


async def test_channels_are_packed_into_messages_as_many_as_the_venue_takes(
    variant: Any, play: Any, venue: Any, until: Any
) -> None:
    spec = variant(
        'streams: {market: {limits: {args_per_message: 3}, subscribe: {channel: "{channels}"}, '
        'unsubscribe: {channel: "{channels}"}}}'
    )
    exchange = await play(spec, "BTC-USD", "ETH-USD")
    await until(lambda: exchange.ready)

    assert [len(message["channel"]) for message in venue.talks[0].heard] == [3, 1]


async def test_symbols_of_one_channel_are_dealt_out_too_and_new_ones_are_asked_for_alone(
    variant: Any, play: Any, venue: Any, until: Any
) -> None:
    spec = variant(
        'streams: {market: {limits: {args_per_message: 2}, channels: {book: "book:{symbols|join:,}", trades: null}}}'
    )
    exchange = await play(spec, "BTC-USD", "ETH-USD")
    await until(lambda: exchange.ready)
    await exchange.add_trading_pair("LTC-USD")
    await exchange.remove_trading_pair("BTC-USD")
    await until(lambda: len(venue.talks[0].heard) == 3)

    said = [(message["op"], message["channel"]) for message in venue.talks[0].heard]
    assert said == [("sub", "book:btcusd,ethusd"), ("sub", "book:ltcusd"), ("unsub", "book:btcusd")]


async def test_markets_are_named_by_the_message_where_the_venue_wants_them_there(
    variant: Any, play: Any, venue: Any, until: Any
) -> None:
    spec = variant(
        "streams:\n  market:\n"
        '    subscribe: {op: sub, channel: "{channel}", products: "{symbols}", id: "{request_id}"}\n'
        "    channels: {book: level2, trades: matches}\n"
    )
    exchange = await play(spec, "BTC-USD", "ETH-USD")
    await until(lambda: exchange.ready)

    said = [(message["channel"], message["products"]) for message in venue.talks[0].heard]
    assert said == [("level2", ["btcusd", "ethusd"]), ("matches", ["btcusd", "ethusd"])]


async def test_a_channel_about_no_market_is_asked_for_once_and_stays(
    variant: Any, play: Any, venue: Any, until: Any
) -> None:
    exchange = await play(variant("streams: {market: {channels: {beats: heartbeats}}}"), "BTC-USD")
    await until(lambda: exchange.ready)
    await exchange.add_trading_pair("ETH-USD")
    await exchange.remove_trading_pair("BTC-USD")
    await until(lambda: len(venue.talks[0].heard) == 7)

    channels = Counter((message["op"], message["channel"]) for message in venue.talks[0].heard)
    assert channels["sub", "heartbeats"] == 1
    assert channels["unsub", "heartbeats"] == 0


async def test_markets_are_spread_over_connections_by_the_venues_limit(
    variant: Any, play: Any, venue: Any, until: Any
) -> None:
    exchange = await play(
        variant("streams: {market: {limits: {channels_per_connection: 4}}}"), "BTC-USD", "ETH-USD", "LTC-USD"
    )
    await until(lambda: exchange.ready)

    assert sorted(len(talk.subscribed()) for talk in venue.talks) == [2, 4]


async def test_messages_leave_no_faster_than_the_venue_allows(variant: Any, play: Any, venue: Any, until: Any) -> None:
    await play(variant("streams: {market: {limits: {send: 2/100s}}}"), "BTC-USD", "ETH-USD")
    await until(lambda: venue.talks and len(venue.talks[0].heard) == 2)
    await asyncio.sleep(0.2)
    assert len(venue.talks[0].heard) == 2

    await until(lambda: len(venue.talks[0].heard) == 4)


async def test_a_stream_may_need_no_subscription_because_its_url_names_the_markets(
    variant: Any, play: Any, venue: Any, until: Any
) -> None:
    spec = variant(
        "streams:\n  market:\n"
        '    url: "{env.ws}?streams={symbols|join:/}"\n'
        "    channels: {book: null, trades: null}\n    subscribe: null\n    unsubscribe: null\n    accepted: null\n"
    )
    exchange = await play(spec, "BTC-USD")
    await until(lambda: exchange.ready)
    await exchange.add_trading_pair("ETH-USD")
    await until(lambda: len(venue.talks) == 2 and exchange.ready)

    assert [talk.path for talk in venue.talks] == ["/ws?streams=btcusd", "/ws?streams=btcusd/ethusd"]
    assert all(talk.heard == [] for talk in venue.talks)


async def test_the_snapshot_is_asked_for_when_the_venue_has_said_yes_to_the_diffs(
    toy: Any, play: Any, venue: Any, until: Any
) -> None:
    held: list[Any] = []

    async def hold(talk: Any, message: Any) -> None:
        held.append((talk, message))

    venue.on_message = hold
    exchange = await play(toy, "BTC-USD")
    await until(lambda: len(held) == 2)
    await asyncio.sleep(0.02)
    assert venue.asked("/api/book") == []

    for talk, message in held:
        await talk.say({"ok": message["id"]})
    await until(lambda: exchange.ready)
    assert len(venue.asked("/api/book")) == 1


async def test_a_refused_book_stays_unread_is_told_and_asked_for_again_and_others_are_unharmed(
    toy: Any, play: Any, venue: Any, until: Any, heard: Any
) -> None:
    refusals = 0

    async def refuse(talk: Any, message: Any) -> None:
        nonlocal refusals
        if message["channel"] == "book.ethusd" and refusals < 3:
            refusals += 1
            await talk.say({"no": message["id"], "why": "market is paused"})
        else:
            await talk.say({"ok": message["id"]})

    venue.on_message = refuse
    exchange = await play(toy, "BTC-USD", "ETH-USD")
    troubles = heard(exchange, StreamTrouble)
    await until(lambda: refusals >= 2)
    assert exchange.get_order_book("BTC-USD").state is BookState.LIVE
    assert exchange.get_order_book("ETH-USD").state is BookState.SYNCING
    assert venue.asked("/api/book?market=ethusd") == []

    await until(lambda: exchange.ready)
    assert {trouble.trading_pairs for trouble in troubles} == {("ETH-USD",)}
    assert isinstance(troubles[0].error, VenueError)
    assert troubles[0].error.text == "market is paused"
    assert exchange.parts.complaints.counts["streams.market.refused"] == 3
    assert exchange.order_book_tracker.metrics("BTC-USD").resyncs == 0
    assert len(venue.talks) == 1


async def test_a_refused_channel_that_carries_no_book_is_asked_for_again_alone(
    variant: Any, play: Any, venue: Any, until: Any, heard: Any
) -> None:
    refused: list[str] = []

    async def refuse(talk: Any, message: Any) -> None:
        if message["channel"] == "trades.btcusd" and not refused:
            refused.append(message["channel"])
            await talk.say({"no": message["id"], "why": "try later"})
        else:
            await talk.say({"ok": message["id"]})

    venue.on_message = refuse
    exchange = await play(variant("streams: {market: {events: {depth: {channel: book}}}}"), "BTC-USD")
    trades = heard(exchange, Trade)
    await until(lambda: exchange.ready)
    await until(lambda: venue.talks[0].subscribed().count("trades.btcusd") == 2)
    assert venue.talks[0].subscribed().count("book.btcusd") == 1
    await venue.talks[0].say(TRADE)
    await until(lambda: trades)


async def test_a_question_that_is_never_answered_is_told_and_asked_again(
    toy: Any, play: Any, venue: Any, until: Any, heard: Any
) -> None:
    forgotten: list[str] = []

    async def forget(talk: Any, message: Any) -> None:
        if message["channel"] not in forgotten:
            forgotten.append(message["channel"])
        else:
            await talk.say({"ok": message["id"]})

    venue.on_message = forget
    exchange = await play(toy, "BTC-USD")
    troubles = heard(exchange, StreamTrouble)
    await until(lambda: exchange.ready)
    await until(lambda: venue.talks[0].subscribed().count("trades.btcusd") == 2)

    assert isinstance(troubles[0].error, LostAnswerError)
    assert len(venue.talks) == 1


async def test_an_answer_may_name_its_channel_where_the_venue_gives_no_number(
    variant: Any, play: Any, venue: Any, until: Any, heard: Any
) -> None:
    async def answer(talk: Any, message: Any) -> None:
        if message["channel"] == "trades.btcusd":
            await talk.say({"event": "error", "channel": message["channel"]})
        else:
            await talk.say({"event": "subscribed", "channel": message["channel"]})

    venue.on_message = answer
    spec = variant(
        "streams:\n  market:\n    events: {depth: {channel: book}}\n"
        '    accepted: {ok: null, event: subscribed, channel: "{channel}"}\n'
        '    refused: {when: {no: null, event: error, channel: "{channel}"}}\n'
    )
    exchange = await play(spec, "BTC-USD")
    troubles = heard(exchange, StreamTrouble)
    await until(lambda: exchange.ready and troubles)
    assert troubles[0].trading_pairs == ("BTC-USD",)


async def test_a_question_of_the_venue_is_answered_on_the_socket(toy: Any, play: Any, venue: Any, until: Any) -> None:
    exchange = await play(toy, "BTC-USD")
    await until(lambda: exchange.ready)
    await venue.talks[0].say({"ping": 1492420473027})

    await until(lambda: {"pong": 1492420473027} in venue.talks[0].heard)


@pytest.mark.parametrize("kept", [["book.btcusd"], ["book.btcusd", "trades.btcusd"]])
async def test_a_book_that_is_needed_anew_leaves_the_other_channels_alone(
    variant: Any, play: Any, venue: Any, until: Any, kept: list[str]
) -> None:
    """The event says its channel, else the channel has the event's name, else it may be any."""
    channel = "{channel: book}" if len(kept) == 1 else "{}"
    exchange = await play(variant(f"streams: {{market: {{events: {{depth: {channel}}}}}}}"), "BTC-USD")
    await until(lambda: exchange.ready)
    await exchange.parts.data_source.resubscribe("BTC-USD")
    await until(lambda: len(venue.talks[0].heard) == 2 + 2 * len(kept))

    ended = [message["channel"] for message in venue.talks[0].heard if message["op"] == "unsub"]
    assert sorted(ended) == kept


async def test_a_market_that_is_followed_while_the_connection_still_subscribes_is_not_forgotten(
    variant: Any, play: Any, venue: Any, until: Any
) -> None:
    exchange = await play(variant("streams: {market: {limits: {send: 3/50s}}}"), "BTC-USD", "ETH-USD")
    await until(lambda: venue.talks and len(venue.talks[0].heard) == 3)
    await exchange.add_trading_pair("LTC-USD")
    await until(lambda: len(venue.talks[0].heard) == 6)
    await until(lambda: exchange.ready)

    assert "book.ltcusd" in venue.talks[0].subscribed()
