"""Templates read backwards: literals must be there, holes capture or must be equal to what is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, TypeAlias

from declconn.compile.filters import Number, as_text, plain_decimal
from declconn.compile.lookup import ABSENT, Sources, find
from declconn.spec.backwards import check_backwards
from declconn.spec.template import Placeholder, Template

Test: TypeAlias = Callable[[Any, Sources, dict[str, Any]], bool]
"""``test(value, known, captures)``; one that holds may add to the captures."""


def word(value: Any) -> str | None:
    """A scalar as the text that comparisons see; ``None`` for what is no scalar and equals no text."""
    if type(value) is str:
        return value
    if isinstance(value, Decimal):
        return plain_decimal(value)
    return as_text(value) if isinstance(value, str | int) else None


def read_backwards(template: Template) -> Test:
    """A test that a value is what the template would have written.

    A hole with a dot, and a bare one that is known or was captured before, must be equal (as text). Any other
    captures: a hole that is the whole value keeps the value's type, one inside a text captures at least one character.

    Raises:
        ValueError: the template cannot be read backwards.
    """
    check_backwards(template)
    return _whole(template.placeholders[0].sources[0]) if template.is_value else _inside(template)


def _known(source: str, known: Sources, captures: dict[str, Any]) -> Any:
    return captures[source] if source in captures else find(known, source)


def _whole(source: str) -> Test:
    dotted = "." in source

    def test(value: Any, known: Sources, captures: dict[str, Any]) -> bool:
        if value is None or value is ABSENT:
            return False
        expected = _known(source, known, captures)
        if expected is not ABSENT:
            found = word(value)
            return bool(value == expected) if found is None else found == word(expected)
        if not dotted:
            captures[source] = Number(value) if isinstance(value, Decimal) else value
        return not dotted

    return test


def _inside(template: Template) -> Test:
    sources = tuple(hole.sources[0] for hole in template.placeholders)
    pattern = lru_cache(maxsize=256)(partial(_pattern, template.parts))
    head = template.parts[0] if isinstance(template.parts[0], str) else ""

    def test(value: Any, known: Sources, captures: dict[str, Any]) -> bool:
        text = word(value)
        if text is None or not text.startswith(head):
            return False
        expected: list[str | None] = []
        for source in sources:
            wanted = _known(source, known, captures)
            if wanted is ABSENT and "." not in source:
                expected.append(None)
            elif (exact := word(wanted)) is not None:
                expected.append(exact)
            else:
                return False
        found = pattern(tuple(expected)).fullmatch(text)
        if found is None:
            return False
        captures.update(found.groupdict())
        return True

    return test


def _pattern(parts: tuple[str | Placeholder, ...], expected: tuple[str | None, ...]) -> re.Pattern[str]:
    """The expression for a text whose holes have these texts; a hole whose text is ``None`` is a group."""
    texts = iter(expected)
    pattern, groups = "", set[str]()
    for part in parts:
        if isinstance(part, str):
            pattern += re.escape(part)
            continue
        name, text = part.sources[0], next(texts)
        if text is not None:
            pattern += re.escape(text)
        elif name in groups:
            pattern += f"(?P={name})"
        else:
            pattern += f"(?P<{name}>.+?)"
            groups.add(name)
    return re.compile(pattern, re.DOTALL)
