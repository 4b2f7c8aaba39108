"""What a trade costs: Hummingbot's schema, its two ways to take a fee, and what a fee is worth in any token."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final

from declconn.account.exact import exact, quotient
from declconn.account.rates import RateSource, UnknownRateError
from declconn.account.tokens import same_token, split_trading_pair
from declconn.errors import ConfigurationError
from declconn.types import PositionAction, Side

if TYPE_CHECKING:
    from declconn.account.market import Market
    from declconn.account.order_candidate import OrderCandidate

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class TokenAmount:
    """So many of one token."""

    token: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class TradeFeeSchema:
    """How a venue charges: shares of the traded value (0.001 is 0.1 %) and fixed amounts; negative is a rebate.

    Attributes:
        percent_fee_token: what shares are paid in; ``None``: in what the trade itself moves.
        buy_percent_fee_deducted_from_returns: a buy pays its share in what it buys, not on top of what it costs.

    Raises:
        ConfigurationError: shares are paid in a token of their own and deducted from returns at once.
    """

    percent_fee_token: str | None = None
    maker_percent_fee_decimal: Decimal = _ZERO
    taker_percent_fee_decimal: Decimal = _ZERO
    buy_percent_fee_deducted_from_returns: bool = False
    maker_fixed_fees: tuple[TokenAmount, ...] = ()
    taker_fixed_fees: tuple[TokenAmount, ...] = ()

    def __post_init__(self) -> None:
        if self.percent_fee_token is not None and self.buy_percent_fee_deducted_from_returns:
            raise ConfigurationError(
                f"fees: a share that is paid in percent_fee_token ({self.percent_fee_token}) cannot be deducted from "
                "what a buy returns; leave out one of percent_fee_token and buy_percent_fee_deducted_from_returns"
            )


@dataclass(frozen=True, slots=True)
class TradeFeeBase(ABC):
    """The fee of one trade.

    Attributes:
        percent: the share of the traded value; 0.001 is 0.1 %.
        percent_token: what the share is paid in; ``None``: in what the trade itself moves.
        flat_fees: what is paid whatever the trade is worth.
    """

    fee_type: ClassVar[str]

    percent: Decimal = _ZERO
    percent_token: str | None = None
    flat_fees: tuple[TokenAmount, ...] = ()

    @staticmethod
    def new_spot_fee(
        schema: TradeFeeSchema,
        trade_type: Side,
        percent: Decimal = _ZERO,
        percent_token: str | None = None,
        flat_fees: tuple[TokenAmount, ...] = (),
    ) -> TradeFeeBase:
        """On top of the cost for a buy, unless the venue takes it from what is bought; a sale pays from its returns."""
        on_top = not schema.buy_percent_fee_deducted_from_returns or schema.percent_fee_token is not None
        kind = AddedToCostTradeFee if trade_type is Side.BUY and on_top else DeductedFromReturnsTradeFee
        return kind(percent, percent_token, flat_fees)

    @staticmethod
    def new_perpetual_fee(
        schema: TradeFeeSchema,
        position_action: PositionAction,
        percent: Decimal = _ZERO,
        percent_token: str | None = None,
        flat_fees: tuple[TokenAmount, ...] = (),
    ) -> TradeFeeBase:
        """On top of the margin when a position opens, from what is set free when it closes."""
        on_top = position_action is PositionAction.OPEN or schema.percent_fee_token is not None
        kind = AddedToCostTradeFee if on_top else DeductedFromReturnsTradeFee
        return kind(percent, percent_token, flat_fees)

    def fee_amount_in_quote(
        self, trading_pair: str, price: Decimal, order_amount: Decimal, rates: RateSource | None = None
    ) -> Decimal:
        """What the whole fee is worth in the quote asset; see ``fee_amount_in_token``."""
        return self.fee_amount_in_token(trading_pair, price, order_amount, split_trading_pair(trading_pair)[1], rates)

    @exact
    def fee_amount_in_token(
        self, trading_pair: str, price: Decimal, order_amount: Decimal, token: str, rates: RateSource | None = None
    ) -> Decimal:
        """What the whole fee is worth in a token.

        Between base and quote the trade's own price is the rate; only a third token needs ``rates``.

        Args:
            price: of the trade, quote per base.
            order_amount: what was traded, in base units.

        Raises:
            UnknownRateError: a third token is involved and ``rates`` does not know it.
        """
        base, quote = split_trading_pair(trading_pair)
        parts = list(self.flat_fees)
        if self.percent:
            # Said in the asset that is asked for, the share needs no division.
            value = (base, order_amount) if same_token(token, base) else (quote, order_amount * price)
            parts.append(TokenAmount(value[0], value[1] * self.percent))
        return sum((_worth(part, trading_pair, price, token, rates) for part in parts), _ZERO)

    @abstractmethod
    def get_fee_impact_on_order_cost(self, candidate: OrderCandidate, market: Market) -> TokenAmount | None:
        """What the share costs on top of what the order costs; ``None`` if it does not."""

    @abstractmethod
    def get_fee_impact_on_order_returns(self, candidate: OrderCandidate, market: Market) -> Decimal | None:
        """What the share takes from what the order returns, in the token of the returns; ``None`` if it does not."""

    def to_json(self) -> dict[str, Any]:
        """Hummingbot's shape, decimals as text; ``from_json`` reads it."""
        return {
            "fee_type": self.fee_type,
            "percent": str(self.percent),
            "percent_token": self.percent_token,
            "flat_fees": [{"token": fee.token, "amount": str(fee.amount)} for fee in self.flat_fees],
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> TradeFeeBase:
        """The fee that ``to_json`` wrote.

        Raises:
            ConfigurationError: the type of the fee is none that is known here.
        """
        kind = _FEE_TYPES.get(data["fee_type"])
        if kind is None:
            raise ConfigurationError(f"fee_type: found {data['fee_type']!r}, expected one of {', '.join(_FEE_TYPES)}")
        flat_fees = tuple(TokenAmount(fee["token"], Decimal(fee["amount"])) for fee in data["flat_fees"])
        return kind(Decimal(data["percent"]), data["percent_token"], flat_fees)


@dataclass(frozen=True, slots=True)
class AddedToCostTradeFee(TradeFeeBase):
    """Paid on top: 10 bought at 9 with 1 % cost 90.9, and 10 are received."""

    fee_type: ClassVar[str] = "AddedToCost"

    @exact
    def get_fee_impact_on_order_cost(self, candidate: OrderCandidate, market: Market) -> TokenAmount | None:
        if not self.percent:
            return None
        token = self.percent_token or candidate.cost_token
        return TokenAmount(token, candidate.value_in(token, market) * self.percent)

    def get_fee_impact_on_order_returns(self, candidate: OrderCandidate, market: Market) -> Decimal | None:
        return None


@dataclass(frozen=True, slots=True)
class DeductedFromReturnsTradeFee(TradeFeeBase):
    """Kept back: 10 bought at 9 with 1 % cost 90, and 9.9 are received."""

    fee_type: ClassVar[str] = "DeductedFromReturns"

    def get_fee_impact_on_order_cost(self, candidate: OrderCandidate, market: Market) -> TokenAmount | None:
        return None

    @exact
    def get_fee_impact_on_order_returns(self, candidate: OrderCandidate, market: Market) -> Decimal | None:
        if not self.percent or candidate.potential_returns is None:
            return None
        return candidate.potential_returns.amount * self.percent


_FEE_TYPES: Final[Mapping[str, type[TradeFeeBase]]] = {
    kind.fee_type: kind for kind in (AddedToCostTradeFee, DeductedFromReturnsTradeFee)
}


def _worth(part: TokenAmount, trading_pair: str, price: Decimal, token: str, rates: RateSource | None) -> Decimal:
    base, quote = split_trading_pair(trading_pair)
    if same_token(part.token, token):
        return part.amount
    if same_token(part.token, base) and same_token(token, quote):
        return part.amount * price
    if same_token(part.token, quote) and same_token(token, base) and price > 0:
        return quotient(part.amount, price)
    rate = rates.rate(part.token, token) if rates is not None else None
    if rate is None:
        raise UnknownRateError(part.token, token, f"a fee of {part.amount} {part.token} on {trading_pair}")
    return part.amount * rate
