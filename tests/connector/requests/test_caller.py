"""One request and its policy: what is sent again after which error, what before, and what never."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from declconn.connector.exchange import Exchange
from declconn.errors import CredentialsError, LostAnswerError, NetworkError, UnknownOutcomeError, VenueError
from declconn.net.transport import Request, Response, Socket
from declconn.nonces import MemoryNonces
from declconn.registry import connect
from declconn.testing.clock import ManualClock

SPEC = """\
hosts: [toy-cdn.example]
rate_limits: {weight: {allow: 100/1s, used: X-Used}, orders: {allow: 1/1s, per: symbol}}
auth:
  clock: server_time
  recipes:
    ordered:
      serial: true
      body: {before: {nonce: "{nonce.ms}"}}
      let: {sign: {hmac: sha256, key: "{cred.api_secret}", data: "{req.body}", out: hex}}
      inject: {headers: {KEY: "{cred.api_key}", SIGN: "{sign}", TIME: "{clock.ms}"}}
    with_token: {fields: {after: {t: "{clock.ms}"}}, inject: {headers: {TOKEN: "{session.token}"}}, unbound: true}
session: {token: {obtain: log_in}}
endpoints:
  server_time: {get: /time, result: {time: t}}
  log_in: {post: /login, result: {token: token}}
  balances: {auth: ordered, get: null, post: /balances, cost: {weight: 1}}
  recent_trades:
    {get: /trades, auth: with_token, each: "@", result: {trade_id: id, client_order_id: c, price: p, amount: q}}
  set_leverage: {post: /leverage, auth: ordered, body: {symbol: "{symbol}"}, cost: {orders: 1}, result: {leverage: l}}
  cancel_order: {delete: /order, auth: with_token, params: {id: "{client_order_id}"}}
  last_price: {rate: {allow: 1/1s, per: symbol}}
  funding_info:
    - {get: /funding, rate: 2/1s, params: {symbol: "{symbol}"}, result: {rate: r}}
    - {get: /mark, rate: 1/1s, params: {symbol: "{symbol}"}, result: {mark_price: m}}
errors:
  kinds:
    clock_skew: {code: SKEW}
    nonce: {code: NONCE}
    not_modified: {code: SAME}
    maintenance: {code: CLOSED}
    authentication: {code: WHO}
    insufficient_funds: {code: POOR}
"""
CREDENTIALS = {"api_key": "key", "api_secret": "secret"}


class LeapingClock(ManualClock):
    """Whoever sleeps has slept already."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.advance(math.ceil(seconds * 1e9) / 1e9)
        await asyncio.sleep(0)


class Venue:
    """A transport that answers by path: JSON, an error code, an exception or a function, the next of a list each time.

    Attributes:
        asked: the requests, in order.
        answers: what each path answers; the last of a list stays.
    """

    def __init__(self, clock: ManualClock) -> None:
        self.asked: list[Request] = []
        self.answers: dict[str, list[Any]] = {"/login": [{"token": "t1"}, {"token": "t2"}]}
        self.headers: dict[str, str] = {}
        self.ahead = 0.0
        self.at_once = 0
        self.most_at_once = 0
        self._clock = clock

    async def send(self, request: Request) -> Response:
        self.asked.append(request)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        path = request.url.split("/api")[1].partition("?")[0]
        if path == "/time" and path not in self.answers:
            return Response(
                200, {}, json.dumps({"t": self._clock.time_ns() // 10**6 + int(self.ahead * 1000)}).encode()
            )
        answers = self.answers.get(path, [[]])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, str):
            answer = {"error": {"code": answer, "text": "no"}}
        return Response(200, self.headers, json.dumps(answer).encode())

    async def connect(self, url: str, headers: Mapping[str, str], *, max_frame: int, ping: float | None) -> Socket:
        raise NetworkError("no sockets here")

    async def close(self) -> None:
        pass

    def paths(self) -> list[str]:
        return [request.url.split("/api")[1].partition("?")[0] for request in self.asked]

    def times(self, path: str) -> int:
        return self.paths().count(path)

    def headers_of(self, path: str, name: str) -> list[str]:
        return [request.headers[name] for request in self.asked if path in request.url]


@pytest.fixture
def clock() -> LeapingClock:
    return LeapingClock()


@pytest.fixture
def venue(clock: LeapingClock) -> Venue:
    return Venue(clock)


@pytest.fixture
def exchange(variant: Callable[[str], Path], venue: Venue, clock: LeapingClock) -> Exchange:
    return connect(variant(SPEC), credentials=CREDENTIALS, transport=venue, clock=clock, random=Random(1))


def call(exchange: Exchange, operation: str, **arguments: Any) -> Any:
    return exchange.parts.operations.call(operation, {"symbol": "btcusd", "client_order_id": "c1", **arguments})


async def test_a_signed_operation_without_credentials_says_what_to_give(
    variant: Callable[[str], Path], venue: Venue, clock: LeapingClock
) -> None:
    exchange = connect(variant(SPEC), credentials={}, transport=venue, clock=clock)
    with pytest.raises(CredentialsError, match=r"balances has to be signed.*'api_key': .*DECLCONN_VARIANT_API_SECRET"):
        await call(exchange, "balances")
    assert venue.asked == []


@pytest.mark.parametrize(("kind", "times"), [("SLOW", 3), ("CLOSED", 3), ("NONCE", 2), ("SKEW", 2), ("POOR", 1)])
@pytest.mark.parametrize(("operation", "path"), [("balances", "/balances"), ("set_leverage", "/leverage")])
async def test_after_an_error_that_says_nothing_happened_it_is_sent_again_so_often(
    exchange: Exchange, venue: Venue, operation: str, path: str, kind: str, times: int
) -> None:
    venue.answers[path] = [kind]
    with pytest.raises(VenueError):
        await call(exchange, operation)
    assert venue.times(path) == times


async def test_each_attempt_has_the_next_nonce_and_the_time_as_it_is_then(
    exchange: Exchange, venue: Venue, clock: LeapingClock
) -> None:
    venue.answers["/balances"] = ["NONCE", "CLOSED", []]
    await call(exchange, "balances")
    nonces = [json.loads(request.body)["nonce"] for request in venue.asked if "/balances" in request.url]
    times = [int(time) for time in venue.headers_of("/balances", "TIME")]
    assert nonces == [times[0], times[0] + 1, times[2]]
    assert times[2] - times[1] == pytest.approx(clock.waits[0] * 1000, abs=1)


async def test_a_wrong_clock_is_set_by_the_venues_and_the_request_sent_again(exchange: Exchange, venue: Venue) -> None:
    await call(exchange, "balances")
    venue.ahead = 5.0
    venue.answers["/balances"] = ["SKEW", []]
    await call(exchange, "balances")
    before, wrong, right = (int(time) for time in venue.headers_of("/balances", "TIME"))
    assert (wrong - before, right - before) == (0, 5000)
    assert venue.times("/time") == 2


async def test_without_a_time_operation_a_wrong_clock_is_told(
    variant: Callable[[str], Path], venue: Venue, clock: LeapingClock
) -> None:
    path = variant(SPEC.replace("clock: server_time", "clock: local"))
    exchange = connect(path, credentials=CREDENTIALS, transport=venue, clock=clock)
    venue.answers["/balances"] = ["SKEW"]
    with pytest.raises(VenueError, match="clock_skew"):
        await call(exchange, "balances")
    assert venue.paths() == ["/balances"]


async def test_a_time_of_the_venues_that_cannot_be_is_not_followed(
    exchange: Exchange, venue: Venue, clock: LeapingClock, caplog: pytest.LogCaptureFixture
) -> None:
    venue.answers["/time"] = [{"t": clock.time_ns()}]  # nanoseconds, where the spec says milliseconds
    await call(exchange, "balances")
    assert venue.headers_of("/balances", "TIME") == [str(clock.time_ns() // 10**6)]
    assert "endpoints.server_time.time: found a time in the year" in caplog.text
    assert "is `time_unit` right?" in caplog.text


async def test_what_is_so_already_is_a_success(exchange: Exchange, venue: Venue) -> None:
    venue.answers["/leverage"] = ["SAME"]
    assert await call(exchange, "set_leverage") == []


async def test_a_value_that_does_not_serve_is_obtained_anew_once(exchange: Exchange, venue: Venue) -> None:
    venue.answers["/trades"] = ["WHO", []]
    await call(exchange, "recent_trades")
    assert venue.headers_of("/trades", "TOKEN") == ["t1", "t2"]

    venue.answers["/trades"] = ["WHO"]
    with pytest.raises(VenueError, match="authentication"):
        await call(exchange, "recent_trades")
    assert venue.times("/trades") == 4
    await exchange.stop()


async def test_many_who_are_refused_with_one_token_obtain_one_new_token(exchange: Exchange, venue: Venue) -> None:
    venue.answers["/trades"] = [lambda request: "WHO" if request.headers["TOKEN"] == "t1" else []]
    await asyncio.gather(*(call(exchange, "recent_trades") for _ in range(5)))
    assert venue.times("/login") == 2
    await exchange.stop()


async def test_a_wrong_key_is_told_at_once(exchange: Exchange, venue: Venue) -> None:
    venue.answers["/balances"] = ["WHO"]
    with pytest.raises(VenueError, match="authentication"):
        await call(exchange, "balances")
    assert venue.times("/balances") == 1


async def test_that_something_is_tried_again_is_said_only_where_it_is(
    exchange: Exchange, venue: Venue, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "declconn.rest")
    venue.answers["/balances"] = ["WHO"]
    with pytest.raises(VenueError, match="authentication"):
        await exchange.parts.operations.call("balances")
    assert "tried again" not in caplog.text


async def test_what_was_surely_not_sent_is_sent_again(exchange: Exchange, venue: Venue) -> None:
    venue.answers["/leverage"] = [NetworkError("refused"), NetworkError("refused"), {"l": 3}]
    (reply,) = await call(exchange, "set_leverage")
    assert reply.leverage == 3


async def test_what_was_perhaps_sent_is_not_if_it_changes_something(exchange: Exchange, venue: Venue) -> None:
    venue.answers["/leverage"] = [NetworkError("refused"), LostAnswerError("gone"), {"l": 3}]
    with pytest.raises(UnknownOutcomeError, match=r"set_leverage.*gone"):
        await call(exchange, "set_leverage")
    assert venue.times("/leverage") == 2


async def test_a_good_answer_without_what_was_asked_for_leaves_open_what_happened(
    exchange: Exchange, venue: Venue
) -> None:
    venue.answers["/leverage"] = [{"l": "many"}]
    with pytest.raises(UnknownOutcomeError, match="leverage"):
        await call(exchange, "set_leverage")


async def test_requests_of_a_key_go_one_after_another_in_all_connectors_and_in_the_order_of_their_nonces(
    variant: Callable[[str], Path], venue: Venue, clock: LeapingClock
) -> None:
    path, nonces = variant(SPEC), MemoryNonces()
    exchanges = [connect(path, credentials=CREDENTIALS, transport=venue, clock=clock, nonces=nonces) for _ in range(2)]
    await asyncio.gather(*(call(exchange, "balances") for exchange in exchanges * 5))
    sent = [json.loads(request.body)["nonce"] for request in venue.asked if "/balances" in request.url]
    assert venue.most_at_once <= 2, "the two questions for the time may meet"
    assert sent == sorted(set(sent))
    assert len(sent) == 10


async def test_the_venues_time_is_asked_before_the_first_signature_and_when_it_is_old(
    exchange: Exchange, venue: Venue, clock: LeapingClock
) -> None:
    venue.ahead = 3.0
    await call(exchange, "balances")
    assert venue.paths() == ["/time", "/balances"]
    assert int(venue.headers_of("/balances", "TIME")[0]) == clock.time_ns() // 10**6 + 3000

    clock.advance(601)
    await call(exchange, "set_leverage")
    assert venue.times("/time") == 1, "what changes something does not wait for it"
    await call(exchange, "balances")
    assert venue.times("/time") == 2
    await call(exchange, "balances")
    assert venue.times("/time") == 2


@pytest.mark.parametrize("answer", [NetworkError("refused"), {"t": "noon"}, {}])
async def test_a_venue_that_does_not_tell_its_time_stops_nobody_and_is_asked_again_later(
    exchange: Exchange, venue: Venue, clock: LeapingClock, answer: Any
) -> None:
    venue.answers["/time"] = [answer]
    for _ in range(2):
        await call(exchange, "balances")
    assert int(venue.headers_of("/balances", "TIME")[0]) == clock.time_ns() // 10**6
    assert venue.times("/time") == 1
    clock.advance(61)
    await call(exchange, "balances")
    assert venue.times("/time") == 2


async def test_what_nobody_signs_asks_for_no_time(exchange: Exchange, venue: Venue) -> None:
    await call(exchange, "log_in")
    assert venue.paths() == ["/login"]


async def test_what_the_venue_says_is_used_is_used(exchange: Exchange, venue: Venue, clock: LeapingClock) -> None:
    venue.headers = {"X-Used": "95"}
    await call(exchange, "balances")
    clock.waits.clear()
    await call(exchange, "balances")
    assert clock.waits == [pytest.approx(1)]


async def test_every_symbol_has_an_allowance_of_its_own(exchange: Exchange, venue: Venue, clock: LeapingClock) -> None:
    venue.answers["/last/btcusd"] = venue.answers["/last/ethusd"] = [{"price": "1"}]
    await call(exchange, "last_price")
    await call(exchange, "last_price", symbol="ethusd")
    assert clock.waits == []
    await call(exchange, "last_price")
    assert clock.waits == [pytest.approx(1)]


async def test_every_request_of_a_list_has_its_own_rate(exchange: Exchange, venue: Venue, clock: LeapingClock) -> None:
    await call(exchange, "funding_info")
    assert clock.waits == []
    await call(exchange, "funding_info")
    assert clock.waits == [pytest.approx(1)], "the second request of the list is the slower one"


async def test_secrets_go_only_where_the_spec_knows_the_venue_to_be(
    variant: Callable[[str], Path], venue: Venue, clock: LeapingClock
) -> None:
    text = SPEC.replace("{delete: /order,", '{delete: "{session.token.host}/api/order",')
    text = text.replace("{token: token}", "{token: token, host: host}")
    exchange = connect(variant(text), credentials=CREDENTIALS, transport=venue, clock=clock)
    hosts = ["https://a.toy-cdn.example", "https://thief.example", "http://a.toy-cdn.example", "http://127.0.0.1:8080"]
    venue.answers["/login"] = [{"token": "t", "host": host} for host in hosts]
    for refused in (False, True, True, False):
        if refused:
            with pytest.raises(CredentialsError, match=r"thief\.example|without TLS"):
                await call(exchange, "cancel_order")
        else:
            await call(exchange, "cancel_order")
        await exchange.stop()
    assert venue.times("/order") == 2


def test_credentials_do_not_go_anywhere_without_tls(variant: Callable[[str], Path], venue: Venue) -> None:
    path = variant("environments: {main: {rest: http://toy.example/api}}\n")
    with pytest.raises(CredentialsError, match=r"'toy\.example' \(rest\) without TLS"):
        connect(path, credentials=CREDENTIALS, transport=venue)
    connect(path, credentials={}, transport=venue)
