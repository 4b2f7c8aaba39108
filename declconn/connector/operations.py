"""The operations of a venue: arguments in, records out, one or more requests between."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from declconn.compile.endpoint import Endpoint
from declconn.compile.source_book import SourceBook
from declconn.connector.complaints import Complaints
from declconn.errors import NotSupportedError
from declconn.net.rest_assistant import RESTAssistant
from declconn.net.transport import Response

logger = logging.getLogger("declconn.operations")

UNPLAYED = ("for_", "then", "paging", "batch")
"""Words of an endpoint that this runtime checks but does not play yet; it refuses rather than answer in part."""


class Operations:
    """Calls the operations that a spec declares."""

    def __init__(
        self,
        endpoints: Mapping[str, Sequence[Endpoint]],
        *,
        rest: RESTAssistant,
        sources: SourceBook,
        complaints: Complaints,
    ) -> None:
        self._endpoints = endpoints
        self._rest, self._sources, self._complaints = rest, sources, complaints

    def __contains__(self, operation: str) -> bool:
        return operation in self._endpoints

    async def call(self, operation: str, arguments: Mapping[str, Any] | None = None) -> list[Any]:
        """Ask the venue.

        Args:
            operation: a name of the spec's `endpoints`.
            arguments: in the venue's words and units, as the operation takes them.

        Returns:
            The records of all its requests. Rows that cannot be read are left out, counted and logged.

        Raises:
            NotSupportedError: the spec does not declare the operation, or needs more than this runtime plays.
            VenueError: the venue answered with an error.
            MappingError: no row of the answer could be read.
            NetworkError: there was no answer.
        """
        given = arguments or {}
        records: list[Any] = []
        for endpoint in self._of(operation):
            _refuse_unplayed(endpoint)
            sources = {**self._sources.now(), **given}
            response = await self._rest.call(endpoint.request(sources), endpoint.cost(sources))
            records += self.read(endpoint, response, given)
        return records

    def read(self, endpoint: Endpoint, response: Response, given: Mapping[str, Any]) -> list[Any]:
        """The records of an answer, live or recorded."""
        records, errors = endpoint.read(response, given)
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
    if endpoint.auth is not None:
        raise NotSupportedError(f"{endpoint.operation}: signed requests are not sent yet")
    for word in UNPLAYED:
        if getattr(endpoint.model, word, None):
            raise NotSupportedError(f"{endpoint.operation}: the runtime does not play '{word.strip('_')}' yet")
