"""A spot exchange: market data for everybody, and trading for whoever has credentials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.given import word
from declconn.account.in_flight_order import InFlightOrder
from declconn.connector.account_data import AccountData
from declconn.connector.trading.account import Account
from declconn.connector.trading.amendments import Changes
from declconn.connector.trading.cancels import CANCEL_TIME, CancellationResult
from declconn.errors import UnknownOrderError
from declconn.log import about
from declconn.spec.order_terms import times_in_force, triggers
from declconn.types import OrderType, PositionAction, Side, TimeInForce, Trigger


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order that is wanted, for `Exchange.batch_order_create`; its words are those of `Exchange.buy`."""

    trading_pair: str
    trade_type: Side
    amount: Decimal
    order_type: OrderType = OrderType.LIMIT
    price: Decimal | None = None
    position_action: PositionAction = PositionAction.NIL
    time_in_force: TimeInForce = TimeInForce.GTC
    trigger_price: Decimal | None = None
    trigger: Trigger | None = None


class Exchange(AccountData):
    """A live connector.

    Orders are placed in two ways. `buy`, `sell` and `cancel` are Hummingbot's: they return at once, and events tell
    what became of it. `place_order`, `cancel_order` and `amend_order` wait for the venue, and raise its refusal.
    """

    def buy(
        self,
        trading_pair: str,
        amount: Decimal,
        order_type: OrderType = OrderType.LIMIT,
        price: Decimal | None = None,
        *,
        position_action: PositionAction = PositionAction.NIL,
        time_in_force: TimeInForce = TimeInForce.GTC,
        trigger_price: Decimal | None = None,
        trigger: Trigger | None = None,
    ) -> str:
        """Place an order to buy; what becomes of it is told in events.

        Args:
            trading_pair: which market.
            amount: base units; rounded down to the venue's step.
            order_type: one of `supported_order_types`.
            price: quote per base, for limit orders; rounded down to the venue's step.
            position_action: on a derivative, whether it opens or closes a position.
            time_in_force: one of `supported_times_in_force`.
            trigger_price: the order waits outside the book until the price is there; rounded as ``price``.
            trigger: with a ``trigger_price``, one of `supported_triggers`: whether that price is worse (``STOP``, also
                if nothing is said) or better than now.

        Returns:
            the order's client id.

        Raises:
            UnknownPairError: the venue does not list the pair.
            InvalidOrderError: an amount or price is no positive ``Decimal``. That a trading rule is broken is told as
                a `MarketOrderFailureEvent`, and nothing is sent.
            CredentialsError: there is no account.
        """
        terms = (order_type, price, position_action, time_in_force, trigger_price, trigger)
        return self._submit(self._make(OrderRequest(trading_pair, Side.BUY, amount, *terms)))

    def sell(
        self,
        trading_pair: str,
        amount: Decimal,
        order_type: OrderType = OrderType.LIMIT,
        price: Decimal | None = None,
        *,
        position_action: PositionAction = PositionAction.NIL,
        time_in_force: TimeInForce = TimeInForce.GTC,
        trigger_price: Decimal | None = None,
        trigger: Trigger | None = None,
    ) -> str:
        """Place an order to sell; as `buy`."""
        terms = (order_type, price, position_action, time_in_force, trigger_price, trigger)
        return self._submit(self._make(OrderRequest(trading_pair, Side.SELL, amount, *terms)))

    def cancel(self, trading_pair: str, client_order_id: str) -> str:
        """Cancel an order; what becomes of it is told in events. Returns the id.

        Raises:
            UnknownOrderError: no order of this id is open in this market.
        """
        account = self._trading_account()
        order = self._open_order(client_order_id)
        if trading_pair != order.trading_pair:
            raise UnknownOrderError(f"{client_order_id!r} is an order of {order.trading_pair}, not of {trading_pair}")
        account.background.add(account.cancels.one(order), f"cancel {client_order_id}")
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
        time_in_force: TimeInForce = TimeInForce.GTC,
        trigger_price: Decimal | None = None,
        trigger: Trigger | None = None,
    ) -> InFlightOrder:
        """Place an order and wait for the venue's answer; its words are those of `buy`.

        Returns:
            the order. Where the answer was lost it is ``PENDING_CREATE`` with ``fate_unknown``: the venue is asked what
            became of it, it is never sent again, and ``await order.wait_until_done()`` waits whatever happens.

        Raises:
            UnknownPairError, InvalidOrderError, NotSupportedError: it breaks a rule, and nothing was sent.
            VenueError: the venue refused it; ``kind`` says why (``insufficient_funds``, ``post_only_rejected``, ...).
            NetworkError: it did not leave.
            CredentialsError: there is no account.
        """
        terms = (order_type, price, position_action, time_in_force, trigger_price, trigger)
        order = self._make(OrderRequest(trading_pair, trade_type, amount, *terms))
        await self._trading_account().orders.place(order)
        return order

    async def cancel_order(self, client_order_id: str) -> InFlightOrder:
        """Cancel an order and wait for the venue's answer; ``wait_until_done`` of what is returned waits for its end.

        Returns:
            the order: over, or ``PENDING_CANCEL`` until its end is told. It is as it was if the venue says that there
            is nothing to cancel (it was filled a moment before, for instance): the venue is asked what became of it.

        Raises:
            UnknownOrderError: no order of this id is open here.
            VenueError, NetworkError: the venue refused, or was not reached; the order is as it was.
            UnknownOutcomeError: it may be cancelled; the venue is asked, and news tell. Or the venue does not know the
                order, whose answer was lost: the wish is kept, and the order cancelled as soon as it shows up.
        """
        order = self._open_order(client_order_id)
        with about(venue=self.name):
            await self._trading_account().cancels.one(order)
        return order

    async def amend_order(
        self,
        client_order_id: str,
        *,
        amount: Decimal | None = None,
        price: Decimal | None = None,
        trigger_price: Decimal | None = None,
    ) -> InFlightOrder:
        """Change an order that is open, where the venue can do so without cancelling it.

        Args:
            client_order_id: which order.
            amount: the new amount in all, what is filled included; ``None``: as it is.
            price: the new price; ``None``: as it is.
            trigger_price: the new price at which it is let in; ``None``: as it is.

        Raises:
            NotSupportedError: the spec has no `amend_order`, or none that tells a trigger price.
            UnknownOrderError: no order of this id is open here.
            InvalidOrderError: the amended order would break a trading rule, or has no such price; nothing was sent.
            VenueError, NetworkError: the venue refused, or was not reached; the order is as it was.
            UnknownOutcomeError: it may be changed; the venue is asked, and news tell.
        """
        order = self._open_order(client_order_id)
        with about(venue=self.name):
            await self._trading_account().orders.amend(order, Changes(amount, price, trigger_price))
        return order

    async def cancel_all(self, timeout: float = CANCEL_TIME) -> list[CancellationResult]:
        """Cancel every order of ours, in as few requests as the venue allows; those that others placed stay.

        Args:
            timeout: seconds to wait.

        Returns:
            whether the venue took the wish, order by order; those that it did not take in time come last.
        """
        with about(venue=self.name):
            return await self._trading_account().cancels.all(timeout)

    def batch_order_create(self, requests: Iterable[OrderRequest]) -> list[str]:
        """Place several orders at once; as `buy` for each. Returns their client ids in the same order.

        Raises:
            UnknownPairError, InvalidOrderError, CredentialsError: as `buy`; then none of them was sent.
        """
        orders = [self._make(request) for request in requests]
        return [self._submit(order) for order in orders]

    async def batch_order_cancel(
        self, client_order_ids: Iterable[str], timeout: float = CANCEL_TIME
    ) -> list[CancellationResult]:
        """Cancel several orders, in as few requests as the venue allows.

        Raises:
            UnknownOrderError: one of them is not open here; nothing was sent.
        """
        orders = [self._open_order(client_order_id) for client_order_id in client_order_ids]
        with about(venue=self.name):
            return await self._trading_account().cancels.several(orders, timeout)

    def supported_times_in_force(self, order_type: OrderType) -> frozenset[TimeInForce]:
        """How long orders of a type may wait here; nothing where there are no such orders.

        Raises:
            InvalidOrderError: it is no type of orders.
        """
        return times_in_force(self._fields_of(order_type))

    def supported_triggers(self, order_type: OrderType) -> frozenset[Trigger]:
        """Which prices orders of a type may wait for here.

        Raises:
            InvalidOrderError: it is no type of orders.
        """
        return triggers(self._fields_of(order_type))

    def _fields_of(self, order_type: OrderType) -> Mapping[str, Any] | None:
        known = word("order_type", order_type, OrderType)
        return self.spec.orders.types.get(known) if self.spec.orders else None

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

    def _trading_account(self) -> Account:
        """The account, while the connector runs.

        Raises:
            CredentialsError: there is none.
            ConfigurationError: the connector is not started, or only watches.
        """
        account = self.account
        account.require_trading()
        self._require_started()
        return account

    def _make(self, request: OrderRequest) -> InFlightOrder:
        action = request.position_action
        return self._trading_account().new_orders.make(
            request.trade_type,
            request.trading_pair,
            request.amount,
            request.order_type,
            request.price,
            time_in_force=request.time_in_force,
            trigger_price=request.trigger_price,
            trigger=request.trigger,
            leverage=self.get_leverage(request.trading_pair),
            position=self.default_position_action if action == PositionAction.NIL else action,
        )

    def _submit(self, order: InFlightOrder) -> str:
        self._trading_account().orders.submit(order)
        return order.client_order_id

    def _open_order(self, client_order_id: str) -> InFlightOrder:
        order = self.account.tracker.fetch_order(client_order_id)
        if order is None:
            raise UnknownOrderError(
                f"{client_order_id!r} is no order of {self.name}; in_flight_orders has those that are"
            )
        if order.is_done:
            raise UnknownOrderError(f"{client_order_id!r} is over: {order.state}")
        return order
