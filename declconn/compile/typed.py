"""Book messages straight from bytes: a decoder that knows an event's shape leaves out the dicts in between.

It knows only the ordinary case. Whatever it cannot read, or is not sure about, is read the general way, which finds
the right answer or says what is wrong; so both ways always agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

import msgspec

from declconn.book.rows import LevelType
from declconn.compile.plan import Plan
from declconn.compile.shape import UnclearError, plain_keys
from declconn.compile.typed_mapping import Captures, Read, TypedMapping
from declconn.records import OrderBookMessage
from declconn.spec.template import parse_template

_FAILURES: Final = 32
"""After so many frames in a row that looked right and were not, the venue is known to write otherwise."""

_NOWHERE: Final = "\0"
"""No JSON text holds this."""

_REMEMBERED: Final = 4096
"""How many sets of words are kept: more than a venue's markets times the channels of one stream."""

_Event = TypeVar("_Event")


class TypedEvent:
    """One event's own decoder.

    A frame that holds ``text`` is decoded. What it has at the paths that the stream's matchers read are its *words*;
    they decide what it is, so what the general way says of some words once holds for every frame that has the same.

    Args:
        plan: the event's mapping, by the names of captured holes.
        when: its matcher.
        matchers: all of the stream's.
        meaning: the general way: what a frame's holes capture if it is this event and nothing else, else ``None``.
        level: what levels are read as.

    Attributes:
        text, data: what every frame of this event holds, in both forms that frames have.

    Raises:
        UnclearError: the event needs more than plain paths.
    """

    def __init__(
        self,
        plan: Callable[[frozenset[str]], Plan],
        when: Mapping[str, Any],
        matchers: Sequence[Mapping[str, Any]],
        meaning: Callable[[bytes | str], Captures | None],
        level: LevelType,
    ) -> None:
        self.text = _literal(when, matchers)
        self.data = self.text.encode()
        self._plan, self._meaning = plan, meaning
        self._mapping = TypedMapping(plan(frozenset()), level)
        shape = self._mapping.shape
        words = [shape.word(plain_keys(path)).removeprefix(".") for path in _paths(matchers)]
        self._words: Callable[[Any], Any] = attrgetter(*words)
        self._decode: Callable[[bytes | str], Any] = msgspec.json.Decoder(shape.struct(), strict=False).decode
        self._known: dict[Any, Read] = {}
        self._failures = 0

    def read(self, frame: bytes | str) -> list[OrderBookMessage] | None:
        """The messages of a frame; ``None`` if it has to be read the general way."""
        try:
            document = self._decode(frame)
        except (msgspec.DecodeError, RecursionError):
            self._fail()
            return None
        if self._failures:
            self._failures = 0
        words = self._words(document)
        read = self._known.get(words) or self._learn(words, frame)
        return read(document)

    def _fail(self) -> None:
        self._failures += 1
        if self._failures == _FAILURES:
            self.text, self.data = _NOWHERE, _NOWHERE.encode()

    def _learn(self, words: Any, frame: bytes | str) -> Read:
        captures = self._meaning(frame)
        read: Read = _not_sure
        if captures is not None:
            read = self._mapping.reader(self._plan(frozenset(captures)), captures)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[words] = read
        return read


class TypedEvents(Generic[_Event]):
    """The events of a stream that have a decoder of their own.

    Args:
        events: each with what it is called.
        max_bytes: longer frames are for the general way, which complains.
    """

    def __init__(self, events: Sequence[tuple[_Event, TypedEvent]], max_bytes: int) -> None:
        self._events = tuple(events)
        self._max_bytes = max_bytes

    def read(self, frame: bytes | str) -> tuple[_Event, list[OrderBookMessage]] | None:
        """What a frame is and its messages; ``None`` if it has to be read the general way."""
        if len(frame) > self._max_bytes:
            return None
        for event, typed in self._events:
            if (typed.text in frame) if isinstance(frame, str) else (typed.data in frame):
                messages = typed.read(frame)
                if messages is not None:
                    return event, messages
        return None


def _paths(matchers: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(path for matcher in matchers for path in matcher))


def _literal(when: Mapping[str, Any], matchers: Sequence[Mapping[str, Any]]) -> str:
    """What a matcher demands that the fewest others demand too, the longest of several."""
    others = [literal for matcher in matchers for literal in _literals(matcher)]
    found = sorted(_literals(when), key=lambda literal: (others.count(literal), -len(literal)))
    if not found:
        raise UnclearError("the matcher names no text")
    return found[0]


def _literals(matcher: Mapping[str, Any]) -> list[str]:
    """The texts that a matcher demands as JSON writes them, each up to the first hole of its template."""
    found = []
    for value in matcher.values():
        parts = parse_template(value).parts if isinstance(value, str) else ()
        if parts and isinstance(parts[0], str):
            text = msgspec.json.encode(parts[0]).decode()
            found.append(text if len(parts) == 1 else text[:-1])
    return found


def _not_sure(_document: Any) -> None:
    return None
