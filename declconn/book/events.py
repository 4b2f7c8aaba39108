"""News of books, for whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

import msgspec

from declconn.log import get_logger
from declconn.records import OrderBookMessage
from declconn.types import BookState

logger = get_logger(__name__)


class BookEventKind(StrEnum):
    """What happened to a book."""

    STATE = "state"
    SNAPSHOT = "snapshot"
    DIFF = "diff"


class BookEvent(msgspec.Struct, frozen=True, gc=False):
    """News of one book, after the fact.

    The book itself is the truth: after a snapshot it may already hold diffs that had been waiting for it.

    Attributes:
        trading_pair: which book.
        kind: a new state, or an applied snapshot or diff.
        state: the book's state now.
        update_id: the book's ``last_diff_uid`` now.
        message: what was applied, with the venue's other ids; ``None`` for a new state.
    """

    trading_pair: str
    kind: BookEventKind
    state: BookState
    update_id: int | None
    message: OrderBookMessage | None = None


Listener: TypeAlias = Callable[[BookEvent], None]


class Listeners:
    """Those who want to know, called in the order in which they came."""

    def __init__(self) -> None:
        self.all: tuple[Listener, ...] = ()
        """Everyone. While there is no one, no events need to be made."""

    def add(self, listener: Listener) -> None:
        """Call this from now on."""
        self.all += (listener,)

    def remove(self, listener: Listener) -> None:
        """Call it no more; one that was never added is nothing."""
        self.all = tuple(other for other in self.all if other != listener)

    def tell(self, event: BookEvent) -> None:
        """Call all; one that raises is logged and harms nobody."""
        for listener in self.all:
            try:
                listener(event)
            except Exception:
                logger.exception("%s: a listener failed on %s", event.trading_pair, event.kind)
