"""What the connections of a connector have around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from declconn.clock import Clock
from declconn.compile.errors import ErrorReader
from declconn.compile.source_book import SourceBook
from declconn.compile.stream import Event, Taker
from declconn.connector.complaints import Complaints
from declconn.connector.hosts import Hosts
from declconn.connector.news import StreamTrouble
from declconn.connector.session import Session
from declconn.errors import DeclconnError
from declconn.net.throttler import AsyncThrottler


class News(Protocol):
    """Who hears what happens on a connection."""

    def subscribed(self, pairs: Iterable[str]) -> None:
        """The books of these pairs are about to be asked for anew."""
        ...

    def taker(self, event: Event) -> Taker:
        """Who takes the records of an event, one by one."""
        ...

    def unreadable(self, trading_pair: str) -> None:
        """A message about the book of this pair came and could not be read."""
        ...

    def lost(self, pairs: Iterable[str]) -> None:
        """Nothing is known about the books of these pairs any more."""
        ...


@dataclass(frozen=True, slots=True)
class Shared:
    """What all connections of a connector share.

    Attributes:
        sources: what templates may name.
        session: what is learnt for them.
        hosts: where a socket that the venue names may be.
        errors: reads the venue's no.
        complaints: counts what is wrong.
        clock: measures.
        throttler: paces logins.
        tell: who hears of trouble and polls.
        want: asks operations again.
    """

    sources: SourceBook
    session: Session
    hosts: Hosts
    errors: ErrorReader
    complaints: Complaints
    clock: Clock
    throttler: AsyncThrottler
    tell: Callable[[Any], None]
    want: Callable[[Iterable[str]], None]

    def trouble(self, stream: str, kind: str, pairs: tuple[str, ...], error: DeclconnError) -> None:
        """Count what went wrong on a stream, and tell it to whoever listens."""
        about = f"{', '.join(pairs)}: {error}" if pairs else error
        self.complaints.add(f"streams.{stream}.{kind}", about)
        self.tell(StreamTrouble(stream, pairs, error))
