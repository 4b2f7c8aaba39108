"""Tokens that go by several names, each worth exactly one of the other."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_PLAIN_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "WETH": "ETH",
        "UETH": "ETH",
        "WBTC": "BTC",
        "UBTC": "BTC",
        "WBNB": "BNB",
        "WPOL": "POL",
        "WAVAX": "AVAX",
        "WONE": "ONE",
        "USOL": "SOL",
        "USDC.E": "USDC",
    }
)
"""Wrapped and bridged tokens, and what they stand for (Hummingbot's list)."""


def same_token(one: str, other: str) -> bool:
    """Whether one of these is worth one of those. A balance of the one is still no balance of the other."""
    return one == other or _PLAIN_NAMES.get(one, one) == _PLAIN_NAMES.get(other, other)


def split_trading_pair(trading_pair: str) -> tuple[str, str]:
    """The base and the quote asset of ``BASE-QUOTE``."""
    base, _, quote = trading_pair.partition("-")
    return base, quote
