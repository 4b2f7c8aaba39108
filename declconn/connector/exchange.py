"""A spot exchange: market data for everybody, and trading for whoever has credentials."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.in_flight_order import InFlightOrder
from declconn.connector.account_data import AccountData
from declconn.errors import DeclconnError, UnknownOrderError
from declconn.types import OrderType, PositionAction, Side

logger = logging.getLogger("declconn.orders")

CANCEL_TIME = 10.0
"""Seconds that `cancel_all` waits for the venue."""


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order that is wanted, for `Exchange.batch_order_create`; prices are quote per base, amounts base units."""

    trading_pair: str
    trade_type: Side
    amount: Decimal
    order_type: OrderType = OrderType.LIMIT
    price: Decimal | None = None
    position_action: PositionAction = PositionAction.NIL


@dataclass(frozen=True, slots=True)
class CancellationResult:
    """Whether the venue took the wish to cancel an order."""

    order_id: str
    success: bool


class Exchange(AccountData):
    """A live connector.

    Orders are placed in two ways. `buy`, `sell` and `cancel` are Hummingbot's: they return at once, and events tell
    what became of it. `place_order`, `cancel_order` and `amend_order` wait for the venue, and raise its refusal.
    """

    default_position_action = PositionAction.NIL

    def buy(
        self,
        trading_pair: str,
        amount: Decimal,
        order_type: OrderType = OrderType.LIMIT,
        price: Decimal | None = None,
        *,
        position_action: PositionAction = PositionAction.NIL,
    ) -> str:
        """Place an order to buy; what becomes of it is told in events.

        Args:
            trading_pair: which market.
            amount: base units; rounded down to the venue's step.
            order_type: one of `supported_order_types`.
            price: quote per base, for limit orders; rounded down to the venue's step.
            position_action: on a derivative, whether it opens or closes a position.

        Returns:
            the order's client id.

        Raises:
            UnknownPairError: the venue does not list the pair.
            InvalidOrderError: an amount or price is no positive ``Decimal``. That a trading rule is broken is told as
                a `MarketOrderFailureEvent`, and nothing is sent.
            CredentialsError: there is no account.
        """
        return self._submit(OrderRequest(trading_pair, Side.BUY, amount, order_type, price, position_action))

    def sell(
        self,
        trading_pair: str,
        amount: Decimal,
        order_type: OrderType = OrderType.LIMIT,
        price: Decimal | None = None,
        *,
        position_action: PositionAction = PositionAction.NIL,
    ) -> str:
        """Place an order to sell; as `buy`."""
        return self._submit(OrderRequest(trading_pair, Side.SELL, amount, order_type, price, position_action))

    def cancel(self, trading_pair: str, client_order_id: str) -> str:
        """Cancel an order; what becomes of it is told in events. Returns the id.

        Raises:
            UnknownOrderError: no order of this id is open here.
        """
        order = self._open_order(client_order_id)
        self._in_background(self._cancel_or_log(order), f"cancel {client_order_id}")
        return client_order_id

    async def place_order(
        self,
        trading_pair: str,
        trade_type: Side,
        amount: Decimal,
        order_type: OrderType = OrderType.LIMIT,
        price: Decimal | None = None,
        *,
        position_action: PositionAction = PositionAction.NIL,
    ) -> InFlightOrder:
        """Place an order and wait for the venue's answer.

        Returns:
            the order. Where the answer was lost it is ``PENDING_CREATE`` with ``fate_unknown``: the venue is asked what
            became of it, it is never sent again, and ``await order.wait_until_done()`` waits whatever happens.

        Raises:
            UnknownPairError, InvalidOrderError, NotSupportedError: it breaks a rule, and nothing was sent.
            VenueError: the venue refused it; ``kind`` says why (``insufficient_funds``, ``post_only_rejected``, ...).
            NetworkError: it did not leave.
            CredentialsError: there is no account.
        """
        order = self._make(OrderRequest(trading_pair, trade_type, amount, order_type, price, position_action))
        await self.account.orders.place(order)
        return order

    async def cancel_order(self, client_order_id: str) -> InFlightOrder:
        """Cancel an order and wait for the venue's answer; ``wait_until_done`` of what is returned waits for its end.

        Raises:
            UnknownOrderError: no order of this id is open here.
            VenueError, NetworkError: the venue refused, or was not reached; the order is as it was.
        """
        order = self._open_order(client_order_id)
        await self.account.orders.cancel(order)
        return order

    async def amend_order(
        self, client_order_id: str, *, amount: Decimal | None = None, price: Decimal | None = None
    ) -> InFlightOrder:
        """Change an order that is open, where the venue can do so without cancelling it.

        Args:
            client_order_id: which order.
            amount: the new amount in all, what is filled included; ``None``: as it is.
            price: the new price; ``None``: as it is.

        Raises:
            NotSupportedError: the spec has no `amend_order`.
            UnknownOrderError: no order of this id is open here.
            InvalidOrderError: the amended order would break a trading rule; nothing was sent.
            VenueError, NetworkError: the venue refused, or was not reached; the order is as it was.
        """
        order = self._open_order(client_order_id)
        await self.account.orders.amend(order, amount, price)
        return order

    async def cancel_all(self, timeout: float = CANCEL_TIME) -> list[CancellationResult]:
        """Cancel every order of ours; those that the venue did not take in time come last.

        Args:
            timeout: seconds to wait.
        """
        orders = [order for order in self.in_flight_orders.values() if not order.is_external]
        return await self._cancel_each(orders, timeout)

    def batch_order_create(self, requests: Iterable[OrderRequest]) -> list[str]:
        """Place several orders at once; as `buy` for each. Returns their client ids in the same order."""
        return [self._submit(request) for request in requests]

    async def batch_order_cancel(
        self, client_order_ids: Iterable[str], timeout: float = CANCEL_TIME
    ) -> list[CancellationResult]:
        """Cancel several orders, in as few requests as the venue allows.

        Raises:
            UnknownOrderError: one of them is not open here; nothing was sent.
        """
        return await self._cancel_each([self._open_order(id_) for id_ in client_order_ids], timeout)

    @property
    def order_tracker(self) -> ClientOrderTracker:
        """Keeps every order."""
        return self.account.tracker

    @property
    def in_flight_orders(self) -> Mapping[str, InFlightOrder]:
        """The orders that are not over, by client id; also those that others placed."""
        return self.account.tracker.active_orders

    @property
    def tracking_states(self) -> dict[str, Any]:
        """Every order that is not over, as JSON; `restore_tracking_states` takes it (the store does so by itself)."""
        return self.account.tracker.tracking_states

    def restore_tracking_states(self, states: Mapping[str, Any]) -> None:
        """Take up orders that `tracking_states` told of."""
        self.account.tracker.restore_tracking_states(states)

    def _make(self, request: OrderRequest) -> InFlightOrder:
        action = request.position_action
        return self.account.orders.make(
            request.trade_type,
            request.trading_pair,
            request.amount,
            request.order_type,
            request.price,
            leverage=self.get_leverage(request.trading_pair),
            position=self.default_position_action if action is PositionAction.NIL else action,
        )

    def _submit(self, request: OrderRequest) -> str:
        order = self._make(request)
        self.account.tracker.start_tracking_order(order)
        self._in_background(self._send_or_log(order), f"place {order.client_order_id}")
        return order.client_order_id

    def _open_order(self, client_order_id: str) -> InFlightOrder:
        order = self.in_flight_orders.get(client_order_id)
        if order is None:
            raise UnknownOrderError(
                f"{client_order_id!r} is no open order of {self.name}; in_flight_orders knows "
                f"{len(self.in_flight_orders)}"
            )
        return order

    async def _send_or_log(self, order: InFlightOrder) -> None:
        try:
            await self.account.orders.place_tracked(order)
        except DeclconnError as error:
            logger.warning("%s: the order %r was not placed: %s", self.name, order, error)

    async def _cancel_or_log(self, order: InFlightOrder) -> bool:
        try:
            await self.account.orders.cancel(order)
        except (DeclconnError, TimeoutError) as error:
            logger.warning("%s: the order %r was not cancelled: %s", self.name, order, error)
            return False
        return True

    async def _cancel_each(self, orders: list[InFlightOrder], timeout: float) -> list[CancellationResult]:
        tasks = [asyncio.ensure_future(self._cancel_or_log(order)) for order in orders]
        if tasks:
            await asyncio.wait(tasks, timeout=timeout)
        results = [
            CancellationResult(order.client_order_id, task.done() and not task.cancelled() and task.result())
            for order, task in zip(orders, tasks, strict=True)
        ]
        for task in tasks:
            task.cancel()
        return sorted(results, key=lambda result: not result.success)

    def _in_background(self, duty: Coroutine[Any, Any, object], name: str) -> None:
        self.account.duties.add(duty, name)
