"""Where news of an account go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from declconn.compile.stream import Event
from declconn.connector.shared import News


class AccountNews:
    """Orders, fills, balances and positions go to whoever keeps them; what is public goes the common way.

    Args:
        common: takes everything else.
        takers: by the class of a record.
        tell: who hears records that nobody keeps.
    """

    def __init__(
        self, common: News, takers: Mapping[type, Callable[[Any], None]], tell: Callable[[Any], None]
    ) -> None:
        self._common, self._takers, self._tell = common, takers, tell

    def take(self, event: Event, records: list[Any]) -> None:
        """Hand an event's records to whoever they are for."""
        if records and type(records[0]) in self._takers:
            for record in records:
                self._takers[type(record)](record)
        else:
            self._common.take(event, records)

    def take_record(self, record: Any) -> None:
        """One record that came otherwise: an answer to a question that a stream gave rise to."""
        self._takers.get(type(record), self._tell)(record)

    def subscribed(self, pairs: Iterable[str]) -> None:
        """A stream that carries an account may carry books as well."""
        self._common.subscribed(pairs)

    def unreadable(self, trading_pair: str) -> None:
        """As `subscribed`."""
        self._common.unreadable(trading_pair)

    def lost(self, pairs: Iterable[str]) -> None:
        """As `subscribed`."""
        self._common.lost(pairs)
