"""Book messages straight from bytes: a decoder that knows an event's shape leaves out the dicts in between.

It knows only the ordinary case. Whatever it cannot read, or is not sure about, is read the general way, which finds
the right answer or says what is wrong; so the two always agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from declconn.book.rows import Digits, Floats, PositiveFloats, Precision
from declconn.compile.codegen import Body, Module
from declconn.compile.column import Column
from declconn.compile.convert import NS
from declconn.compile.plan import Plan, attribute_of, defaults_of
from declconn.compile.shape import Shape, Unclear, plain_keys
from declconn.compile.structures import shapes_levels
from declconn.records import Kind, OrderBookMessage
from declconn.types import TimeUnit

_FAILURES: Final = 32
"""After so many frames in a row that looked right and were not, this venue writes otherwise: give it up."""

_REMEMBERED: Final = 4096
"""How many sets of words are kept: more than a venue's markets times the channels of one stream."""

Captures: TypeAlias = Mapping[str, Any]
Read: TypeAlias = Callable[[Any, Captures], list[OrderBookMessage] | None]
"""Makes messages of a decoded frame; ``None`` where it is not sure."""


class TypedEvent:
    """One event's decoder.

    Args:
        plan: the event's mapping, for the names of captured holes.
        words: the paths of all matchers of the stream; what a frame has there decides what it is.
        literal: a text that every frame of this event holds.
        meaning: reads a frame the general way and says with which captures it is this event and nothing else;
            ``None`` if it is something else, too.
        precision: how levels are read.
        negative_prices: prices of 0 and below are allowed.

    Raises:
        Unclear: the event needs more than plain paths.
    """

    def __init__(
        self,
        plan: Callable[[frozenset[str]], Plan],
        words: Iterable[str],
        literal: str,
        meaning: Callable[[bytes | str], Captures | None],
        *,
        precision: Precision,
        negative_prices: bool,
    ) -> None:
        self.text, self.data = literal, literal.encode()
        floats = Floats if negative_prices else PositiveFloats
        self._level = Digits if precision == "exact" else floats
        self._plan, self._meaning = plan, meaning
        self._words = tuple(plain_keys(path) for path in words)
        shape, _ = self._shape(plan(frozenset()))
        self._decode = msgspec.json.Decoder(shape.type("Frame"), strict=False).decode
        self._word_of = shape.reader(self._words)
        self._known: dict[Any, tuple[Read, Captures] | None] = {}
        self._failures = 0
