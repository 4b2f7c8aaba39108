"""What a venue calls its markets, assets and sides: the spec's two-way words, and symbols that its own rules read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from declconn.compile.assets import Assets
from declconn.compile.convert import text
from declconn.compile.words import Words
from declconn.records import TradingRule
from declconn.simulator.lens import UnwritableError
from declconn.simulator.random_market import RandomMarket
from declconn.simulator.values import Speech
from declconn.spec import Spec
from declconn.types import OrderState

SPELLINGS = ("{base}{quote}", "{base}-{quote}", "{base}_{quote}", "{base}/{quote}", "{base}-{quote}-SWAP")
"""How venues spell a market. The first that the spec's own trading rules read back is taken."""


def speech(spec: Spec, pairs: Mapping[str, str]) -> Speech:
    """The words of a spec.

    Args:
        spec: whose words.
        pairs: the venue's symbols, each with its trading pair.
    """
    assets = Assets(spec.assets.case, spec.assets.rename)
    sides = {text(theirs): ours for ours, theirs in (spec.orders.sides if spec.orders else {}).items()}
    words = Words(
        pairs=pairs,
        assets=assets.read,
        sides=sides,
        states=_no_state,
        position_modes={},
        position_sides={},
        contract_sizes={},
    )
    return Speech(words, assets.write)


def spell(market: RandomMarket, reads: Callable[[TradingRule], object], asset: Callable[[str], str]) -> TradingRule:
    """The trading rule of a market, under the symbol that the venue would give it.

    Args:
        market: whose rule.
        reads: writes a rule as the venue would; raises ``UnwritableError`` for a symbol that does not read back.
        asset: our name of an asset -> the venue's.

    Raises:
        UnwritableError: no spelling reads back.
    """
    base, quote = market.trading_pair.split("-", 1)
    refused: list[UnwritableError] = []
    for spelling in SPELLINGS:
        symbol = spelling.format(base=asset(base), quote=asset(quote))
        for rule in (_rule(market, base, quote, symbol), _rule(market, base, quote, symbol.lower())):
            try:
                reads(rule)
            except UnwritableError as error:
                refused.append(error)
            else:
                return rule
    raise refused[0]


def _rule(market: RandomMarket, base: str, quote: str, symbol: str) -> TradingRule:
    return TradingRule(
        symbol,
        base,
        quote,
        min_order_size=market.step,
        max_order_size=market.step * 10**9,
        min_base_amount_increment=market.step,
        min_price_increment=market.tick,
        min_notional_size=market.tick,
        price_decimals=-int(market.tick.as_tuple().exponent),
        amount_decimals=-int(market.step.as_tuple().exponent),
    )


def _no_state(word: str) -> OrderState:
    raise ValueError(f"order state {word!r}: this simulator takes no orders yet")
