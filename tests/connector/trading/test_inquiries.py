"""Questions about an account."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from declconn.account.balances import Balances
from declconn.account.fee_schedule import FeeSchedule
from declconn.account.holds import SpotHolds
from declconn.account.trade_fee import TradeFeeSchema
from declconn.connector.trading.inquiries import Inquiries
from declconn.records import BalanceUpdate
from declconn.testing import ManualClock


class _Slow:
    """Operations that answer when they are told to."""

    def __init__(self) -> None:
        self.asked: list[asyncio.Future[list[BalanceUpdate]]] = []

    async def call(self, _operation: str) -> list[BalanceUpdate]:
        self.asked.append(asyncio.get_running_loop().create_future())
        return await self.asked[-1]


async def test_one_question_for_balances_follows_another() -> None:
    slow: Any = _Slow()
    balances = Balances(
        list,
        holds=SpotHolds(lambda _pair: Decimal(0)),
        real_time=True,
        clock=ManualClock(),
        tell=lambda event: None,
        ask=lambda: None,
    )
    inquiries = Inquiries(slow, balances=balances, fees=FeeSchedule(TradeFeeSchema()), perpetual=None)
    async with asyncio.TaskGroup() as both:
        for _ in range(2):
            both.create_task(inquiries.balances())
        await asyncio.sleep(0)
        assert len(slow.asked) == 1
        slow.asked[0].set_result([BalanceUpdate("HBOT", Decimal(1), Decimal(1))])
        for _ in range(5):
            await asyncio.sleep(0)
        assert balances.get_balance("HBOT") == 1
        slow.asked[1].set_result([BalanceUpdate("HBOT", Decimal(2), Decimal(2))])
    assert balances.get_balance("HBOT") == 2
