"""The operations of a venue: arguments in, records out, one or more requests between."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from declconn.compile.channels import OF_ONE_MARKET, roots
from declconn.compile.endpoint import Endpoint
from declconn.compile.paging import Page
from declconn.connector.caller import Caller
from declconn.connector.complaints import Complaints
from declconn.connector.policies import changes_something
from declconn.connector.traits import templates
from declconn.errors import MappingError, NotSupportedError, UnknownOutcomeError, VenueError
from declconn.net.throttler import Priority
from declconn.net.transport import Response

logger = logging.getLogger("declconn.operations")

MOST_PAGES = 1_000
"""After so many pages of one request something is wrong."""

UNPLAYED = ("then", "batch")
"""Words of an endpoint that this runtime checks but does not play yet; it refuses rather than answer in part."""


class Operations:
    """Calls the operations that a spec declares."""

    def __init__(
        self,
        endpoints: Mapping[str, Sequence[Endpoint]],
        *,
        caller: Caller,
        complaints: Complaints,
    ) -> None:
        self._endpoints, self._caller, self._complaints = endpoints, caller, complaints

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

        Args:
            operation: a name of the spec's `endpoints`.
            arguments: in the venue's words and units, as the operation takes them.
            priority: whom to let pass where a rate limit is short.

        Returns:
            The records of all its requests. Rows that cannot be read are left out, counted and logged.

        Raises:
            NotSupportedError: the spec does not declare the operation, or needs more than this runtime plays.
            UnknownOutcomeError: it changes something, and nobody knows whether it happened.
            VenueError: the venue answered with an error.
            MappingError: no row of the answer could be read.
            NetworkError: there was no answer.
            CredentialsError: it has to be signed, and there are no credentials.
        """
        given = arguments or {}
        records: list[Any] = []
        for endpoint in self._of(operation):
            _refuse_unplayed(endpoint)
            for turn in await self._turns(endpoint):
                records += await self._pages(endpoint, given, turn, priority)
        return records

    async def _turns(self, endpoint: Endpoint) -> list[dict[str, Any]]:
        """What `for` goes through: every combination of its values, or one turn without any."""
        values = [await self._values(source) for source in (endpoint.model.for_ or {}).values()]
        return [dict(zip(endpoint.model.for_ or {}, turn, strict=True)) for turn in product(*values)]

    async def _values(self, source: Sequence[Any] | str) -> Sequence[Any]:
        """A list of the spec's, or the first field of every row of an operation."""
        if not isinstance(source, str):
            return source
        return [next(iter(row.values()), None) for row in await self.call(source)]

    async def _pages(
        self, endpoint: Endpoint, given: Mapping[str, Any], turn: Mapping[str, Any], priority: Priority
    ) -> list[Any]:
        """The records of one request and of the pages after it."""
        records: list[Any] = []
        page: Page | None = endpoint.paging.first if endpoint.paging else {}
        for _ in range(MOST_PAGES):
            document = await self._caller.ask(endpoint, given, page or {}, turn=turn, priority=priority)
            found = self._read(endpoint, document, given)
            records += found
            page = endpoint.paging.following(page or {}, document, len(found)) if endpoint.paging else None
            if page is None:
                return records
        raise VenueError(endpoint.operation, "rejected", f"there is no end to its pages: {MOST_PAGES} were read")

    def _read(self, endpoint: Endpoint, document: Any, given: Mapping[str, Any]) -> list[Any]:
        """The records of an answer. One that cannot be read leaves open what became of the request."""
        if document is None:
            return []
        try:
            return self._kept(*endpoint.records(document, given))
        except MappingError as error:
            if changes_something(endpoint.operation):
                raise UnknownOutcomeError(endpoint.operation, error) from error
            raise

    def is_about_one_market(self, operation: str) -> bool:
        """Whether its requests name a market, so that it is asked once for each."""
        return any(roots(templates(endpoint)) & OF_ONE_MARKET for endpoint in self._of(operation))

    def read(self, endpoint: Endpoint, response: Response, given: Mapping[str, Any]) -> list[Any]:
        """The records of an answer, live or recorded."""
        return self._kept(*endpoint.read(response, given))

    def _kept(self, records: list[Any], errors: list[MappingError]) -> list[Any]:
        for error in errors:
            self._complaints.add(f"{error.where}.{error.field}", error)
        if errors and not records:
            raise errors[0]
        return records

    def _of(self, operation: str) -> Sequence[Endpoint]:
        try:
            return self._endpoints[operation]
        except KeyError:
            raise NotSupportedError(f"the spec declares no operation {operation!r}") from None

    def endpoint(self, operation: str) -> Endpoint:
        """The first request of an operation."""
        return self._of(operation)[0]


def _refuse_unplayed(endpoint: Endpoint) -> None:
    for word in UNPLAYED:
        if getattr(endpoint.model, word, None):
            raise NotSupportedError(f"{endpoint.operation}: the runtime does not play '{word}' yet")
