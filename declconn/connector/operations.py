"""The operations of a venue: arguments in, records out, one or more requests between."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from declconn.compile.channels import OF_ONE_MARKET, roots
from declconn.compile.endpoint import Endpoint
from declconn.compile.source_book import SourceBook
from declconn.connector.complaints import Complaints
from declconn.connector.session import Session, session_names
from declconn.errors import NotSupportedError
from declconn.net.rest_assistant import RESTAssistant
from declconn.net.throttler import Priority
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
        session: Session,
        complaints: Complaints,
    ) -> None:
        self._endpoints = endpoints
        self._rest, self._sources, self._complaints = rest, sources, complaints
        self._session = session
        self._learnt = {operation: session_names(*map(_templates, found)) for operation, found in endpoints.items()}
        session.obtain_through(self.call)

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
            VenueError: the venue answered with an error.
            MappingError: no row of the answer could be read.
            NetworkError: there was no answer.
        """
        given = arguments or {}
        records: list[Any] = []
        for endpoint in self._of(operation):
            _refuse_unplayed(endpoint)
            sources = await self._sources_of(operation, given)
            response = await self._rest.call(endpoint.request(sources), endpoint.cost(sources), priority=priority)
            records += self.read(endpoint, response, given)
        return records

    async def _sources_of(self, operation: str, given: Mapping[str, Any]) -> dict[str, Any]:
        sources = {**self._sources.now(), **given}
        if self._learnt[operation]:
            market = given if "symbol" in given else {}
            await self._session.ensure(self._learnt[operation], market=market)
            sources["session"] = self._session.sources(market=market)
        return sources

    def is_about_one_market(self, operation: str) -> bool:
        """Whether its requests name a market, so that it is asked once for each."""
        return any(roots(_templates(endpoint)) & OF_ONE_MARKET for endpoint in self._of(operation))

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


def _templates(endpoint: Endpoint) -> Any:
    """What of an endpoint is written anew for each request."""
    model = endpoint.model
    return [model.path, model.params, model.body, model.headers]


def _refuse_unplayed(endpoint: Endpoint) -> None:
    if endpoint.auth is not None:
        raise NotSupportedError(f"{endpoint.operation}: signed requests are not sent yet")
    for word in UNPLAYED:
        if getattr(endpoint.model, word, None):
            raise NotSupportedError(f"{endpoint.operation}: the runtime does not play '{word.strip('_')}' yet")
