"""An order from the moment it is wanted until nobody asks for it any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from declconn.account.order_facts import OrderFacts, external_order_id
from declconn.account.order_states import FINAL, next_state, while_fills_come
from declconn.account.trade_fee import TradeFeeBase
from declconn.clock import Clock
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
        id_ = update.client_order_id or (exchange_order_id and pair and external_order_id(pair, exchange_order_id))
        if pair is None or not id_ or update.side is None or update.amount is None:
            return None
        return cls(
            client_order_id=id_,
            exchange_order_id=exchange_order_id,
            trading_pair=pair,
            order_type=OrderType.MARKET if update.price is None else OrderType.LIMIT,
            trade_type=update.side,
            amount=update.amount,
            price=update.price,
            trigger_price=update.trigger_price if update.trigger else None,
            trigger=update.trigger,
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
        told = update.state or self.told_end
        if told is not None:
            self._take_state(told)
        if self._facts() == before:
            return False
        self._change.happened()
        return True

    def update_with_trade_update(self, trade: TradeUpdate, fee: TradeFeeBase | None = None) -> bool:
        """Count a fill, once per trade id; of two that differ the first one counts.

        A fill proves that the venue has accepted the order, also one that was lost. It ends an order only if the venue
        has told its end.

        Returns:
            whether the fill is new.
        """
        if not self.executions.add(self.client_order_id, trade, fee):
            return False
        if self.exchange_order_id is None:
            self.exchange_order_id = trade.exchange_order_id
        if self.is_open or self.is_lost:
            self._take_state(OrderState.OPEN)
        self._change.happened()
        return True

    def finish(self, state: OrderState) -> None:
        """End it without the venue's word: it was refused or is lost, or fills that were told do not come."""
        self.state, self.fate_unknown = state, False
        self._change.happened()

    def wait_by(self, clock: Clock) -> None:
        """Measure by a clock how long somebody waits for the order; by the machine's until this is said."""
        self._change.clock = clock

    async def get_exchange_order_id(self, timeout: float | None = GET_EX_ORDER_ID_TIMEOUT) -> str:
        """The venue's id, as soon as it is known; an order that waits for a price may have none until then.

        Args:
            timeout: seconds to wait; ``None``: without end.

        Raises:
            TimeoutError: it did not come in time, or the order is over without one.
        """
        await self._until(lambda: self.exchange_order_id is not None or self.is_done, "the venue's id", timeout)
        if self.exchange_order_id is None:
            raise TimeoutError(f"order {self.client_order_id}: it is {self.state}, and the venue's id did not come")
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
            "terms_at": self.terms_at,
            "last_state": self.state.value,
            "told_end": None if self.told_end is None else self.told_end.value,
            "filled_by_venue": str(self.told_filled),
            "is_whole_by_word": self.is_whole_by_word,
            "filled_quote_by_venue": str(self.filled_quote_by_venue),
            "is_external": self.is_external,
            "is_lost": self.is_lost,
            "is_found_again": self.is_found_again,
            "is_cancel_wanted": self.is_cancel_wanted,
            "is_amendment_lost": self.is_amendment_lost,
            "is_unconfirmed": self.is_unconfirmed,
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
        order.last_update_timestamp, order.terms_at = data["last_update_timestamp"], data.get("terms_at")
        told_end = data.get("told_end")  # stores of before do not say
        order.told_end = None if told_end is None else OrderState(told_end)
        order.told_filled = Decimal(data["filled_by_venue"])
        order.is_whole_by_word = data.get("is_whole_by_word", False)
        order.filled_quote_by_venue = Decimal(data["filled_quote_by_venue"])
        order.is_lost, order.is_found_again = data["is_lost"], data["is_found_again"]
        order.is_cancel_wanted = data.get("is_cancel_wanted", False)  # stores of before do not say
        order.is_amendment_lost = data.get("is_amendment_lost", False)
        order.is_unconfirmed = data.get("is_unconfirmed", False)
        order.fate_unknown = order.is_pending_create
        order.executions.take_json(data["order_fills"])
        return order

    def _facts(self) -> tuple[object, ...]:
        return (
            *(self.state, self.exchange_order_id, self.filled_by_venue, self.filled_quote_by_venue),
            *(self.amount, self.price, self.trigger_price, self.told_end, self.is_lost, self.fate_unknown),
        )

    def _take_filled(self, update: OrderUpdate) -> None:
        if update.state is OrderState.FILLED:
            self.is_whole_by_word = update.filled is None and (self.told_end is None or self.is_whole_by_word)
        if update.filled is not None and update.filled > self.told_filled:
            self.told_filled = update.filled
        if update.filled_quote is not None and update.filled_quote > self.filled_quote_by_venue:
            self.filled_quote_by_venue = update.filled_quote

    def _take_terms(self, update: OrderUpdate) -> None:
        """Follow an amendment; older news say nothing about it, nor do those of market orders about amount and price.

        But a market order that closes a position does not count in quote, and venues make it as small as the position;
        and after an amendment whose answer was lost only news can tell the amount.
        Our own digits stay where the number is the same: 100 is not 1E+2 for whoever reads it.
        """
        at, has_terms = update.timestamp, update.price or update.amount or update.trigger_price
        is_old = at is not None and self.terms_at is not None and at < self.terms_at
        if self.is_done or is_old or not has_terms:
            return
        self.terms_at = self.terms_at if at is None else at
        if self.is_external and self.trigger is None:
            self.trigger = update.trigger
        if self.trigger is not None and update.trigger_price and update.trigger_price != self.trigger_price:
            self.trigger_price = update.trigger_price
        if self.price is None and self.position is not PositionAction.CLOSE and not self.is_amendment_lost:
            return
        if self.price is not None and update.price and update.price != self.price:
            self.price = update.price
        if update.amount and update.amount != self.amount:
            self.amount = update.amount

    def _take_state(self, told: OrderState) -> None:
        self.fate_unknown = False
        if self.is_open and (self.told_end is not None or told in FINAL):
            self.told_end = self.told_end or told  # the first end that was told is the end
            told = while_fills_come(self.told_end) if self.is_missing_fills else self.told_end
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
