"""Placing and amending the orders of an account."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Final

import msgspec

from declconn.account.client_order_ids import ClientOrderIds
from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.given import positive, word
from declconn.account.in_flight_order import InFlightOrder
from declconn.account.order_rules import check_order, quantize_amount, quantize_price
from declconn.clock import Clock
from declconn.connector.market_prices import MarketPrices
from declconn.connector.requests.operations import Operations
from declconn.connector.symbols import Symbols
from declconn.connector.trading.background import Background
from declconn.connector.trading.order_arguments import OrderArguments
from declconn.errors import (
    DeclconnError,
    InvalidOrderError,
    NotSupportedError,
    UnknownOutcomeError,
    VenueError,
)
from declconn.log import about, get_logger
from declconn.records import OrderUpdate, TradingRule
from declconn.types import OrderState, OrderType, PositionAction, Side

logger = get_logger("declconn.orders")

PRICED: Final = frozenset({OrderType.LIMIT, OrderType.LIMIT_MAKER})
"""Types whose price is the user's."""


class Orders:
    """What is done to orders; what is known of them is the tracker's.

    Args:
        operations: how the venue is asked.
        tracker: keeps the orders; commits a new one before it is sent.
        arguments: orders in the venue's words.
        ids: makes client order ids.
        symbols: trading rules.
        types: what the venue offers.
        clock: when an order was made.
        prices: what market orders would cost now.
        look_at: asks soon what became of an order.
        want_end: asks what became of an order unless its end is told in a moment.
        background: sends, so that nothing that a user does interrupts it.
    """

    def __init__(
        self,
        *,
        operations: Operations,
        tracker: ClientOrderTracker,
        arguments: OrderArguments,
        ids: ClientOrderIds,
        symbols: Symbols,
        types: frozenset[OrderType],
        clock: Clock,
        prices: MarketPrices,
        look_at: Callable[[InFlightOrder], None],
        want_end: Callable[[InFlightOrder], None],
        background: Background,
    ) -> None:
        self._operations, self._tracker, self._arguments, self._ids = operations, tracker, arguments, ids
        self._symbols, self._clock = symbols, clock
        self._types, self._prices = types, prices
        self._look_at, self._want_end, self._background = look_at, want_end, background
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._is_id_missed = False

    def make(
        self,
        trade_type: Side,
        trading_pair: str,
        amount: Decimal,
        order_type: OrderType,
        price: Decimal | None,
        *,
        leverage: Decimal = Decimal(1),
        position: PositionAction = PositionAction.NIL,
    ) -> InFlightOrder:
        """An order in the venue's steps, with an id of its own; nothing is kept or sent yet.

        Raises:
            UnknownPairError: the venue does not list the pair.
            InvalidOrderError: the amount or the price is not a ``Decimal``, or not a positive number; or the side or
                the type is none.
        """
        rule = self._symbols.rule(trading_pair)
        trade_type, order_type = word("trade_type", trade_type, Side), word("order_type", order_type, OrderType)
        position = word("position_action", position, PositionAction)
        price = _price_in_steps(rule, price) if order_type in PRICED else None
        at = price if price is not None else self._prices.best(trading_pair, trade_type)
        amount = _amount_in_steps(rule, amount, at)
        return InFlightOrder(
            client_order_id=self._new_id(trade_type, trading_pair),
            trading_pair=trading_pair,
            order_type=order_type,
            trade_type=trade_type,
            amount=amount,
            price=price,
            creation_timestamp=self._clock.time_ns(),
            leverage=leverage,
            position=position,
        )

    def _new_id(self, trade_type: Side, trading_pair: str) -> str:
        """An id that no order has. Short numbers run ahead of the clock, so a process before us may have had them."""
        while True:
            client_order_id = self._ids.next(trade_type, trading_pair)
            if self._tracker.fetch_order(client_order_id) is None:
                return client_order_id

    def check(self, order: InFlightOrder) -> None:
        """See that the venue would take an order.

        Raises:
            InvalidOrderError: it breaks a trading rule.
            NotSupportedError: the venue has no orders of this type.
        """
        if order.order_type not in self._types:
            offered = ", ".join(sorted(self._types)) or "none"
            raise NotSupportedError(f"{order.order_type} orders are not offered here; there are {offered}")
        rule = self._symbols.rule(order.trading_pair)
        reference = order.price if order.price is not None else self._prices.best(order.trading_pair, order.trade_type)
        check_order(rule, order.order_type, order.trade_type, order.amount, order.price, reference)

    async def place(self, order: InFlightOrder) -> None:
        """Check, commit and send an order, and wait for the venue's answer.

        Afterwards its state says what became of it; where the answer was lost it stays ``PENDING_CREATE`` with
        ``fate_unknown``, the venue is asked about it, and it is never sent again. Whoever stops waiting stops nothing.

        Raises:
            InvalidOrderError, NotSupportedError: it breaks a rule, and nothing was sent.
            DeclconnError: the venue refused it, or it never left; the order is ``FAILED``.
        """
        self.check(order)
        await asyncio.shield(self.submit(order))

    def submit(self, order: InFlightOrder) -> asyncio.Task[None]:
        """Commit an order and send it soon. One that breaks a rule fails, and nothing is sent."""
        self._tracker.start_tracking_order(order)
        with about(**order.log_fields):
            sending = self._background.add(self._send(order), f"place {order.client_order_id}", is_told=True)
        self._sending[order.client_order_id] = sending
        sending.add_done_callback(lambda _task: self._sending.pop(order.client_order_id))
        return sending

    async def _send(self, order: InFlightOrder) -> None:
        try:
            self.check(order)
            arguments = self._arguments.of(order)
            order.fate_unknown = True  # until an answer says otherwise: also if this task is cancelled right here
            answers = await self._operations.call("place_order", arguments)
        except UnknownOutcomeError as error:
            logger.warning("%r may have arrived, and the venue is asked: %s", order, error)
            self._look_at(order)
        except DeclconnError as error:
            if _kind(error) == "duplicate_order":  # this very order, by an answer that was lost below us
                self._look_at(order)
                return
            order.fate_unknown = False
            self._tracker.order_failed(order.client_order_id, str(error), _kind(error))
            raise
        except BaseException:  # a bug, or the connector stops: it may have arrived
            self._look_at(order)
            raise
        else:
            self._placed(order, answers[0] if answers else OrderUpdate())

    def is_sending(self, order: InFlightOrder) -> bool:
        """Whether its request is on the way, so that asking about it says nothing."""
        return order.client_order_id in self._sending

    async def amend(self, order: InFlightOrder, amount: Decimal | None, price: Decimal | None) -> None:
        """Ask the venue to change an order's amount (in all) or price.

        Raises:
            NotSupportedError: the spec has no `amend_order`, or it cannot name this order.
            InvalidOrderError: the order would break a trading rule, or is as it is wanted; nothing was sent.
            UnknownOutcomeError: it may be changed; the venue is asked.
            DeclconnError: the venue refused; the order is as it was.
        """
        if "amend_order" not in self._operations:
            raise NotSupportedError("the spec declares no operation 'amend_order'; cancel the order and place another")
        await self.until_sent(order)
        self._arguments.require_named("amend_order", order)
        rule = self._symbols.rule(order.trading_pair)
        price = order.price if price is None else _price_in_steps(rule, price)
        amount = order.amount if amount is None else _amount_in_steps(rule, amount, price)
        if (amount, price) == (order.amount, order.price):
            raise InvalidOrderError(
                f"{order.client_order_id}: it is {amount} at {price} already; name another amount or price"
            )
        check_order(rule, order.order_type, order.trade_type, amount, price)
        try:
            answers = await self._operations.call("amend_order", self._arguments.amending(order, amount, price))
        except (UnknownOutcomeError, asyncio.CancelledError):
            self._look_at(order)
            raise
        answer = answers[0] if answers else OrderUpdate()
        timestamp = max(answer.timestamp or self._clock.time_ns(), order.last_update_timestamp)
        self._take(order, msgspec.structs.replace(answer, amount=amount, price=price, timestamp=timestamp))

    async def until_sent(self, order: InFlightOrder) -> None:
        """Return when its request is not on the way."""
        sending = self._sending.get(order.client_order_id)
        if sending is not None:
            await asyncio.wait({sending})

    def _placed(self, order: InFlightOrder, answer: OrderUpdate) -> None:
        """What a good answer to a new order says; without a word of its state it is open."""
        order.fate_unknown = False
        self._take(order, msgspec.structs.replace(answer, state=answer.state or OrderState.OPEN))
        if order.order_type is OrderType.MARKET and order.is_open:
            self._want_end(order)
        if order.is_open and order.exchange_order_id is None:
            self._miss_id(order)

    def _miss_id(self, order: InFlightOrder) -> None:
        """Say once that orders are taken without the id that a cancel names; news may tell it later."""
        cancel = next((name for name in ("cancel_order", "cancel_orders") if name in self._operations), None)
        if cancel is None or self._is_id_missed or self._arguments.can_name(cancel, order):
            return
        self._is_id_missed = True
        logger.warning(
            "%r was taken without a word of the venue's id, which `%s` names: until news tell it, such orders cannot "
            "be cancelled; is `exchange_order_id` of `place_order` right?",
            *(order, cancel),
            extra=order.log_fields,
        )

    def _take(self, order: InFlightOrder, answer: OrderUpdate) -> None:
        named = msgspec.structs.replace(
            answer,
            client_order_id=order.client_order_id,
            trading_pair=order.trading_pair,
            timestamp=answer.timestamp or self._clock.time_ns(),
        )
        self._tracker.process_order_update(named)


def _price_in_steps(rule: TradingRule, price: object) -> Decimal:
    """A price, rounded as the market wants it; one that would be 0 stays, so that its refusal says what was asked."""
    asked = positive("price", price)
    return quantize_price(rule, asked) or asked


def _amount_in_steps(rule: TradingRule, amount: object, at: Decimal | None) -> Decimal:
    """An amount, rounded as the market wants it; one that would be 0 stays, as with prices."""
    asked = positive("amount", amount)
    return quantize_amount(rule, asked, at) or asked


def _kind(error: DeclconnError) -> str:
    """Why an order failed: one of the language's error kinds, or else the class of the error."""
    if isinstance(error, InvalidOrderError):
        return "invalid_order"
    return error.kind if isinstance(error, VenueError) else type(error).__name__
