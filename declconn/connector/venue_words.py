"""Our words in the venue's, for the templates of requests: the other way round than ``words``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from declconn.compile.assets import Assets
from declconn.compile.filters import Time
from declconn.compile.plan import attribute_of
from declconn.connector.symbols import Symbols
from declconn.records import RECORDS, Kind
from declconn.spec import Spec
from declconn.types import PositionMode, PositionSide, Side

_RECORDS: Final = {record.type: record for record in RECORDS.values()}


class VenueWords:
    """What requests say of markets, assets, sides and records.

    Args:
        spec: the venue's words.
        symbols: the markets, in the venue's spelling.
        assets: the venue's names of assets.
    """

    def __init__(self, spec: Spec, symbols: Symbols, assets: Assets) -> None:
        self._symbols, self._assets = symbols, assets
        self._sides: Mapping[Side, Any] = spec.orders.sides if spec.orders else {}
        self._modes: Mapping[PositionMode, Any] = spec.positions.modes if spec.positions else {}
        self._position_sides: Mapping[PositionSide, Any] = spec.positions.sides if spec.positions else {}
        self._writers: Mapping[Kind, Callable[[Any], Any]] = {
            Kind.SYMBOL: lambda pair: symbols.rule(pair).symbol,
            Kind.ASSET: assets.write,
            Kind.TIME: Time,
            Kind.SIDE: self.side,
            Kind.MODE: self.position_mode,
            Kind.POSITION_SIDE: self.position_side,
        }

    def market(self, trading_pair: str) -> dict[str, Any]:
        """The arguments that name a market.

        Raises:
            UnknownPairError: the venue does not list it.
        """
        return dict(self._symbols.arguments(trading_pair))

    def pair(self, symbol: str) -> str | None:
        """The trading pair of a symbol; ``None`` if the venue does not list it."""
        return self._symbols.pairs.get(symbol)

    def collateral_token(self, trading_pair: str) -> str | None:
        """The token that margin of a market is paid in, if its rule says so."""
        token = self._symbols.rule(trading_pair).collateral_token
        return None if token is None else self._assets.write(token)

    def side(self, side: Side) -> Any:
        """The word for a side; ours where the venue has none."""
        return self._sides.get(side, side)

    def position_mode(self, mode: PositionMode) -> Any:
        """The word for a position mode; ours where the venue has none."""
        return self._modes.get(mode, mode)

    def position_side(self, side: PositionSide) -> Any:
        """The word for the side of a position; ``None`` where the venue has none, and does not ask for it."""
        return self._position_sides.get(side)

    def row(self, record: Any) -> dict[str, Any]:
        """The fields of a record by the spec's names, as far as they are there. Amounts stay base units."""
        if isinstance(record, Mapping):
            return {name: value for name, value in record.items() if value is not None}
        of = _RECORDS[type(record)]
        values = {name: getattr(record, attribute_of(of, name), None) for name in of.fields}
        return {
            name: self._writers.get(of.fields[name].kind, _same)(value)
            for name, value in values.items()
            if value is not None
        }


def _same(value: Any) -> Any:
    return value
