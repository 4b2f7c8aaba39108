"""What is learnt while running, and kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest

from declconn.compile.template import compile_template
from declconn.connector.session import Session, session_names
from declconn.errors import MappingError, NetworkError
from declconn.registry import load_spec
from declconn.testing.clock import ManualClock
from declconn.types import TimeUnit

VALUES = """\
session:
  public: {obtain: token, per: connection}
  account_id: {obtain: account}
  listen_key: {obtain: make_key, renew: keep_key, every: 30m}
  ticket: {obtain: ticket}
  margin_mode: {obtain: mode, per: symbol, default: ISOLATED}
endpoints:
  token: {post: /token, result: {url: url, token: token, ping: {path: ping, unit: ms}}}
  account: {get: /account, result: {account_id: id, kind: kind}}
  make_key: {post: /key, result: {listen_key: key}}
  keep_key: {put: /key, params: {key: "{session.listen_key}"}}
  ticket: {get: /ticket, result: {ticket: ticket, expires_in: ttl}}
  mode: {get: /mode, params: {symbol: "{symbol}"}, result: {margin_mode: mode}}
"""


class Venue:
    """Answers operations, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.error: Exception | None = None

    async def call(self, operation: str, arguments: Mapping[str, Any]) -> list[Any]:
        await asyncio.sleep(0)
        self.asked.append(f"{operation} {arguments['symbol']}" if arguments else operation)
        if self.error is not None:
            raise self.error
        number = len(self.asked)
        answers: dict[str, dict[str, Any]] = {
            "token": {"url": "wss://v.example", "token": f"t{number}", "ping": "18000"},
            "account": {"account_id": number, "kind": "spot"},
            "make_key": {"listen_key": f"key{number}"},
            "ticket": {"ticket": f"ticket{number}", "expires_in": 100},
            "mode": {"margin_mode": f"CROSS {arguments.get('symbol')}"},
        }
        return [answers[operation]] if operation in answers else []


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def asked_venue() -> Venue:
    return Venue()


@pytest.fixture
async def session(variant: Callable[[str], Any], clock: ManualClock, asked_venue: Venue) -> AsyncIterator[Session]:
    session = Session(load_spec(variant(VALUES)), clock)
    session.obtain_through(asked_venue.call)
    yield session
    await session.stop()


async def later(clock: ManualClock, seconds: float) -> None:
    for _ in range(5):
        await asyncio.sleep(0)
    clock.advance(seconds)
    for _ in range(10):
        await asyncio.sleep(0)


def write(session: Session, template: str, **whose: Any) -> Any:
    whose = {"market": {}, **whose}
    return compile_template(template, TimeUnit.MS)({"session": session.sources(**whose)})


def test_the_names_in_templates_are_found() -> None:
    templates = ("{session.public.url}?t={session.token}", {"a": ["{symbol}", {"b": "{session.x|lower}"}]}, None)

    assert session_names(*templates) == {"public", "token", "x"}


async def test_a_value_is_its_field_of_the_same_name_and_has_its_other_fields(session: Session) -> None:
    await session.ensure(["account_id", "public"], market={})

    assert write(session, "{session.account_id}") == 1
    assert write(session, "{session.account_id.kind}") == "spot"
    assert write(session, "{session.public.url}?t={session.public.token}") == "wss://v.example?t=t2"


async def test_a_field_with_a_unit_is_a_duration(session: Session) -> None:
    await session.ensure(["public"], market={})

    assert write(session, "{session.public.ping|s}") == 18


async def test_a_value_of_the_account_is_obtained_once_however_many_want_it(
    session: Session, asked_venue: Venue
) -> None:
    await asyncio.gather(*(session.ensure(["account_id"], connection=number, market={}) for number in range(5)))

    assert asked_venue.asked == ["account"]


async def test_a_connection_has_its_own_until_it_is_gone(session: Session, asked_venue: Venue) -> None:
    for connection in ("a", "b", "a"):
        await session.ensure(["public"], connection=connection, market={})
    assert [write(session, "{session.public.token}", connection=name) for name in "ab"] == ["t1", "t2"]

    session.forget("a")
    await session.ensure(["public"], connection="a", market={})
    assert write(session, "{session.public.token}", connection="a") == "t3"
    assert len(asked_venue.asked) == 3


async def test_a_symbol_has_its_own(session: Session, asked_venue: Venue) -> None:
    for symbol in ("btcusd", "ethusd", "btcusd"):
        await session.ensure(["margin_mode"], market={"symbol": symbol})

    assert asked_venue.asked == ["mode btcusd", "mode ethusd"]
    assert write(session, "{session.margin_mode}", market={"symbol": "ethusd"}) == "CROSS ethusd"


async def test_a_default_is_taken_until_there_is_an_answer(
    session: Session, asked_venue: Venue, clock: ManualClock
) -> None:
    asked_venue.error, market = NetworkError("down"), {"symbol": "btcusd"}
    await session.ensure(["margin_mode"], market=market)
    assert write(session, "{session.margin_mode}", market=market) == "ISOLATED"

    await later(clock, 60)
    asked_venue.error = None
    await later(clock, 60)
    assert write(session, "{session.margin_mode}", market=market) == "CROSS btcusd"
    await later(clock, 600)
    assert len(asked_venue.asked) == 3


async def test_what_cannot_be_obtained_is_an_error_and_is_tried_again_at_the_next_use(
    session: Session, asked_venue: Venue
) -> None:
    asked_venue.error = NetworkError("down")
    with pytest.raises(NetworkError, match="down"):
        await session.ensure(["account_id"], market={})
    asked_venue.error = None
    await session.ensure(["account_id"], market={})

    assert write(session, "{session.account_id}") == 2


async def test_an_answer_that_holds_nothing_is_an_error_that_names_the_value(session: Session) -> None:
    async def nothing(operation: str, arguments: Mapping[str, Any]) -> list[Any]:
        return []

    session.obtain_through(nothing)
    with pytest.raises(MappingError, match=r"session\.ticket: the answer of ticket holds nothing"):
        await session.ensure(["ticket"], market={})


async def test_it_is_renewed_as_often_as_the_spec_says_and_keeps_its_fields(
    session: Session, asked_venue: Venue, clock: ManualClock
) -> None:
    await session.ensure(["listen_key"], market={})
    for _ in range(2):
        await later(clock, 30 * 60)

    assert asked_venue.asked == ["make_key", "keep_key", "keep_key"]
    assert write(session, "{session.listen_key}") == "key1"


async def test_it_is_renewed_before_it_expires(session: Session, asked_venue: Venue, clock: ManualClock) -> None:
    await session.ensure(["ticket"], market={})
    await later(clock, 79)
    assert write(session, "{session.ticket}") == "ticket1"
    await later(clock, 1)

    assert write(session, "{session.ticket}") == "ticket2"


async def test_what_cannot_be_renewed_is_dropped_and_obtained_anew(
    session: Session, asked_venue: Venue, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    await session.ensure(["listen_key"], market={})
    asked_venue.error = NetworkError("down")
    with caplog.at_level(logging.WARNING):
        await later(clock, 30 * 60)
    asked_venue.error = None
    await session.ensure(["listen_key"], market={})

    assert "session.listen_key: it could not be renewed" in caplog.text
    assert asked_venue.asked == ["make_key", "keep_key", "make_key"]


async def test_after_a_stop_nothing_is_held_and_nothing_is_renewed(
    session: Session, asked_venue: Venue, clock: ManualClock
) -> None:
    await session.ensure(["listen_key", "ticket"], market={})
    await session.stop()
    await later(clock, 3600)

    assert len(asked_venue.asked) == 2
    assert session.sources(market={}) == {}
