"""New orders: in the market's steps, and held against what the venue takes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from declconn.account.client_order_ids import ClientOrderIds
from declconn.account.given import positive, word
from declconn.account.in_flight_order import InFlightOrder
from declconn.account.order_rules import check_order, quantize_amount, quantize_price
from declconn.clock import Clock
from declconn.connector.market_prices import MarketPrices
from declconn.connector.offered_orders import require_offered
from declconn.connector.symbols import Symbols
from declconn.errors import InvalidOrderError
from declconn.records import TradingRule
from declconn.spec import models
from declconn.spec.order_terms import Terms, offered
from declconn.types import OrderType, PositionAction, Side, TimeInForce, Trigger

PRICED: Final = frozenset({OrderType.LIMIT, OrderType.LIMIT_MAKER})
"""Types whose price is the user's."""


class NewOrders:
    """Makes orders of what users hand in, and checks them.

    Args:
        orders: what the venue offers.
        symbols: trading rules.
        prices: what market orders would cost now.
        ids: makes client order ids.
        is_used: whether some order has a client id.
        clock: when an order was made.
    """

    def __init__(
        self,
        orders: models.Orders | None,
        *,
        symbols: Symbols,
        prices: MarketPrices,
        ids: ClientOrderIds,
        is_used: Callable[[str], bool],
        clock: Clock,
    ) -> None:
        self._offered = offered(orders).keys()
        self._symbols, self._prices, self._ids, self._is_used, self._clock = symbols, prices, ids, is_used, clock

    def make(
        self,
        trade_type: Side,
        trading_pair: str,
        amount: Decimal,
        order_type: OrderType,
        price: Decimal | None,
        *,
        time_in_force: TimeInForce = TimeInForce.GTC,
        trigger_price: Decimal | None = None,
        trigger: Trigger | None = None,
        leverage: Decimal = Decimal(1),
        position: PositionAction = PositionAction.NIL,
    ) -> InFlightOrder:
        """An order in the venue's steps, with an id of its own; nothing is kept or sent yet.

        Raises:
            UnknownPairError: the venue does not list the pair.
            InvalidOrderError: the amount or a price is not a ``Decimal``, or not a positive number; one of the words is
                none; or they contradict each other.
        """
        rule = self._symbols.rule(trading_pair)
        terms = _terms(trade_type, order_type, time_in_force, trigger_price, trigger)
        position = word("position_action", position, PositionAction)
        price = price_in_steps(rule, price) if terms.order_type in PRICED else None
        trigger_price = None if trigger_price is None else price_in_steps(rule, trigger_price, "trigger_price")
        return InFlightOrder(
            client_order_id=self._new_id(terms.side, trading_pair),
            trading_pair=trading_pair,
            order_type=terms.order_type,
            trade_type=terms.side,
            amount=amount_in_steps(rule, amount, self._reference(trading_pair, terms.side, price, trigger_price)),
            price=price,
            time_in_force=terms.time_in_force,
            trigger_price=trigger_price,
            trigger=terms.trigger,
            creation_timestamp=self._clock.time_ns(),
            leverage=leverage,
            position=position,
        )

    def check(self, order: InFlightOrder) -> None:
        """See that the venue would take an order.

        Raises:
            InvalidOrderError: it breaks a trading rule.
            NotSupportedError: the venue has no orders of this type, time in force or trigger.
        """
        require_offered(Terms(order.order_type, order.trade_type, order.time_in_force, order.trigger), self._offered)
        pair, side, price, trigger_price = order.trading_pair, order.trade_type, order.price, order.trigger_price
        reference = self._reference(pair, side, price, trigger_price)
        rule = self._symbols.rule(pair)
        check_order(rule, order.order_type, side, order.amount, price, reference, trigger_price)

    def _reference(self, pair: str, side: Side, price: Decimal | None, trigger_price: Decimal | None) -> Decimal | None:
        """What an order is expected to trade at: a market order at its trigger price, or at the best price now."""
        if price is not None:
            return price
        return trigger_price if trigger_price is not None else self._prices.best(pair, side)

    def _new_id(self, trade_type: Side, trading_pair: str) -> str:
        """An id that no order has. Short numbers run ahead of the clock, so a process before us may have had them."""
        while True:
            client_order_id = self._ids.next(trade_type, trading_pair)
            if not self._is_used(client_order_id):
                return client_order_id


def price_in_steps(rule: TradingRule, price: object, what: str = "price") -> Decimal:
    """A price, rounded as the market wants it; one that would be 0 stays, so that its refusal says what was asked."""
    asked = positive(what, price)
    return quantize_price(rule, asked) or asked


def amount_in_steps(rule: TradingRule, amount: object, at: Decimal | None) -> Decimal:
    """An amount, rounded as the market wants it; one that would be 0 stays, as with prices."""
    asked = positive("amount", amount)
    return quantize_amount(rule, asked, at) or asked


def _terms(side: object, order_type: object, time_in_force: object, trigger_price: object, trigger: object) -> Terms:
    """What a user's words say of an order.

    Raises:
        InvalidOrderError: one is none, or they contradict each other.
    """
    time = word("time_in_force", time_in_force, TimeInForce)
    when = Trigger.STOP if trigger is None else word("trigger", trigger, Trigger)
    terms = Terms(word("order_type", order_type, OrderType), word("trade_type", side, Side), time)
    if terms.order_type is OrderType.LIMIT_MAKER and time is not TimeInForce.GTC:
        raise InvalidOrderError(
            f"time_in_force: found {time} of a LIMIT_MAKER order, which only waits; place a LIMIT order"
        )
    if trigger_price is None and trigger is not None:
        raise InvalidOrderError(f"trigger: found {when} without a price; say trigger_price, or leave both out")
    return terms if trigger_price is None else terms._replace(trigger=when)
