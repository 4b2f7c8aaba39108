"""Messages of a connector, understood."""

from __future__ import annotations

from typing import Any

import pytest

from declconn.simulator.wire.question import Question
from declconn.types import TimeUnit

KNOWN = {"opt": {"depth": 20}}


def read(template: Any, message: Any) -> dict[str, Any] | None:
    return Question(template, TimeUnit.MS).read(message, KNOWN)


@pytest.mark.parametrize(
    ("template", "message", "captures"),
    [
        (
            {"method": "SUBSCRIBE", "params": "{channels}", "id": "{request_id}"},
            {"method": "SUBSCRIBE", "params": ["a", "b"], "id": 3},
            {"channels": ["a", "b"], "request_id": 3},
        ),
        ({"op": "sub", "args": ["{channel}"]}, {"op": "sub", "args": [{"x": 1}]}, {"channel": {"x": 1}}),
        ({"id": "{request_id|text}", "n": 5}, {"id": "3", "n": 5}, {"request_id": "3"}),
        ({"req": "depth.{symbol}.{opt.depth}"}, {"req": "depth.BTC.20"}, {"symbol": "BTC"}),
        ({"depth": "{opt.depth}"}, {"depth": 20}, {}),
        ({"c": "{channel.name}", "p": "{channel.payload?}"}, {"c": "x"}, {"channel.name": "x"}),
        ({"kind": {"by": "opt.depth", "of": {"5": "a", "*": "b"}}}, {"kind": "b"}, {}),
        ("ping", "ping", {}),
    ],
)
def test_the_parts_that_only_the_connector_knows_are_captured(
    template: Any, message: Any, captures: dict[str, Any]
) -> None:
    assert read(template, message) == captures


def test_keys_beside_those_of_the_template_are_allowed() -> None:
    assert read({"op": "{channel}"}, {"op": "a", "signature": "x"}) == {"channel": "a"}


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ({"method": "SUBSCRIBE"}, {"method": "UNSUBSCRIBE"}),
        ({"sub": "{channel}"}, {"unsub": "a"}),
        ({"args": ["{channel}"]}, {"args": ["a", "b"]}),
        ({"args": ["{channel}"]}, {"args": "a"}),
        ({"depth": "{opt.depth}"}, {"depth": 50}),
        ({"op": "x"}, "x"),
        ({"op": "x"}, None),
    ],
)
def test_another_message_is_not_understood(template: Any, message: Any) -> None:
    assert read(template, message) is None
