"""What a spec says once for all its mappings: its units, and its words for what we have words for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from declconn.types import AmountUnit, OrderState, PositionMode, PositionSide, Side, TimeUnit


@dataclass(frozen=True, slots=True)
class Units:
    """What times and sizes are counted in where a field does not say otherwise."""

    time: TimeUnit = TimeUnit.MS
    amount: AmountUnit = AmountUnit.BASE
    negative_prices: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """The venue's words, each with ours.

    Attributes:
        pairs: the venue's symbol -> trading pair. The runtime fills it while it runs.
        assets: the venue's name of an asset -> ours.
        sides: from ``orders.sides``, read backwards.
        states: from ``orders.states``; raises ``LookupError`` or ``ValueError`` for a word that it does not know.
        position_modes, position_sides: from ``positions``, read backwards.
        contract_sizes: trading pair -> units in one contract. The runtime fills it while it runs.
        inverse: the trading pairs whose contract size is in quote. The runtime fills it while it runs.
        amount_units: trading pair -> what that market counts amounts in, where it has a unit of its own; ``None`` if
            no market of the venue has. The runtime fills it while it runs.
    """

    pairs: Mapping[str, str]
    assets: Callable[[str], str]
    sides: Mapping[str, Side]
    states: Callable[[str], OrderState]
    position_modes: Mapping[str, PositionMode]
    position_sides: Mapping[str, PositionSide]
    contract_sizes: Mapping[str, Decimal]
    inverse: Collection[str] = ()
    amount_units: Mapping[str, AmountUnit] | None = None
