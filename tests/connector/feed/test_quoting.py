"""Frames in messages for people: no secrets, and not too much."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import SecretStr

from declconn.connector.feed.quoting import LONGEST, quoted

SOURCES: dict[str, Any] = {
    "cred": {"api_key": SecretStr("my-own-key"), "api_secret": SecretStr("my-own-secret")},
    "session": {"listen": {"listen": "learnt-from-the-venue", "mode": "1"}},
}


def test_a_frame_is_shown_as_it_was_decoded() -> None:
    assert quoted({"event": "hello", "n": [1, Decimal("0.5")]}, SOURCES) == (
        "{'event': 'hello', 'n': [1, Decimal('0.5')]}"
    )


def test_secrets_that_are_known_are_not_shown_wherever_they_are() -> None:
    frame = {"said": "my-own-key and my-own-secret", "at": ["learnt-from-the-venue"], "mode": "1"}
    assert quoted(frame, SOURCES) == "{'said': '*** and ***', 'at': ['***'], 'mode': '1'}"


def test_what_is_called_a_secret_is_not_shown() -> None:
    frame = {"event": "authenticated", "data": {"authToken": "abc", "keys": ["def", 7], "listenKey": "ghi"}}
    assert (
        quoted(frame, {})
        == "{'event': 'authenticated', 'data': {'authToken': '***', 'keys': ['***', 7], 'listenKey': '***'}}"
    )


def test_only_the_beginning_of_a_long_frame_is_shown() -> None:
    text = quoted(["long"] * 1_000, {})
    assert len(text) == LONGEST
    assert text.endswith("...")
