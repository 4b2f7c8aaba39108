"""The venue's words of a spec, as mappings read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from declconn.compile.assets import Assets
from declconn.compile.mapping import Words
from declconn.connector.symbols import Symbols
from declconn.spec import Spec, models
from declconn.types import OrderState, PositionMode, PositionSide, Side


class States:
    """`orders.states`: exact words first, then those with stars, in order."""

    def __init__(self, states: Mapping[str, OrderState]) -> None:
        self._exact = {word: state for word, state in states.items() if "*" not in word}
        self._stars = [(word, state) for word, state in states.items() if "*" in word]

    def __call__(self, word: str) -> OrderState:
        """Our state for the venue's word.

        Raises:
            ValueError: no entry fits.
        """
        state = self._exact.get(word)
        if state is not None:
            return state
        for pattern, state in self._stars:
            if fnmatchcase(word, pattern):
                return state
        raise ValueError(f"unknown order state {word!r}; orders.states knows {', '.join(self._exact) or 'none'}")


def words_of(spec: Spec, symbols: Symbols, assets: Assets) -> Words:
    """Symbols in the spelling of requests, and every two-way word, read from the venue's side."""
    orders, positions = spec.orders, spec.positions
    return Words(
        pairs=symbols.pairs,
        assets=assets.read,
        sides=_backwards(orders.sides if orders else {}, Side),
        states=States(orders.states if orders else {}),
        position_modes=_backwards(positions.modes if positions else {}, PositionMode),
        position_sides=_backwards(positions.sides if positions else {}, PositionSide),
        contract_sizes=symbols.contract_sizes,
        inverse=symbols.inverse,
        amount_units=symbols.amount_units if _has_own_units(spec) else None,
    )


def _has_own_units(spec: Spec) -> bool:
    """Whether a trading rule may say what its market's amounts are counted in."""
    results = [model.result for model in spec.requests("trading_rules")]
    return any(isinstance(result, models.Hook) or "amount_unit" in (result or {}) for result in results)


def with_spelling(words: Words, pairs: Mapping[str, str]) -> Words:
    """The same words for a stream that spells markets its own way."""
    return replace(words, pairs=pairs)


def _backwards(ours_to_theirs: Mapping[Any, Any], ours: Any) -> dict[str, Any]:
    return {_text(theirs): ours(our) for our, theirs in ours_to_theirs.items()}


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
