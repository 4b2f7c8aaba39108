"""How money moves when orders wait and are filled: assets on spot markets, margin and profit on perpetual ones."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple, Protocol

from declconn.records import Fee
from declconn.simulator.engine.accounts import Account
from declconn.simulator.engine.fees import FeeSchedule
from declconn.simulator.engine.market import Market, Plan
from declconn.simulator.engine.orders import ZERO, Order
from declconn.simulator.engine.positions import Position
from declconn.simulator.engine.refusals import RefusedError
from declconn.types import PositionAction, PositionMode, PositionSide, Side


class Fill(NamedTuple):
    """One side of a trade."""

    order: Order
    price: Decimal
    amount: Decimal
    is_taker: bool

    @property
    def value(self) -> Decimal:
        """What it is worth, in quote."""
        return self.price * self.amount


class Settlement(Protocol):
    """The money of one market."""

    def check_funds(self, account: Account, order: Order, plan: Plan) -> None:
        """Raise ``RefusedError`` (insufficient_funds) if the account cannot pay for what the order would do.

        What the order holds already counts as available.
        """
        ...

    def set_aside(self, account: Account, order: Order) -> None:
        """Hold what the rest of an order needs from now on; nothing if it is not open."""
        ...

    def settle(self, account: Account, fill: Fill) -> tuple[Fee, PositionAction | None]:
        """Pay for a fill that the order counts already, and tell what was paid for it beside."""
        ...


class SpotSettlement:
    """Who buys pays quote for base. What an open order needs is held: quote with its fee, or base.

    A market order that waits to be triggered holds its value at the trigger price.
    """

    def __init__(self, market: Market, fees: FeeSchedule, venue: Account) -> None:
        self._base, self._quote = market.rule.base, market.rule.quote
        self._fees, self._venue = fees, venue
        self._reserve = ZERO if fees.buy_deducted_from_returns else fees.highest

    def check_funds(self, account: Account, order: Order, plan: Plan) -> None:
        """See `Settlement`."""
        value = plan.value + _waiting(order, plan)
        needed = value * (1 + self._reserve) if order.side is Side.BUY else order.remaining
        _check(account, self._token(order), needed - order.hold)

    def set_aside(self, account: Account, order: Order) -> None:
        """See `Settlement`."""
        needed = ZERO
        if order.is_open:
            needed = order.waiting_value * (1 + self._reserve) if order.side is Side.BUY else order.remaining
        account.hold(self._token(order), needed - order.hold)
        order.hold = needed

    def settle(self, account: Account, fill: Fill) -> tuple[Fee, PositionAction | None]:
        """See `Settlement`."""
        self.set_aside(account, fill.order)
        sign = 1 if fill.order.side is Side.BUY else -1
        account.credit(self._base, sign * fill.amount)
        account.credit(self._quote, -sign * fill.value)
        rate = self._fees.rate(is_taker=fill.is_taker)
        pays_base = fill.order.side is Side.BUY and self._fees.buy_deducted_from_returns
        fee = Fee(fill.amount * rate, self._base) if pays_base else Fee(fill.value * rate, self._quote)
        return take_fee(account, self._venue, self._fees, fill.value * rate, fee), None

    def _token(self, order: Order) -> str:
        return self._quote if order.side is Side.BUY else self._base


class PerpetualSettlement:
    """Cross margin: positions and open orders need margin in one token, and profit is paid in it when it is taken.

    An order that waits to be triggered needs none until then.
    Profit that is not taken can neither be used nor withdrawn; such a loss counts when an account is liquidated.
    """

    def __init__(self, market: Market, fees: FeeSchedule, venue: Account) -> None:
        self._market, self._fees, self._venue = market, fees, venue

    @property
    def collateral(self) -> str:
        """What margin and profit are paid in."""
        return self._market.collateral

    def position(self, account: Account, side: PositionSide) -> Position:
        """An account's position, empty at first."""
        key = (self._market.trading_pair, side)
        if key not in account.positions:
            account.positions[key] = Position(account.name, *key, leverage=Decimal(1))
        return account.positions[key]

    def check_funds(self, account: Account, order: Order, plan: Plan) -> None:
        """See `Settlement`. Whoever reduces, or waits to be triggered, needs no margin for it."""
        side = order.asked.position_side
        is_hedging = account.position_mode is PositionMode.HEDGE
        if is_hedging is (side is PositionSide.BOTH):
            raise RefusedError("invalid_order", f"a position side of {side} in {account.position_mode} mode")
        if order.asked.reduces or order.is_untriggered:
            return
        position, value = self.position(account, side), plan.value + _waiting(order, plan) - order.hold
        buys, sells = (value, ZERO) if order.side is Side.BUY else (ZERO, value)
        fee = self._fees.highest
        more = position.margin(fee, buys=buys, sells=sells) - position.margin(fee)
        _check(account, self.collateral, more)

    def set_aside(self, account: Account, order: Order) -> None:
        """See `Settlement`."""
        position = self.position(account, order.asked.position_side)
        before = position.margin(self._fees.highest)
        position.weigh(order)
        account.hold(self.collateral, position.margin(self._fees.highest) - before)

    def settle(self, account: Account, fill: Fill) -> tuple[Fee, PositionAction | None]:
        """See `Settlement`."""
        self.set_aside(account, fill.order)
        profit, action = self.move(account, fill.order.asked.position_side, fill.order.side, fill.amount, fill.price)
        account.credit(self.collateral, profit)
        value = fill.value * self._fees.rate(is_taker=fill.is_taker)
        return take_fee(account, self._venue, self._fees, value, Fee(value, self.collateral)), action

    def move(
        self, account: Account, position_side: PositionSide, side: Side, amount: Decimal, price: Decimal
    ) -> tuple[Decimal, PositionAction | None]:
        """Change a position and the margin that it needs; what it gives is as `Position.trade` says."""
        position = self.position(account, position_side)
        before = position.margin(self._fees.highest)
        result = position.trade(side, amount, price)
        account.hold(self.collateral, position.margin(self._fees.highest) - before)
        return result

    def set_leverage(self, account: Account, leverage: Decimal) -> None:
        """Give an account's positions another leverage; raises ``RefusedError`` if their margin is not there."""
        positions, fee = [self.position(account, side) for side in PositionSide], self._fees.highest
        margins = [(position.margin(fee), replace(position, leverage=leverage).margin(fee)) for position in positions]
        more = sum((after - before for before, after in margins), ZERO)
        _check(account, self.collateral, more)
        for position in positions:
            position.leverage = leverage
        account.hold(self.collateral, more)


def take_fee(account: Account, venue: Account, fees: FeeSchedule, value: Decimal, otherwise: Fee) -> Fee:
    """Take a fee, or give a rebate.

    Args:
        value: what it is worth, in quote.
        otherwise: the fee where there is no fee token, or too little of it.
    """
    fee = otherwise
    if fees.token is not None and account.available(fees.token) >= fees.in_token(value):
        fee = Fee(fees.in_token(value), fees.token)
    assert fee.token is not None
    account.credit(fee.token, -fee.amount)
    venue.credit(fee.token, fee.amount)
    return fee


def _waiting(order: Order, plan: Plan) -> Decimal:
    """The notional of what would wait, in the book or for its trigger."""
    if order.is_untriggered:
        return order.waiting_value
    if not order.asked.rests or plan.meets_own:
        return ZERO
    return (order.remaining - plan.amount) * (order.price or ZERO)


def _check(account: Account, token: str, needed: Decimal) -> None:
    available = account.available(token)
    if needed > available:
        raise RefusedError("insufficient_funds", f"{needed} {token} are needed and {available} are available")
