"""One item of an operation, asked as often as its words say: `for`, `when`, `batch`, `paging`, `then`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any, TypeAlias

from declconn.compile.endpoint import NO_PAGE, Endpoint
from declconn.compile.lookup import Sources
from declconn.compile.matcher import compile_when
from declconn.connector.complaints import Complaints
from declconn.connector.requests.caller import Caller
from declconn.connector.requests.combining import with_fields
from declconn.connector.requests.policies import changes_something
from declconn.connector.requests.spreading import Spread
from declconn.connector.session import session_names
from declconn.connector.strange_times import strange_time_of
from declconn.connector.venue_words import VenueWords
from declconn.errors import MappingError, UnknownOutcomeError, VenueError
from declconn.net.throttler import Priority
from declconn.spec.checks.sites import slots
from declconn.types import TimeUnit

Arguments: TypeAlias = Mapping[str, Any]

Question: TypeAlias = tuple[Arguments, Arguments]
"""The values of `for`, and the arguments of one request."""

MOST_PAGES = 1_000
"""After so many pages of one request something is wrong."""


class Questions:
    """Asks the requests of operations.

    Args:
        endpoints: all of them.
        caller: sends one request.
        complaints: hears of rows that cannot be read.
        words: what is said of markets and rows.
        traded: the trading pairs that stand for "each" and "all".
        fixed: sources that never change, which `when` may compare.
        rows: asks an operation whose rows a `for` goes through.
    """

    def __init__(
        self,
        endpoints: Iterable[Endpoint],
        *,
        caller: Caller,
        complaints: Complaints,
        words: VenueWords,
        traded: Callable[[], Iterable[str]],
        fixed: Sources,
        rows: Callable[[str], Awaitable[list[Any]]],
    ) -> None:
        self._caller, self._complaints, self._words, self._fixed, self._rows = caller, complaints, words, fixed, rows
        every = [endpoint for first in endpoints for endpoint in _with_then(first)]
        self._spread = {endpoint: Spread(endpoint.model, words, traded) for endpoint in every}
        self._when = {
            endpoint: (compile_when(when, TimeUnit.MS), session_names([f"{{{source}}}" for source in when]))
            for endpoint in every
            if (when := endpoint.model.when)
        }

    def by_market(self, endpoint: Endpoint) -> bool:
        """Whether a request cannot be sent without a market."""
        return self._spread[endpoint].by_market

    async def of(self, endpoint: Endpoint, given: Arguments) -> list[Question]:
        """What is asked of an item, where the caller gives these arguments."""
        return [
            (turn, one)
            for turn in await self._turns(endpoint)
            for one in self._spread[endpoint].requests(given)
            if endpoint not in self._when or await self._holds(endpoint, one, turn)
        ]

    async def ask(self, endpoint: Endpoint, question: Question, priority: Priority) -> list[Any]:
        """The records of one request and its further pages, with what a `then` tells of each.

        Raises:
            UnknownOutcomeError, VenueError, NetworkError, MappingError, CredentialsError: as `Caller.ask`.
        """
        records = await self._pages(endpoint, question, priority)
        if endpoint.then is None:
            return records
        return [await self._followed(endpoint.then, record, question, priority) for record in records]

    def kept(self, records: list[Any], errors: list[MappingError]) -> list[Any]:
        """The records that could be read; the others are complaints, or the error if there is no other.

        Raises:
            MappingError: no row could be read.
        """
        for error in errors:
            self._complaints.add(f"{error.where}.{error.field}", error)
        if errors and not records:
            raise errors[0]
        return records

    async def _turns(self, endpoint: Endpoint) -> list[dict[str, Any]]:
        """What `for` goes through: every combination of its values, or one turn without any."""
        values = [await self._values(source) for source in (endpoint.model.for_ or {}).values()]
        return [dict(zip(endpoint.model.for_ or {}, turn, strict=True)) for turn in product(*values)]

    async def _values(self, source: Sequence[Any] | str) -> Sequence[Any]:
        """A list of the spec's, or the first field of every row of an operation."""
        if not isinstance(source, str):
            return source
        return [next(iter(row.values()), None) for row in await self._rows(source)]

    async def _holds(self, endpoint: Endpoint, given: Arguments, turn: Arguments) -> bool:
        holds, learnt = self._when[endpoint]
        return holds({**self._fixed, **await self._caller.sources(learnt, given, turn)})

    async def _pages(self, endpoint: Endpoint, question: Question, priority: Priority) -> list[Any]:
        turn, given = question
        if endpoint.paging is None:
            document = await self._caller.ask(endpoint, given, NO_PAGE, turn=turn, priority=priority)
            return self._read(endpoint, document, given)
        records: list[Any] = []
        page = endpoint.paging.first
        for _ in range(MOST_PAGES):
            document = await self._caller.ask(endpoint, given, page, turn=turn, priority=priority)
            found = self._read(endpoint, document, given)
            records += found
            following = endpoint.paging.following(page, document, len(found))
            if following is None:
                return records
            page = following
        raise VenueError(endpoint.operation, "rejected", f"there is no end to its pages: {MOST_PAGES} were read")

    async def _followed(self, then: Endpoint, record: Any, question: Question, priority: Priority) -> Any:
        """A record with the fields that a further request tells of it."""
        turn, given = question
        row = self._words.row(record)
        pair = getattr(record, "trading_pair", None)
        market = {} if pair is None else self._words.market(pair)
        for one in await self.of(then, {**row, **market, **given, "row": {**turn, **row}}):
            for found in (await self.ask(then, one, priority))[:1]:
                record = with_fields(record, found, slots(then.model.result))
        return record

    def _read(self, endpoint: Endpoint, document: Any, given: Arguments) -> list[Any]:
        """The records of an answer. One that cannot be read leaves open what became of the request."""
        if document is None:
            return []
        try:
            records = self.kept(*endpoint.records(document, _told(given)))
        except MappingError as error:
            if changes_something(endpoint.operation):
                raise UnknownOutcomeError(endpoint.operation, error) from error
            raise
        place = f"endpoints.{endpoint.operation}"
        if not records and (doubt := endpoint.misplaced(document)):
            self._complaints.add(f"{place}.each", f"{place}: {doubt}")
        elif records and (doubt := strange_time_of(records[0])):
            self._complaints.add(f"{place}.timestamp", f"{place}: its first record has {doubt}")
        return records


def _with_then(endpoint: Endpoint) -> list[Endpoint]:
    return [endpoint] if endpoint.then is None else [endpoint, *_with_then(endpoint.then)]


def _told(given: Arguments) -> Arguments:
    """The arguments that fill fields of an answer. An amount may need a price to be read, as one in quote does."""
    if "amount" in given and "price" not in given:
        return {name: value for name, value in given.items() if name != "amount"}
    return given
