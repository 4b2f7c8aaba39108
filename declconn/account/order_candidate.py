"""An order that somebody thinks of placing: what it would need, cost and return."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from declconn.account.exact import exact, quotient_up
from declconn.account.given import number, word
from declconn.account.market import Market, cost_of
from declconn.account.tokens import same_token, split_trading_pair
from declconn.account.trade_fee import TokenAmount
from declconn.errors import InvalidOrderError
from declconn.types import OrderType, PositionAction, Side

C = TypeVar("C", bound="OrderCandidate")


@dataclass(frozen=True)  # no slots: `super()` in a kind of it would look for the class before it got them
class OrderCandidate:
    """An order of a spot market before it is placed.

    Attributes:
        amount: base units.
        price: quote per base; of a market order the price that is expected.
        from_total_balances: measure it against all that the account holds, not only what is available.
        order_collateral: what the venue holds for the order, without fees.
        percent_fee_collateral: the share that must be there on top of it.
        percent_fee_value: what the share is, on top or deducted; negative is a rebate.
        fixed_fee_collaterals: the fixed fees, which must be there too.
        potential_returns: what a complete fill brings, after what is deducted.
        resized: a budget checker made it smaller.

    Raises:
        InvalidOrderError: the amount is no ``Decimal`` from 0, or the price none above 0; or a word is unknown.
    """

    trading_pair: str
    is_maker: bool
    order_type: OrderType
    order_side: Side
    amount: Decimal
    price: Decimal
    from_total_balances: bool = False
    order_collateral: TokenAmount | None = None
    percent_fee_collateral: TokenAmount | None = None
    percent_fee_value: TokenAmount | None = None
    fixed_fee_collaterals: tuple[TokenAmount, ...] = ()
    potential_returns: TokenAmount | None = None
    resized: bool = False

    def __post_init__(self) -> None:
        given = {
            "order_type": word("order_type", self.order_type, OrderType),
            "order_side": word("order_side", self.order_side, Side),
            "amount": number(f"{self.trading_pair}: amount", self.amount),
            "price": number(f"{self.trading_pair}: price", self.price),
        }
        for name, value in given.items():
            object.__setattr__(self, name, value)  # the class is frozen
        if not (self.amount.is_finite() and self.amount >= 0):
            raise InvalidOrderError(
                f"{self.trading_pair}: amount {self.amount}: expected a number from 0, in base units"
            )
        if not (self.price.is_finite() and self.price > 0):
            raise InvalidOrderError(
                f"{self.trading_pair}: price {self.price}: expected a number above 0; "
                "for a market order take the price that is expected, such as get_price()"
            )

    @property
    def position_action(self) -> PositionAction:
        """Whether a position is opened or closed; a spot order does neither."""
        return PositionAction.NIL

    @property
    def cost_token(self) -> str:
        """What the order is paid with; for one that needs nothing, the quote asset."""
        return self.order_collateral.token if self.order_collateral else split_trading_pair(self.trading_pair)[1]

    @property
    def scaling_dict(self) -> dict[str, Decimal]:
        """What must be there by token and grows with the amount."""
        return _added(self.order_collateral, self.percent_fee_collateral)

    @property
    def collateral_dict(self) -> dict[str, Decimal]:
        """All that must be there, by token."""
        return _added(self.order_collateral, self.percent_fee_collateral, *self.fixed_fee_collaterals)

    @exact
    def value_in(self, token: str, market: Market) -> Decimal:
        """What the whole order is worth in a token, leverage aside.

        Raises:
            UnknownRateError: the market has no price between the quote asset and this token.
        """
        base, quote = split_trading_pair(self.trading_pair)
        if same_token(token, quote):
            return self.amount * self.price
        if same_token(token, base):
            return self.amount
        return self.amount * self.price * cost_of(quote, token, market, f"an order of {self.trading_pair}")

    @exact
    def populate_collateral_entries(self: C, market: Market) -> C:
        """A copy in which everything that it needs, costs and returns is filled in."""
        fee = market.get_fee(
            self.trading_pair, self.order_side, is_maker=self.is_maker, position_action=self.position_action
        )
        before_share = replace(
            self,
            order_collateral=self._collateral(market),
            percent_fee_collateral=None,
            percent_fee_value=None,
            fixed_fee_collaterals=tuple(fixed for fixed in fee.flat_fees if fixed.amount > 0),
            potential_returns=self._returns(market),
        )
        return before_share._with_share(
            fee.get_fee_impact_on_order_cost(before_share, market),
            fee.get_fee_impact_on_order_returns(before_share, market),
        )

    def set_to_zero(self: C) -> C:
        """A copy of amount 0, which needs, costs and returns nothing."""
        return replace(
            self,
            amount=Decimal(0),
            order_collateral=None,
            percent_fee_collateral=None,
            percent_fee_value=None,
            fixed_fee_collaterals=(),
            potential_returns=None,
        )

    def _collateral(self, market: Market) -> TokenAmount | None:
        token = collateral_token(self.order_side, self.trading_pair, market)
        return TokenAmount(token, quotient_up(self.value_in(token, market), self._leverage(market)))

    def _leverage(self, market: Market) -> Decimal:
        return market.get_leverage(self.trading_pair)

    def _returns(self, market: Market) -> TokenAmount | None:
        token = split_trading_pair(self.trading_pair)[0 if self.order_side is Side.BUY else 1]
        return TokenAmount(token, self.value_in(token, market))

    def _with_share(self: C, on_top: TokenAmount | None, deducted: Decimal | None) -> C:
        if on_top is not None:
            # A rebate comes after the fill: it never makes an order need less.
            needed = on_top if on_top.amount > 0 else None
            return replace(self, percent_fee_collateral=needed, percent_fee_value=on_top)
        if deducted is None or self.potential_returns is None:
            return self
        token, amount = self.potential_returns.token, self.potential_returns.amount
        return replace(
            self,
            percent_fee_value=TokenAmount(token, deducted),
            potential_returns=TokenAmount(token, amount - deducted),
        )


@exact
def _added(*parts: TokenAmount | None) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for part in parts:
        if part is not None:
            total[part.token] = total.get(part.token, Decimal(0)) + part.amount
    return total


def collateral_token(side: Side, trading_pair: str, market: Market) -> str:
    """What an order of this side is paid with, or what its margin is in."""
    if side is Side.BUY:
        return market.get_buy_collateral_token(trading_pair)
    return market.get_sell_collateral_token(trading_pair)
