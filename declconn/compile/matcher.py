"""Matchers: is this the message that the spec means, and what do its holes capture?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeAlias

from jmespath.exceptions import JMESPathError

from declconn.compile.holes import Test, read_backwards, word
from declconn.compile.lookup import ABSENT, Sources, compile_source
from declconn.compile.path import compile_path
from declconn.spec.path import Ast, parse_path
from declconn.spec.template import parse_source, parse_template
from declconn.types import TimeUnit

Read: TypeAlias = Callable[[Any], Any]
"""Reads a matcher's key; ``ABSENT`` when there is nothing."""

_ABSENCES: Final = ({"absent": True}, {"absent": False})

Reader: TypeAlias = Callable[[str], tuple[Read, bool]]
"""Compiles a matcher's key, and says whether what it reads tells ``null`` from absent."""


def read_message(path: str) -> tuple[Read, bool]:
    """The reader of a message. Only a plain path (``data[0].type``) tells ``null`` from absent."""
    steps = _plain_steps(parse_path(path).ast)
    if steps:
        return partial(_walk, steps), True
    read = compile_path(path)

    def computed(message: Any) -> Any:
        try:
            value = read(message)
        except JMESPathError:  # the path suits another kind of message
            return ABSENT
        return ABSENT if value is None else value

    return computed, False


class Matcher:
    """A map of path: value, all of which must hold for a message.

    A value is a scalar (compared as text), a list (one of), ``{is: null}``, ``{absent: true}`` or ``false``, or a
    template read backwards: its literals must be there, its holes capture or must be equal to what is known.

    Args:
        matcher: as it stands in the spec; an empty one matches every message.
        reader: compiles the keys.

    Attributes:
        shapes: for each path where only text can match, an expression that every such text matches in full. It says
            what cannot match, for routing; what does match depends on what is known.

    Raises:
        ValueError: a value cannot be tested; the message names its path and says what to write instead.
    """

    def __init__(self, matcher: Mapping[str, Any], reader: Reader = read_message) -> None:
        self.shapes: dict[str, re.Pattern[str]] = {}
        self._tests: list[tuple[Read, Test]] = []
        for path, value in matcher.items():
            try:
                read, tells_null = reader(path)
                self._tests.append((read, _compile(value, tells_null)))
            except ValueError as error:
                raise ValueError(f"{path}: {error}") from None
            shape = _shape(value)
            if shape is not None:
                self.shapes[path] = re.compile(shape, re.DOTALL)

    def match(self, frame: Any, known: Sources) -> dict[str, Any] | None:
        """What the holes capture, or ``None`` if this is another message.

        Args:
            frame: a decoded message.
            known: what holes may name; a bare hole that is not in it captures.
        """
        captures: dict[str, Any] = {}
        for read, test in self._tests:
            if not test(read(frame), known, captures):
                return None
        return captures


def compile_when(when: Mapping[str, Any], time_unit: TimeUnit) -> Callable[[Sources], bool]:
    """A request's ``when``, which compares sources (``session.account_mode``) instead of paths.

    Raises:
        ValueError: a key is not a source, or its value cannot be tested.
    """

    def read_source(source: str) -> tuple[Read, bool]:
        return compile_source(replace(parse_source(source), optional=True), time_unit, "when"), False

    matcher = Matcher(when, read_source)
    return lambda sources: matcher.match(sources, sources) is not None


def _compile(value: Any, tells_null: bool) -> Test:
    if isinstance(value, list | tuple):
        tests = [_compile(item, tells_null) for item in value]
        return lambda found, known, captures: any(test(found, known, captures) for test in tests)
    if isinstance(value, Mapping):
        return _compile_nothing(value, tells_null)
    literal = _literal(value)
    if literal is None:
        return read_backwards(parse_template(value))
    return lambda found, _known, _captures: word(found) == literal


def _compile_nothing(value: Mapping[str, Any], tells_null: bool) -> Test:
    if value in _ABSENCES:
        is_absent = bool(value["absent"])
        return lambda found, _known, _captures: (found is ABSENT) is is_absent
    if value != {"is": None}:
        expected = "{is: null}, {absent: true}, {absent: false} or the value itself"
        raise ValueError(f"found the map {dict(value)}, expected {expected}")
    if not tells_null:
        raise ValueError("what is computed is never null; write {absent: true}, or a plain path such as 'data.type'")
    return lambda found, _known, _captures: found is None


def _literal(value: Any) -> str | None:
    """The text that has to be found; ``None`` for a template with holes, a list and a map."""
    if not isinstance(value, str):
        return word(value)
    template = parse_template(value)
    return None if template.placeholders else "".join(map(str, template.parts))


def _shape(value: Any) -> str | None:
    """An expression for every text that can match; ``None`` if more than text can."""
    if isinstance(value, list | tuple):
        shapes = [shape for shape in map(_shape, value) if shape is not None]
        return "|".join(shapes) if len(shapes) == len(value) else None
    literal = _literal(value)
    if literal is not None:
        return re.escape(literal)
    if not isinstance(value, str) or parse_template(value).is_value:
        return None
    return "".join(re.escape(part) if isinstance(part, str) else ".*" for part in parse_template(value).parts)


def _plain_steps(ast: Ast | None) -> tuple[str | int, ...]:
    """The keys and indexes of a path that is nothing else; empty for any other path."""
    if ast is None:
        return ()
    if ast["type"] in ("field", "index"):
        return (ast["value"],)
    if ast["type"] not in ("subexpression", "index_expression"):
        return ()
    parts = [_plain_steps(child) for child in ast["children"]]
    return tuple(step for part in parts for step in part) if all(parts) else ()


def _walk(steps: tuple[str | int, ...], message: Any) -> Any:
    for step in steps:
        if isinstance(step, str):
            message = message.get(step, ABSENT) if isinstance(message, dict) else ABSENT
        elif isinstance(message, list) and -len(message) <= step < len(message):
            message = message[step]
        else:
            return ABSENT
    return message
