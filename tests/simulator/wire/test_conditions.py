"""Matchers made true."""

from __future__ import annotations

from typing import Any

import pytest

from declconn.simulator.wire.conditions import Conditions
from declconn.simulator.wire.lens import UnwritableError


@pytest.mark.parametrize(
    ("matcher", "message"),
    [
        ({"channel": "book", "type": "snapshot"}, {"channel": "book", "type": "snapshot"}),
        ({"data.e": "trade"}, {"data": {"e": "trade"}}),
        ({"event": ["subscribe", "unsubscribe"]}, {"event": "subscribe"}),
        ({"success": True, "code": 0}, {"success": True, "code": 0}),
        ({"id": "{request_id}", "result": {"is": None}}, {"id": 7, "result": None}),
        ({"id": "{request_id}", "error": {"absent": True}}, {"id": 7}),
        ({"ch": "market.{symbol}.depth.{opt.depth}"}, {"ch": "market.btcusdt.depth.20"}),
    ],
)
def test_a_message_is_made_that_matches(matcher: dict[str, Any], message: Any) -> None:
    sources = {"request_id": 7, "symbol": "btcusdt", "opt": {"depth": 20}}
    assert Conditions("when", matcher).write(None, sources) == message


def test_what_holds_already_is_left_alone() -> None:
    message = {"event": "unsubscribe", "data": [1]}
    assert Conditions("when", {"event": ["subscribe", "unsubscribe"]}).write(message, {}) is message


def test_what_was_written_is_captured_again() -> None:
    conditions = Conditions("when", {"topic": "trades.{symbol}"})
    assert conditions.match(conditions.write(None, {"symbol": "BTCUSDT"}), {}) == {"symbol": "BTCUSDT"}


def test_what_cannot_be_made_true_is_refused() -> None:
    with pytest.raises(UnwritableError, match=r"streams\.x\.when: its conditions cannot all be made true"):
        Conditions("streams.x.when", {"length(data)": 3}).write({"data": []}, {})
    with pytest.raises(UnwritableError):
        Conditions("when", {"error": {"absent": True}}).write({"error": "no"}, {})
