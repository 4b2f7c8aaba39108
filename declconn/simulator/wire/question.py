"""Messages of a connector, understood by a venue: the spec's templates read backwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from declconn.compile.holes import read_backwards, word
from declconn.compile.template import ABSENT, Sources, compile_source
from declconn.spec.template import Placeholder, is_choice, parse_template
from declconn.types import TimeUnit

FREE = frozenset({"channel", "channels", "symbol", "symbols", "request_id", "clock"})
"""Sources that only the connector knows; every other source must have the value that the venue expects."""


class Question:
    """One message template: a map, a list or a text.

    A message may hold keys beside those of the template.
    """

    def __init__(self, template: Any, time_unit: TimeUnit) -> None:
        self._template, self._time_unit = template, time_unit

    def read(self, message: Any, known: Sources) -> dict[str, Any] | None:
        """What the message puts for the free sources, or ``None`` if it is another message.

        Args:
            message: decoded.
            known: the sources that are not free: ``opt``, ``const``, ...
        """
        captures: dict[str, Any] = {}
        return captures if self._fits(self._template, message, known, captures) else None

    def _fits(self, template: Any, value: Any, known: Sources, captures: dict[str, Any]) -> bool:
        if is_choice(template):
            return any(self._fits(case, value, known, captures) for case in template["of"].values())
        if isinstance(template, Mapping):
            return isinstance(value, dict) and all(
                self._fits(part, value.get(key, ABSENT), known, captures) for key, part in template.items()
            )
        if isinstance(template, list | tuple):
            return (
                isinstance(value, list)
                and len(value) == len(template)
                and all(self._fits(part, item, known, captures) for part, item in zip(template, value, strict=True))
            )
        return self._text_fits(template, value, known, captures)

    def _text_fits(self, template: Any, value: Any, known: Sources, captures: dict[str, Any]) -> bool:
        parsed = parse_template(template) if isinstance(template, str) else None
        if parsed is None or not parsed.placeholders:
            expected = template if parsed is None else "".join(map(str, parsed.parts))
            return value is not ABSENT and word(value) == word(expected)
        if parsed.is_value:
            return self._hole_fits(parsed.placeholders[0], value, known, captures)
        return value is not ABSENT and read_backwards(parsed)(value, known, captures)

    def _hole_fits(self, hole: Placeholder, value: Any, known: Sources, captures: dict[str, Any]) -> bool:
        if value is ABSENT:
            return hole.optional
        source = hole.sources[0]
        if source.split(".")[0] in FREE:
            captures[source] = value
            return True
        expected = compile_source(hole, self._time_unit)(known)
        return bool(expected == value) or (word(value) is not None and word(value) == word(expected))
