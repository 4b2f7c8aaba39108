"""An account on a venue: its orders, balances and fees, kept in step with what the venue says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

from declconn.account.balances import Balances
from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.fee_schedule import FeeSchedule
from declconn.account.order_store import AccountStore
from declconn.account.positions import PerpetualTrading
from declconn.account.user_stream_tracker import UserStreamTracker
from declconn.connector.dead_mans_switch import DeadMansSwitch
from declconn.connector.inquiries import Inquiries
from declconn.connector.orders import Orders
from declconn.connector.position_terms import PositionTerms
from declconn.connector.reconciliation import Reconciliation
from declconn.connector.trading_settings import TradingSettings
from declconn.connector.upkeep import Upkeep
from declconn.errors import NotSupportedError


class Duties:
    """Tasks that nobody waits for, so that they can be ended."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def add(self, duty: Coroutine[Any, Any, Any], name: str) -> None:
        """Begin one."""
        task = asyncio.create_task(duty, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """End all of them."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(slots=True)
class Account:
    """What a connector with credentials has besides market data.

    Attributes:
        settings: what its user chose.
        store: where orders and fills are kept.
        tracker: every order that is not over, and those that were lately.
        orders: places and cancels them.
        reconciliation: asks what became of them.
        balances: what is held.
        fees: what trades cost.
        perpetual: positions, leverage and modes; ``None`` on a spot venue.
        terms: changes leverage and modes; ``None`` on a spot venue.
        inquiries: asks for balances, positions and fees.
        user_stream: hears of all this; ``None`` where the venue has no such stream.
        upkeep: asks for all this in rounds.
        funding: asks for funding payments as long as it runs; ``None`` where there are none.
        switch: the venue's dead man's switch, if it is to be used.
        duties: what goes on in the background.
    """

    settings: TradingSettings
    store: AccountStore
    tracker: ClientOrderTracker
    orders: Orders
    reconciliation: Reconciliation
    balances: Balances
    fees: FeeSchedule
    perpetual: PerpetualTrading | None
    terms: PositionTerms | None
    inquiries: Inquiries
    user_stream: UserStreamTracker | None
    upkeep: Upkeep
    funding: Callable[[], Coroutine[Any, Any, None]] | None
    switch: DeadMansSwitch | None
    duties: Duties = field(default_factory=Duties)

    @property
    def status_dict(self) -> dict[str, bool]:
        """What is ready, part by part, under Hummingbot's names."""
        streams = {} if self.user_stream is None else {"user_stream_initialized": self.user_stream.connected}
        return {**self.upkeep.status_dict, **streams}

    def require_terms(self) -> PositionTerms:
        """The terms of positions.

        Raises:
            NotSupportedError: the spec has no `positions`.
        """
        if self.terms is None:
            raise NotSupportedError("the spec has no section `positions`, so there is nothing to set")
        return self.terms

    async def start(self, trading_pairs: Iterable[str]) -> None:
        """Take up what the store knows, and begin to listen and to ask.

        Raises:
            ConfigurationError: another connector trades with this account.
        """
        self.tracker.restore()
        for order in self.tracker.active_orders.values():
            if order.fate_unknown:
                self.reconciliation.look_at(order)
        if self.user_stream is not None:
            self.user_stream.start(trading_pairs)
            self.duties.add(self.user_stream.watch(), "user stream")
        self.reconciliation.start()
        self.upkeep.start()
        if self.funding is not None:
            self.duties.add(self.funding(), "funding payments")
        if self.switch is not None:
            self.duties.add(self.switch.keep(), "dead man's switch")

    async def stop(self) -> None:
        """End it all; the store keeps what is not over."""
        await self.duties.stop()
        if self.switch is not None:
            await self.switch.release()
        await self.upkeep.stop()
        await self.reconciliation.stop()
        if self.user_stream is not None:
            await self.user_stream.stop()
        await self.tracker.stop()
