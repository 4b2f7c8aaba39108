"""Our values in the venue's words and units: ``declconn.compile.convert`` backwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from declconn.compile.column import Column
from declconn.compile.filters import Time, in_unit, plain_decimal
from declconn.compile.functions import EXACT, QUOTIENT
from declconn.compile.words import Words
from declconn.records import Fee, Kind
from declconn.types import AmountUnit, OrderState


@dataclass(frozen=True, slots=True)
class Speech:
    """How a venue says what we say.

    Attributes:
        words: the venue's words, each with ours, as mappings read them.
        asset: our name of an asset -> the venue's.
        states: the venue's words for the states of orders, each with ours.
    """

    words: Words
    asset: Callable[[str], str]
    states: Mapping[str, OrderState] = field(default_factory=dict)

    def symbol(self, trading_pair: str) -> str:
        """The venue's name of a market. Raises ``ValueError`` if it has none."""
        return str(_word(self.words.pairs, trading_pair))

    def choices(self, column: Column, value: Any, record: Any) -> Sequence[Any]:
        """All that may stand in a message for a field of a record, as `value`."""
        return _words(column.table, value) if column.table else [self.value(column, value, record)]

    def value(self, column: Column, value: Any, record: Any) -> Any:
        """What stands in a message for a field of a record.

        Numbers are text, as most venues write them: text keeps its digits, and a mapping reads either.

        Raises:
            ValueError: the venue has no word for it, or its kind is not written.
        """
        if column.table:
            return _word(column.table, value)
        match column.kind:
            case Kind.SYMBOL:
                return self.symbol(value)
            case Kind.ASSET:
                return self.asset(value)
            case Kind.SIDE:
                return _word(self.words.sides, value)
            case Kind.STATE:
                return self._state(value)
            case Kind.FEE:
                return [[plain_decimal(fee.amount), self._token(column, fee)] for fee in value]
            case Kind.MODE:
                return _word(self.words.position_modes, value)
            case Kind.POSITION_SIDE:
                return _word(self.words.position_sides, value)
            case Kind.AMOUNT:
                return format(self._amount(column.amount, value, record), "f")
            case Kind.DECIMAL | Kind.PRICE:
                return format(value, "f")
            case Kind.TIME:
                return in_unit(Time(value), column.time)
            case Kind.TEXT | Kind.BOOL | Kind.INT | Kind.ANY | Kind.POSITION_ACTION | Kind.TRIGGER:
                return value
        raise ValueError(f"a {column.kind} is not written by this simulator")

    def _state(self, state: OrderState) -> Any:
        """The word for a state; an order that is filled in part is open where the venue says no more."""
        if state is OrderState.PARTIALLY_FILLED and state not in self.states.values():
            state = OrderState.OPEN
        return _word(self.states, state)

    def _token(self, column: Column, fee: Fee) -> str | None:
        reads_token = column.slot is not None and column.slot.token is not None
        return self.asset(fee.token) if reads_token and fee.token is not None else None

    def _amount(self, unit: AmountUnit, amount: Decimal, record: Any) -> Decimal:
        if unit is AmountUnit.CONTRACTS:
            size = getattr(record, "contract_size", None) or self.words.contract_sizes.get(record.trading_pair)
            if size is None:
                raise ValueError("sizes are counted in contracts, and this simulator's markets have no contract size")
            return QUOTIENT.divide(amount, size)
        return EXACT.multiply(amount, record.price) if unit is AmountUnit.QUOTE else amount


def _word(table: Mapping[str, Any], ours: Any) -> Any:
    """The venue's first word that means this."""
    return _words(table, ours)[0]


def _words(table: Mapping[str, Any], ours: Any) -> Sequence[Any]:
    """The venue's words that mean this; ``true`` and ``false`` are JSON's own."""
    words = [word for word, meaning in table.items() if meaning == ours and word != "*"]
    if not words:
        raise ValueError(f"the venue has no word for {ours}; it has words for {', '.join(map(str, table.values()))}")
    return [{"true": True, "false": False}.get(word, word) for word in words]
