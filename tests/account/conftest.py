"""What the tests of fees and budget share: a connector that is nothing but its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Context, Decimal

import pytest

from declconn.account.fee_schedule import FeeSchedule
from declconn.account.trade_fee import TokenAmount, TradeFeeBase, TradeFeeSchema
from declconn.types import PositionAction, Side

ONE_AND_TWO_PERCENT = TradeFeeSchema(
    maker_percent_fee_decimal=Decimal("0.01"), taker_percent_fee_decimal=Decimal("0.02")
)


def numbers(written: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(number) for name, number in written.items()}


@dataclass
class PaperMarket:
    """COINALPHA-HBOT and its account. Balances, asks and leverage are text; `decimals=None` takes any amount."""

    schema: TradeFeeSchema = ONE_AND_TWO_PERCENT
    balances: Mapping[str, str] = field(default_factory=dict)
    asks: Mapping[str, str] = field(default_factory=dict)
    bids: Mapping[str, str] = field(default_factory=dict)
    totals: Mapping[str, str] = field(default_factory=dict)
    decimals: int | None = None
    collateral: str | None = None
    leverage: str = "1"

    def get_balance(self, asset: str) -> Decimal:
        return Decimal(self.totals.get(asset, "0"))

    def get_available_balance(self, asset: str) -> Decimal:
        return Decimal(self.balances.get(asset, "0"))

    def get_price(self, trading_pair: str, is_buy: bool) -> Decimal | None:
        return numbers(self.asks if is_buy else self.bids).get(trading_pair)

    def quantize_order_amount(self, trading_pair: str, amount: Decimal) -> Decimal:
        if self.decimals is None:
            return amount
        return amount.quantize(Decimal(1).scaleb(-self.decimals), context=Context(100, ROUND_FLOOR))

    def get_fee(
        self, trading_pair: str, order_side: Side, *, is_maker: bool, position_action: PositionAction
    ) -> TradeFeeBase:
        margin = None if self.collateral is None else self.get_buy_collateral_token
        schedule = FeeSchedule(self.schema, collateral_token=margin)
        return schedule.get_fee(trading_pair, order_side, is_maker=is_maker, position_action=position_action)

    def get_buy_collateral_token(self, trading_pair: str) -> str:
        return self.collateral or "HBOT"

    def get_sell_collateral_token(self, trading_pair: str) -> str:
        return self.collateral or "COINALPHA"

    def get_leverage(self, trading_pair: str) -> Decimal:
        return Decimal(self.leverage)


@pytest.fixture(scope="session")
def paper_market() -> type[PaperMarket]:
    return PaperMarket


@pytest.fixture(scope="session")
def schema() -> object:
    """A schema from text: `schema(maker="0.01", flat={"HBOT": "1"}, token="PFC", deducted=True)`."""

    def written(
        maker: str = "0",
        taker: str = "0",
        token: str | None = None,
        deducted: bool = False,
        flat: tuple[tuple[str, str], ...] = (),
    ) -> TradeFeeSchema:
        fixed = tuple(TokenAmount(name, Decimal(amount)) for name, amount in flat)
        return TradeFeeSchema(token, Decimal(maker), Decimal(taker), deducted, fixed, fixed)

    return written
