"""An order of a derivative that somebody thinks of placing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from declconn.account.market import Market
from declconn.account.order_candidate import C, OrderCandidate, collateral_token
from declconn.account.trade_fee import TokenAmount
from declconn.errors import InvalidOrderError
from declconn.types import OrderType, PositionAction, Side  # noqa: F401 (whoever reads __init__'s hints needs OrderType)


@dataclass(frozen=True)
class PerpetualOrderCandidate(OrderCandidate):
    """An order that opens a position with a margin, or closes one.

    One that opens needs its value divided by the leverage, and the fee on its whole value; it returns nothing.
    One that closes needs nothing, whatever the balance is, and returns its value less the fee. A fee that is paid in
    another token takes nothing from the returns; it is ``percent_fee_value``.

    Attributes:
        leverage: ``None``: as it is set for the market.
        position_close: it closes a position.

    Raises:
        InvalidOrderError: as for any order, and where the leverage is not above 0.
    """

    leverage: Decimal | None = None
    position_close: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.leverage is not None and not self.leverage > 0:
            raise InvalidOrderError(f"{self.trading_pair}: leverage {self.leverage}: expected a number above 0")

    @property
    def position_action(self) -> PositionAction:
        return PositionAction.CLOSE if self.position_close else PositionAction.OPEN

    @property
    def collateral_dict(self) -> dict[str, Decimal]:
        return {} if self.position_close else super().collateral_dict

    def _collateral(self, market: Market) -> TokenAmount | None:
        return None if self.position_close else super()._collateral(market)

    def _leverage(self, market: Market) -> Decimal:
        return self.leverage if self.leverage is not None else super()._leverage(market)

    def _returns(self, market: Market) -> TokenAmount | None:
        if not self.position_close:
            return None
        # A sale closes what a buy opened, so what comes back is what the buy put in.
        opened_by = Side.SELL if self.order_side is Side.BUY else Side.BUY
        token = collateral_token(opened_by, self.trading_pair, market)
        return TokenAmount(token, self.value_in(token, market))

    def _with_share(self: C, on_top: TokenAmount | None, deducted: Decimal | None) -> C:
        returns = self.potential_returns
        if returns is None:
            return super()._with_share(on_top, deducted)
        if on_top is not None and on_top.token != returns.token:
            return replace(self, percent_fee_value=on_top)
        share = on_top.amount if on_top is not None else deducted or Decimal(0)
        return replace(self, potential_returns=TokenAmount(returns.token, returns.amount - share))
