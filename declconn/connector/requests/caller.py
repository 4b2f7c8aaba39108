"""One request with its policy: what is sent, and what is done about every kind of error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from declconn.compile.endpoint import NO_PAGE, Endpoint
from declconn.compile.paging import Page
from declconn.connector.requests.allowances import Allowances
from declconn.connector.requests.policies import READING, UNCERTAIN, WRITING, kind_of
from declconn.connector.requests.remedies import Remedies
from declconn.connector.requests.request_counts import RequestCounts
from declconn.connector.requests.sender import Sender
from declconn.connector.requests.traits import Traits
from declconn.connector.requests.venue_time import VenueTime
from declconn.connector.session import Session
from declconn.errors import CredentialsError, MappingError, NetworkError, UnknownOutcomeError, VenueError
from declconn.log import about, get_logger
from declconn.net.backoff import Backoff
from declconn.net.throttler import Priority

logger = get_logger("declconn.rest")

NO_TURN: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(slots=True)
class _Asked:
    """A request, and how many errors of each kind its attempts ended with."""

    endpoint: Endpoint
    traits: Traits
    backoff: Backoff
    errors: dict[str, int] = field(default_factory=dict)


class Caller:
    """Asks the venue one request at a time.

    Args:
        sender: sends a request once.
        session: what is learnt for templates.
        traits: what is known of each request.
        allowances: what each draws.
        time: followed by what is signed.
        remedies: what can be done about an error.
        missing: what to say to a user who gave no credentials; ``None`` if there are some.
        counts: told how every request ended.
        venue: whom it asks, for the log.
    """

    def __init__(
        self,
        *,
        sender: Sender,
        session: Session,
        traits: Callable[[Endpoint], Traits],
        allowances: Allowances,
        time: VenueTime,
        remedies: Remedies,
        missing: str | None,
        counts: RequestCounts,
        venue: str,
    ) -> None:
        self._sender, self._session, self._traits = sender, session, traits
        self._allowances, self._time, self._remedies = allowances, time, remedies
        self._missing, self._counts, self._venue = missing, counts, venue

    async def ask(
        self,
        endpoint: Endpoint,
        given: Mapping[str, Any],
        page: Page = NO_PAGE,
        *,
        turn: Mapping[str, Any] = NO_TURN,
        priority: Priority = Priority.NORMAL,
    ) -> Any:
        """Send a request, again where its policy says so, and return what the answer says.

        Args:
            endpoint: what to ask.
            given: its arguments, in the venue's words and units.
            page: the fields of a further page.
            turn: the values of `for`.
            priority: whom to let pass where a rate limit is short.

        Returns:
            the decoded answer; ``None`` where the venue says that there was nothing to do.

        Raises:
            VenueError: the venue said no.
            UnknownOutcomeError: it changes something, and nobody knows whether it happened.
            NetworkError: there was no answer.
            MappingError: the answer is not JSON.
            CredentialsError: it has to be signed, and there are no credentials.
        """
        with about(venue=self._venue, operation=endpoint.operation):
            return await self._ask(endpoint, given, page, turn, priority)

    async def _ask(
        self, endpoint: Endpoint, given: Mapping[str, Any], page: Page, turn: Mapping[str, Any], priority: Priority
    ) -> Any:
        traits = self._traits(endpoint)
        if traits.signed and self._missing is not None:
            raise CredentialsError(f"{endpoint.operation} has to be signed: {self._missing}")
        if traits.signed:
            await self._time.follow(in_a_hurry=traits.writes)
        asked = _Asked(endpoint, traits, self._remedies.backoff())
        while True:
            sources = await self.sources(traits.session, given, turn)
            cost = self._allowances.cost(endpoint, sources)
            try:
                with self._counts.counted(endpoint.operation):
                    response = await self._sender.send(endpoint, traits, sources, cost, page=page, priority=priority)
                    self._allowances.learn(cost, response.headers)
                    return endpoint.answer(response)
            except (VenueError, NetworkError, MappingError) as error:
                if kind_of(error) == "not_modified":
                    return None
                if not await self._can_try_again(asked, error, sources, cost):
                    self._give_up(asked, error)

    async def sources(
        self, names: frozenset[str], given: Mapping[str, Any], turn: Mapping[str, Any] = NO_TURN
    ) -> dict[str, Any]:
        """The arguments and the loop's values, and with them what templates that name these of `session` need."""
        sources = {**given, "for": turn}
        if names:
            market = given if "symbol" in given else {}
            await self._session.ensure(names, market=market)
            sources["session"] = self._session.sources(market=market)
        return sources

    async def _can_try_again(
        self, asked: _Asked, error: VenueError | NetworkError | MappingError, sources: Mapping[str, Any], cost: Any
    ) -> bool:
        """Do what the policy says; whether a further attempt makes sense."""
        kind = kind_of(error)
        policy = (WRITING if asked.traits.writes else READING).get(kind)
        asked.errors[kind] = asked.errors.get(kind, 0) + 1
        if policy is None or asked.errors[kind] >= policy.tries:
            return False
        session = {name: sources["session"][name] for name in asked.traits.session if name in sources["session"]}
        helps = await self._remedies.apply(policy.remedy, error, backoff=asked.backoff, pools=cost, session=session)
        if helps:
            said = error if isinstance(error, VenueError) else f"{asked.endpoint.operation}: {error}"
            logger.info("%s; tried again", said)
        return helps

    def _give_up(self, asked: _Asked, error: VenueError | NetworkError | MappingError) -> None:
        """Raise the error, or what it means for a request that changes something."""
        error.attempts = sum(asked.errors.values())
        if asked.traits.writes and kind_of(error) in UNCERTAIN:
            raise UnknownOutcomeError(asked.endpoint.operation, error) from error
        raise error
