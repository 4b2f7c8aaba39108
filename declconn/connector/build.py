"""The one room where a spec meets the runtime: from top to bottom, what a connector is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from declconn.account.change import Change
from declconn.account.funding import FundingInfos
from declconn.book import OrderBookTracker, Precision
from declconn.clock import Clock
from declconn.compile.assets import Assets
from declconn.compile.errors import ErrorReader
from declconn.compile.recipe import Recipe, compile_recipe
from declconn.compile.source_book import SourceBook
from declconn.compile.stream import Stream
from declconn.connector.complaints import Complaints
from declconn.connector.derivative import Derivative
from declconn.connector.exchange import Exchange
from declconn.connector.feed.books import book_maker, book_rules, snapshot_question
from declconn.connector.feed.connection import StreamConnection
from declconn.connector.feed.dialing import Dialer
from declconn.connector.feed.dispatch import Dispatch
from declconn.connector.feed.order_book_data_source import OrderBookDataSource
from declconn.connector.feed.streams import Streams
from declconn.connector.hosts import Hosts
from declconn.connector.listeners import Listeners
from declconn.connector.market_data import Parts
from declconn.connector.requests.build_requests import build_requests
from declconn.connector.requests.polls import Polls
from declconn.connector.requests.shared_limits import SharedLimits
from declconn.connector.settings import choose_environment, choose_options
from declconn.connector.shared import News, Shared
from declconn.connector.symbols import Symbols
from declconn.connector.trading.account_store import choose_store
from declconn.connector.trading.build_account import build_account, why_no_account
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.connector.venue_words import VenueWords
from declconn.connector.words import words_of
from declconn.credentials import Credentials
from declconn.net.network import Network
from declconn.net.time_synchronizer import TimeSynchronizer
from declconn.net.transport import Transport
from declconn.nonces import NonceSource
from declconn.records import FundingInfo
from declconn.spec import Spec


def build(
    spec: Spec,
    trading_pairs: Sequence[str],
    *,
    credentials: Credentials,
    environment: str | Mapping[str, str] | None,
    options: Mapping[str, Any],
    transport: Transport | None,
    clock: Clock,
    random: Random,
    levels: Precision,
    nonces: NonceSource | None = None,
    limits: SharedLimits | None = None,
    trading: TradingSettings | None = None,
) -> Exchange:
    """A connector for a spec; see `declconn.connect` for the arguments.

    Raises:
        ConfigurationError: the environment, an option or a credential does not fit the spec.
        CredentialsError: a credential does not have the form that its recipe needs.
        NotSupportedError: the spec needs a part that this runtime does not have yet.
    """
    why_not = why_no_account(spec, credentials, trading)
    store = choose_store(spec, credentials, trading) if trading is not None and why_not is None else None
    environment_name, urls = choose_environment(spec, environment, bool(credentials))
    synchronizer = TimeSynchronizer(clock)
    sources = SourceBook(
        synchronizer,
        environment=urls,
        options=choose_options(spec, options),
        constants=spec.constants,
        credentials=credentials.values,
        nonces=nonces or store,
        key=credentials.fingerprint,
        random=random,
    )
    transport = transport or Network()
    throttler = (limits or SharedLimits(clock)).at(str(urls.get("rest", spec.name)))
    hosts = Hosts(urls, spec.hosts)

    assets = Assets(spec.assets.case, spec.assets.rename)
    symbols = Symbols(assets.write)
    words = words_of(spec, symbols, assets)
    errors = ErrorReader(spec.errors)
    complaints = Complaints(spec.name)
    recipes = _recipes(spec, sources) if credentials else {}
    requests = build_requests(
        spec,
        credentials=credentials,
        recipes=recipes,
        sources=sources,
        synchronizer=synchronizer,
        hosts=hosts,
        transport=transport,
        throttler=throttler,
        words=words,
        venue_words=VenueWords(spec, symbols, assets),
        errors=errors,
        complaints=complaints,
        traded=lambda: tracker.order_books,
        clock=clock,
        random=random,
    )
    operations = requests.operations

    listeners = Listeners()
    polls = Polls(operations, lambda: [symbols.arguments(pair) for pair in tracker.order_books], listeners.publish)
    shared = Shared(
        sources=sources,
        session=requests.session,
        hosts=hosts,
        errors=errors,
        complaints=complaints,
        clock=clock,
        throttler=throttler,
        tell=listeners.publish,
        want=polls.want,
    )

    def open_connection(stream: Stream, news: News | None = None) -> StreamConnection:
        return StreamConnection(stream, shared, news or dispatch)

    streams = Streams(spec, symbols, words, levels=levels, recipes=recipes)
    dial = Dialer(spec, transport, throttler, clock, random, sources)
    data_source = OrderBookDataSource(
        streams.public(),
        symbols=symbols,
        operations=operations,
        open_connection=open_connection,
        dial=dial,
        question=snapshot_question(spec, recipes),
    )
    new_book = book_maker(spec, symbols, levels)
    tracker = OrderBookTracker(data_source, book_rules(spec, sources), clock, random, new_book)
    dispatch = Dispatch(tracker, listeners)

    parts = Parts(
        spec=spec,
        environment=environment_name,
        clock=clock,
        random=random,
        transport=transport,
        symbols=symbols,
        operations=operations,
        session=requests.session,
        polls=polls,
        data_source=data_source,
        order_book_tracker=tracker,
        listeners=listeners,
        dispatch=dispatch,
        funding=_funding(spec, clock, listeners),
        open_connection=open_connection,
        complaints=complaints,
        requests=requests.counts,
        allowances=requests.allowances,
        progress=Change(),
    )
    account = None
    if store is not None and trading is not None:
        account = build_account(
            parts, settings=trading, store=store, assets=assets, streams=streams, shared=shared, dial=dial
        )
    return {"exchange": Exchange, "derivative": Derivative}[spec.kind](parts, trading_pairs, account, why_not)


def _funding(spec: Spec, clock: Clock, listeners: Listeners) -> FundingInfos:
    interval = spec.positions.funding.interval if spec.positions else None
    funding = FundingInfos(None if interval is None else float(interval), clock)
    listeners.add(funding.apply, FundingInfo)
    return funding


def _recipes(spec: Spec, sources: SourceBook) -> dict[str, Recipe]:
    """The recipes for the credentials that came, whose form is looked at here."""
    return {
        name: compile_recipe(name, model, spec.time_unit, fixed=sources.fixed)
        for name, model in spec.auth.recipes.items()
    }
