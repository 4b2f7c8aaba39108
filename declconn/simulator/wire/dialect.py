"""What a venue calls its markets, assets and sides: the spec's two-way words, and symbols that its own rules read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import partial
from operator import attrgetter
from typing import Any

import msgspec

from declconn.compile.assets import Assets
from declconn.compile.convert import text
from declconn.compile.words import Words
from declconn.records import TradingRule
from declconn.simulator.wire.lens import UnwritableError
from declconn.simulator.wire.values import Speech
from declconn.spec import Spec
from declconn.types import OrderState

SPELLINGS = ("{base}{quote}", "{base}-{quote}", "{base}_{quote}", "{base}/{quote}", "{base}-{quote}-SWAP")
"""How venues spell a market. The first that the spec's own trading rules read back is taken."""


def speech(spec: Spec, pairs: Mapping[str, str], contract_sizes: Mapping[str, Decimal] | None = None) -> Speech:
    """The words of a spec.

    Args:
        spec: whose words.
        pairs: the venue's symbols, each with its trading pair.
        contract_sizes: units in one contract, by trading pair.
    """
    assets = Assets(spec.assets.case, spec.assets.rename)
    states = spec.orders.states if spec.orders else {}
    words = Words(
        pairs=pairs,
        assets=assets.read,
        sides=_backwards(spec.orders.sides if spec.orders else {}),
        states=partial(_state, states),
        position_modes=_backwards(spec.positions.modes if spec.positions else {}),
        position_sides=_backwards(spec.positions.sides if spec.positions else {}),
        contract_sizes=contract_sizes or {},
    )
    return Speech(words, assets.write, _state_words(states))


def speech_of(
    spec: Spec, rules: Iterable[TradingRule], spelling: Callable[[TradingRule], str] = attrgetter("symbol")
) -> Speech:
    """The words of a spec about these markets.

    Args:
        spec: whose words.
        rules: of the markets.
        spelling: what a market is called; its rule's symbol by default.
    """
    markets = list(rules)
    sizes = {rule.trading_pair: rule.contract_size for rule in markets if rule.contract_size is not None}
    return speech(spec, {spelling(rule): rule.trading_pair for rule in markets}, sizes)


def spell(rule: TradingRule, reads: Callable[[TradingRule], object], asset: Callable[[str], str]) -> TradingRule:
    """A trading rule under the symbol that the venue would give it.

    Args:
        rule: its own symbol is taken if the venue could have given it.
        reads: writes a rule as the venue would; raises ``UnwritableError`` for a symbol that does not read back.
        asset: our name of an asset -> the venue's.

    Raises:
        UnwritableError: no spelling reads back.
    """
    names = {"base": asset(rule.base), "quote": asset(rule.quote)}
    symbols = [rule.symbol] if rule.symbol else []
    for spelling in SPELLINGS:
        symbols += [spelling.format(**names), spelling.format(**names).lower()]
    refused: list[UnwritableError] = []
    for symbol in symbols:
        named = msgspec.structs.replace(rule, symbol=symbol)
        try:
            reads(named)
        except UnwritableError as error:
            refused.append(error)
        else:
            return named
    raise refused[0]


def with_decimals(rule: TradingRule) -> TradingRule:
    """A rule that tells its steps also as decimals, which is all that some venues tell."""
    return msgspec.structs.replace(
        rule,
        price_decimals=_decimals(rule.min_price_increment),
        amount_decimals=_decimals(rule.min_base_amount_increment),
    )


def _decimals(step: Decimal | None) -> int | None:
    return None if step is None else -int(step.as_tuple().exponent)


def _backwards(ours_to_theirs: Mapping[Any, Any]) -> dict[str, Any]:
    return {text(theirs): ours for ours, theirs in ours_to_theirs.items()}


def _state_words(states: Mapping[str, OrderState]) -> dict[str, OrderState]:
    """What is written for each state: exact words first, then those with stars, as if nothing stood for the star."""
    exact = {word: state for word, state in states.items() if "*" not in word}
    others = {word.replace("*", ""): state for word, state in states.items() if "*" in word}
    return exact | {word: state for word, state in others.items() if word and _state(states, word) is state}


def _state(states: Mapping[str, OrderState], word: str) -> OrderState:
    """Exact words first, then those with stars, in order."""
    patterns = (state for pattern, state in states.items() if "*" in pattern and fnmatchcase(word, pattern))
    state = states.get(word) or next(patterns, None)
    if state is None:
        raise ValueError(f"order state {word!r}; orders.states knows {', '.join(states) or 'none'}")
    return state
