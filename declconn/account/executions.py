"""What was executed of one order: its fills, each counted once, and their sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from declconn.account.exact import EXACT, quotient
from declconn.account.rates import RateSource
from declconn.account.trade_fee import TradeFeeBase
from declconn.log import get_logger
from declconn.records import TradeUpdate

logger = get_logger("declconn.orders")

_ZERO: Final = Decimal(0)
_ROUNDING: Final = Decimal("1e-9")
"""Fills within this part of an amount are all of it: what was counted in contracts may be rounded."""


class Executions:
    """The fills of one order.

    Attributes:
        fills: by trade id, in the order in which they came.
        fees: what each of them cost, by trade id.
        base, quote: the sums of their amounts.
    """

    __slots__ = ("base", "fees", "fills", "quote")

    def __init__(self) -> None:
        self.fills: dict[str, TradeUpdate] = {}
        self.fees: dict[str, TradeFeeBase] = {}
        self.base = self.quote = _ZERO

    def add(self, client_order_id: str, trade: TradeUpdate, fee: TradeFeeBase | None) -> bool:
        """Count a fill, unless its trade id is known; tell whether it was new."""
        known = self.fills.get(trade.trade_id)
        if known is None:
            self._count(trade, fee)
        elif (known.price, known.amount) != (trade.price, trade.amount):
            logger.warning(
                "order %s: trade %s was %s at %s and now comes as %s at %s; the first counts",
                *(client_order_id, trade.trade_id, known.amount, known.price, trade.amount, trade.price),
                extra={"client_order_id": client_order_id},
            )
        return known is None

    def reach(self, amount: Decimal) -> bool:
        """Tell whether the fills are that much."""
        return self.base >= amount or self.base >= amount - amount * _ROUNDING

    @property
    def average_price(self) -> Decimal | None:
        """Quote per base; ``None`` while there are no fills."""
        return quotient(self.quote, self.base) if self.base else None

    @property
    def fees_paid(self) -> dict[str, Decimal]:
        """What the fills cost per token, where amounts were told; negative is a rebate."""
        paid: dict[str, Decimal] = {}
        for part in (part for fee in self.fees.values() for part in fee.flat_fees):
            paid[part.token] = EXACT.add(paid.get(part.token, _ZERO), part.amount)
        return paid

    def fees_in(self, token: str, trading_pair: str, rates: RateSource | None) -> Decimal:
        """What the fills cost, shares of the traded value included, in one token.

        Raises:
            UnknownRateError: a fee was paid in a third token whose rate ``rates`` does not know.
        """
        total = _ZERO
        for trade_id, fee in self.fees.items():
            fill = self.fills[trade_id]
            cost = fee.fee_amount_in_token(trading_pair, fill.price, fill.amount, token, rates)
            total = EXACT.add(total, cost)
        return total

    def fill_to_json(self, trade_id: str) -> dict[str, Any]:
        """One fill and its fee; `take_json` reads them."""
        fee = self.fees.get(trade_id)
        fill: dict[str, Any] = msgspec.to_builtins(self.fills[trade_id])
        return {**fill, "trade_fee": None if fee is None else fee.to_json()}

    def take_json(self, fills: Iterable[Mapping[str, Any]]) -> None:
        """Count fills that `fill_to_json` wrote."""
        for fill in fills:
            fee = fill["trade_fee"]
            self._count(msgspec.convert(fill, TradeUpdate), None if fee is None else TradeFeeBase.from_json(fee))

    def _count(self, trade: TradeUpdate, fee: TradeFeeBase | None) -> None:
        self.fills[trade.trade_id] = trade
        if fee is not None:
            self.fees[trade.trade_id] = fee
        self.base, self.quote = EXACT.add(self.base, trade.amount), EXACT.add(self.quote, quote_amount(trade))


def quote_amount(trade: TradeUpdate) -> Decimal:
    """What a fill cost or brought, without its fee: by the venue's count, or by price and amount."""
    if trade.quote_amount is not None:
        return trade.quote_amount
    return EXACT.multiply(trade.price, trade.amount)
