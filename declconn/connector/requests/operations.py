"""The operations of a venue: arguments in, records out, one or more requests between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from declconn.compile.endpoint import Endpoint
from declconn.compile.lookup import Sources
from declconn.connector.complaints import Complaints
from declconn.connector.requests.caller import Caller
from declconn.connector.requests.combining import combined
from declconn.connector.requests.questions import Questions
from declconn.connector.venue_words import VenueWords
from declconn.errors import NotSupportedError, VenueError
from declconn.net.throttler import Priority
from declconn.net.transport import Response
from declconn.records import OrderUpdate


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
        self._endpoints, self._words = endpoints, words
        self._questions = Questions(
            [endpoint for requests in endpoints.values() for endpoint in requests],
            caller=caller,
            complaints=complaints,
            words=words,
            traded=traded,
            fixed=fixed,
            rows=self.call,
        )

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
        questions = [(endpoint, one) for endpoint in endpoints for one in await self._questions.of(endpoint, given)]
        if not questions and any(endpoint.model.when for endpoint in endpoints):
            raise NotSupportedError(f"endpoints.{operation}: no request is for this account; {_conditions(endpoints)}")
        records: list[Any] = []
        for endpoint, question in questions:
            records += await self._questions.ask(endpoint, question, priority)
        sums = any(endpoint.model.combine == "sum" for endpoint in endpoints)
        return combined(self._of_market(records, given), "sum" if sums else "merge")

    def row_error(self, operation: str, row: OrderUpdate) -> VenueError | None:
        """What went wrong with one order of a request about several; ``None`` if nothing did."""
        if not row.error or row.cancelled:  # some venues write a word like "none" beside a success
            return None
        return self.endpoint(operation).row_error(row.error)

    def is_about_one_market(self, operation: str) -> bool:
        """Whether its requests need a market, so that it is asked once for each."""
        return any(map(self._questions.by_market, self._of(operation)))

    def read(self, endpoint: Endpoint, response: Response, given: Mapping[str, Any]) -> list[Any]:
        """The records of an answer, live or recorded."""
        return self._questions.kept(*endpoint.read(response, given))

    def endpoint(self, operation: str) -> Endpoint:
        """The first request of an operation."""
        return self._of(operation)[0]

    def _of(self, operation: str) -> Sequence[Endpoint]:
        try:
            return self._endpoints[operation]
        except KeyError:
            raise NotSupportedError(f"the spec declares no operation {operation!r}") from None

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
