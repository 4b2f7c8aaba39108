"""What was asked on a connection, and what the venue said to it. This room neither waits nor sends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from declconn.clock import pause
from declconn.compile.channels import Channel, Message
from declconn.errors import DeclconnError, LostAnswerError

ANSWER_TIME: Final = 10.0
"""Seconds after which a question counts as unheard."""

FIRST_PAUSE, LONGEST_PAUSE = 10.0, 300.0
"""Seconds before a channel that was refused, or not answered, is asked for again; the pause doubles in between."""

Purpose: TypeAlias = Literal["subscribe", "unsubscribe", "snapshot"]

Key: TypeAlias = tuple[str, str]
"""A channel's name and a trading pair; an empty pair for a channel about no market."""


@dataclass(slots=True)
class _Question:
    """A message that was sent, and what of it is not answered: for each key the channel's value."""

    message: Message
    purpose: Purpose
    open: dict[Key, Any]
    left_at: float | None = None

    def is_late(self, now: float) -> bool:
        """It should have been answered by now."""
        return self.left_at is not None and now - self.left_at >= ANSWER_TIME


@dataclass(slots=True)
class _Failure:
    """A channel that does not come."""

    error: DeclconnError
    at: float
    tries: int

    def is_due(self, now: float) -> bool:
        """It has been left alone for long enough."""
        return now >= self.at + pause(self.tries - 1, FIRST_PAUSE, LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer is about.

    Attributes:
        message: the question; ``None`` if it cannot be told.
        keys: those of its channels that are meant.
    """

    message: Message | None = None
    keys: tuple[Key, ...] = ()

    @property
    def pairs(self) -> tuple[str, ...]:
        """The trading pairs that are meant."""
        return tuple(dict.fromkeys(pair for _, pair in self.keys if pair))


class Subscriptions:
    """Ties answers to questions, and knows which channels do not come.

    An answer says what it is about by the holes of its matcher: ``{request_id}``, ``{channel}``, ``{symbol}``.
    Without any it is about the oldest question that is open.

    Args:
        where: the stream's place in the spec.
        answered: the venue answers subscriptions; otherwise each counts as heard.
        books: the names of the channels that order books come through.
            pair_of: the trading pair of a symbol.
    """

    def __init__(
        self, where: str, *, answered: bool, books: Container[str], pair_of: Callable[[str], str | None]
    ) -> None:
        self._where, self._book_channels, self._pair_of = where, books, pair_of
        self.answered = answered
        self._questions: list[_Question] = []
        self._failures: dict[Key, _Failure] = {}
        self._waiting: dict[str, asyncio.Event] = {}

    def restart(self) -> None:
        """A new connection, or none: nothing is asked."""
        self._questions.clear()
        self._failures.clear()
        for waiting in self._waiting.values():
            waiting.set()
        self._waiting.clear()

    def asking(self, message: Message, purpose: Purpose) -> None:
        """A message is about to be sent."""
        keys = {key: channel.value for channel in message.channels for key in _keys(channel)}
        if purpose == "unsubscribe":
            self._forget(keys)
        if not self.answered:
            return
        self._questions.append(_Question(message, purpose, keys))
        if purpose == "subscribe":
            self._waiting.update({pair: asyncio.Event() for pair in self._pairs_of_books(keys)})

    def asked(self, message: Message, now: float) -> None:
        """It left, at this time of the steady clock."""
        for question in self._questions:
            if question.message is message:
                question.left_at = now

    def accepted(self, captures: Mapping[str, Any]) -> Answer:
        """The venue said yes."""
        question, keys = self._find(captures)
        if question is None:
            return Answer()
        if question.purpose == "subscribe":
            self._forget(keys)
        return self._close(question, keys)

    def refused(self, captures: Mapping[str, Any], error: DeclconnError, now: float) -> Answer:
        """The venue said no."""
        question, keys = self._find(captures)
        if question is None:
            return Answer()
        if question.purpose == "subscribe":
            self._fail(keys, error, now)
        return self._close(question, keys)

    def unheard(self, now: float) -> list[tuple[Answer, DeclconnError]]:
        """The subscriptions that were not answered in time, each with what is wrong; told once."""
        found: list[tuple[Answer, DeclconnError]] = []
        for question in [question for question in self._questions if question.is_late(now)]:
            keys = tuple(question.open)
            about = ", ".join(" ".join(key).strip() for key in keys)
            error = LostAnswerError(f"{self._where}: no answer within {ANSWER_TIME:g} s to the subscription of {about}")
            if question.purpose == "subscribe":
                self._fail(keys, error, now)
                found.append((Answer(question.message, keys), error))
            self._close(question, keys)
        return found

    def due(self, now: float) -> list[Key]:
        """The channels that failed and should be asked for again. Those of books are left to the tracker."""
        failures = self._failures.items()
        return [key for key, failure in failures if key[0] not in self._book_channels and failure.is_due(now)]

    def book_failure(self, trading_pair: str) -> DeclconnError | None:
        """Why the books of a pair do not come; ``None`` if nothing is known against it."""
        failures = self._failures.items()
        return next(
            (bad.error for (name, pair), bad in failures if pair == trading_pair and name in self._book_channels), None
        )

    async def book_answered(self, trading_pair: str) -> None:
        """Wait until the venue has answered about the books of a pair, or the connection is gone."""
        waiting = self._waiting.get(trading_pair)
        if waiting is not None:
            await waiting.wait()

    def _find(self, captures: Mapping[str, Any]) -> tuple[_Question | None, tuple[Key, ...]]:
        """The question of an answer, and the channels that are meant."""
        request_id = captures.get("request_id")
        for question in self._questions:
            if request_id is None:
                is_it = question.purpose != "snapshot"
            else:
                is_it = str(question.message.request_id) == str(request_id)
            if is_it and (keys := tuple(key for key in question.open if self._means(question, key, captures))):
                return question, keys
        return None, ()

    def _means(self, question: _Question, key: Key, captures: Mapping[str, Any]) -> bool:
        if "channel" in captures and captures["channel"] != question.open[key]:
            return False
        return "symbol" not in captures or self._pair_of(str(captures["symbol"])) == key[1]

    def _close(self, question: _Question, keys: Iterable[Key]) -> Answer:
        answer = Answer(question.message, tuple(keys))
        for key in answer.keys:
            del question.open[key]
        if not question.open:
            self._questions.remove(question)
        still = {key for other in self._questions if other.purpose == "subscribe" for key in other.open}
        for pair in self._pairs_of_books(answer.keys) - self._pairs_of_books(still):
            if pair in self._waiting:
                self._waiting.pop(pair).set()
        return answer

    def _fail(self, keys: Iterable[Key], error: DeclconnError, now: float) -> None:
        for key in keys:
            before = self._failures.get(key)
            self._failures[key] = _Failure(error, now, before.tries + 1 if before else 1)

    def _forget(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self._failures.pop(key, None)

    def _pairs_of_books(self, keys: Iterable[Key]) -> set[str]:
        return {pair for name, pair in keys if pair and name in self._book_channels}


def _keys(channel: Channel) -> list[Key]:
    return [(channel.name, pair) for pair in channel.pairs or ("",)]
