"""The terms of positions on a derivative venue, set at the venue first: leverage and modes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from declconn.account.events import PositionModeChangeEvent
from declconn.account.given import number, word
from declconn.account.positions import PerpetualTrading
from declconn.clock import Clock
from declconn.connector.requests.operations import Operations
from declconn.connector.symbols import Symbols
from declconn.connector.venue_words import VenueWords
from declconn.errors import DeclconnError, InvalidOrderError, NotSupportedError
from declconn.log import get_logger
from declconn.types import PositionMode

logger = get_logger("declconn.account")


class PositionTerms:
    """Asks the venue to change terms, and keeps what it agreed to.

    Args:
        operations: how the venue is asked.
        symbols: its markets.
        words: its words.
        perpetual: keeps the terms.
        pairs: the pairs that are followed, each of which is told of a change of mode.
        clock: when something changed.
        tell: who hears of it.
    """

    def __init__(
        self,
        operations: Operations,
        *,
        symbols: Symbols,
        words: VenueWords,
        perpetual: PerpetualTrading,
        pairs: Callable[[], Iterable[str]],
        clock: Clock,
        tell: Callable[[Any], None],
    ) -> None:
        self._operations, self._symbols, self._words = operations, symbols, words
        self._perpetual, self._pairs, self._clock, self._tell = perpetual, pairs, clock, tell
        self._changing = asyncio.Lock()
        self._changes = 0

    async def set_leverage(self, trading_pair: str, leverage: int | Decimal) -> None:
        """Let new positions of a pair have this leverage. A venue without such a request takes it from each order.

        Raises:
            UnknownPairError: the venue does not list the pair.
            InvalidOrderError: it is no exact number, or the venue does not allow so much; nothing was sent.
            DeclconnError: the venue refused; the leverage is as it was.
        """
        most = self._symbols.rule(trading_pair).max_leverage
        leverage = number(f"{trading_pair}: leverage", leverage)
        if not leverage.is_finite() or leverage < 1 or (most is not None and leverage > most):
            expected = "at least 1" if most is None else f"1 to {most:f}"
            raise InvalidOrderError(f"{trading_pair}: found leverage {leverage}, expected {expected}")
        if "set_leverage" in self._operations:
            mode = self._words.position_mode(self._perpetual.position_mode)
            terms = {"leverage": leverage, "position_mode": mode}
            answers = await self._operations.call("set_leverage", {**self._words.market(trading_pair), **terms})
            _check(trading_pair, leverage, answers)
        self._perpetual.set_leverage(trading_pair, leverage)
        logger.info("leverage of %s is %s now", trading_pair, leverage)

    async def set_position_mode(self, mode: PositionMode) -> None:
        """Let the account have one position per market, or one for each side. Events tell every pair.

        Raises:
            InvalidOrderError: there is no such mode anywhere.
            NotSupportedError: the venue has no such mode.
            DeclconnError: the venue refused (most do while positions or orders are open); the mode is as it was.
        """
        mode = word("mode", mode, PositionMode)
        if mode not in self._perpetual.supported_position_modes:
            offered = ", ".join(self._perpetual.supported_position_modes)
            raise NotSupportedError(f"position mode {mode} is not offered here; there are {offered}")
        async with self._changing:
            try:
                await self._change(mode)
            except DeclconnError as error:
                self._tell_pairs(mode, str(error))
                raise
            self._perpetual.set_position_mode(mode)
            self._tell_pairs(mode, None)

    async def _change(self, mode: PositionMode) -> None:
        if "set_position_mode" in self._operations:
            await self._operations.call("set_position_mode", {"position_mode": self._words.position_mode(mode)})
        elif mode is not self._perpetual.position_mode:
            raise NotSupportedError("the spec declares no operation 'set_position_mode'")

    def _tell_pairs(self, mode: PositionMode, message: str | None) -> None:
        self._changes += 1
        now = self._clock.time_ns()
        for pair in self._pairs():
            event = PositionModeChangeEvent(
                event_id=f"{pair}:mode:{now}:{self._changes}",
                timestamp=now,
                trading_pair=pair,
                position_mode=mode,
                success=message is None,
                message=message,
            )
            self._tell(event)


def _check(trading_pair: str, leverage: Decimal, answers: Iterable[Any]) -> None:
    """A venue that only tells how much may be set has agreed to nothing."""
    most = next((answer.max_leverage for answer in answers if answer.max_leverage is not None), None)
    if most is not None and leverage > most:
        raise InvalidOrderError(f"{trading_pair}: found leverage {leverage}, expected at most {most}")
