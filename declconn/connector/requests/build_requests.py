"""How a venue is asked: from top to bottom, what requests are made with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from declconn.clock import Clock
from declconn.compile.endpoint import Endpoint
from declconn.compile.errors import ErrorReader
from declconn.compile.mapping import Words
from declconn.compile.recipe import Recipe
from declconn.compile.source_book import SourceBook
from declconn.connector.complaints import Complaints
from declconn.connector.hosts import Hosts
from declconn.connector.requests.allowances import Allowances
from declconn.connector.requests.caller import Caller
from declconn.connector.requests.endpoints import compile_endpoints
from declconn.connector.requests.operations import Operations
from declconn.connector.requests.remedies import Remedies
from declconn.connector.requests.request_counts import RequestCounts
from declconn.connector.requests.sender import Sender
from declconn.connector.requests.traits import traits_reader
from declconn.connector.requests.venue_time import Sample, VenueTime, time_sample
from declconn.connector.session import Session
from declconn.connector.settings import how_to_give_credentials
from declconn.connector.venue_words import VenueWords
from declconn.credentials import Credentials
from declconn.net.rest_assistant import RESTAssistant
from declconn.net.throttler import AsyncThrottler, Priority
from declconn.net.time_synchronizer import TimeSynchronizer
from declconn.net.transport import Transport
from declconn.spec import Spec


@dataclass(frozen=True, slots=True)
class RequestParts:
    """What asks a venue.

    Attributes:
        operations: what can be asked.
        session: what is learnt for it.
        allowances: what it may cost.
        counts: how often it was.
    """

    operations: Operations
    session: Session
    allowances: Allowances
    counts: RequestCounts


def build_requests(
    spec: Spec,
    *,
    credentials: Credentials,
    recipes: Mapping[str, Recipe],
    sources: SourceBook,
    synchronizer: TimeSynchronizer,
    hosts: Hosts,
    transport: Transport,
    throttler: AsyncThrottler,
    words: Words,
    venue_words: VenueWords,
    errors: ErrorReader,
    complaints: Complaints,
    traded: Callable[[], Iterable[str]],
    clock: Clock,
    random: Random,
) -> RequestParts:
    """Everything between an operation's name and the transport.

    Args:
        spec: the venue.
        credentials: of the account; none for market data.
        recipes: they sign; none without credentials.
        sources: what templates may name besides arguments.
        synchronizer: the clock of these sources.
        hosts: where secrets may go.
        transport: how requests leave.
        throttler: how fast.
        words, venue_words: the venue's words, as they are read and as they are written.
        errors: reads the venue's no.
        complaints: counts what cannot be read.
        traded: the pairs that are followed.
        clock: the machine's.
        random: jitter.

    Raises:
        NotSupportedError: a result is read by Python code.
    """
    key = credentials.fingerprint
    rest = RESTAssistant(transport, throttler)
    allowances = Allowances(spec, sources, throttler, key)
    endpoints = compile_endpoints(spec, words, errors, recipes)
    session = Session(spec, clock)
    ask_time = _time_sample(spec, endpoints, rest=rest, sources=sources, allowances=allowances, clock=clock)
    time = VenueTime(synchronizer, ask_time, clock)
    counts = RequestCounts()
    caller = Caller(
        sender=Sender(rest, sources, hosts, key, counts=counts, clock=clock),
        session=session,
        traits=traits_reader(spec),
        allowances=allowances,
        time=time,
        remedies=Remedies(clock, random, throttler, session, time),
        missing=None if credentials else how_to_give_credentials(spec),
        counts=counts,
        venue=spec.name,
    )
    operations = Operations(
        endpoints,
        caller=caller,
        complaints=complaints,
        words=venue_words,
        traded=traded,
        fixed=sources.fixed,
    )
    session.obtain_through(partial(operations.call, priority=Priority.FIRST))  # a stream, or a request, waits for it
    return RequestParts(operations, session, allowances, counts)


def _time_sample(
    spec: Spec,
    endpoints: Mapping[str, list[Endpoint]],
    *,
    rest: RESTAssistant,
    sources: SourceBook,
    allowances: Allowances,
    clock: Clock,
) -> Sample | None:
    """What asks for the venue's time; ``None`` where the machine's is trusted."""
    operation: Any = spec.auth.clock
    if operation == "local":
        return None
    return time_sample(endpoints[operation][0], rest=rest, sources=sources, allowances=allowances, clock=clock)
