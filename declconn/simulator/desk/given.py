"""The arguments of a request, in our words and units."""

from __future__ import annotations

from decimal import Decimal, DecimalException
from typing import Any

from declconn.compile import convert
from declconn.compile.functions import EXACT
from declconn.compile.lookup import Sources
from declconn.records import TradingRule
from declconn.simulator.engine.orders import NewOrder
from declconn.simulator.engine.refusals import RefusedError
from declconn.simulator.wire.values import Speech
from declconn.types import AmountUnit, OrderType, PositionMode, PositionSide, Side, TimeInForce, Trigger


class Given:
    """Reads arguments that came in the venue's words.

    Args:
        pair: the trading pair that they are about; empty for none.
        sources: the arguments as they were sent.
        rule: of the pair.
        speech: the venue's words.
        unit: what amounts are counted in.
    """

    def __init__(self, pair: str, sources: Sources, rule: TradingRule | None, speech: Speech, unit: AmountUnit) -> None:
        self.pair = pair
        self._sources, self._rule, self._words, self._unit = sources, rule, speech.words, unit

    @property
    def market(self) -> str | None:
        """The trading pair, or ``None`` for all. Raises ``RefusedError`` for a market that there is not."""
        if not self.pair and "symbol" in self._sources:
            raise RefusedError("invalid_order", f"there is no market {self._sources['symbol']}")
        return self.pair or None

    @property
    def one_market(self) -> str:
        """The trading pair. Raises ``RefusedError`` if there is none."""
        if self.market is None:
            raise RefusedError("invalid_order", "a market is needed")
        return self.market

    @property
    def ids(self) -> dict[str, str]:
        """Which order is meant."""
        names = ("client_order_id", "exchange_order_id")
        return {name: str(self._sources[name]) for name in names if name in self._sources}

    @property
    def each_ids(self) -> list[dict[str, str]]:
        """Which orders are meant, where a request may name several; one without any id where it names none."""
        lists = {"client_order_id": "client_order_ids", "exchange_order_id": "exchange_order_ids"}
        named = [{one: str(name)} for one, many in lists.items() for name in self._sources.get(many, ())]
        return named or [self.ids]

    @property
    def since(self) -> int:
        """Nanoseconds since the epoch, from which on something is asked for."""
        return int(self._sources.get("since", 0))

    @property
    def timeout(self) -> float:
        """Seconds; 0 switches off."""
        return int(self._sources.get("timeout", 0)) / 1e9

    @property
    def side(self) -> Side:
        """The order's side."""
        return Side(self._word(self._words.sides, "side"))

    @property
    def position_mode(self) -> PositionMode:
        """What mode is wanted."""
        return PositionMode(self._word(self._words.position_modes, "position_mode"))

    @property
    def leverage(self) -> Decimal:
        """What leverage is wanted."""
        return self.number("leverage") or Decimal(1)

    @property
    def amount(self) -> Decimal | None:
        """The order's amount, in base units."""
        amount = self.number("amount")
        if amount is None or self._unit is not AmountUnit.CONTRACTS or self._rule is None:
            return amount
        return EXACT.multiply(amount, self._rule.contract_size or Decimal(1))

    def number(self, name: str) -> Decimal | None:
        """A number. Raises ``RefusedError`` for anything else."""
        if name not in self._sources:
            return None
        try:
            return convert.decimal(self._sources[name])
        except (ValueError, DecimalException) as error:
            raise RefusedError("invalid_order", f"{name}: {error}") from error

    @property
    def order(self) -> NewOrder:
        """The order that is to be placed."""
        amount = self.amount
        if amount is None:
            raise RefusedError("invalid_order", "this engine counts orders in base units, and no amount came")
        side = self._sources.get("position_side")
        return NewOrder(
            trading_pair=self.one_market,
            side=self.side,
            amount=amount,
            order_type=OrderType(self._sources["type"]),
            price=self.number("price"),
            client_order_id=self.ids.get("client_order_id"),
            reduce_only=convert.text(self._sources.get("reduce_only", False)) == "true",
            position_side=PositionSide.BOTH if side is None else self._words.position_sides[convert.text(side)],
            time_in_force=TimeInForce(self._sources["time_in_force"]),
            trigger_price=self.number("trigger_price"),
            trigger=Trigger(self._sources.get("trigger", Trigger.STOP)),
        )

    def _word(self, table: Any, name: str) -> Any:
        try:
            return table[convert.text(self._sources[name])]
        except KeyError:
            raise RefusedError("invalid_order", f"{name} is missing or unknown") from None
