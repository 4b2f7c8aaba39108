"""How a connection begins and ends: negotiated urls, logins, heartbeats, reconnects. All on real sockets."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import zlib
from typing import Any

import pytest

from declconn.connector.news import FrameGapError, PollEvent, StreamTrouble
from declconn.errors import CredentialsError
from declconn.records import Ticker, Trade
from declconn.types import BookState

NEGOTIATED = """\
hosts: [kutoy.com]
session: {public: {obtain: token, per: connection}}
endpoints: {token: {post: /token, result: {url: url, token: token, ping: {path: ping, unit: ms}}}}
streams:
  market:
    url: "{session.public.url}?token={session.public.token}&connectId={request_id}"
    heartbeat: {every: "{session.public.ping}", send: {op: ping, at: "{request_id}"}}
    login: {accepted: {t: welcome}}
"""


@pytest.fixture
def negotiate(venue: Any) -> Any:
    """Let the venue hand out tokens, and greet whoever comes."""
    count = 0

    def token(_query: Any) -> dict[str, Any]:
        nonlocal count
        count += 1
        return {"url": f"ws://{venue.host}/socket", "token": f"t{count}", "ping": 18_000}

    async def greet(talk: Any) -> None:
        await talk.say({"t": "welcome"})

    venue.answers["/api/token"] = token
    venue.on_open = greet
    return venue


async def test_url_token_and_heartbeat_are_negotiated_anew_for_every_connection(
    variant: Any, play: Any, negotiate: Any, until: Any
) -> None:
    exchange = await play(variant(NEGOTIATED))
    await until(lambda: exchange.ready)
    await until(lambda: any(message["op"] == "ping" for message in negotiate.talks[0].heard))
    await negotiate.talks[0].socket.close()
    await until(lambda: len(negotiate.talks) == 2 and exchange.ready)

    paths = [talk.path for talk in negotiate.talks]
    assert paths[0].startswith("/socket?token=t1&connectId=")
    assert paths[1].startswith("/socket?token=t2&connectId=")
    assert len(negotiate.asked("/api/token")) == 2


async def test_a_socket_at_another_host_is_not_opened(
    variant: Any, play: Any, negotiate: Any, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    negotiate.answers["/api/token"] = {"url": "wss://evil.example/ws", "token": "s3cret", "ping": 18_000}
    with caplog.at_level(logging.WARNING):
        await play(variant(NEGOTIATED))
        await until(lambda: "the venue named a socket at 'evil.example'" in caplog.text)

    assert "name it in `hosts`" in caplog.text
    assert "s3cret" not in caplog.text


async def test_a_ping_that_is_in_another_unit_is_noticed(
    variant: Any, play: Any, negotiate: Any, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await play(variant(NEGOTIATED.replace(", unit: ms", "")).with_name("variant.yaml"))
    await until(lambda: "give the learnt field its `unit`" in caplog.text)


async def test_nothing_is_asked_before_the_greeting(variant: Any, play: Any, negotiate: Any, until: Any) -> None:
    welcome = asyncio.Event()

    async def greet(talk: Any) -> None:
        async def later() -> None:
            await welcome.wait()
            await talk.say({"t": "welcome"})

        greeting.append(asyncio.create_task(later()))

    greeting: list[asyncio.Task[None]] = []
    negotiate.on_open = greet
    exchange = await play(variant(NEGOTIATED))
    await until(lambda: negotiate.talks)
    await asyncio.sleep(0.03)
    assert negotiate.talks[0].heard == []
    welcome.set()
    await until(lambda: exchange.ready)


async def test_a_greeting_that_never_comes_fails_the_connection(
    variant: Any, play: Any, negotiate: Any, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    negotiate.on_open = None
    await play(variant(NEGOTIATED))
    await until(lambda: len(negotiate.talks) >= 2)

    assert "streams.market.login: no good answer within 10 s" in caplog.text


LOGIN = """\
streams:
  market:
    limits: {login: 1/5s}
    login: {send: {op: login, depth: "{opt.depth}", id: "{request_id}"}, accepted: {t: loggedin}}
    refused: {when: {no: null, event: error}, code: code, message: text}
"""


async def test_a_login_is_sent_first_and_its_refusal_fails_the_connection_which_is_tried_again(
    variant: Any, play: Any, venue: Any, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def answer(talk: Any, message: Any) -> None:
        if message["op"] != "login":
            await talk.say({"ok": message["id"]})
        elif len(venue.talks) == 1:
            await talk.say({"event": "error", "code": "SLOW", "text": "too many logins"})
        else:
            await talk.say({"t": "loggedin"})

    venue.on_message = answer
    exchange = await play(variant(LOGIN))
    await until(lambda: exchange.ready)

    assert [message["op"] for message in venue.talks[0].heard] == ["login"]
    assert [message["op"] for message in venue.talks[1].heard] == ["login", "sub", "sub"]
    assert "streams.market.login: rate_limited: code SLOW, too many logins" in caplog.text


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("streams: {market: {auth: signed}}", "the handshake"),
        ("streams: {market: {login: {send: {op: login}, auth: signed}}}", "`login`"),
        (
            'streams: {market: {subscribe: {send: {op: sub, channel: "{channel}", id: "{request_id}"}, auth: signed}}}',
            "`subscribe`",
        ),
        (
            "session: {t: {obtain: token}}\nendpoints: {token: {get: /t, auth: signed, result: {t: t}}}\n"
            'streams: {market: {channels: {book: "book.{symbol}.{session.t}"}}}',
            r"the request behind \{session.t\}",
        ),
    ],
)
async def test_a_stream_that_has_to_be_signed_is_refused_before_anything_is_sent(
    variant: Any, play: Any, venue: Any, words: str, what: str
) -> None:
    with pytest.raises(CredentialsError, match=f"streams.market: {what} has to be signed"):
        await play(variant(words))
    assert venue.talks == []


COMPRESSED = [
    ("[gzip, json]", gzip.compress),
    ("[inflate, json]", zlib.compress),
    ("[inflate_raw, json]", lambda data: zlib.compress(data, wbits=-15)),
]


@pytest.mark.parametrize(("decode", "compress"), COMPRESSED, ids=[word for word, _ in COMPRESSED])
async def test_compressed_frames_are_read(
    variant: Any, play: Any, venue: Any, until: Any, heard: Any, decode: str, compress: Any
) -> None:
    async def say_yes(talk: Any, message: Any) -> None:
        await talk.say(compress(json.dumps({"ok": message["id"]}).encode()))

    venue.on_message = say_yes
    exchange = await play(variant(f"streams: {{market: {{decode: {decode}}}}}"))
    trades = heard(exchange, Trade)
    await until(lambda: exchange.ready)
    await venue.talks[0].say(compress(b'{"t": "trade", "s": "btcusd", "p": "100.10", "q": "1", "m": "b"}'))
    await until(lambda: trades)

    assert str(trades[0].price) == "100.10"


async def test_a_heartbeat_is_sent_and_its_answer_ends_there(variant: Any, play: Any, venue: Any, until: Any) -> None:
    async def answer(talk: Any, message: Any) -> None:
        await talk.say("pong" if message == "ping" else {"ok": message["id"]})

    venue.on_message = answer
    exchange = await play(variant("streams: {market: {heartbeat: {every: 5s, send: ping, answer: pong}}}"))
    await until(lambda: exchange.ready)
    await until(lambda: venue.talks[0].heard.count("ping") >= 4)

    [connection] = exchange.parts.data_source.connections
    assert connection.unrouted == 0
    assert exchange.parts.complaints.counts == {}
    assert len(venue.talks) == 1


async def test_silence_ends_a_connection_and_makes_its_books_stale(
    variant: Any, play: Any, venue: Any, until: Any
) -> None:
    exchange = await play(variant("streams: {market: {heartbeat: {every: 20s, send: ping}}}"))
    await until(lambda: exchange.ready)
    await until(lambda: len(venue.talks) == 2)
    await until(lambda: exchange.ready)
    assert exchange.order_book_tracker.metrics("BTC-USD").resyncs >= 1


async def test_a_connection_is_renewed_before_the_venue_ends_it(
    variant: Any, play: Any, venue: Any, until: Any
) -> None:
    exchange = await play(variant("streams: {market: {max_age: 20s}}"))
    await until(lambda: len(venue.talks) >= 3)
    await until(lambda: exchange.ready)


async def test_after_a_reconnect_everything_that_is_followed_by_then_is_asked_for(
    toy: Any, play: Any, venue: Any, until: Any
) -> None:
    exchange = await play(toy, "BTC-USD")
    await until(lambda: exchange.ready)
    await exchange.add_trading_pair("ETH-USD")
    await exchange.remove_trading_pair("BTC-USD")
    await until(lambda: exchange.ready)
    await venue.talks[0].socket.close()
    await until(lambda: not exchange.ready)
    await until(lambda: exchange.ready)

    assert sorted(venue.talks[1].subscribed()) == ["book.ethusd", "trades.ethusd"]


async def test_a_venue_may_ask_for_a_reconnect(variant: Any, play: Any, venue: Any, until: Any) -> None:
    exchange = await play(variant("streams: {market: {events: {bye: {when: {t: bye}, emit: reconnect}}}}"))
    await until(lambda: exchange.ready)
    await venue.talks[0].say({"t": "bye"})
    await until(lambda: len(venue.talks) == 2)
    await until(lambda: exchange.ready)


async def test_a_venue_may_say_that_something_changed_and_it_is_asked(
    variant: Any, play: Any, venue: Any, until: Any, heard: Any
) -> None:
    spec = variant("streams: {market: {events: {changed: {when: {t: changed}, emit: poll, operations: [last_price]}}}}")
    for symbol in ("btcusd", "ethusd"):
        venue.answers[f"/api/last/{symbol}"] = {"last": "100"}
    exchange = await play(spec, "BTC-USD", "ETH-USD")
    polls, tickers = heard(exchange, PollEvent), heard(exchange, Ticker)
    await until(lambda: exchange.ready)
    for _ in range(50):
        await venue.talks[0].say({"t": "changed"})
    await until(lambda: len(polls) == 50)
    await until(lambda: len(tickers) >= 2)

    assert polls[0] == PollEvent("market", ("last_price",))
    assert {ticker.trading_pair for ticker in tickers} == {"BTC-USD", "ETH-USD"}
    assert len(venue.asked("/api/last")) < 50, "it is asked one at a time, and once more for all that came meanwhile"


async def test_a_lost_frame_makes_every_book_of_the_connection_unknown_and_connects_anew(
    variant: Any, play: Any, venue: Any, until: Any, heard: Any
) -> None:
    exchange = await play(variant("streams: {market: {sequence: {path: n}}}"), "BTC-USD", "ETH-USD")
    troubles = heard(exchange, StreamTrouble)
    await until(lambda: exchange.ready)
    states: list[set[BookState]] = []
    exchange.add_listener(
        lambda trouble: asyncio.get_running_loop().call_soon(
            lambda: states.append({book.state for book in exchange.order_books.values()})
        ),
        StreamTrouble,
    )
    for number in (1, 2, 4):
        await venue.talks[0].say({"t": "tick", "n": number})
    await until(lambda: len(venue.talks) == 2)
    await until(lambda: exchange.ready)

    [trouble] = troubles
    assert isinstance(trouble.error, FrameGapError)
    assert (trouble.error.expected, trouble.error.found) == (3, 4)
    assert set(trouble.trading_pairs) == {"BTC-USD", "ETH-USD"}
    assert states == [{BookState.STALE}]


REQUEST = """\
streams:
  market:
    events:
      whole:
        when: {t: whole}
        emit: order_book_snapshot
        channel: book
        map: {symbol: s, update_id: u, bids: b, asks: a}
order_book: {snapshot: {from: request, send: {op: whole, market: "{symbol}", id: "{request_id}"}}}
"""


async def test_a_book_may_be_asked_for_on_the_socket_of_its_diffs(
    variant: Any, play: Any, venue: Any, until: Any, diff: Any
) -> None:
    asked = 0

    async def answer(talk: Any, message: Any) -> None:
        nonlocal asked
        if message["op"] != "whole":
            await talk.say({"ok": message["id"]})
            return
        asked += 1
        if asked == 1:
            await talk.say({"no": message["id"], "why": "busy"})
        else:
            await talk.say({"t": "whole", "s": message["market"], "u": 10, "b": [["99", "1"]], "a": [["101", "1"]]})

    venue.on_message = answer
    exchange = await play(variant(REQUEST))
    await until(lambda: exchange.ready)
    await venue.talks[0].say(diff(11, 11, bids=[["100", "1"]]))
    await until(lambda: exchange.get_order_book("BTC-USD").last_diff_uid == 11)

    assert venue.asked("/api/book") == []
    assert asked == 2


async def test_a_snapshot_waits_for_so_many_diffs(variant: Any, play: Any, venue: Any, until: Any, diff: Any) -> None:
    exchange = await play(variant("order_book: {snapshot: {from: rest, after: {diffs: 3, delay: 5s}}}"))
    await until(lambda: venue.talks and len(venue.talks[0].heard) == 2)
    for number in (9, 10):
        await venue.talks[0].say(diff(number, number))
    await asyncio.sleep(0.03)
    assert venue.asked("/api/book") == []

    await venue.talks[0].say(diff(11, 11))
    await until(lambda: exchange.ready)
    assert exchange.get_order_book("BTC-USD").last_diff_uid == 11
