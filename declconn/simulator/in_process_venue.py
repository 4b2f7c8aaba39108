"""A whole venue in this process: a spec played backwards over a matching engine, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from declconn.clock import Clock
from declconn.compile.source_book import SourceBook
from declconn.errors import ConfigurationError
from declconn.records import FundingInfo, Liquidation, OrderBookMessage, OrderUpdate, Trade
from declconn.simulator.desk.clerk import Clerk
from declconn.simulator.desk.counters import Counters, without_id
from declconn.simulator.desk.front_desk import FrontDesk
from declconn.simulator.desk.members import Member, Members
from declconn.simulator.desk.signatures import Signatures
from declconn.simulator.engine.matching_engine import MatchingEngine
from declconn.simulator.engine.news import News
from declconn.simulator.engine.refusals import RefusedError
from declconn.simulator.faults import Faults
from declconn.simulator.in_process_transport import InProcessTransport
from declconn.simulator.streams.broadcast import Broadcast
from declconn.simulator.streams.conversation import Conversation
from declconn.simulator.streams.outbox import Outbox
from declconn.simulator.streams.private_streams import PrivateStreams
from declconn.simulator.wire.answers import request_key
from declconn.spec import Spec


class InProcessVenue:
    """The venue that a spec describes, for connectors in the same process.

    It recognises requests by the spec's templates, checks their signatures by signing them anew, asks the engine, and
    writes answers, errors and frames where the spec reads them. Whatever it says was read back through the spec first.

    Args:
        spec: what is played.
        engine: what happens; the accounts that may ask are opened there.
        clock: the source of all times.
        accounts: who has keys.
        credentials: of an account, by the spec's names; they are made up where they are not given.
        environment: whose urls are played; the spec's first by default.
        options: as the connector has them.

    Attributes:
        transport: what a connector is given instead of the network.
        faults: what shall go wrong.
        unplayed: operations and streams of the spec that are left out, each with the reason.

    Raises:
        ConfigurationError: the spec has no such environment.
        NotSupportedError: the trading rules, or what the order books need, cannot be played.
    """

    def __init__(
        self,
        spec: Spec,
        engine: MatchingEngine,
        *,
        clock: Clock,
        accounts: Iterable[str],
        credentials: Mapping[str, Mapping[str, str]] | None = None,
        environment: str | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._spec, self._engine, self._clock = spec, engine, clock
        self._members = Members(spec.credentials)
        self._accounts: dict[str, Member] = {
            name: self._members.add(name, (credentials or {}).get(name)) for name in accounts
        }
        known = _sources(spec, clock, environment, options or {}).fixed
        self._counters = Counters(spec)
        self._signatures = Signatures(self._members, clock.time_ns)
        self._clerk = Clerk(engine, clock.time_ns, self._cancel_later)
        desk = FrontDesk(spec, engine.markets, self._clerk, self._members, self._signatures, known, clock.time_ns)
        self._broadcast = Broadcast(spec, desk.rules, engine.markets, known, clock.time_ns)
        self._private = PrivateStreams(
            spec, desk.rules, members=self._members, signatures=self._signatures, known=known, now=clock.time_ns()
        )
        self.unplayed = {**desk.unplayed, **self._broadcast.unplayed, **self._private.unplayed}
        self.faults = Faults()
        self.transport = InProcessTransport(desk, self._open, self._hung_up, self.faults, clock)
        self._switches: dict[tuple[str, str | None], asyncio.Task[None]] = {}
        engine.listen(self._tell)

    def credentials(self, account: str) -> dict[str, str]:
        """The keys of an account, ready for ``connect(..., credentials=...)``."""
        return dict(self._accounts[account].credentials)

    def set_funding(self, info: FundingInfo) -> None:
        """Let a market's funding stand at this, and tell everybody; a mark price in it holds from now on."""
        self._clerk.funding[info.trading_pair] = info
        if info.mark_price is not None:
            self._engine.set_mark_price(info.trading_pair, info.mark_price)
        self._broadcast.tell(info)

    def disconnect(self) -> None:
        """Lose every socket."""
        self.transport.disconnect()

    def expire_sessions(self) -> None:
        """All listen keys and tokens are void, and whoever was let in with one is cut off."""
        self._members.revoke()
        self._private.expire()

    async def close(self) -> None:
        """End what still runs here."""
        self.disconnect()
        switches = list(self._switches.values())
        for switch in switches:
            switch.cancel()
        await asyncio.gather(*switches, return_exceptions=True)

    # -- streams

    def _open(self, url: str) -> Conversation | None:
        outbox = Outbox()
        public = self._broadcast.session(request_key("GET", url, b""), outbox)
        try:
            private = self._private.enter(url, outbox)
        except RefusedError:
            if public is None:
                raise
            private = []
        if public is None:
            return Conversation(private, outbox) if private else None
        self._broadcast.sessions.add(public)
        return Conversation([public, *private], outbox)

    def _hung_up(self, conversation: Conversation) -> None:
        self._broadcast.sessions.difference_update(conversation.voices)
        self._private.leave(conversation.voices)

    def _tell(self, news: News) -> None:
        if isinstance(news.record, OrderBookMessage | Trade | Liquidation):
            self._broadcast.tell(news.record)
            return
        self._private.tell(self._as_told(news))

    def _as_told(self, news: News) -> News:
        """An order that waits at a counter of its own has no id of the venue's yet."""
        record, account = news.record, news.account
        if not self._counters.are_two or account is None or not isinstance(record, OrderUpdate):
            return news
        order = self._engine.order(account, exchange_order_id=record.exchange_order_id)
        return News(account, without_id(record)) if order.is_untriggered else news

    # -- the dead man's switch

    def _cancel_later(self, account: str, trading_pair: str | None, seconds: float) -> None:
        before = self._switches.pop((account, trading_pair), None)
        if before is not None:
            before.cancel()
        if seconds > 0:
            switch = self._cancel_after(account, trading_pair, seconds)
            self._switches[account, trading_pair] = asyncio.create_task(switch, name="dead man's switch")

    async def _cancel_after(self, account: str, trading_pair: str | None, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._engine.cancel_all(account, trading_pair)


def _sources(spec: Spec, clock: Clock, environment: str | None, options: Mapping[str, Any]) -> SourceBook:
    name = environment or next(iter(spec.environments))
    if name not in spec.environments:
        raise ConfigurationError(f"{spec.name} has no environment {name!r}; it has {', '.join(spec.environments)}")
    defaults = {name: option.default for name, option in spec.options.items() if option.default is not None}
    return SourceBook(
        clock,
        environment=spec.environments[name],
        options={**defaults, **options},
        constants=spec.constants,
        credentials={},
    )
