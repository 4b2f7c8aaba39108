"""What the budget asks of a connector."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from declconn.account.exact import quotient_up
from declconn.account.rates import UnknownRateError
from declconn.account.trade_fee import TradeFeeBase
from declconn.types import PositionAction, Side


class Market(Protocol):
    """A connector, as an order candidate and a budget checker see it.

    A spot market is one whose collateral is the quote asset for a buy and the base asset for a sale, with leverage 1.
    """

    def get_balance(self, asset: str) -> Decimal:
        """All of an asset that the account holds; 0 for an asset it does not."""
        ...

    def get_available_balance(self, asset: str) -> Decimal:
        """What of it no order holds."""
        ...

    def get_price(self, trading_pair: str, is_buy: bool) -> Decimal | None:
        """The best ask for a buy, the best bid for a sale; ``None`` where nobody knows it now."""
        ...

    def quantize_order_amount(self, trading_pair: str, amount: Decimal, price: Decimal) -> Decimal:
        """The amount rounded down to the venue's steps; they are steps in quote where it counts in quote."""
        ...

    def get_fee(
        self, trading_pair: str, order_side: Side, *, is_maker: bool, position_action: PositionAction
    ) -> TradeFeeBase:
        """What such a trade would cost; the action is ``NIL`` on a spot market."""
        ...

    def get_buy_collateral_token(self, trading_pair: str) -> str:
        """What a buy is paid with, or what its margin is in."""
        ...

    def get_sell_collateral_token(self, trading_pair: str) -> str:
        """What a sale is paid with, or what its margin is in."""
        ...

    def get_leverage(self, trading_pair: str) -> Decimal:
        """How much more an order may be worth than its collateral; 1 on a spot market."""
        ...


def cost_of(token: str, paid_in: str, market: Market, wanted_for: str) -> Decimal:
    """What one of a token costs in another at the market's worse price, so that what is needed is never too little.

    Raises:
        UnknownRateError: the market knows a price of these two neither way.
    """
    ask = market.get_price(f"{token}-{paid_in}", True)
    if ask is not None:
        return ask
    bid = market.get_price(f"{paid_in}-{token}", False)
    if not bid:
        raise UnknownRateError(token, paid_in, wanted_for)
    return quotient_up(Decimal(1), bid)
