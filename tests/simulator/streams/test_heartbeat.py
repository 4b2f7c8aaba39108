"""Whoever says that he lives is answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from declconn.errors import DeclconnError
from declconn.records import TradingRule
from declconn.registry import load_spec
from declconn.simulator.streams.feed import Feed
from declconn.spec import models

KNOWN = {"opt": {"depth": 1000}, "env": {"ws": "wss://ws.kraken.com/v2"}}


def answers(message: Any, **heartbeat: Any) -> tuple[str, ...] | None:
    """What a stream with this heartbeat answers, after it was rehearsed."""
    spec = load_spec("kraken")
    beat = models.Heartbeat.model_validate({"every": "20s", **heartbeat})
    model = spec.streams["market"].model_copy(update={"heartbeat": beat})
    feed = Feed("market", model, spec, [TradingRule("XBTUSDT", "BTC", "USDT")])
    feed.heartbeat.rehearse(KNOWN)
    heard = feed.hear(message if isinstance(message, str) else json.dumps(message), KNOWN)
    return None if heard is None else heard.answers


def test_the_answer_of_the_spec_says_what_the_question_said() -> None:
    words = {"send": {"op": "ping", "id": "{request_id}"}, "answer": {"op": "pong", "id": "{request_id}"}}
    assert answers({"op": "ping", "id": 3}, **words) == ('{"op":"pong","id":3}',)
    assert answers("ping", send="ping", answer="pong") == ("pong",)


def test_a_spec_without_an_answer_gets_its_own_words_back() -> None:
    assert answers({"method": "ping", "x": 1}, send={"method": "ping"}) == ('{"method":"ping","x":1}',)


def test_other_messages_are_no_heartbeats() -> None:
    assert answers({"op": "pong"}, send={"op": "ping"}) is None
    assert answers("ping") is None  # the protocol's own ping is enough here


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"send": "ping"}, "heartbeat: ping would be read as something else; `answer` can say"),
        ({"send": {"channel": "trade", "type": "update"}}, "would be read as something else"),
        ({"send": {"op": "ping"}, "answer": {"sum(a)": 1}}, "its conditions cannot all be made true"),
    ],
)
def test_a_heartbeat_that_cannot_be_answered_is_refused_when_the_venue_is_made(
    words: dict[str, Any], reason: str
) -> None:
    with pytest.raises((ValueError, DeclconnError), match=reason):
        answers("ping", **words)
