"""One socket and several streams: everyone hears everything, and one answers."""

from __future__ import annotations

import logging

import pytest

from declconn.simulator.streams.conversation import Conversation, Reply
from declconn.simulator.streams.outbox import Outbox


class Voice:
    """Replies to every message that it knows."""

    def __init__(self, **replies: Reply) -> None:
        self.replies, self.heard, self.is_open = replies, list[str | bytes](), False

    def opened(self) -> None:
        self.is_open = True

    def hear(self, raw: str | bytes) -> Reply | None:
        self.heard.append(raw)
        return self.replies.get(str(raw))


async def said(*voices: Voice, hearing: str) -> list[str | None]:
    """What is said to a message; ``None`` at the end if the socket is cut off."""
    outbox = Outbox()
    Conversation(voices, outbox).hear(hearing)
    outbox.put("(nothing more)")
    texts: list[str | None] = []
    while (text := await outbox.take()) != "(nothing more)":
        texts.append(text)
    return texts


async def test_a_message_is_heard_by_all_and_answered_by_the_first_that_grants_it() -> None:
    voices = [
        Voice(),
        Voice(hello=Reply(["who are you?"], is_refusal=True)),
        Voice(hello=Reply(["welcome", "take a seat"])),
        Voice(hello=Reply(["welcome"])),
    ]
    assert await said(*voices, hearing="hello") == ["welcome", "take a seat"]
    assert [voice.heard for voice in voices] == [["hello"]] * 4


async def test_what_is_granted_without_a_word_is_not_refused_by_another() -> None:
    assert await said(Voice(hello=Reply(["no"], is_refusal=True)), Voice(hello=Reply()), hearing="hello") == []


async def test_what_nobody_grants_is_refused_in_words_or_by_hanging_up() -> None:
    assert await said(Voice(), Voice(hello=Reply(["no"], is_refusal=True)), hearing="hello") == ["no"]
    assert await said(Voice(hello=Reply(is_refusal=True)), hearing="hello") == [None]


async def test_what_nobody_understands_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "declconn.simulator"):
        assert await said(Voice(), hearing="what?") == []
    assert "does not understand what?" in caplog.text


def test_every_stream_is_told_that_the_socket_is_open() -> None:
    voices = [Voice(), Voice()]
    Conversation(voices, Outbox()).opened()
    assert all(voice.is_open for voice in voices)
