"""What is asked of a venue about an account: balances, positions, fees."""

from __future__ import annotations

import asyncio

from declconn.account.balances import Balances
from declconn.account.fee_schedule import FeeSchedule
from declconn.account.positions import PerpetualTrading
from declconn.connector.requests.operations import Operations


class Inquiries:
    """Asks, and hands the answers to whoever keeps them.

    Args:
        operations: how the venue is asked; what is about one market is asked for every pair that is followed.
    """

    def __init__(
        self,
        operations: Operations,
        *,
        balances: Balances,
        fees: FeeSchedule,
        perpetual: PerpetualTrading | None,
    ) -> None:
        self._operations = operations
        self._balances, self._fees, self._perpetual = balances, fees, perpetual
        self._asking_balances = asyncio.Lock()

    async def balances(self) -> None:
        """Everything that is held."""
        async with self._asking_balances:  # what happens in the meantime is counted since one question, not since two
            question = self._balances.asking()
            self._balances.replace_all(await self._operations.call("balances"), question)

    async def fees(self) -> None:
        """The account's fees on the pairs that are followed."""
        self._fees.update_trading_fees(await self._operations.call("trading_fees"))

    async def positions(self) -> None:
        """Every position."""
        assert self._perpetual is not None
        question = self._perpetual.asking()
        self._perpetual.replace_all(await self._operations.call("positions"), question)

    async def position_mode(self) -> None:
        """The mode that the account has."""
        assert self._perpetual is not None
        for answer in await self._operations.call("position_mode"):
            self._perpetual.set_position_mode(answer.mode)
