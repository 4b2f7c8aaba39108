"""Templates of requests read backwards: what a venue learns from the fields that a connector sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from declconn.compile import convert
from declconn.compile.filters import Duration, Time
from declconn.compile.holes import word
from declconn.compile.lookup import ABSENT, Sources, compile_source, find
from declconn.errors import ConfigurationError
from declconn.spec.template import Placeholder, Template, is_choice, parse_template
from declconn.types import TimeUnit

Found: TypeAlias = Mapping[str, Any]
"""Sources and their values as they were sent: ``{"symbol": "BTCUSDT", "clock.ms": "1700000000000"}``."""

TIMES: Final = frozenset({"since", "until", "deadline"})
IDS: Final = frozenset({"client_order_id", "exchange_order_id"})
DURATIONS: Final = frozenset({"timeout"})


class TemplateReader:
    """Reads what templates wrote.

    Args:
        time_unit: how times are written that no filter gives a unit.
        known: sources whose values are not to be found, but must be what was written.
    """

    def __init__(self, time_unit: TimeUnit, known: Sources) -> None:
        self._unit, self._known = time_unit, known

    def read(self, tree: Any, value: Any, found: Found) -> Iterator[Found]:
        """All ways in which the tree could have written the value, each with what is found in it.

        Args:
            tree: maps, lists, texts and choices, as in the spec.
            value: what was sent; ``ABSENT`` if nothing was.
            found: what was found so far; the same source has one value everywhere.
        """
        if is_choice(tree):
            yield from self._choice(tree, value, found)
        elif isinstance(tree, Mapping):
            if isinstance(value, Mapping) and value.keys() <= tree.keys():
                yield from self.fields([tree], value, found)
        elif isinstance(tree, list | tuple):
            if isinstance(value, list) and len(value) == len(tree):
                yield from self._all(list(zip(tree, value, strict=True)), found)
        elif isinstance(tree, str):
            yield from self._text(parse_template(tree), value, found)
        elif value is not ABSENT and word(value) == word(tree):
            yield found

    def fields(self, trees: Iterable[Mapping[str, Any]], fields: Mapping[str, Any], found: Found) -> Iterator[Found]:
        """The same for maps that lie over each other, so that a field may stand in any of them."""
        pairs = [(part, fields.get(name, ABSENT)) for tree in trees for name, part in tree.items()]
        yield from self._all(pairs, found)

    def _all(self, pairs: Sequence[tuple[Any, Any]], found: Found) -> Iterator[Found]:
        if not pairs:
            yield found
            return
        (tree, value), *others = pairs
        for more in self.read(tree, value, found):
            yield from self._all(others, more)

    def _choice(self, tree: Mapping[str, Any], value: Any, found: Found) -> Iterator[Found]:
        source = str(tree["by"]).partition("|")[0]
        known = word(find(self._known, source))
        for case, part in tree["of"].items():
            if known is not None and known != case and not (case == "*" and known not in tree["of"]):
                continue
            says_case = known is None and case != "*" and source == tree["by"]
            for more in self._with(source, case, found) if says_case else [found]:
                yield from self.read(part, value, more)

    def _text(self, template: Template, value: Any, found: Found) -> Iterator[Found]:
        if not template.placeholders:
            if value is not ABSENT and word(value) == "".join(map(str, template.parts)):
                yield found
        elif template.is_value:
            yield from self._hole(template.placeholders[0], value, found)
        elif value is ABSENT:
            if any(hole.optional for hole in template.placeholders):
                yield found
        elif (text := word(value)) is not None:
            yield from self._inside(template, text, found)

    def _inside(self, template: Template, text: str, found: Found) -> Iterator[Found]:
        pattern, holes = "", []
        for part in template.parts:
            known = part if isinstance(part, str) else self._known_text(part)
            if known is None:
                holes.append(part)
            pattern += "(.+?)" if known is None else re.escape(known)
        match = re.fullmatch(pattern, text, re.DOTALL)
        if match is not None:
            yield from self._all(
                [(f"{{{hole}}}", part) for hole, part in zip(holes, match.groups(), strict=True)], found
            )

    def _known_text(self, hole: Placeholder) -> str | None:
        """What a hole inside a text writes, if that is known beforehand."""
        return None if find(self._known, hole.sources[0]) is ABSENT else word(self._written(hole))

    def _hole(self, hole: Placeholder, value: Any, found: Found) -> Iterator[Found]:
        if value is ABSENT:
            # An optional one is absent, or its value is known and it would have been written.
            if hole.optional and all(find(self._known, s) is ABSENT and s not in found for s in hole.sources):
                yield found
            return
        if len(hole.sources) > 1 and IDS.issuperset(hole.sources):
            yield from self._each(hole.sources, value, found)
            return
        for source in hole.sources:
            if find(self._known, source) is not ABSENT:
                if self._writes(hole, value):
                    yield found
            else:
                try:
                    yield from self._with(source, self._undone(hole, source, value), found)
                except ValueError:
                    continue

    def _each(self, sources: Sequence[str], value: Any, found: Found) -> Iterator[Found]:
        """One place for either id: the venue looks for both."""
        for more in self._with(sources[0], value, found):
            yield from self._each(sources[1:], value, more) if sources[1:] else [more]

    def _writes(self, hole: Placeholder, value: Any) -> bool:
        written = self._written(hole)
        return bool(written == value) or (word(written) is not None and word(written) == word(value))

    def _written(self, hole: Placeholder) -> Any:
        """What a hole writes of what is known; ``ABSENT`` if that does not fit it."""
        try:
            return compile_source(hole, self._unit)(self._known)
        except ConfigurationError:
            return ABSENT

    def _undone(self, hole: Placeholder, source: str, value: Any) -> Any:
        """The value before the filters; those that only change a type leave what a request may be written from."""
        units = [TimeUnit(name) for name, _ in hole.filters if name in set(TimeUnit)]
        if source in TIMES:
            return Time(convert.nanoseconds(value, units[0] if units else self._unit))
        if source in DURATIONS:
            return Duration(convert.nanoseconds(value, units[0] if units else self._unit))
        for name, arguments in reversed(hole.filters):
            if name == "join":
                value = str(value).split(arguments[0])
        return value

    def _with(self, source: str, value: Any, found: Found) -> Iterator[Found]:
        if source not in found:
            yield {**found, source: value}
        elif word(found[source]) == word(value):
            yield found


def as_sources(found: Found) -> dict[str, Any]:
    """What was found, as templates look it up: ``clock.ms`` becomes ``{"clock": {"ms": ..}}``."""
    sources: dict[str, Any] = {}
    for source, value in found.items():
        *outer, name = source.split(".")
        inner = sources
        for part in outer:
            inner = inner.setdefault(part, {})
        inner[name] = value
    return sources
