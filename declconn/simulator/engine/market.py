"""One market of a simulated venue: its rule, its book, its prices, and who meets whom in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple, Self

from declconn.records import OrderBookMessage, TradingRule
from declconn.simulator.engine.limit_book import OPPOSITE, LimitBook
from declconn.simulator.engine.orders import ZERO, NewOrder, Order
from declconn.simulator.engine.refusals import RefusedError
from declconn.simulator.engine.trigger_book import TriggerBook, is_reached
from declconn.types import OrderType, PositionSide, Side, TimeInForce

MAINTENANCE = Decimal("0.005")
"""The margin, as a part of a position's value, below which an account is liquidated."""


class Match(NamedTuple):
    """A resting order, and how much of it will be filled."""

    maker: Order
    amount: Decimal


class Plan(NamedTuple):
    """What an order would do if it came now.

    Attributes:
        matches: whom it meets, in order; a reduce-only order with nothing left to reduce is not met.
        meets_own: it would meet an order of its own account next, and nobody trades with himself.
    """

    matches: list[Match]
    meets_own: bool

    @property
    def amount(self) -> Decimal:
        """How much is filled at once."""
        return sum((match.amount for match in self.matches), ZERO)

    @property
    def value(self) -> Decimal:
        """What that is worth."""
        return sum((match.amount * (match.maker.price or ZERO) for match in self.matches), ZERO)


class Market:
    """One pair.

    Args:
        rule: what is accepted; its symbol may be empty, as each spec spells it in its own way. ``Market.of`` makes one.
        is_derivative: positions are traded, not assets.
        maintenance: see ``MAINTENANCE``.

    Attributes:
        triggers: the orders that wait outside the book.
        last_price: of the last trade.
        mark_price: what margin is counted with: what was set, else the last price.
        reference_price: what trigger prices are held against: the last trade's, or a mark price that was set since.
        update_id: counts the changes of the book.
    """

    def __init__(self, rule: TradingRule, *, is_derivative: bool = False, maintenance: Decimal = MAINTENANCE) -> None:
        self.rule, self.is_derivative, self.maintenance = rule, is_derivative, maintenance
        self.trading_pair = rule.trading_pair
        self.collateral = rule.collateral_token or rule.quote
        self.book, self.triggers = LimitBook(), TriggerBook()
        self.last_price: Decimal | None = None
        self.reference_price: Decimal | None = None
        self.update_id = 0
        self._mark: Decimal | None = None

    @classmethod
    def of(cls, trading_pair: str, *, tick: Decimal, step: Decimal, max_leverage: Decimal | None = None) -> Self:
        """A market with a rule of its own.

        Args:
            trading_pair: ``BASE-QUOTE``.
            tick: the step of prices.
            step: the step of amounts, and the least amount.
            max_leverage: makes it a derivative market, with margin in the quote asset.
        """
        base, quote = trading_pair.split("-", 1)
        rule = TradingRule(
            "",
            base,
            quote,
            min_order_size=step,
            min_base_amount_increment=step,
            min_price_increment=tick,
            max_leverage=max_leverage,
            collateral_token=None if max_leverage is None else quote,
        )
        return cls(rule, is_derivative=max_leverage is not None)

    @property
    def mark_price(self) -> Decimal:
        """See the class; zero before anything was traded."""
        return self._mark or self.last_price or ZERO

    @mark_price.setter
    def mark_price(self, price: Decimal) -> None:
        self._mark = price

    def plan(self, taker: Order, position_of: Callable[[Order], Decimal]) -> Plan:
        """Whom an order would meet, by price and then by age.

        Args:
            taker: not in the book.
            position_of: the signed amount of the position that an order is about.
        """
        matches: list[Match] = []
        moved: dict[tuple[str, PositionSide], Decimal] = {}
        wanted = taker.remaining
        for maker in self._reachable(taker.side, taker.price):
            if not wanted:
                break
            if maker.account == taker.account:
                return Plan(matches, meets_own=True)
            key = (maker.account, maker.asked.position_side)
            amount = min(wanted, maker.remaining)
            sign = 1 if maker.side is Side.BUY else -1
            if maker.asked.reduces:
                amount = max(ZERO, min(amount, -sign * (position_of(maker) + moved.get(key, ZERO))))
            if amount:
                moved[key] = moved.get(key, ZERO) + sign * amount
                wanted -= amount
                matches.append(Match(maker, amount))
        return Plan(matches, meets_own=False)

    def would_take(self, side: Side, price: Decimal | None) -> bool:
        """Whether an order at this price meets any other at once."""
        return next(self._reachable(side, price), None) is not None

    def _reachable(self, side: Side, price: Decimal | None) -> Iterator[Order]:
        for maker in self.book.orders(OPPOSITE[side]):
            if price is not None and maker.price is not None and _is_beyond(maker.price, side, price):
                return
            yield maker

    def snapshot(self, timestamp: int) -> OrderBookMessage:
        """The whole book."""
        bids, asks = (self._exact(self.book.rows(side)) for side in (Side.BUY, Side.SELL))
        return OrderBookMessage(self.trading_pair, bids, asks, update_id=self.update_id, timestamp=timestamp)

    def diff(self, timestamp: int) -> OrderBookMessage | None:
        """What changed in the book since this was asked last."""
        bids, asks = (self._exact(self.book.take_changes(side)) for side in (Side.BUY, Side.SELL))
        if not bids and not asks:
            return None
        previous = self.update_id
        self.update_id += 1
        return OrderBookMessage(
            self.trading_pair,
            bids,
            asks,
            update_id=self.update_id,
            first_update_id=self.update_id,
            previous_update_id=previous,
            timestamp=timestamp,
        )

    def check(self, order: NewOrder) -> None:
        """Raise ``RefusedError`` (invalid_order) for an order that the rule does not allow."""
        rule, price = self.rule, order.price
        is_market = order.order_type is OrderType.MARKET
        if order.amount <= 0:
            raise _invalid(f"an amount of {order.amount}; it must be positive")
        if is_market is not (price is None):
            raise _invalid(f"a {order.order_type} order {'has no' if is_market else 'needs a'} price")
        if price is not None and price <= 0:
            raise _invalid(f"a price of {price}; it must be positive")
        if order.order_type is OrderType.LIMIT_MAKER and order.time_in_force is not TimeInForce.GTC:
            raise _invalid(f"a LIMIT_MAKER order that is {order.time_in_force} could never be filled")
        self._check_trigger(order)
        if _is_off(order.amount, rule.min_base_amount_increment):
            raise _invalid(f"an amount of {order.amount}; its step is {rule.min_base_amount_increment}")
        if price is not None and _is_off(price, rule.min_price_increment):
            raise _invalid(f"a price of {price}; its step is {rule.min_price_increment}")
        if rule.min_order_size is not None and order.amount < rule.min_order_size:
            raise _invalid(f"an amount of {order.amount}; the least is {rule.min_order_size}")
        if rule.max_order_size is not None and order.amount > rule.max_order_size:
            raise _invalid(f"an amount of {order.amount}; the most is {rule.max_order_size}")
        value = (price or order.trigger_price or ZERO) * order.amount
        if value and rule.min_notional_size is not None and value < rule.min_notional_size:
            raise _invalid(f"a value of {value}; the least is {rule.min_notional_size}")

    def _check_trigger(self, order: NewOrder) -> None:
        price, reference = order.trigger_price, self.reference_price
        if price is None:
            return
        if order.order_type is OrderType.LIMIT_MAKER:
            raise _invalid("a LIMIT_MAKER order with a trigger price; it may be LIMIT or MARKET")
        if price <= 0:
            raise _invalid(f"a trigger price of {price}; it must be positive")
        if _is_off(price, self.rule.min_price_increment):
            raise _invalid(f"a trigger price of {price}; its step is {self.rule.min_price_increment}")
        if reference is not None and is_reached(order, price, reference):
            raise _invalid(f"it would trigger at once: the price is {reference}, and it waits for {price}")

    def _exact(self, rows: list[tuple[Decimal, Decimal]]) -> list[tuple[Decimal, Decimal]]:
        """The rows with as many decimals as the rule's steps have, which checksums need."""
        tick, step = self.rule.min_price_increment, self.rule.min_base_amount_increment
        return [(_with_digits(price, tick), _with_digits(size, step)) for price, size in rows]


def _is_beyond(price: Decimal, side: Side, limit: Decimal) -> bool:
    return price > limit if side is Side.BUY else price < limit


def _is_off(number: Decimal, step: Decimal | None) -> bool:
    return step is not None and number % step != 0


def _with_digits(number: Decimal, step: Decimal | None) -> Decimal:
    return number if step is None else number.quantize(step)


def _invalid(text: str) -> RefusedError:
    return RefusedError("invalid_order", text)
