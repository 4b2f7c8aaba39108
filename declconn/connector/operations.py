"""The operations of a venue: arguments in, records out, one or more requests between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any, TypeAlias

from declconn.compile.endpoint import NO_PAGE, Endpoint
from declconn.compile.lookup import Sources
from declconn.compile.matcher import compile_when
from declconn.connector.caller import Caller
from declconn.connector.combining import combined, with_fields
from declconn.connector.complaints import Complaints
from declconn.connector.policies import changes_something
from declconn.connector.session import session_names
from declconn.connector.spreading import Spread
from declconn.connector.venue_words import VenueWords
from declconn.errors import MappingError, NotSupportedError, UnknownOutcomeError, VenueError
from declconn.net.throttler import Priority
from declconn.net.transport import Response
from declconn.records import OrderUpdate
from declconn.spec.checks.sites import slots
from declconn.types import TimeUnit

_Request: TypeAlias = tuple[Mapping[str, Any], Mapping[str, Any]]
"""The values of `for`, and the arguments."""

MOST_PAGES = 1_000
"""After so many pages of one request something is wrong."""


class Operations:
    """Calls the operations that a spec declares.

    Args:
        endpoints: their requests.
        caller: sends one request.
        complaints: hears of rows that cannot be read.
        words: what is said of markets and rows.
        traded: the trading pairs that are asked about where an operation needs a market and none is named.
        fixed: sources that never change, which `when` may compare.
    """

    def __init__(
        self,
        endpoints: Mapping[str, Sequence[Endpoint]],
        *,
        caller: Caller,
        complaints: Complaints,
        words: VenueWords,
        traded: Callable[[], Iterable[str]],
        fixed: Sources,
    ) -> None:
        self._endpoints, self._caller, self._complaints = endpoints, caller, complaints
        self._words, self._fixed = words, fixed
        every = [endpoint for requests in endpoints.values() for first in requests for endpoint in _with_then(first)]
        self._spread = {endpoint: Spread(endpoint.model, words, traded) for endpoint in every}
        self._when = {
            endpoint: (compile_when(when, TimeUnit.MS), session_names([f"{{{source}}}" for source in when]))
            for endpoint in every
            if (when := endpoint.model.when)
        }

    def __contains__(self, operation: str) -> bool:
        return operation in self._endpoints

    async def call(
        self,
        operation: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        priority: Priority = Priority.NORMAL,
    ) -> list[Any]:
        """Ask the venue.

        A request that needs a market, a collateral token or a list of symbols that is not given is sent for those of
        all pairs that are traded.

        Args:
            operation: a name of the spec's `endpoints`.
            arguments: in the venue's words and units, as the operation takes them.
            priority: whom to let pass where a rate limit is short.

        Returns:
            The records of all its requests, each thing once; of one market, where a ``symbol`` is given. Rows that
            cannot be read are left out, counted and logged.

        Raises:
            NotSupportedError: the spec does not declare the operation, or none of its requests is for this account.
            UnknownOutcomeError: it changes something, and nobody knows whether it happened.
            VenueError: the venue answered with an error.
            MappingError: no row of the answer could be read.
            NetworkError: there was no answer.
            CredentialsError: it has to be signed, and there are no credentials.
        """
        given = arguments or {}
        endpoints = self._of(operation)
        requests = [(endpoint, *one) for endpoint in endpoints for one in await self._requests(endpoint, given)]
        if not requests and any(endpoint.model.when for endpoint in endpoints):
            raise NotSupportedError(f"endpoints.{operation}: no request is for this account; {_conditions(endpoints)}")
        records: list[Any] = []
        for endpoint, turn, one in requests:
            records += await self._records(endpoint, one, turn, priority)
        sums = any(endpoint.model.combine == "sum" for endpoint in endpoints)
        return combined(self._of_market(records, given), "sum" if sums else "merge")

    def row_error(self, operation: str, row: OrderUpdate) -> VenueError | None:
        """What went wrong with one order of a request about several; ``None`` if nothing did."""
        if not row.error or row.cancelled:  # some venues write a word like "none" beside a success
            return None
        return self.endpoint(operation).row_error(row.error)

    def is_about_one_market(self, operation: str) -> bool:
        """Whether its requests need a market, so that it is asked once for each."""
        return any(self._spread[endpoint].by_market for endpoint in self._of(operation))

    def read(self, endpoint: Endpoint, response: Response, given: Mapping[str, Any]) -> list[Any]:
        """The records of an answer, live or recorded."""
        return self._kept(*endpoint.read(response, given))

    def endpoint(self, operation: str) -> Endpoint:
        """The first request of an operation."""
        return self._of(operation)[0]

    def _of(self, operation: str) -> Sequence[Endpoint]:
        try:
            return self._endpoints[operation]
        except KeyError:
            raise NotSupportedError(f"the spec declares no operation {operation!r}") from None

    async def _requests(self, endpoint: Endpoint, given: Mapping[str, Any]) -> list[_Request]:
        """What is sent of an item of an operation: its turns of `for`, each with the arguments of one request."""
        return [
            (turn, one)
            for turn in await self._turns(endpoint)
            for one in self._spread[endpoint].requests(given)
            if endpoint not in self._when or await self._holds(endpoint, one, turn)
        ]

    async def _holds(self, endpoint: Endpoint, given: Mapping[str, Any], turn: Mapping[str, Any]) -> bool:
        holds, learnt = self._when[endpoint]
        return holds({**self._fixed, **await self._caller.sources(learnt, given, turn)})

    async def _turns(self, endpoint: Endpoint) -> list[dict[str, Any]]:
        """What `for` goes through: every combination of its values, or one turn without any."""
        values = [await self._values(source) for source in (endpoint.model.for_ or {}).values()]
        return [dict(zip(endpoint.model.for_ or {}, turn, strict=True)) for turn in product(*values)]

    async def _values(self, source: Sequence[Any] | str) -> Sequence[Any]:
        """A list of the spec's, or the first field of every row of an operation."""
        if not isinstance(source, str):
            return source
        return [next(iter(row.values()), None) for row in await self.call(source)]

    async def _records(
        self, endpoint: Endpoint, given: Mapping[str, Any], turn: Mapping[str, Any], priority: Priority
    ) -> list[Any]:
        """The records of one request, with what a `then` tells of each."""
        records = await self._pages(endpoint, given, turn, priority)
        if endpoint.then is None:
            return records
        return [await self._followed(endpoint.then, record, given, turn, priority) for record in records]

    async def _pages(
        self, endpoint: Endpoint, given: Mapping[str, Any], turn: Mapping[str, Any], priority: Priority
    ) -> list[Any]:
        """The records of one request and of the pages after it."""
        if endpoint.paging is None:
            return self._read(
                endpoint, await self._caller.ask(endpoint, given, NO_PAGE, turn=turn, priority=priority), given
            )
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

    async def _followed(
        self, then: Endpoint, record: Any, given: Mapping[str, Any], turn: Mapping[str, Any], priority: Priority
    ) -> Any:
        """A record with the fields that a further request tells of it."""
        row = self._words.row(record)
        pair = getattr(record, "trading_pair", None)
        market = {} if pair is None else self._words.market(pair)
        about = {**row, **market, **given, "row": {**turn, **row}}
        for inner, one in await self._requests(then, about):
            for found in (await self._records(then, one, inner, priority))[:1]:
                record = with_fields(record, found, slots(then.model.result))
        return record

    def _read(self, endpoint: Endpoint, document: Any, given: Mapping[str, Any]) -> list[Any]:
        """The records of an answer. One that cannot be read leaves open what became of the request."""
        if document is None:
            return []
        try:
            return self._kept(*endpoint.records(document, _told(given)))
        except MappingError as error:
            if changes_something(endpoint.operation):
                raise UnknownOutcomeError(endpoint.operation, error) from error
            raise

    def _kept(self, records: list[Any], errors: list[MappingError]) -> list[Any]:
        for error in errors:
            self._complaints.add(f"{error.where}.{error.field}", error)
        if errors and not records:
            raise errors[0]
        return records

    def _of_market(self, records: list[Any], given: Mapping[str, Any]) -> list[Any]:
        """The records of the market that was asked about, if it was one."""
        pair = self._words.pair(given["symbol"]) if "symbol" in given else None
        if pair is None:
            return records
        return [record for record in records if getattr(record, "trading_pair", None) in (None, pair)]


def _conditions(endpoints: Sequence[Endpoint]) -> str:
    every = (endpoint.model.when or {} for endpoint in endpoints)
    texts = (" and ".join(f"{source}: {value}" for source, value in when.items()) for when in every)
    return f"they are for {', or for '.join(texts)}"


def _with_then(endpoint: Endpoint) -> list[Endpoint]:
    return [endpoint] if endpoint.then is None else [endpoint, *_with_then(endpoint.then)]


def _told(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments that fill fields of an answer. An amount may need a price to be read, as one in quote does."""
    if "amount" in given and "price" not in given:
        return {name: value for name, value in given.items() if name != "amount"}
    return given
