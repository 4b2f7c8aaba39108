"""What a market allows of an order: its steps, its limits, and the kinds of orders that it takes.

Amounts are base units. Where a market counts in quote (inverse contracts), so do its steps and limits, and an amount
is compared by what it is worth at the order's price.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from declconn.errors import InvalidOrderError
from declconn.records import TradingRule
from declconn.types import AmountUnit, OrderType, Side

_EXACT: Final = Context(prec=100)
_NOISE: Final = Context(prec=24, rounding=ROUND_HALF_EVEN)
"""Undoes the rounding of a division: an amount in base of a whole number of contracts is that number again."""


def floored(number: Decimal, step: Decimal | None) -> Decimal:
    """The largest multiple of a step that is not above a number; without a step the number itself."""
    if not step:
        return number
    return _EXACT.multiply(_EXACT.divide_int(number, step), step)


def quantize_price(rule: TradingRule, price: Decimal) -> Decimal:
    """The price, rounded down to what the market takes: its step, and its most significant digits.

    Whole numbers are always allowed, however many digits they have (the rule of the venues that count digits).
    """
    if rule.max_price_significant_digits and price:
        last = min(price.adjusted() - rule.max_price_significant_digits + 1, 0)
        price = floored(price, Decimal(1).scaleb(last))
    return floored(price, rule.min_price_increment)


def quantize_amount(rule: TradingRule, amount: Decimal, price: Decimal | None = None) -> Decimal:
    """The amount, rounded down to the market's step.

    Args:
        rule: the market's.
        amount: base units.
        price: needed where the market counts in quote; without it such an amount stays as it is.
    """
    if not counts_quote(rule):
        return floored(amount, rule.min_base_amount_increment)
    if not price:
        return amount
    return floored(_worth(amount, price), rule.min_base_amount_increment) / price


def counts_quote(rule: TradingRule) -> bool:
    """Whether a market's sizes are units of quote, as those of inverse contracts are."""
    return AmountUnit.QUOTE in (rule.contract_unit, rule.amount_unit)


def check_order(
    rule: TradingRule,
    order_type: OrderType,
    trade_type: Side,
    amount: Decimal,
    price: Decimal | None,
    reference_price: Decimal | None = None,
    trigger_price: Decimal | None = None,
) -> None:
    """Refuse an order that the market would refuse.

    Args:
        rule: the market's.
        order_type: the kind of order.
        trade_type: its side.
        amount: base units.
        price: quote per base; ``None`` for a market order.
        reference_price: what a market order is expected to trade at; without it limits in quote are not looked at.
        trigger_price: where the price has to be before the order is let in.

    Raises:
        InvalidOrderError: the first rule that it breaks: what was found, the limit, and what to do.
    """
    for problem in _problems(rule, order_type, trade_type, amount, price, reference_price, trigger_price):
        raise InvalidOrderError(f"{rule.trading_pair}: {problem}")


def _problems(
    rule: TradingRule,
    order_type: OrderType,
    trade_type: Side,
    amount: Decimal,
    price: Decimal | None,
    reference_price: Decimal | None,
    trigger_price: Decimal | None,
) -> Iterator[str]:
    yield from _kind_problems(rule, order_type)
    if not amount.is_finite() or amount <= 0:
        yield f"found the amount {amount}, expected a positive number of {rule.base}"
    if order_type is not OrderType.MARKET:
        yield from _price_problems(rule, "price", f"{order_type} order", price)
    if trigger_price is not None:
        yield from _price_problems(rule, "trigger price", "trigger order", trigger_price)
    at = reference_price if order_type is OrderType.MARKET else price
    yield from _size_problems(rule, amount, at)
    if at:
        yield from _worth_problems(rule, order_type, trade_type, _worth(amount, at))


def _kind_problems(rule: TradingRule, order_type: OrderType) -> Iterator[str]:
    allowed = rule.supports_market_orders if order_type is OrderType.MARKET else rule.supports_limit_orders
    if allowed is False:
        other = "a limit order" if order_type is OrderType.MARKET else "a market order"
        yield f"this market takes no {order_type} orders; place {other}"


def _price_problems(rule: TradingRule, what: str, whose: str, price: Decimal | None) -> Iterator[str]:
    if price is None or not price.is_finite() or price <= 0:
        yield f"found the {what} {price}, and a {whose} needs a positive price in {rule.quote}"
    elif (nearest := quantize_price(rule, price)) != price:
        how = f"is finer than {_fineness(rule)}; the next lower price is {_said(nearest)}"
        if not nearest:
            how = f"rounds down to 0 at {_fineness(rule)}; it has to be higher"
        yield f"the {what} {_said(price)} {how}"


def _fineness(rule: TradingRule) -> str:
    rules = [f"the step {_said(rule.min_price_increment)}"] if rule.min_price_increment else []
    if rule.max_price_significant_digits:
        rules.append(f"{rule.max_price_significant_digits} significant digits")
    return " and ".join(rules)


def _size_problems(rule: TradingRule, amount: Decimal, at: Decimal | None) -> Iterator[str]:
    size, unit = amount, rule.base
    if counts_quote(rule):
        if not at:
            return
        size, unit = _worth(amount, at), rule.quote
    if rule.min_order_size is not None and size < rule.min_order_size:
        yield f"{_said(size)} {unit} is less than the smallest order, {_said(rule.min_order_size)} {unit}; order more"
    if rule.max_order_size and size > rule.max_order_size:
        yield f"{_said(size)} {unit} is more than the largest order, {_said(rule.max_order_size)} {unit}; split it"
    if (step := rule.min_base_amount_increment) and (nearest := floored(size, step)) != size:
        how = f"is finer than the step {_said(step)}; the next smaller amount is {_said(nearest)}"
        yield f"{_said(size)} {unit} {how if nearest else f'rounds down to 0 at the step {_said(step)}; order more'}"


def _worth_problems(rule: TradingRule, order_type: OrderType, trade_type: Side, worth: Decimal) -> Iterator[str]:
    if rule.min_notional_size is not None and worth < rule.min_notional_size:
        least = f"{_said(rule.min_notional_size)} {rule.quote}"
        yield f"the order is worth {_said(worth)} {rule.quote}, less than the smallest worth, {least}; order more"
    step = rule.min_quote_amount_increment
    if step and order_type is OrderType.MARKET and trade_type is Side.BUY and not floored(worth, step):
        yield f"{_said(worth)} {rule.quote} are less than the step of such amounts, {_said(step)}; order more"


def _said(number: Decimal) -> str:
    return f"{number.normalize(_EXACT):f}"


def _worth(amount: Decimal, price: Decimal) -> Decimal:
    return _NOISE.plus(_EXACT.multiply(amount, price))
