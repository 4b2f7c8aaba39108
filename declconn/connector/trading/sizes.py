"""Amounts of orders as a market counts them: in base units, contracts or quote."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Final

from declconn.account.order_rules import floored
from declconn.compile.functions import EXACT, QUOTIENT
from declconn.errors import InvalidOrderError
from declconn.records import TradingRule
from declconn.types import AmountUnit

_NOISE: Final = Context(prec=24)
"""Undoes the rounding of divisions, so that an amount made of ten contracts is ten contracts again."""


def needs_price(rule: TradingRule, unit: AmountUnit) -> bool:
    """Whether only a price tells how much of a market's unit an amount is.

    Args:
        rule: the market's.
        unit: what the venue counts in, where the market does not say otherwise.
    """
    unit = rule.amount_unit or unit
    return unit is AmountUnit.QUOTE or (unit is AmountUnit.CONTRACTS and rule.contract_unit is AmountUnit.QUOTE)


def market_amount(rule: TradingRule, unit: AmountUnit, amount: Decimal, price: Decimal | None) -> Decimal:
    """An amount as the market counts it: ``compile.convert.to_base`` the other way round.

    Args:
        rule: the market's.
        unit: what the venue counts in, where the market does not say otherwise.
        amount: base units.
        price: where it is needed.

    Raises:
        InvalidOrderError: there is no price, or the market's contract size is not known.
    """
    if needs_price(rule, unit):
        if price is None:
            raise InvalidOrderError(
                f"{rule.trading_pair}: amounts are counted in {rule.quote} here, and no price is known; "
                "wait until the order book is live, or name a price"
            )
        amount = EXACT.multiply(amount, price)
    if (rule.amount_unit or unit) is AmountUnit.CONTRACTS:
        if not rule.contract_size:
            raise InvalidOrderError(f"{rule.trading_pair}: the size of a contract is not known, so none can be ordered")
        amount = QUOTIENT.divide(amount, rule.contract_size)
    return amount.normalize(_NOISE)


def quote_amount(rule: TradingRule, amount: Decimal, price: Decimal) -> Decimal:
    """What an amount is worth, rounded down to the step of such amounts."""
    return shortest(floored(EXACT.multiply(amount, price), rule.min_quote_amount_increment))


def shortest(number: Decimal) -> Decimal:
    """The same number without zeros at its end, as venues write JSON numbers."""
    return number.normalize(EXACT)
