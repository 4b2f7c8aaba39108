"""A venue without words: accounts, orders that meet by price and time, fees, positions, funding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal, localcontext

from declconn.clock import Clock
from declconn.compile.functions import EXACT
from declconn.errors import ConfigurationError
from declconn.records import BalanceUpdate, FundingPayment, PositionUpdate, TradeUpdate
from declconn.simulator.engine.accounts import Account
from declconn.simulator.engine.activation import activate
from declconn.simulator.engine.fees import FeeSchedule
from declconn.simulator.engine.liquidation import liquidate
from declconn.simulator.engine.market import Market
from declconn.simulator.engine.news import Listener, NewsDesk
from declconn.simulator.engine.orders import NewOrder, Order
from declconn.simulator.engine.refusals import RefusedError
from declconn.simulator.engine.trading import Trading
from declconn.types import OrderType, PositionMode, PositionSide


class MatchingEngine:
    """The matching engine. All numbers are exact; times and trade ids only rise.

    Nobody trades with himself: an order that would meet one of its own account ends there, and what was filled stays
    filled. A client order id may be used once, ever.

    Args:
        markets: what is traded.
        fees: what is taken.
        clock: the source of all times.

    Attributes:
        fees: what is taken.

    Raises:
        ConfigurationError: there are two markets of one trading pair.
    """

    def __init__(self, markets: Iterable[Market], fees: FeeSchedule, clock: Clock) -> None:
        self.fees = fees
        self._desk = NewsDesk(clock)
        self._trading = Trading(markets, fees, self._desk)
        self._accounts = self._trading.accounts

    @property
    def markets(self) -> Mapping[str, Market]:
        """What is traded, by trading pair."""
        return self._trading.markets

    def listen(self, listener: Listener) -> None:
        """Hear everything that happens from now on, in order; a listener may call the engine."""
        self._desk.listen(listener)

    # -- accounts

    def open_account(self, name: str, balances: Mapping[str, Decimal]) -> None:
        """Begin to know somebody.

        Raises:
            ConfigurationError: the account exists already.
        """
        if name in self._accounts:
            raise ConfigurationError(f"there is an account {name!r} already")
        self._accounts[name] = Account(name, balances)

    def account(self, name: str) -> Account:
        """An account, to be looked at."""
        return self._accounts[name]

    def deposit(self, account: str, token: str, amount: Decimal) -> None:
        """Give somebody more of a token; a negative amount is withdrawn.

        Raises:
            RefusedError: insufficient_funds.
        """
        with self._working():
            owner = self._accounts[account]
            if owner.available(token) + amount < 0:
                raise RefusedError("insufficient_funds", f"{owner.available(token)} {token} can be withdrawn")
            owner.credit(token, amount)

    # -- orders

    def place(self, account: str, order: NewOrder) -> Order:
        """Take an order, fill what can be filled, and let the rest wait if it may.

        One with a trigger price waits outside the book. It is refused if its price is reached already.

        Raises:
            RefusedError: insufficient_funds, post_only_rejected, duplicate_order or invalid_order.
        """
        with self._working():
            owner, trading = self._accounts[account], self._trading
            if order.client_order_id is not None and order.client_order_id in owner.by_client_id:
                raise RefusedError("duplicate_order", f"the client order id {order.client_order_id} was used")
            self._check(order)
            amount, now = trading.reducible(owner, order, order.amount), self._desk.next_time()
            placed = Order("", account, order, amount, order.price, now, now, trigger_price=order.trigger_price)
            plan = trading.plan(placed)
            trading.settlements[order.trading_pair].check_funds(owner, placed, plan)
            placed.exchange_order_id = trading.next_order_id()
            trading.register(placed)
            trading.play(placed, plan)
            self._have_consequences()
            return placed

    def amend(
        self,
        account: str,
        trading_pair: str,
        *,
        client_order_id: str | None = None,
        exchange_order_id: str | None = None,
        amount: Decimal | None = None,
        price: Decimal | None = None,
        trigger_price: Decimal | None = None,
    ) -> Order:
        """Change an open order.

        It keeps its place only in the book, and only if its price stays and its amount does not grow.

        Args:
            amount: the whole amount, with what is filled already.
            trigger_price: of an order that was not triggered yet.

        Raises:
            RefusedError: as ``place``, and order_not_found or order_done.
        """
        with self._working():
            order = self._open_order(account, trading_pair, client_order_id, exchange_order_id)
            owner, trading = self._accounts[account], self._trading
            if trigger_price is not None and not order.is_untriggered:
                raise RefusedError("invalid_order", f"order {order.exchange_order_id} waits for no trigger price")
            asked = replace(
                order.asked,
                amount=amount or order.amount,
                price=price or order.price,
                trigger_price=trigger_price or order.trigger_price,
            )
            if asked.amount <= order.filled:
                raise RefusedError("invalid_order", f"an amount of {asked.amount}, and {order.filled} are filled")
            keeps_place = not order.is_untriggered and asked.price == order.price and asked.amount <= order.amount
            if not keeps_place:
                self._check(asked)
            whole = order.filled + trading.reducible(owner, asked, asked.amount - order.filled)
            amended = replace(order, amount=whole, price=asked.price, trigger_price=asked.trigger_price)
            plan = trading.plan(amended)
            trading.settlements[trading_pair].check_funds(owner, amended, plan)
            trading.change(order, amended, keeps_place=keeps_place)
            if not keeps_place:
                trading.play(order, plan)
                self._have_consequences()
            return order

    def cancel(
        self,
        account: str,
        trading_pair: str,
        *,
        client_order_id: str | None = None,
        exchange_order_id: str | None = None,
    ) -> Order:
        """End an open order.

        Raises:
            RefusedError: order_not_found or order_done.
        """
        with self._working():
            order = self._open_order(account, trading_pair, client_order_id, exchange_order_id)
            self._trading.end(order)
            return order

    def cancel_all(self, account: str, trading_pair: str | None = None) -> list[Order]:
        """End all open orders, or those of one pair."""
        with self._working():
            orders = self.open_orders(account, trading_pair)
            for order in orders:
                self._trading.end(order)
            return orders

    def order(
        self,
        account: str,
        trading_pair: str | None = None,
        *,
        client_order_id: str | None = None,
        exchange_order_id: str | None = None,
    ) -> Order:
        """An order of any state, by either id.

        Raises:
            RefusedError: order_not_found.
        """
        owner = self._accounts[account]
        if exchange_order_id is not None:
            order = owner.orders.get(exchange_order_id)
        else:
            order = owner.by_client_id.get(client_order_id or "")
        if order is None or trading_pair not in (None, order.asked.trading_pair):
            raise RefusedError("order_not_found", f"{account} has no order {exchange_order_id or client_order_id}")
        return order

    def open_orders(self, account: str, trading_pair: str | None = None) -> list[Order]:
        """The open orders, oldest first."""
        orders = self._accounts[account].open_orders.values()
        return [order for order in orders if trading_pair in (None, order.asked.trading_pair)]

    def fills(self, account: str, trading_pair: str | None = None, *, since: int = 0) -> list[TradeUpdate]:
        """The fills from a time on, oldest first."""
        fills = self._accounts[account].fills
        return [fill for fill in fills if trading_pair in (None, fill.trading_pair) and (fill.timestamp or 0) >= since]

    def balances(self, account: str) -> list[BalanceUpdate]:
        """What somebody has, one record for each token."""
        owner = self._accounts[account]
        return [owner.balance(token) for token in sorted(owner.totals)]

    # -- derivatives

    def positions(self, account: str, trading_pair: str | None = None) -> list[PositionUpdate]:
        """The positions that are not empty."""
        with localcontext(EXACT):
            return [
                position.update(self.markets[pair].mark_price)
                for (pair, _), position in self._accounts[account].positions.items()
                if position.amount and trading_pair in (None, pair)
            ]

    def leverage(self, account: str, trading_pair: str) -> Decimal:
        """What leverage somebody has in a market."""
        owner = self._accounts[account]
        side = PositionSide.LONG if owner.position_mode is PositionMode.HEDGE else PositionSide.BOTH
        return self._trading.perpetual(trading_pair).position(owner, side).leverage

    def set_leverage(self, account: str, trading_pair: str, leverage: Decimal) -> None:
        """Set the leverage of all positions in a market.

        Raises:
            RefusedError: invalid_order for less than 1 and more than the rule's most; insufficient_funds if the
                margin of what is open is not there.
        """
        with self._working():
            owner, settlement = self._accounts[account], self._trading.perpetual(trading_pair)
            most = self.markets[trading_pair].rule.max_leverage
            if leverage < 1 or (most is not None and leverage > most):
                raise RefusedError("invalid_order", f"a leverage of {leverage}; it may be 1 to {most or 'any'}")
            settlement.set_leverage(owner, leverage)

    def set_position_mode(self, account: str, mode: PositionMode) -> None:
        """Have one position per market, or two.

        Raises:
            RefusedError: not_modified if it is so already, invalid_order while there are positions or open orders.
        """
        owner = self._accounts[account]
        if owner.position_mode is mode:
            raise RefusedError("not_modified", f"the mode is {mode} already")
        if owner.open_orders or self.positions(account):
            raise RefusedError("invalid_order", "the mode cannot change while there are positions or open orders")
        owner.position_mode = mode

    def set_mark_price(self, trading_pair: str, price: Decimal) -> None:
        """Set the price that margin is counted with.

        Whoever waits for it is triggered, and who cannot bear it is liquidated.
        """
        with self._working():
            market = self._trading.market(trading_pair)
            market.mark_price = price
            self._trading.move_to(market, price)
            self._have_consequences()

    def pay_funding(self, trading_pair: str, rate: Decimal, mark_price: Decimal) -> None:
        """Let long positions pay short ones: amount x mark price x rate; a negative rate goes the other way."""
        with self._working():
            collateral, now = self._trading.perpetual(trading_pair).collateral, self._desk.next_time()
            for owner in self._accounts.values():
                held = [position for (pair, _), position in owner.positions.items() if pair == trading_pair]
                for position in (position for position in held if position.amount):
                    payment = FundingPayment(trading_pair, -position.amount * mark_price * rate, now, rate)
                    owner.credit(collateral, payment.amount)
                    owner.payments.append(payment)
                    self._desk.add(owner.name, payment)
            liquidate(self._trading)

    # -- inside

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Whatever an operation changes, in exact arithmetic; then it is told."""
        try:
            with localcontext(EXACT):
                yield
                self._trading.tell_changes()
        finally:
            self._desk.tell()

    def _have_consequences(self) -> None:
        """Whoever was triggered comes to the market; then who cannot bear his losses is liquidated."""
        activate(self._trading)
        liquidate(self._trading)

    def _check(self, order: NewOrder) -> None:
        market = self._trading.market(order.trading_pair)
        market.check(order)
        if order.order_type is OrderType.LIMIT_MAKER and market.would_take(order.side, order.price):
            raise RefusedError("post_only_rejected", f"at {order.price} it would take")

    def _open_order(
        self, account: str, trading_pair: str, client_order_id: str | None, exchange_order_id: str | None
    ) -> Order:
        order = self.order(account, trading_pair, client_order_id=client_order_id, exchange_order_id=exchange_order_id)
        if not order.is_open:
            raise RefusedError("order_done", f"order {order.exchange_order_id} is {order.state} already")
        return order
