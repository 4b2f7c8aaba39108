"""The private streams of a venue over real sockets: login, subscriptions, news, and what a lost connection means."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from random import Random
from typing import Any

import pytest

from declconn.compile.assets import Assets
from declconn.compile.errors import ErrorReader
from declconn.compile.source_book import SourceBook
from declconn.compile.stream import Event, Taker
from declconn.connector.complaints import Complaints
from declconn.connector.exchange import Exchange
from declconn.connector.feed.dialing import Dialer
from declconn.connector.feed.limits import stream_limits
from declconn.connector.feed.strange_frames import MOST
from declconn.connector.feed.streams import Streams
from declconn.connector.feed.user_stream_data_source import UserStreamDataSource
from declconn.connector.hosts import Hosts
from declconn.connector.shared import Shared
from declconn.connector.words import words_of
from declconn.net.throttler import AsyncThrottler
from declconn.records import BalanceUpdate, OrderUpdate
from declconn.types import OrderState

SPEC = """\
session: {key: {obtain: new_key}}
endpoints: {new_key: {get: /key, result: {key: key}}}
orders: {sides: {BUY: b, SELL: s}, types: {LIMIT: {}}, states: {new: OPEN, done: FILLED}}
streams:
  user:
    url: "{env.ws}/user?key={session.key}"
    login: {send: {op: login, user: "{cred.api_key}"}, accepted: {welcome: true}}
    subscribe: {op: sub, channel: "{channel}", id: "{request_id}"}
    unsubscribe: {op: unsub}
    accepted: {ok: "{request_id}"}
    channels: {account: account, orders: "orders.{symbol}"}
    events:
      order: {when: {t: order}, emit: order_update, map: {client_order_id: c, state: state, filled: f}}
      balance: {when: {t: balance}, emit: balance_update, map: {asset: a, total: n}}
      expired: {when: {t: expired}, emit: reconnect}
"""


class Heard:
    """Keeps what is told, and how often the streams were opened."""

    def __init__(self) -> None:
        self.records: list[Any] = []
        self.openings = 0

    def taker(self, event: Event) -> Taker:
        return self.records.append

    def subscribed(self, pairs: Iterable[str]) -> None: ...

    def unreadable(self, trading_pair: str) -> None: ...

    def lost(self, pairs: Iterable[str]) -> None: ...

    def reconnected(self) -> None:
        self.openings += 1


class User:
    """The private streams beside a running connector, and the venue's end of them."""

    def __init__(self, exchange: Exchange, venue: Any) -> None:
        self.heard, self._venue = Heard(), venue
        parts, spec = exchange.parts, exchange.spec
        sources = SourceBook(
            parts.clock, environment=venue.environment, options={}, constants={}, credentials={"api_key": "k"}
        )
        throttler = AsyncThrottler(stream_limits(spec, sources), parts.clock)
        shared = Shared(
            sources=sources,
            session=parts.session,
            hosts=Hosts(venue.environment, ()),
            errors=ErrorReader(spec.errors),
            complaints=Complaints(spec.name),
            clock=parts.clock,
            throttler=throttler,
            tell=self.heard.records.append,
            want=lambda _operations: None,
        )
        words = words_of(spec, parts.symbols, Assets(None, {}))
        self.source = UserStreamDataSource(
            Streams(spec, parts.symbols, words).private(),
            symbols=parts.symbols,
            shared=shared,
            dial=Dialer(spec, parts.transport, throttler, parts.clock, Random(1), sources),
            news=self.heard,
            reconnected=self.heard.reconnected,
        )

    @property
    def talks(self) -> list[Any]:
        """The private sockets, in the order in which they were opened."""
        return [talk for talk in self._venue.talks if talk.path.startswith("/ws/user")]


@pytest.fixture
async def user(venue: Any, variant: Any, play: Any) -> Any:
    keys = count(1)
    venue.answers["/api/key"] = lambda _query: {"key": f"k{next(keys)}"}

    async def answer(talk: Any, message: Any) -> None:
        if message["op"] == "login":
            await talk.say({"welcome": True})
        else:
            await talk.say({"ok": message["id"]})

    venue.on_message = answer
    user = User(await play(variant(SPEC)), venue)
    yield user
    await user.source.stop()


async def test_it_logs_in_first_and_then_asks_for_the_account_and_for_each_pair(user: User, until: Any) -> None:
    user.source.start(["BTC-USD", "ETH-USD"])
    await until(lambda: user.source.connected and len(user.talks[0].heard) == 4)

    assert user.talks[0].heard[0] == {"op": "login", "user": "k"}
    assert user.talks[0].subscribed() == ["account", "orders.btcusd", "orders.ethusd"]
    assert len(user.talks) == 1


async def test_an_account_is_heard_of_without_any_pair(user: User, until: Any) -> None:
    user.source.start([])
    await until(lambda: user.source.connected and user.talks[0].subscribed() == ["account"])


async def test_news_are_handed_on_and_their_time_is_kept(user: User, until: Any) -> None:
    user.source.start(["BTC-USD"])
    await until(lambda: user.source.connected)
    assert user.source.last_recv_time == 0
    await user.talks[0].say({"t": "order", "c": "1", "state": "new", "f": "0"})
    await user.talks[0].say({"t": "balance", "a": "BTC", "n": "2"})
    await until(lambda: len(user.heard.records) == 2)

    assert [type(record) for record in user.heard.records] == [OrderUpdate, BalanceUpdate]
    assert user.heard.records[0].state is OrderState.OPEN
    assert user.source.last_recv_time > 0


async def test_every_opening_is_told_because_what_happened_before_was_not_heard(user: User, until: Any) -> None:
    user.source.start(["BTC-USD"])
    await until(lambda: user.heard.openings == 1)
    await user.talks[0].socket.close()
    await until(lambda: user.heard.openings == 2)
    await until(lambda: user.talks[1].subscribed() == ["account", "orders.btcusd"])


async def test_a_key_that_has_expired_is_not_used_again(user: User, until: Any) -> None:
    user.source.start([])
    await until(lambda: user.heard.openings == 1)
    await user.talks[0].say({"t": "expired"})
    await until(lambda: user.heard.openings == 2)
    assert [talk.path for talk in user.talks] == ["/ws/user?key=k1", "/ws/user?key=k2"]


async def test_streams_that_fell_silent_are_opened_anew(user: User, until: Any) -> None:
    user.source.start([])
    await until(lambda: user.heard.openings == 1)
    user.source.reconnect("it missed a fill")
    await until(lambda: user.heard.openings == 2)


async def test_pairs_come_and_go_on_the_open_socket(user: User, until: Any) -> None:
    user.source.start([])
    await until(lambda: user.source.connected)
    await user.source.subscribe("ETH-USD")
    await user.source.subscribe("BTC-USD")
    await user.source.unsubscribe("ETH-USD")
    await until(lambda: user.talks[0].subscribed() == ["account", "orders.btcusd"])
    assert len(user.talks) == 1


async def test_a_refused_login_is_no_connection(user: User, venue: Any, until: Any) -> None:
    async def refuse(talk: Any, message: Any) -> None:
        await talk.socket.close()

    venue.on_message = refuse
    user.source.start([])
    await until(lambda: len(user.talks) >= 2)
    assert user.heard.openings == 0
    assert not user.source.connected


async def test_after_stop_nothing_is_open_and_a_second_start_works(user: User, until: Any) -> None:
    user.source.start(["BTC-USD"])
    await until(lambda: user.source.connected)
    await user.source.stop()
    assert not user.source.connected
    user.source.start(["BTC-USD"])
    await until(lambda: user.heard.openings == 2)


async def test_frames_that_no_event_matches_are_told_once_of_each_shape(
    user: User, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    user.source.start(["BTC-USD"])
    await until(lambda: user.source.connected)
    [talk] = user.talks
    for frame in ({"hello": 1}, {"t": "fill", "data": [{"price": "9"}]}, {"t": "fill", "data": [{"price": "8"}]}):
        await talk.say(frame)
    await talk.say({"t": "order", "c": "1", "state": "new", "f": "0"})
    await until(lambda: user.heard.records)

    told = [record.getMessage() for record in caplog.records if "nothing the spec speaks of" in record.getMessage()]
    assert len(told) == 2
    assert told[0].endswith("{'hello': 1}")
    assert told[1].endswith("{'t': 'fill', 'data': [{'price': '9'}]}")
    assert all("streams.user" in message for message in told)


async def test_not_more_than_a_few_such_frames_are_told(
    user: User, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    user.source.start(["BTC-USD"])
    await until(lambda: user.source.connected)
    for number in range(10):
        await user.talks[0].say({f"kind {number}": number})
    await until(lambda: user.source.connections[0].unrouted == 10)
    assert caplog.text.count("nothing the spec speaks of") == MOST


async def test_who_waits_for_the_streams_hears_what_came_in_place_of_a_good_answer(
    user: User, venue: Any, until: Any
) -> None:
    async def answer(talk: Any, message: Any) -> None:
        await talk.say({"welcome": 7} if message["op"] == "login" else {"ok": message["id"]})

    venue.on_message = answer
    user.source.start(["BTC-USD"])
    await until(lambda: user.talks and "does `accepted` fit? The last frame: {'welcome': 7}" in user.source.troubles[0])
    assert user.source.troubles[0].startswith("user: streams.user.login: no good answer ")
