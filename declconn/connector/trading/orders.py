"""Placing and amending the orders of an account."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.in_flight_order import InFlightOrder
from declconn.connector.requests.operations import Operations
from declconn.connector.symbols import Symbols
from declconn.connector.trading.amendments import Changes, amendment, check_changes
from declconn.connector.trading.background import Background
from declconn.connector.trading.new_orders import NewOrders
from declconn.connector.trading.order_arguments import OrderArguments
from declconn.errors import (
    DeclconnError,
    InvalidOrderError,
    NotSupportedError,
    UnknownOrderError,
    UnknownOutcomeError,
    VenueError,
)
from declconn.log import about, get_logger
from declconn.records import OrderUpdate
from declconn.types import OrderState

logger = get_logger("declconn.orders")


class Orders:
    """What is done to orders; what is known of them is the tracker's.

    Args:
        operations: how the venue is asked.
        tracker: keeps the orders; commits a new one before it is sent.
        new: checks orders before they are sent.
        arguments: orders in the venue's words.
        symbols: trading rules.
        look_at: asks soon what became of an order.
        want_end: asks what became of an order unless its end is told in a moment.
        background: sends, so that nothing that a user does interrupts it.
    """

    def __init__(
        self,
        *,
        operations: Operations,
        tracker: ClientOrderTracker,
        new: NewOrders,
        arguments: OrderArguments,
        symbols: Symbols,
        look_at: Callable[[InFlightOrder], None],
        want_end: Callable[[InFlightOrder], None],
        background: Background,
    ) -> None:
        self._operations, self._tracker, self._new, self._arguments = operations, tracker, new, arguments
        self._symbols, self._background = symbols, background
        self._look_at, self._want_end = look_at, want_end
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._is_id_missed = False

    async def place(self, order: InFlightOrder) -> None:
        """Check, commit and send an order, and wait for the venue's answer.

        Afterwards its state says what became of it; where the answer was lost it stays ``PENDING_CREATE`` with
        ``fate_unknown``, the venue is asked about it, and it is never sent again. Whoever stops waiting stops nothing.

        Raises:
            InvalidOrderError, NotSupportedError: it breaks a rule, and nothing was sent.
            DeclconnError: the venue refused it, or it never left; the order is ``FAILED``.
        """
        self._new.check(order)
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
            self._new.check(order)
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

    async def amend(self, order: InFlightOrder, changes: Changes) -> None:
        """Ask the venue to change an order's amount (in all), price or trigger price.

        Raises:
            NotSupportedError: the spec has no `amend_order`, or it cannot name this order, or says no trigger price.
            InvalidOrderError: the order would break a trading rule, is as it is wanted, or has no such price; nothing
                was sent.
            UnknownOrderError: it is over, by the venue's word; nothing was sent.
            UnknownOutcomeError: it may be changed; the venue is asked.
            DeclconnError: the venue refused; the order is as it was.
        """
        self._require_amendable(order, changes)
        await self.until_sent(order)
        if order.is_over_by_word:
            raise UnknownOrderError(f"{order!r}: the venue has told its end, so there is nothing to amend")
        self._arguments.require_named("amend_order", order)
        wanted = amendment(order, self._symbols.rule(order.trading_pair), changes)
        try:
            answers = await self._operations.call("amend_order", self._arguments.amending(order, *wanted))
        except (UnknownOutcomeError, asyncio.CancelledError):
            self._tracker.amendment_lost(order)
            self._look_at(order)
            raise
        answer = answers[0] if answers else OrderUpdate()
        self._tracker.update_order(order, msgspec.structs.replace(answer, amount=wanted.amount, price=wanted.price))
        self._tracker.keep_terms(order, wanted.amount, wanted.price, wanted.trigger_price)

    def _require_amendable(self, order: InFlightOrder, changes: Changes) -> None:
        if "amend_order" not in self._operations:
            raise NotSupportedError("the spec declares no operation 'amend_order'; cancel the order and place another")
        check_changes(order, changes)
        if changes.trigger_price is not None and not self._arguments.amends_trigger:
            raise NotSupportedError("`amend_order` tells no {trigger_price} here; cancel the order and place another")

    async def until_sent(self, order: InFlightOrder) -> None:
        """Return when its request is not on the way."""
        sending = self._sending.get(order.client_order_id)
        if sending is not None:
            await asyncio.wait({sending})

    def _placed(self, order: InFlightOrder, answer: OrderUpdate) -> None:
        """What a good answer to a new order says; without a word of its state it is open."""
        order.fate_unknown = False
        if not order.is_pending_create:  # news were faster: they know its terms, which may have been amended
            answer = msgspec.structs.replace(answer, amount=None, price=None, trigger_price=None)
        self._tracker.update_order(order, msgspec.structs.replace(answer, state=answer.state or OrderState.OPEN))
        if order.is_open and not order.waits:
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


def _kind(error: DeclconnError) -> str:
    """Why an order failed: one of the language's error kinds, or else the class of the error."""
    if isinstance(error, InvalidOrderError):
        return "invalid_order"
    return error.kind if isinstance(error, VenueError) else type(error).__name__
