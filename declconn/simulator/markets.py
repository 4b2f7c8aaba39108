"""Random markets with sensible prices and steps, for whoever only wants to see something move."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from random import Random

from declconn.simulator.random_market import NOTIONAL, RandomMarket
from declconn.spec import Spec

PRICES = {"BTC": 64000, "ETH": 3100, "BNB": 580, "SOL": 145, "LTC": 82, "XRP": 2, "ADA": 1, "USDT": 1, "USDC": 1}
"""Where a market begins, by its base asset."""

_ANY_PRICE = 10
_DIGITS = 5
"""A price has one digit more than this before its last."""


def random_markets(spec: Spec, trading_pairs: Iterable[str], random: Random) -> dict[str, RandomMarket]:
    """A market for each pair, whose ids move as the spec's `order_book.rule` allows.

    Args:
        spec: for whose venue.
        trading_pairs: as ``BASE-QUOTE``.
        random: the only source of what happens.
    """
    return {pair: _market(pair, spec.order_book.rule, random) for pair in trading_pairs}


def _market(trading_pair: str, rule: str, random: Random) -> RandomMarket:
    price = Decimal(PRICES.get(trading_pair.partition("-")[0], _ANY_PRICE))
    return RandomMarket(
        trading_pair,
        random=random,
        price=price,
        tick=Decimal(1).scaleb(price.adjusted() - _DIGITS),
        step=Decimal(1).scaleb((NOTIONAL / price).adjusted() - 3),
        largest_jump=1 if rule == "step" else 9,
    )
