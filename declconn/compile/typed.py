"""Book messages straight from bytes: a decoder that knows an event's shape leaves out the dicts in between.

It knows only the ordinary case. Whatever it cannot read, or is not sure about, is read the general way, which finds
the right answer or says what is wrong; so both ways always agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from declconn.book.rows import LevelType
from declconn.compile.codegen import Body, Module
from declconn.compile.plan import Plan
from declconn.compile.shape import UnclearError, plain_keys
from declconn.compile.typed_mapping import TypedMapping
from declconn.records import OrderBookMessage
from declconn.spec.template import parse_template

Captures: TypeAlias = Mapping[str, Any]

_FAILURES: Final = 32
"""After so many frames that looked right and were not, and none that was, the venue is known to write otherwise."""

_REMEMBERED: Final = 4096
"""How many sets of words are kept: more than a venue's markets times the channels of one stream."""

_NOT_SURE: Final[Any] = object()


class TypedEvent:
    """One event's own way of reading.

    A frame that holds a text which the matcher demands is decoded. What it has at the paths that the stream's matchers
    read are its *words*; they decide what it is, so what the general way says of some words once holds for every frame
    that has the same.

    Args:
        plan: the event's mapping, with nothing given.
        when: its matcher.
        matchers: all of the stream's.
        meaning: the general way: what a frame's holes capture if it is this event and nothing else, else ``None``.
        level: what levels are read as.
        max_bytes: longer frames are for the general way, which complains.
        take: who takes the messages.

    Attributes:
        read: hands a frame's messages to ``take``; ``False`` if it has to be read the general way.

    Raises:
        UnclearError: the event needs more than plain paths.
    """

    def __init__(
        self,
        plan: Plan,
        when: Mapping[str, Any],
        matchers: Sequence[Mapping[str, Any]],
        meaning: Callable[[bytes | str], Captures | None],
        level: LevelType,
        max_bytes: int,
        take: Callable[[OrderBookMessage], object],
    ) -> None:
        self.failures = 0
        self._plan, self._meaning = plan, meaning
        self._known: dict[tuple[Any, ...], Captures] = {}
        mapping = TypedMapping(plan, level)
        paths = dict.fromkeys(path for matcher in matchers for path in matcher)
        words = [mapping.shape.word(plain_keys(path)) for path in paths]
        literal = _literal(when, matchers)
        names = {
            "take": take,
            "me": self,
            "text": literal,
            "data": literal.encode(),
            "decode": msgspec.json.Decoder(mapping.shape.struct(), strict=False).decode,
            "Unreadable": (msgspec.DecodeError, RecursionError),
            "known": self._known,
            "pair_of": plan.words.pairs.get,
            "NOT_SURE": _NOT_SURE,
        }
        self.read: Callable[[bytes | str], bool] = _write(Module(names), words, mapping, max_bytes)

    def fail(self) -> bool:
        """A frame looked right and was not."""
        self.failures += 1
        if self.failures >= _FAILURES and not self._known:
            self.read = _give_up
        return False

    def learn(self, words: tuple[Any, ...], frame: bytes | str) -> Captures:
        """Ask the general way what frames with these words are."""
        captures = self._meaning(frame)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[words] = _NOT_SURE if captures is None or self._fills_more(captures) else captures
        return self._known[words]

    def _fills_more(self, captures: Captures) -> bool:
        """Whether a hole fills a field that the mapping does not have."""
        fields = self._plan.record.fields if self._plan.record else {}
        return not {name for name in captures if name in fields} <= {column.name for column in self._plan.columns}


def _write(module: Module, words: Sequence[str], mapping: TypedMapping, max_bytes: int) -> Callable[..., Any]:
    found = "".join(f"document{attributes}, " for attributes in words)
    body = Body(module)
    body.put(f"if (text if frame.__class__ is str else data) not in frame or len(frame) > {max_bytes}: return False")
    body.put("try: document = decode(frame)")
    body.put("except Unreadable: return me.fail()")
    body.put(f"words = ({found})")
    body.put("try: captures = known[words]")
    body.put("except KeyError: captures = me.learn(words, frame)")
    body.put("if captures is NOT_SURE: return False")
    mapping.write(body)
    body.put("return True")
    module.define("read", "frame", body)
    return module.build("read")


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


def _give_up(_frame: bytes | str) -> bool:
    return False
