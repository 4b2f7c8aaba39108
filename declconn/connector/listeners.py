"""News for users: callbacks, and async iteration with a bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, Protocol

from declconn.connector.event_iterator import EventIterator
from declconn.log import get_logger

logger = get_logger("declconn.events")

Listener = Callable[[Any], None]

KEEP: Final = 10_000
"""So many events wait for somebody who iterates."""


class Source(Protocol):
    """Whoever tells events of one class itself."""

    def add_listener(self, listener: Listener) -> None:
        """Tell this one, too."""
        ...

    def remove_listener(self, listener: Listener) -> None:
        """Tell it no more."""
        ...


class Listeners:
    """Hands every piece of news to everyone who asked for its kind; nobody can delay or break the feed."""

    def __init__(self) -> None:
        self._listeners: dict[Listener, tuple[type, ...]] = {}
        self._audiences: dict[type, tuple[Listener, ...]] = {}
        self._sources: list[tuple[type, Source]] = []

    def draw_from(self, source: Source, kind: type) -> None:
        """Leave events of this class to their source, which need not make any while nobody hears them."""
        self._sources.append((kind, source))
        for listener in self._audience(kind):
            source.add_listener(listener)

    def add(self, listener: Listener, *kinds: type) -> Callable[[], None]:
        """Call ``listener`` with every event of these classes (no class: every event).

        Returns:
            a function that takes the listener away again.
        """
        self._remove(listener)
        self._listeners[listener] = kinds
        self._audiences.clear()
        for kind, source in self._sources:
            if _hears(kinds, kind):
                source.add_listener(listener)
        return partial(self._remove, listener)

    def _remove(self, listener: Listener) -> None:
        if self._listeners.pop(listener, None) is not None:
            self._audiences.clear()
            for _, source in self._sources:
                source.remove_listener(listener)

    def publish(self, event: Any) -> None:
        """Tell everyone; a listener that raises is logged, and the others still hear."""
        for listener in self._audience(type(event)):
            try:
                listener(event)
            except Exception:
                logger.exception("a listener failed on %s", type(event).__name__)

    def _audience(self, kind: type) -> tuple[Listener, ...]:
        """Who hears events of a class."""
        if kind not in self._audiences:
            who = tuple(listener for listener, kinds in self._listeners.items() if _hears(kinds, kind))
            self._audiences[kind] = who
        return self._audiences[kind]

    def publish_all(self, events: Iterable[Any]) -> None:
        """Tell everyone of each."""
        for event in events:
            self.publish(event)

    def events(self, *kinds: type, keep: int = KEEP) -> EventIterator:
        """Every event of these classes from now on.

        A reader who is slower than the feed loses the oldest events beyond ``keep``; how many is logged.
        """
        return EventIterator(lambda listener: self.add(listener, *kinds), keep)


def _hears(kinds: tuple[type, ...], kind: type) -> bool:
    return not kinds or issubclass(kind, kinds)
