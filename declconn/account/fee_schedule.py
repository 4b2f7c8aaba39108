"""The fees of an account: what the spec says, what the venue says of this account, what the user says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from declconn.account.tokens import split_trading_pair
from declconn.account.trade_fee import TokenAmount, TradeFeeBase, TradeFeeSchema
from declconn.records import TradeUpdate, TradingFee
from declconn.types import PositionAction, Side


@dataclass(frozen=True, slots=True)
class FeeOverrides:
    """What a user knows better about the own fees, in Hummingbot's six words; ``None``: as it is.

    Attributes:
        maker_percent_fee, taker_percent_fee: in percent: 0.1 is 0.1 %.
        percent_fee_token: also means that a buy's share is not deducted from its returns, unless that is said too.
    """

    percent_fee_token: str | None = None
    maker_percent_fee: Decimal | None = None
    taker_percent_fee: Decimal | None = None
    buy_percent_fee_deducted_from_returns: bool | None = None
    maker_fixed_fees: tuple[TokenAmount, ...] | None = None
    taker_fixed_fees: tuple[TokenAmount, ...] | None = None

    def applied_to(self, schema: TradeFeeSchema) -> TradeFeeSchema:
        """The schema with what is said here.

        Raises:
            ConfigurationError: together they do not make a schema.
        """
        deducted = self.buy_percent_fee_deducted_from_returns
        said: dict[str, Any] = {
            "percent_fee_token": self.percent_fee_token,
            "maker_percent_fee_decimal": _share(self.maker_percent_fee),
            "taker_percent_fee_decimal": _share(self.taker_percent_fee),
            "buy_percent_fee_deducted_from_returns": False if deducted is None and self.percent_fee_token else deducted,
            "maker_fixed_fees": self.maker_fixed_fees,
            "taker_fixed_fees": self.taker_fixed_fees,
        }
        return replace(schema, **{name: value for name, value in said.items() if value is not None})


NO_OVERRIDES: Final = FeeOverrides()


class FeeSchedule:
    """What trades of an account cost: the user's word goes before the venue's, and that before the spec's.

    Args:
        schema: what the spec says.
        overrides: what the user says.
        collateral_token: of a derivative: what the margin of a pair is in; ``None`` on a spot market.
    """

    def __init__(
        self,
        schema: TradeFeeSchema,
        overrides: FeeOverrides = NO_OVERRIDES,
        collateral_token: Callable[[str], str] | None = None,
    ) -> None:
        self._schema, self._overrides, self._collateral_token = schema, overrides, collateral_token
        self._everywhere = overrides.applied_to(schema)
        self._by_pair: dict[str, TradeFeeSchema] = {}

    def update_trading_fees(self, fees: Iterable[TradingFee]) -> None:
        """Take what the venue says of this account; a fee without a market is that of all the others."""
        for fee in fees:
            schema = self._overrides.applied_to(
                replace(self._schema, maker_percent_fee_decimal=fee.maker, taker_percent_fee_decimal=fee.taker)
            )
            if fee.trading_pair is None:
                self._everywhere = schema
            else:
                self._by_pair[fee.trading_pair] = schema

    def trade_fee_schema(self, trading_pair: str) -> TradeFeeSchema:
        """How the venue charges this account on a market."""
        return self._by_pair.get(trading_pair, self._everywhere)

    def get_fee(
        self,
        trading_pair: str,
        order_side: Side,
        *,
        is_maker: bool,
        position_action: PositionAction = PositionAction.NIL,
    ) -> TradeFeeBase:
        """What a trade would cost."""
        schema = self.trade_fee_schema(trading_pair)
        percent = schema.maker_percent_fee_decimal if is_maker else schema.taker_percent_fee_decimal
        flat_fees = schema.maker_fixed_fees if is_maker else schema.taker_fixed_fees
        return self._new_fee(schema, order_side, position_action, percent, schema.percent_fee_token, flat_fees)

    def fee_of_fill(
        self,
        fill: TradeUpdate,
        trading_pair: str,
        order_side: Side,
        position_action: PositionAction = PositionAction.NIL,
    ) -> TradeFeeBase:
        """What a fill did cost: what the venue says of it, or else what this schedule says.

        A fee without a token is in the quote asset, on a derivative in the collateral token. A fill that does not say
        who was the maker is charged as the taker's.
        """
        if not fill.fee:
            is_maker = fill.is_taker is False
            return self.get_fee(trading_pair, order_side, is_maker=is_maker, position_action=position_action)
        token = self._fee_token(trading_pair)
        flat_fees = tuple(TokenAmount(fee.token or token, fee.amount) for fee in fill.fee)
        schema = self.trade_fee_schema(trading_pair)
        return self._new_fee(schema, order_side, position_action, flat_fees=flat_fees)

    def _fee_token(self, trading_pair: str) -> str:
        if self._collateral_token is None:
            return split_trading_pair(trading_pair)[1]
        return self._collateral_token(trading_pair)

    def _new_fee(
        self,
        schema: TradeFeeSchema,
        order_side: Side,
        position_action: PositionAction,
        percent: Decimal = Decimal(0),
        percent_token: str | None = None,
        flat_fees: tuple[TokenAmount, ...] = (),
    ) -> TradeFeeBase:
        if self._collateral_token is None:
            return TradeFeeBase.new_spot_fee(schema, order_side, percent, percent_token, flat_fees)
        return TradeFeeBase.new_perpetual_fee(schema, position_action, percent, percent_token, flat_fees)


def _share(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else percent.scaleb(-2)
