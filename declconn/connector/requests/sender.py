"""A request leaves: written and signed when its turn has come, and only to where it may go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from declconn.clock import Clock
from declconn.compile.endpoint import Endpoint
from declconn.compile.paging import Page
from declconn.compile.source_book import SourceBook
from declconn.connector.hosts import Hosts
from declconn.connector.requests.request_counts import RequestCounts
from declconn.connector.requests.traits import Traits
from declconn.net.rest_assistant import RESTAssistant
from declconn.net.throttler import Priority
from declconn.net.transport import Request, Response
from declconn.net.turns import turns_of


class Sender:
    """Sends a request once.

    Args:
        rest: waits and sends.
        sources: what templates may name besides arguments; clock and nonces are read when a request is written.
        hosts: where a request that holds what is secret may go.
        key: the fingerprint of the account's key, whose nonces must arrive in order.
        counts: told how long requests are on their way.
        clock: measures that.
    """

    def __init__(
        self, rest: RESTAssistant, sources: SourceBook, hosts: Hosts, key: str, *, counts: RequestCounts, clock: Clock
    ) -> None:
        self._rest, self._sources, self._hosts, self._key = rest, sources, hosts, key
        self._counts, self._clock = counts, clock

    async def send(
        self,
        endpoint: Endpoint,
        traits: Traits,
        given: Mapping[str, Any],
        cost: Mapping[str, int],
        *,
        page: Page,
        priority: Priority,
    ) -> Response:
        """Wait for the allowance and for the key's turn, send, and return the answer of any status.

        Args:
            endpoint: what to ask.
            traits: what is known of it.
            given: arguments, and whatever else its templates may name.
            cost: units by rate limit.
            page: the fields of a further page.
            priority: whom to let pass.

        Raises:
            NetworkError: nothing was sent (`LostAnswerError`: sent, but not answered).
            ConfigurationError: an argument is absent or does not fit.
            CredentialsError: it would carry secrets to a host that the spec does not know.
        """
        left: float | None = None

        def write() -> Request:
            nonlocal left
            request = endpoint.request({**self._sources.now(), **given}, page)
            if traits.private:
                self._hosts.check_request(endpoint.operation, request.url)
            left = self._clock.monotonic()
            return request

        turns = turns_of(self._key) if traits.serial else None
        try:
            return await self._rest.call(write, cost, priority=priority, turns=turns)
        finally:
            if left is not None:
                self._counts.was_away(endpoint.operation, self._clock.monotonic() - left)
