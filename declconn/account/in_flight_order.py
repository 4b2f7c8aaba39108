"""An order from the moment it is wanted until nobody asks for it any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from declconn.account.change import Change
from declconn.account.executions import Executions
from declconn.account.order_states import ACCEPTED, FINAL, UNACCEPTED, next_state
from declconn.account.rates import RateSource
from declconn.account.trade_fee import TradeFeeBase
from declconn.records import OrderUpdate, TradeUpdate
from declconn.types import OrderState, OrderType, PositionAction, Side

GET_EX_ORDER_ID_TIMEOUT: Final = 10.0
"""Seconds to wait for the venue's id of an order (Hummingbot's)."""

_ZERO: Final = Decimal(0)


class InFlightOrder:
    """One order: what was wanted, and what the venue has told of it.

    Executed amounts are sums of fills that were told, never guesses. What the venue says to have filled is kept beside
    them; while it is more, `is_missing_fills`. An order of which the venue says FILLED stays open that long.

    Attributes:
        client_order_id: our id; see `has_client_order_id` for orders of others.
        amount: in base units.
        price: quote per base; ``None`` for a market order.
        creation_timestamp, last_update_timestamp: nanoseconds since the epoch.
        leverage, position: for derivatives.
        is_external: somebody else placed it.
        fate_unknown: it was sent and the answer was lost: it may live. Any news of it settles that.
        is_lost: it is FAILED because the venue did not find it, too often to be chance.
        is_filled_by_word: the venue says FILLED, and not all fills are here yet.
        not_found_count: how often the venue did not find it since it last did.
        executions: its fills, their fees and sums.
        filled_by_venue, filled_quote_by_venue: the most that the venue said to be filled.
        told: the names of the events that were told of it, so that none is told twice.
    """

    __slots__ = (
        "_change",
        "amount",
        "client_order_id",
        "creation_timestamp",
        "exchange_order_id",
        "executions",
        "fate_unknown",
        "filled_by_venue",
        "filled_quote_by_venue",
        "is_external",
        "is_filled_by_word",
        "is_lost",
        "last_update_timestamp",
        "leverage",
        "not_found_count",
        "order_type",
        "position",
        "price",
        "state",
        "told",
        "trade_type",
        "trading_pair",
    )

    def __init__(
        self,
        *,
        client_order_id: str,
        trading_pair: str,
        order_type: OrderType,
        trade_type: Side,
        amount: Decimal,
        creation_timestamp: int,
        price: Decimal | None = None,
        exchange_order_id: str | None = None,
        leverage: Decimal = Decimal(1),
        position: PositionAction = PositionAction.NIL,
        state: OrderState = OrderState.PENDING_CREATE,
        is_external: bool = False,
    ) -> None:
        self.client_order_id, self.exchange_order_id = client_order_id, exchange_order_id
        self.trading_pair, self.order_type, self.trade_type = trading_pair, order_type, trade_type
        self.amount, self.price = amount, price
        self.leverage, self.position = leverage, position
        self.creation_timestamp = self.last_update_timestamp = creation_timestamp
        self.state, self.is_external = state, is_external
        self.fate_unknown = self.is_lost = self.is_filled_by_word = False
        self.not_found_count = 0
        self.executions = Executions()
        self.filled_by_venue = self.filled_quote_by_venue = _ZERO
        self.told: tuple[str, ...] = ()
        self._change = Change()

    def __repr__(self) -> str:
        price = "" if self.price is None else f" at {self.price}"
        wanted = f"{self.trade_type} {self.amount} {self.trading_pair}{price}"
        return f"<{self.client_order_id} {self.state}: {wanted}, {self.executed_amount_base} filled>"

    @property
    def base_asset(self) -> str:
        """What is traded."""
        return self.trading_pair.partition("-")[0]

    @property
    def quote_asset(self) -> str:
        """What it is priced in."""
        return self.trading_pair.partition("-")[2]

    @property
    def is_pending_create(self) -> bool:
        """The venue has not accepted it yet."""
        return self.state in UNACCEPTED

    @property
    def is_pending_cancel(self) -> bool:
        """The venue has taken the wish to cancel it, and has not done so yet."""
        return self.state is OrderState.PENDING_CANCEL

    @property
    def is_open(self) -> bool:
        """It is not over: it works, or it may."""
        return self.state not in FINAL

    @property
    def is_done(self) -> bool:
        """It is over."""
        return self.state in FINAL

    @property
    def is_filled(self) -> bool:
        """It was executed whole."""
        return self.state is OrderState.FILLED or self.has_whole_amount

    @property
    def is_cancelled(self) -> bool:
        """It ended before it was executed whole."""
        return self.state is OrderState.CANCELED

    @property
    def is_failure(self) -> bool:
        """It was never accepted, or is lost."""
        return self.state is OrderState.FAILED

    @property
    def is_accepted(self) -> bool:
        """The venue has it, or had it and executed it."""
        return self.state in ACCEPTED

    @property
    def order_fills(self) -> Mapping[str, TradeUpdate]:
        """The known fills by trade id."""
        return self.executions.fills

    @property
    def executed_amount_base(self) -> Decimal:
        """The sum of the known fills."""
        return self.executions.base

    @property
    def executed_amount_quote(self) -> Decimal:
        """What the known fills cost or brought, without fees."""
        return self.executions.quote

    @property
    def average_executed_price(self) -> Decimal | None:
        """Quote per base over the known fills; ``None`` while there are none."""
        return self.executions.average_price

    @property
    def fees_paid(self) -> dict[str, Decimal]:
        """What the known fills cost per token, where the venue told amounts; negative is a rebate."""
        return self.executions.fees_paid

    @property
    def has_fills(self) -> bool:
        """Something of it is executed, whether the fills are known or not."""
        return self.executions.base > 0 or self.filled_by_venue > 0

    @property
    def has_whole_amount(self) -> bool:
        """The known fills are the whole amount."""
        return self.amount > 0 and self.executions.reach(self.amount)

    @property
    def is_missing_fills(self) -> bool:
        """The venue has filled more than the known fills."""
        return not self.executions.reach(self.filled_by_venue)

    @property
    def has_client_order_id(self) -> bool:
        """The venue knows `client_order_id`; an order of others without one was given it here."""
        made_up = external_order_id(self.trading_pair, self.exchange_order_id)
        return not self.is_external or self.client_order_id != made_up

    def cumulative_fee_paid(self, token: str, rates: RateSource | None = None) -> Decimal:
        """What the known fills cost, shares of the traded value included, in one token.

        Raises:
            UnknownRateError: a fee was paid in a third token whose rate ``rates`` does not know.
        """
        return self.executions.fees_in(token, self.trading_pair, rates)

    def update_with_order_update(self, update: OrderUpdate) -> bool:
        """Take what the venue told of the order; what the update lacks stays as it was.

        Returns:
            whether anything changed. Late news changes nothing.
        """
        before = self._facts()
        if self.exchange_order_id is None:
            self.exchange_order_id = update.exchange_order_id
        self._take_filled(update)
        self._take_terms(update)
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
            "leverage": str(self.leverage),
            "position": self.position.value,
            "creation_timestamp": self.creation_timestamp,
            "last_update_timestamp": self.last_update_timestamp,
            "last_state": self.state.value,
            "filled_by_venue": str(self.filled_by_venue),
            "filled_quote_by_venue": str(self.filled_quote_by_venue),
            "is_external": self.is_external,
            "is_lost": self.is_lost,
            "fate_unknown": self.fate_unknown,
            "told": list(self.told),
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
        )
        order.last_update_timestamp = data["last_update_timestamp"]
        order.filled_by_venue = Decimal(data["filled_by_venue"])
        order.filled_quote_by_venue = Decimal(data["filled_quote_by_venue"])
        order.is_lost, order.told = data["is_lost"], tuple(data["told"])
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
        """Follow an amendment; news that is older, and terms of market orders, say nothing about ours."""
        is_old = update.timestamp is not None and update.timestamp < self.last_update_timestamp
        if is_old or self.price is None or self.is_done:
            return
        self.price = update.price or self.price
        self.amount = update.amount or self.amount

    def _take_state(self, told: OrderState) -> None:
        self.fate_unknown = False
        if self.is_open and (self.is_filled_by_word or told is OrderState.FILLED):
            # The first end that was told is the end; it only waits for its fills.
            self.is_filled_by_word = self.is_missing_fills
            told = OrderState.OPEN if self.is_filled_by_word else OrderState.FILLED
        self.state = next_state(self.state, told, has_fills=self.has_fills, is_lost=self.is_lost)
        self.is_lost = self.is_lost and self.state is OrderState.FAILED

    async def _until(self, holds: Callable[[], bool], what: str, timeout: float | None) -> None:
        try:
            await self._change.until(holds, timeout)
        except TimeoutError:
            message = f"order {self.client_order_id}: {what} did not come within {timeout} s; it is {self.state}"
            raise TimeoutError(message) from None


def external_order_id(trading_pair: str, exchange_order_id: str | None) -> str:
    """What an order of others is called here if it has no client id; venues' ids are unique per market only."""
    return f"{trading_pair}:{exchange_order_id}"
