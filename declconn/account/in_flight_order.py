"""An order from the moment it is wanted until nobody asks for it any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from declconn.account.order_facts import OrderFacts, external_order_id
from declconn.account.order_states import next_state
from declconn.account.trade_fee import TradeFeeBase
from declconn.records import OrderUpdate, TradeUpdate
from declconn.types import OrderState, OrderType, PositionAction, Side, TimeInForce, Trigger

GET_EX_ORDER_ID_TIMEOUT: Final = 10.0
"""Seconds to wait for the venue's id of an order (Hummingbot's)."""


class InFlightOrder(OrderFacts):
    """One order: it follows what is told of it, and wakes those who wait for something to come true.

    Its attributes are those of `OrderFacts`.
    """

    __slots__ = ()

    @classmethod
    def external(cls, update: OrderUpdate, timestamp: int) -> InFlightOrder | None:
        """An order that somebody else placed, as it was seen first; ``None`` if too little was told of it."""
        pair, exchange_order_id = update.trading_pair, update.exchange_order_id
        if pair is None or exchange_order_id is None or update.side is None or update.amount is None:
            return None
        return cls(
            client_order_id=update.client_order_id or external_order_id(pair, exchange_order_id),
            exchange_order_id=exchange_order_id,
            trading_pair=pair,
            order_type=OrderType.MARKET if update.price is None else OrderType.LIMIT,
            trade_type=update.side,
            amount=update.amount,
            price=update.price,
            creation_timestamp=timestamp,
            is_external=True,
        )

    def update_with_order_update(self, update: OrderUpdate) -> bool:
        """Take what the venue told of the order; what the update lacks stays as it was.

        Returns:
            whether anything changed. Late news changes nothing.
        """
        before = self._facts()
        if self.exchange_order_id is None:
            self.exchange_order_id = update.exchange_order_id
        self._take_terms(update)
        self._take_filled(update)
        if update.state is not None:
            self._take_state(update.state)
        if self._facts() == before:
            return False
        if update.timestamp is not None:
            self.last_update_timestamp = max(self.last_update_timestamp, update.timestamp)
        self._change.happened()
        return True

    def update_with_trade_update(self, trade: TradeUpdate, fee: TradeFeeBase | None = None) -> bool:
        """Count a fill, once per trade id; of two that differ the first one counts.

        A fill proves that the venue has accepted the order. It completes an order only if the venue has said FILLED.

        Returns:
            whether the fill is new.
        """
        if not self.executions.add(self.client_order_id, trade, fee):
            return False
        if self.exchange_order_id is None:
            self.exchange_order_id = trade.exchange_order_id
        if self.is_open:
            self._take_state(OrderState.OPEN)
        self._change.happened()
        return True

    def finish(self, state: OrderState) -> None:
        """End it without the venue's word: it was refused or is lost, or fills that were told do not come."""
        self.state, self.is_filled_by_word, self.fate_unknown = state, False, False
        self._change.happened()

    async def get_exchange_order_id(self, timeout: float | None = GET_EX_ORDER_ID_TIMEOUT) -> str:
        """The venue's id, as soon as it is known.

        Args:
            timeout: seconds to wait; ``None``: without end.

        Raises:
            TimeoutError: it did not come in time.
        """
        await self._until(lambda: self.exchange_order_id is not None, "the venue's id", timeout)
        assert self.exchange_order_id is not None
        return self.exchange_order_id

    async def wait_until_done(self, timeout: float | None = None) -> InFlightOrder:
        """The order itself, as soon as it is over (filled, cancelled or failed).

        Args:
            timeout: seconds to wait; ``None``: without end.

        Raises:
            TimeoutError: it was not over in time.
        """
        await self._until(lambda: self.is_done, "its end", timeout)
        return self

    async def wait_until_completely_filled(self, timeout: float | None = None) -> None:
        """Return as soon as the whole amount is filled; an order that is cancelled before never is.

        Args:
            timeout: seconds to wait; ``None``: without end.

        Raises:
            TimeoutError: it was not filled in time.
        """
        await self._until(lambda: self.is_filled, "its last fill", timeout)

    def to_json(self) -> dict[str, Any]:
        """The whole order in words that JSON has: decimals as text, times as numbers; `from_json` reads it."""
        return {
            **self.state_to_json(),
            "executed_amount_base": str(self.executed_amount_base),
            "executed_amount_quote": str(self.executed_amount_quote),
            "order_fills": [self.executions.fill_to_json(trade_id) for trade_id in self.executions.fills],
        }

    def state_to_json(self) -> dict[str, Any]:
        """All but the fills."""
        return {
            "client_order_id": self.client_order_id,
            "exchange_order_id": self.exchange_order_id,
            "trading_pair": self.trading_pair,
            "order_type": self.order_type.value,
            "trade_type": self.trade_type.value,
            "amount": str(self.amount),
            "price": None if self.price is None else str(self.price),
            "time_in_force": self.time_in_force.value,
            "trigger_price": None if self.trigger_price is None else str(self.trigger_price),
            "trigger": None if self.trigger is None else self.trigger.value,
            "leverage": str(self.leverage),
            "position": self.position.value,
            "creation_timestamp": self.creation_timestamp,
            "last_update_timestamp": self.last_update_timestamp,
            "last_state": self.state.value,
            "filled_by_venue": str(self.filled_by_venue),
            "filled_quote_by_venue": str(self.filled_quote_by_venue),
            "is_external": self.is_external,
            "is_lost": self.is_lost,
            "is_found_again": self.is_found_again,
            "is_cancel_wanted": self.is_cancel_wanted,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> InFlightOrder:
        """The order that `to_json` wrote. If it was not accepted by then, nobody knows whether it ever arrived."""
        order = cls(
            client_order_id=data["client_order_id"],
            exchange_order_id=data["exchange_order_id"],
            trading_pair=data["trading_pair"],
            order_type=OrderType(data["order_type"]),
            trade_type=Side(data["trade_type"]),
            amount=Decimal(data["amount"]),
            price=None if data["price"] is None else Decimal(data["price"]),
            leverage=Decimal(data["leverage"]),
            position=PositionAction(data["position"]),
            creation_timestamp=data["creation_timestamp"],
            state=OrderState(data["last_state"]),
            is_external=data["is_external"],
            **_terms_from_json(data),
        )
        order.last_update_timestamp = data["last_update_timestamp"]
        order.filled_by_venue = Decimal(data["filled_by_venue"])
        order.filled_quote_by_venue = Decimal(data["filled_quote_by_venue"])
        order.is_lost, order.is_found_again = data["is_lost"], data["is_found_again"]
        order.is_cancel_wanted = data.get("is_cancel_wanted", False)  # stores of before do not say
        order.fate_unknown = order.is_pending_create
        order.executions.take_json(data["order_fills"])
        return order

    def _facts(self) -> tuple[object, ...]:
        return (
            *(self.state, self.exchange_order_id, self.filled_by_venue, self.filled_quote_by_venue),
            *(self.amount, self.price, self.is_filled_by_word, self.is_lost, self.fate_unknown),
        )

    def _take_filled(self, update: OrderUpdate) -> None:
        filled = update.filled
        if filled is None and update.state is OrderState.FILLED:
            filled = self.amount
        if filled is not None and filled > self.filled_by_venue:
            self.filled_by_venue = filled
        if update.filled_quote is not None and update.filled_quote > self.filled_quote_by_venue:
            self.filled_quote_by_venue = update.filled_quote

    def _take_terms(self, update: OrderUpdate) -> None:
        """Follow an amendment; news that is older, and terms of market orders, say nothing about ours.

        Our own digits stay where the number is the same: 100 is not 1E+2 for whoever reads it.
        """
        is_old = update.timestamp is not None and update.timestamp < self.last_update_timestamp
        if is_old or self.price is None or self.is_done:
            return
        if update.price and update.price != self.price:
            self.price = update.price
        if update.amount and update.amount != self.amount:
            self.amount = update.amount

    def _take_state(self, told: OrderState) -> None:
        self.fate_unknown = False
        if self.is_open and (self.is_filled_by_word or told is OrderState.FILLED):
            # The first end that was told is the end; it only waits for its fills.
            self.is_filled_by_word = self.is_missing_fills
            told = OrderState.OPEN if self.is_filled_by_word else OrderState.FILLED
        self.state = next_state(self.state, told, has_fills=self.has_fills, is_lost=self.is_lost)
        if self.is_lost and self.state is not OrderState.FAILED:
            self.is_lost, self.is_found_again = False, True

    async def _until(self, holds: Callable[[], bool], what: str, timeout: float | None) -> None:
        try:
            await self._change.until(holds, timeout)
        except TimeoutError:
            message = f"order {self.client_order_id}: {what} did not come within {timeout} s; it is {self.state}"
            raise TimeoutError(message) from None


def _terms_from_json(data: Mapping[str, Any]) -> dict[str, Any]:
    """Time in force and trigger; stores of before do not say."""
    price, trigger = data.get("trigger_price"), data.get("trigger")
    return {
        "time_in_force": TimeInForce(data.get("time_in_force", TimeInForce.GTC)),
        "trigger_price": None if price is None else Decimal(price),
        "trigger": None if trigger is None else Trigger(trigger),
    }
