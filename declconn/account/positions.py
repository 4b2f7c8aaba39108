"""The positions of an account on a derivative venue, and the modes and leverages that they have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import msgspec

from declconn.account.events import PositionUpdateEvent
from declconn.account.position_words import position_side
from declconn.clock import Clock
from declconn.errors import NotSupportedError
from declconn.records import PositionUpdate
from declconn.types import PositionAction, PositionMode, PositionSide, Side

_ZERO: Final = Decimal(0)


class Position(msgspec.Struct, frozen=True):
    """A position, as far as the venue has told.

    Attributes:
        trading_pair: whose contract.
        position_side: LONG or SHORT, never BOTH.
        amount: base units; negative for a short position.
        entry_price: what it was entered at, on average.
        unrealized_pnl: profit that is not taken yet, in the collateral token.
        leverage: what it has; while the venue has not told, what was set.
        margin_mode: the venue's word.
    """

    trading_pair: str
    position_side: PositionSide
    amount: Decimal
    entry_price: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    leverage: Decimal | None = None
    margin_mode: str | None = None


class PerpetualTrading:
    """What a derivative account has besides balances and orders (Hummingbot's ``PerpetualTrading``).

    Args:
        modes: the position modes that the venue has.
        clock: when something changed.
        tell: who hears of positions that changed.

    Raises:
        NotSupportedError: there are no modes at all.
    """

    def __init__(
        self, modes: Collection[PositionMode], *, clock: Clock, tell: Callable[[PositionUpdateEvent], None]
    ) -> None:
        if not modes:
            raise NotSupportedError("`positions.modes` is empty; a derivative has at least [ONEWAY]")
        self.supported_position_modes = tuple(modes)
        self._mode = PositionMode.ONEWAY if PositionMode.ONEWAY in modes else self.supported_position_modes[0]
        self._clock, self._tell = clock, tell
        self._positions: dict[str, Position] = {}
        self._heard: dict[str, int] = {}
        self._number = self._events = 0
        self._leverages: dict[str, Decimal] = {}

    @property
    def account_positions(self) -> Mapping[str, Position]:
        """Open positions by `position_key`."""
        return MappingProxyType(self._positions)

    @property
    def position_mode(self) -> PositionMode:
        """The account's mode, as the venue said or took it; before, ONEWAY where there is one."""
        return self._mode

    def set_position_mode(self, mode: PositionMode) -> None:
        """The venue has this mode now.

        Raises:
            NotSupportedError: the venue has no such mode.
        """
        if mode not in self.supported_position_modes:
            known = ", ".join(self.supported_position_modes)
            raise NotSupportedError(f"position mode {mode} is not offered here; there are {known}")
        self._mode = mode
        self._positions = {self._key(position): position for position in self._positions.values()}

    def get_leverage(self, trading_pair: str) -> Decimal:
        """What leverage new orders of a pair have; 1 until it was set."""
        return self._leverages.get(trading_pair, Decimal(1))

    def set_leverage(self, trading_pair: str, leverage: Decimal) -> None:
        """The venue has taken this leverage, also for the positions that are open."""
        self._leverages[trading_pair] = leverage
        for position in list(self._positions.values()):
            if position.trading_pair == trading_pair:
                self._put(msgspec.structs.replace(position, leverage=leverage))

    def position_key(self, trading_pair: str, side: PositionSide | None = None) -> str:
        """What a position is found under: the pair, in HEDGE mode followed by LONG or SHORT."""
        return trading_pair if self._mode is PositionMode.ONEWAY else f"{trading_pair}{side or ''}"

    def get_position(self, trading_pair: str, side: PositionSide | None = None) -> Position | None:
        """The position of a pair; in HEDGE mode that of a side."""
        return self._positions.get(self.position_key(trading_pair, side))

    def closable(self, trading_pair: str, side: Side) -> Decimal:
        """How much an order of this side can close: the most that a reduce-only order should ask for."""
        closed = position_side(PositionAction.CLOSE, side)
        position = self.get_position(trading_pair, closed)
        return abs(position.amount) if position is not None and position.position_side is closed else _ZERO

    def asking(self) -> int:
        """The venue is about to be asked for all positions; `replace_all` wants this beside the answer."""
        return self._number

    def replace_all(self, updates: Iterable[PositionUpdate], question: int) -> None:
        """Take a whole answer: a position that it does not name is closed.

        Of what a stream told since the question, the answer says nothing new.
        """
        read = [self._read(update) for update in updates if self._is_news(update.trading_pair, question)]
        found = {self._key(position): position for position in read if position is not None and position.amount}
        for key, position in list(self._positions.items()):
            if key not in found and self._is_news(position.trading_pair, question):
                self._put(_closed(position))
        for position in found.values():
            self._put(position)

    def apply(self, update: PositionUpdate) -> None:
        """Take what a stream told; what it lacks stays as it was."""
        self._number += 1
        self._heard[update.trading_pair] = self._number
        position = self._read(update)
        if position is not None:
            self._put(position)

    def _is_news(self, trading_pair: str, question: int) -> bool:
        """Whether an answer to that question tells more of a pair than its stream did."""
        return self._heard.get(trading_pair, 0) <= question

    def _read(self, update: PositionUpdate) -> Position | None:
        """The position as it is after an update; ``None`` for one that is not there.

        With LONG or SHORT the absolute amount counts, otherwise the sign decides.
        """
        side = None if update.side is PositionSide.BOTH else update.side
        if update.amount:
            side = side or (PositionSide.LONG if update.amount > 0 else PositionSide.SHORT)
        held = self._find(update.trading_pair, side)
        if held is None:
            if side is None or not update.amount:
                return None
            held = Position(update.trading_pair, side, _ZERO, leverage=self._leverages.get(update.trading_pair))
        told = {name: value for name in _TOLD if (value := getattr(update, name)) is not None}
        if update.amount is not None:
            told["amount"] = abs(update.amount) if held.position_side is PositionSide.LONG else -abs(update.amount)
        return msgspec.structs.replace(held, **told)

    def _find(self, trading_pair: str, side: PositionSide | None) -> Position | None:
        """The position of a pair, unless it is of another side."""
        position = self.get_position(trading_pair, side)
        return position if position is not None and side in (None, position.position_side) else None

    def _key(self, position: Position) -> str:
        return self.position_key(position.trading_pair, position.position_side)

    def _put(self, position: Position) -> None:
        """Keep what is open, drop what is closed, and tell it if it is new."""
        key = self._key(position)
        if position == self._positions.get(key):
            return
        if position.amount:
            self._positions[key] = position
        else:
            self._positions.pop(key, None)
        self._tell(self._event(key, position))

    def _event(self, key: str, position: Position) -> PositionUpdateEvent:
        self._events += 1
        now = self._clock.time_ns()
        return PositionUpdateEvent(
            event_id=f"position:{key}:{now}:{self._events}",
            timestamp=now,
            trading_pair=position.trading_pair,
            position_side=position.position_side,
            amount=position.amount,
            entry_price=position.entry_price,
            unrealized_pnl=position.unrealized_pnl,
            leverage=position.leverage,
        )


def _closed(position: Position) -> Position:
    return msgspec.structs.replace(position, amount=_ZERO, unrealized_pnl=_ZERO)


_TOLD: Final = ("entry_price", "unrealized_pnl", "leverage", "margin_mode")
"""What a position takes from an update as it is."""
