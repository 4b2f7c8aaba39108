"""Orders carried out: who trades with whom, what that changes, and what is told of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from declconn.errors import ConfigurationError
from declconn.records import Trade, TradeUpdate
from declconn.simulator.engine.accounts import Account
from declconn.simulator.engine.fees import FeeSchedule
from declconn.simulator.engine.limit_book import LimitBook
from declconn.simulator.engine.market import Market, Plan
from declconn.simulator.engine.news import NewsDesk
from declconn.simulator.engine.orders import ZERO, NewOrder, Order
from declconn.simulator.engine.positions import Position
from declconn.simulator.engine.refusals import RefusedError
from declconn.simulator.engine.settlement import Fill, PerpetualSettlement, Settlement, SpotSettlement
from declconn.simulator.engine.trigger_book import TriggerBook
from declconn.types import OrderState, TimeInForce

VENUE = "venue"
"""The account that takes fees, pays rebates, and takes over the positions of who is liquidated."""

OWN: Final = "self-trade: it would have met an order of its own account"
UNFILLED: Final = "what could not be filled at once does not wait"
IDLE: Final = "reduce only: there is nothing left to reduce"
LIQUIDATED: Final = "liquidation: the account's margin is too small"
"""Why the venue ends an order."""


class Trading:
    """What the matching engine does inside, after every question was asked.

    Attributes:
        accounts: by name, ``VENUE`` among them.
        markets, settlements, perpetuals: by trading pair; ``perpetuals`` are the settlements of derivative markets.
        triggered: orders whose price was reached and that did not come to the market yet, in the order of their turn.
    """

    def __init__(self, markets: Iterable[Market], fees: FeeSchedule, desk: NewsDesk) -> None:
        self.accounts: dict[str, Account] = {VENUE: Account(VENUE, {})}
        self.markets: dict[str, Market] = {}
        self.settlements: dict[str, Settlement] = {}
        self.perpetuals: dict[str, PerpetualSettlement] = {}
        self.desk = desk
        self.triggered: deque[Order] = deque()
        self._orders = 0
        self._trades = 0
        for market in markets:
            self._add(market, fees)

    def _add(self, market: Market, fees: FeeSchedule) -> None:
        pair, venue = market.trading_pair, self.accounts[VENUE]
        if pair in self.markets:
            raise ConfigurationError(f"there are two markets of {pair}")
        self.markets[pair] = market
        if market.is_derivative:
            self.perpetuals[pair] = PerpetualSettlement(market, fees, venue)
        self.settlements[pair] = self.perpetuals.get(pair) or SpotSettlement(market, fees, venue)

    def market(self, trading_pair: str) -> Market:
        """A market. Raises ``RefusedError`` (invalid_order) if there is none."""
        if trading_pair not in self.markets:
            there = ", ".join(self.markets)
            raise RefusedError("invalid_order", f"there is no market {trading_pair}; there are {there}")
        return self.markets[trading_pair]

    def perpetual(self, trading_pair: str) -> PerpetualSettlement:
        """The money of a derivative market. Raises ``RefusedError`` (invalid_order) if it is none."""
        self.market(trading_pair)
        if trading_pair not in self.perpetuals:
            raise RefusedError("invalid_order", f"{trading_pair} is no market with positions")
        return self.perpetuals[trading_pair]

    def next_order_id(self) -> str:
        """An id that no order has."""
        self._orders += 1
        return str(self._orders)

    def next_trade_id(self) -> str:
        """An id that no trade has."""
        self._trades += 1
        return str(self._trades)

    # -- orders

    def plan(self, order: Order) -> Plan:
        """Whom an order would meet now.

        A FOK order meets nobody if it could not be filled whole, and an untriggered one nobody at all.
        """
        if order.is_untriggered:
            return Plan([], meets_own=False)
        plan = self.markets[order.asked.trading_pair].plan(order, self._amount_of)
        is_short = order.asked.time_in_force is TimeInForce.FOK and plan.amount < order.remaining
        return Plan([], plan.meets_own) if is_short else plan

    def register(self, order: Order) -> None:
        """Begin to know an order."""
        owner = self.accounts[order.account]
        owner.orders[order.exchange_order_id] = owner.open_orders[order.exchange_order_id] = order
        if order.asked.client_order_id is not None:
            owner.by_client_id[order.asked.client_order_id] = order
        self.tell(order)

    def play(self, order: Order, plan: Plan) -> None:
        """Carry out a plan; then let the rest wait, or end it."""
        for maker, amount in plan.matches:
            self._trade(order, maker, amount)
        if not order.is_open:
            return
        if order.is_untriggered or (order.asked.rests and not plan.meets_own):
            self._waiting_room(order).add(order)
            self.set_aside(order)
        else:
            self.close(order, OWN if plan.meets_own else UNFILLED)

    def change(self, order: Order, to: Order, *, keeps_place: bool) -> None:
        """Give a waiting order the amount and prices of another; one that loses its place is taken out to be played."""
        if keeps_place:
            self.markets[order.asked.trading_pair].book.note(order)
        else:
            self._waiting_room(order).remove(order)
        order.amount, order.price, order.trigger_price = to.amount, to.price, to.trigger_price
        order.updated = self.desk.next_time()
        self.set_aside(order)
        self.tell(order)

    def end(self, order: Order, reason: str | None = None) -> None:
        """Cancel an order that waits; without a reason its owner wants it so."""
        self._waiting_room(order).remove(order)
        self.close(order, reason)

    def close(self, order: Order, reason: str | None) -> None:
        """End an order that waits nowhere."""
        order.state, order.reason, order.updated = OrderState.CANCELED, reason, self.desk.next_time()
        del self.accounts[order.account].open_orders[order.exchange_order_id]
        self.set_aside(order)
        self.tell(order)

    def move_to(self, market: Market, price: Decimal) -> None:
        """A market's price is another: those who waited for it have their turn."""
        market.reference_price = price
        self.triggered.extend(market.triggers.take(price))

    def reducible(self, owner: Account, order: NewOrder, amount: Decimal) -> Decimal:
        """An order's amount, cut to what there is to reduce. Raises ``RefusedError`` (invalid_order) for nothing."""
        if not order.reduces:
            return amount
        position = owner.positions.get((order.trading_pair, order.position_side))
        closable = position.closable(order.side) if position else ZERO
        if not closable:
            raise RefusedError("invalid_order", f"there is no position that a {order.side} order reduces")
        return min(amount, closable)

    def set_aside(self, order: Order) -> None:
        """Bring what is held for an order in line with it."""
        self.settlements[order.asked.trading_pair].set_aside(self.accounts[order.account], order)

    def tell(self, order: Order) -> None:
        """Tell its owner all that is known of an order."""
        self.desk.add(order.account, order.update)

    def tell_changes(self) -> None:
        """Tell what became of balances and books."""
        for account in self.accounts.values():
            for balance in account.take_changes():
                self.desk.add(account.name, balance)
        for market in self.markets.values():
            diff = market.diff(self.desk.time)
            if diff is not None:
                self.desk.add(None, diff)

    def record(self, fill: Fill, trade_id: str, time: int) -> None:
        """Count a fill, pay for it, and tell it."""
        order, owner = fill.order, self.accounts[fill.order.account]
        pair = order.asked.trading_pair
        order.take(fill.amount, fill.value, time)
        if not order.is_open:
            del owner.open_orders[order.exchange_order_id]
        fee, action = self.settlements[pair].settle(owner, fill)
        update = TradeUpdate(
            trade_id,
            fill.price,
            fill.amount,
            client_order_id=order.asked.client_order_id,
            exchange_order_id=order.exchange_order_id,
            trading_pair=pair,
            side=order.side,
            quote_amount=fill.value,
            fee=(fee,),
            is_taker=fill.is_taker,
            position_action=action,
            position_side=order.asked.position_side if pair in self.perpetuals else None,
            timestamp=time,
        )
        order.fills.append(update)
        owner.fills.append(update)
        self.desk.add(owner.name, update)
        self.tell(order)

    def _trade(self, taker: Order, maker: Order, amount: Decimal) -> None:
        market, time, price = self.markets[taker.asked.trading_pair], self.desk.next_time(), maker.price
        assert price is not None, "whoever waits has a price"
        market.last_price, trade_id = price, self.next_trade_id()
        self.move_to(market, price)
        self.desk.add(None, Trade(market.trading_pair, price, amount, taker.side, trade_id, time))
        if amount == maker.remaining:
            market.book.remove(maker)
        for order in (taker, maker):
            self.record(Fill(order, price, amount, order is taker), trade_id, time)
        market.book.note(maker)
        for position in self._positions_of(taker, maker):
            self.desk.add(position.account, position.update(market.mark_price))
            self._end_idle(position, besides=taker)

    def _waiting_room(self, order: Order) -> LimitBook | TriggerBook:
        market = self.markets[order.asked.trading_pair]
        return market.triggers if order.is_untriggered else market.book

    def _end_idle(self, position: Position, besides: Order) -> None:
        """Orders that only reduce end with what they reduce."""
        for order in list(position.reducers.values()):
            if order is not besides and not position.closable(order.side):
                self.end(order, IDLE)

    def _positions_of(self, *orders: Order) -> Iterator[Position]:
        for order in orders:
            key = (order.asked.trading_pair, order.asked.position_side)
            if position := self.accounts[order.account].positions.get(key):
                yield position

    def _amount_of(self, order: Order) -> Decimal:
        """The signed amount of the position that an order is about."""
        return next((position.amount for position in self._positions_of(order)), ZERO)
