"""Positions that the venue closes by itself: liquidations, and auto-deleveraging for losses of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from declconn.account.events import AdlEvent, LiquidationEvent
from declconn.account.in_flight_order import InFlightOrder
from declconn.clock import Clock
from declconn.records import TradeUpdate
from declconn.types import FillCause, PositionSide, Side

REMEMBERED: Final = 1_000
"""So many events are known to be told: a stream and an answer may bring the same fill."""

Find: TypeAlias = Callable[[str | None, str | None, str | None], InFlightOrder | None]
"""The order with our id, or else with the venue's id in a market."""

_EVENTS: Final[Mapping[FillCause, type[LiquidationEvent] | type[AdlEvent]]] = {
    FillCause.LIQUIDATION: LiquidationEvent,
    FillCause.ADL: AdlEvent,
}
_CLOSED_BY: Final = {Side.SELL: PositionSide.LONG, Side.BUY: PositionSide.SHORT}


class ForcedCloses:
    """Tells an event for every fill by which the venue closed (a part of) a position.

    Args:
        find: whose fill it is, as far as that is known (`ClientOrderTracker.fetch_order`).
        clock: gives events their times where the venue told none.
        tell: hears the events.
    """

    def __init__(self, *, find: Find, clock: Clock, tell: Callable[[LiquidationEvent | AdlEvent], None]) -> None:
        self._find, self._clock, self._tell = find, clock, tell
        self._told: dict[str, None] = {}

    def hear(self, trade: TradeUpdate) -> None:
        """Take any fill of the account. One that was forced is told, once; our own orders force nothing."""
        if trade.cause is None:
            return
        order = self._find(trade.client_order_id, trade.exchange_order_id, trade.trading_pair)
        pair = order.trading_pair if order is not None else trade.trading_pair
        if pair is None or (order is not None and not order.is_external):
            return
        event_id = f"{pair}:{trade.trade_id}:{trade.cause.lower()}"
        if event_id in self._told:
            return
        self._remember(event_id)
        event = _EVENTS[trade.cause](
            event_id=event_id,
            timestamp=self._clock.time_ns() if trade.timestamp is None else trade.timestamp,
            trading_pair=pair,
            position_side=_closed_side(trade, order),
            amount=trade.amount,
            price=trade.price,
        )
        self._tell(event)

    def _remember(self, event_id: str) -> None:
        self._told[event_id] = None
        if len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]


def _closed_side(trade: TradeUpdate, order: InFlightOrder | None) -> PositionSide:
    """The position that a fill closed; ``BOTH`` if neither it nor its order tells."""
    if trade.position_side in (PositionSide.LONG, PositionSide.SHORT):
        return trade.position_side
    side = trade.side if order is None else order.trade_type
    return PositionSide.BOTH if side is None else _CLOSED_BY[side]
