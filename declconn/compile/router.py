"""Routing: which of many matchers hold for a message, found by one look into a dict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from declconn.compile.holes import word
from declconn.compile.lookup import Sources
from declconn.compile.matcher import Matcher, read_message

_REMEMBERED: Final = 4096
"""How many words are kept: more than a venue's markets times the channels of one stream."""


class Router:
    """Asks only those matchers that can hold.

    One path is chosen that as many matchers as possible compare with text (``topic``, ``data.e``). The word that a
    message has there picks the candidates, which are remembered for the next message with this word.
    """

    def __init__(self, matchers: Sequence[Matcher]) -> None:
        self._matchers = tuple(enumerate(matchers))
        self._path = _most_compared(matchers)
        self._read = read_message(self._path)[0] if self._path else _nothing
        self._candidates: dict[str | None, tuple[tuple[int, Matcher], ...]] = {}

    def route(self, frame: Any, known: Sources) -> list[tuple[int, dict[str, Any]]]:
        """The index of every matcher that holds, in order, with what it captured.

        Args:
            frame: a decoded message.
            known: what the matchers' holes may name.
        """
        found = word(self._read(frame))
        candidates = self._candidates.get(found)
        if candidates is None:
            candidates = self._remember(found)
        matched = [(index, matcher.match(frame, known)) for index, matcher in candidates]
        return [(index, captures) for index, captures in matched if captures is not None]

    def _remember(self, found: str | None) -> tuple[tuple[int, Matcher], ...]:
        if len(self._candidates) >= _REMEMBERED:
            self._candidates.clear()
        self._candidates[found] = tuple(each for each in self._matchers if self._can_hold(each[1], found))
        return self._candidates[found]

    def _can_hold(self, matcher: Matcher, found: str | None) -> bool:
        shape = matcher.shapes.get(self._path)
        return shape is None or (found is not None and shape.fullmatch(found) is not None)


def _most_compared(matchers: Iterable[Matcher]) -> str:
    """The path that most matchers compare with text, the first of several; empty if there is none."""
    counts = Counter(path for matcher in matchers for path in matcher.shapes)
    return max(counts, key=counts.__getitem__, default="")


def _nothing(_frame: Any) -> None:
    return None
