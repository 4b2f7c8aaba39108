"""An account on a venue: its orders, balances and fees, kept in step with what the venue says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from declconn.account.balances import Balances
from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.fee_schedule import FeeSchedule
from declconn.account.order_store import AccountStore
from declconn.account.positions import PerpetualTrading
from declconn.account.user_stream_tracker import UserStreamTracker
from declconn.connector.feed.user_stream_data_source import UserStreamDataSource
from declconn.connector.trading.background import Background
from declconn.connector.trading.cancels import CANCEL_TIME, Cancels
from declconn.connector.trading.dead_mans_switch import DeadMansSwitch
from declconn.connector.trading.inquiries import Inquiries
from declconn.connector.trading.new_orders import NewOrders
from declconn.connector.trading.orders import Orders
from declconn.connector.trading.position_terms import PositionTerms
from declconn.connector.trading.reconciliation import Reconciliation
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.connector.trading.upkeep import Upkeep
from declconn.errors import ConfigurationError, NotSupportedError
from declconn.log import get_logger
from declconn.net.duties import one_after_another

logger = get_logger("declconn.account")


@dataclass(slots=True)
class Account:
    """What a connector with credentials has besides market data.

    Attributes:
        settings: what its user chose.
        store: where orders and fills are kept.
        tracker: every order that is not over, and those that were lately.
        new_orders: makes them.
        orders: places and amends them.
        cancels: cancels them.
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
        background: what goes on while it runs.
        told: how many events about orders were told, by class.
        running: it was started, and not stopped since.
    """

    settings: TradingSettings
    store: AccountStore
    tracker: ClientOrderTracker
    new_orders: NewOrders
    orders: Orders
    cancels: Cancels
    reconciliation: Reconciliation
    balances: Balances
    fees: FeeSchedule
    perpetual: PerpetualTrading | None
    terms: PositionTerms | None
    inquiries: Inquiries
    user_stream: UserStreamTracker[UserStreamDataSource] | None
    upkeep: Upkeep
    funding: Callable[[], Coroutine[Any, Any, None]] | None
    switch: DeadMansSwitch | None
    background: Background
    told: Counter[str]
    running: bool = False

    @property
    def status_dict(self) -> dict[str, bool]:
        """What is ready, part by part, under Hummingbot's names."""
        streams = {} if self.user_stream is None else {"user_stream_initialized": self.user_stream.connected}
        return {**self.upkeep.status_dict, **streams}

    @property
    def troubles(self) -> list[str]:
        """What cannot be asked or heard now, and why."""
        streams = [] if self.user_stream is None else self.user_stream.data_source.troubles
        return [*self.upkeep.troubles, *streams]

    def require_trading(self) -> None:
        """See that this connector may change something, and can.

        Raises:
            ConfigurationError: it only watches, or runs in another event loop.
        """
        if self.settings.read_only:
            raise ConfigurationError("this account is only watched: it was connected with read_only=True")
        self.background.require_loop()

    def require_terms(self) -> PositionTerms:
        """The terms of positions, to change them.

        Raises:
            ConfigurationError: the account is only watched.
            NotSupportedError: the spec has no `positions`.
        """
        self.require_trading()
        if self.terms is None:
            raise NotSupportedError("the spec has no section `positions`, so there is nothing to set")
        return self.terms

    def open(self) -> None:
        """Take hold of the store.

        Raises:
            ConfigurationError: another connector trades with this account.
        """
        try:
            self.store.open()
        except ConfigurationError as error:
            raise ConfigurationError(f"{error}; or watch it with TradingSettings(read_only=True)") from None

    async def start(self, trading_pairs: Iterable[str]) -> None:
        """Take up what the store knows, and begin to listen and to ask."""
        self.running = True
        self.background.start()
        self.tracker.restore()
        if self.tracker.active_orders:
            logger.info("%d orders taken up from %r", len(self.tracker.active_orders), self.store)
        for order in self.tracker.active_orders.values():
            if order.is_pending_create:
                order.fate_unknown = True
                self.reconciliation.doubts.add(order)
        if self.user_stream is not None:
            self.user_stream.start([*trading_pairs, *self.reconciliation.pairs_of_orders() - set(trading_pairs)])
            self.background.add(self.user_stream.watch(), "user stream")
        self.reconciliation.start()
        self.upkeep.start()
        if self.funding is not None:
            self.background.add(self.funding(), "funding payments")
        if self.switch is not None:
            self.background.add(self.switch.keep(), "dead man's switch")

    async def stop(self) -> None:
        """End it all; the store keeps what is not over."""
        await one_after_another(
            self._cancel_orders,
            self.background.stop,
            self._release_switch,
            self.upkeep.stop,
            self.reconciliation.stop,
            self._close_streams,
            self.tracker.stop,
            self._close_store,
        )

    async def follow(self, trading_pair: str) -> None:
        """Hear of one more pair, and ask about it."""
        if self.user_stream is not None:
            await self.user_stream.data_source.subscribe(trading_pair)
        self.upkeep.want()

    async def leave(self, trading_pair: str) -> None:
        """Hear of a pair no more."""
        if self.user_stream is not None:
            await self.user_stream.data_source.unsubscribe(trading_pair)

    async def _cancel_orders(self) -> None:
        if not (self.running and self.settings.cancel_on_stop):
            return
        results = await self.cancels.all(CANCEL_TIME)
        left = [result.order_id for result in results if not result.success]
        if left:
            logger.warning("stopped with orders that may still live: %s", ", ".join(left))

    async def _release_switch(self) -> None:
        if self.switch is not None:
            await self.switch.release()

    async def _close_streams(self) -> None:
        if self.user_stream is not None:
            await self.user_stream.stop()

    async def _close_store(self) -> None:
        self.running = False
        self.store.close()
