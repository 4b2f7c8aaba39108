"""The notation that writes requests: ``"{source|filter:arg|filter}"``.

    placeholder = "{" source *("??" source) ["?"] *("|" filter *(":" argument)) "}"
    source      = name *2("." name)

``{{`` and ``}}`` are the two braces themselves. A bare source is an argument, a ``let`` value or a hole; a dotted
one begins with where the value comes from: ``env.rest``, ``session.public.url``. The last argument of a filter may
contain colons. This module only reads the notation; ``declconn.compile.template`` gives it values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from declconn.spec.node import Loc
from declconn.suggest import hint


class FilterSpec(NamedTuple):
    """How many arguments a filter takes, what it does, and the form of its arguments if they are not any text."""

    arguments: int
    doc: str
    form: str = r".*"


FILTERS: Final[Mapping[str, FilterSpec]] = {
    "lower": FilterSpec(0, "text in lower case"),
    "upper": FilterSpec(0, "text in upper case"),
    "trim": FilterSpec(1, "without this text at the beginning and at the end, taken away once each"),
    "replace": FilterSpec(2, "every occurrence of the first text becomes the second"),
    "slice": FilterSpec(2, "the characters from the first index up to the second; an empty one is open", r"-?[0-9]+|"),
    "join": FilterSpec(1, "the items of a list with this text between them"),
    "text": FilterSpec(0, "a JSON string"),
    "number": FilterSpec(0, "a JSON number with the decimal's own digits"),
    "int": FilterSpec(0, "a JSON integer; a fraction is an error"),
    "s": FilterSpec(0, "a time or duration in seconds"),
    "ms": FilterSpec(0, "a time or duration in milliseconds"),
    "us": FilterSpec(0, "a time or duration in microseconds"),
    "ns": FilterSpec(0, "a time or duration in nanoseconds"),
    "iso": FilterSpec(0, "a time as ISO 8601 text with milliseconds and a Z"),
    "plus": FilterSpec(1, "a number plus this whole number", r"-?[0-9]+"),
    "kind": FilterSpec(0, "what sort of key a secret is: ec, ed25519, rsa or text"),
}

MAX_PLACEHOLDERS: Final = 200
"""Of one text; real ones have less than ten."""

MAX_LENGTH: Final = 500
"""Characters between two braces; real placeholders have less than fifty."""

_SOURCE: Final = re.compile(r"[A-Za-z_]\w*(?:\.[\w-]+){0,2}", re.ASCII)
_TOKEN: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One pair of braces, or the ``SOURCE`` of a ``by``.

    Attributes:
        sources: the alternatives of ``a??b``, in order; the first that is present is taken.
        optional: written with a ``?``: what it stands in is left out when no source is present.
        filters: name and arguments of each filter, in order.
    """

    sources: tuple[str, ...]
    optional: bool = False
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __str__(self) -> str:
        filters = "".join("|" + ":".join((name, *arguments)) for name, arguments in self.filters)
        return "??".join(self.sources) + ("?" if self.optional else "") + filters


@dataclass(frozen=True, slots=True)
class Template:
    """A text with placeholders; ``parts`` alternates between literal text (braces undone) and placeholders."""

    text: str
    parts: tuple[str | Placeholder, ...]

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """The placeholders in the order in which they are written."""
        return tuple(part for part in self.parts if isinstance(part, Placeholder))

    @property
    def is_value(self) -> bool:
        """Whether it is one placeholder and nothing else, so that the value keeps its type."""
        return len(self.parts) == 1 and isinstance(self.parts[0], Placeholder)


@lru_cache(maxsize=4096)
def parse_template(text: str) -> Template:
    """Read a template. Raises ``ValueError`` whose message says what is wrong and what to write instead."""
    if text.count("{") - 2 * text.count("{{") > MAX_PLACEHOLDERS:
        raise ValueError(f"a template of more than {MAX_PLACEHOLDERS} placeholders is not read; found '{_cut(text)}'")
    parts: list[str | Placeholder] = []
    for token in _TOKEN.finditer(text):
        inside, whole = token.group(1), token.group()
        if inside is not None:
            parts.append(parse_source(inside))
        elif whole in "{}":
            raise ValueError(_stray_brace(text, whole, token.start()))
        elif parts and isinstance(parts[-1], str):
            parts[-1] += _literal(whole)
        else:
            parts.append(_literal(whole))
    return Template(text, tuple(parts))


@lru_cache(maxsize=4096)
def parse_source(text: str) -> Placeholder:
    """Read what stands between braces, or the ``SOURCE`` of a ``by``, which has none. Raises ``ValueError``."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a placeholder of more than {MAX_LENGTH} characters is not read; found '{_cut(text)}'")
    named, *filters = text.split("|")
    optional = named.endswith("?") and not named.endswith("??")
    sources = tuple((named[:-1] if optional else named).split("??"))
    for source in sources:
        if not _SOURCE.fullmatch(source):
            raise ValueError(_bad_source(text, source))
    return Placeholder(sources, optional, tuple(_parse_filter(written, text) for written in filters))


def is_choice(tree: Any) -> bool:
    """Whether a map is ``{by: SOURCE, of: {case: value}}``, which stands for one of its values."""
    return isinstance(tree, Mapping) and tree.keys() == {"by", "of"} and isinstance(tree["of"], Mapping)


def placeholders(tree: Any, loc: Loc = ()) -> Iterator[tuple[Loc, Placeholder]]:
    """Every placeholder in a tree of maps, lists and scalars, with the keys and indexes that lead to it.

    The source of a ``by`` counts too; it stands at ``(..., "by")``. Raises ``ValueError`` for a broken template.
    """
    if is_choice(tree):
        yield (*loc, "by"), parse_source(str(tree["by"]))
        yield from placeholders(tree["of"], (*loc, "of"))
    elif isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from placeholders(value, (*loc, key))
    elif isinstance(tree, list | tuple):
        for index, value in enumerate(tree):
            yield from placeholders(value, (*loc, index))
    elif isinstance(tree, str):
        for placeholder in parse_template(tree).placeholders:
            yield loc, placeholder


def _parse_filter(written: str, text: str) -> tuple[str, tuple[str, ...]]:
    name = written.partition(":")[0]
    spec = FILTERS.get(name)
    if spec is None:
        meant = hint(name, FILTERS, f"known are {', '.join(FILTERS)}")
        raise ValueError(f"unknown filter '{name}' in '{text}'; {meant}")
    arguments = tuple(written.split(":", spec.arguments or -1)[1:])
    if len(arguments) != spec.arguments:
        usage = ":".join((name, *"AB"[: spec.arguments]))
        counts = f"expected {spec.arguments}, found {len(arguments)}"
        raise ValueError(f"arguments of filter '{name}' in '{text}': {counts}; write '{usage}': {spec.doc}")
    if not all(re.fullmatch(spec.form, argument, re.DOTALL) for argument in arguments):
        raise ValueError(f"filter '{written}' in '{text}' needs whole numbers; it gives {spec.doc}")
    return name, arguments


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _literal(token: str) -> str:
    return {"{{": "{", "}}": "}"}.get(token, token)


def _stray_brace(text: str, brace: str, index: int) -> str:
    place = f"at character {index + 1} of '{_cut(text)}'"
    if brace == "{":
        return f"'{{' {place} is not closed; write '{{name}}' for a value or '{{{{' for a brace"
    return f"'}}' {place} closes nothing; write '}}}}' for a brace"


def _bad_source(text: str, source: str) -> str:
    if not text.strip():
        return "an empty placeholder '{}' names nothing; write '{symbol}' for a value or '{{}}' for braces"
    if not source:
        return f"a name is missing in '{text}'; write 'a??b' for the first that is present, 'a?' for an optional one"
    if source.count(".") > 2:
        return f"'{source}' has too many dots; a source has at most three parts, such as 'session.public.url'"
    return f"'{source}' in '{text}' is not the name of a source; write 'symbol', 'env.rest' or 'session.public.url'"
