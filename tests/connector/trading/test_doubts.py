"""Orders in doubt are looked at until their fate is known, more seldom where an answer takes long."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from declconn.account.in_flight_order import InFlightOrder
from declconn.connector.trading.doubts import LONGEST, Doubts
from declconn.net.throttler import Priority
from declconn.testing import ManualClock
from declconn.types import OrderType, Side


class Venue:
    """Answers after a while that it does not know."""

    def __init__(self, clock: ManualClock, seconds: float) -> None:
        self._clock, self._seconds = clock, seconds
        self.asked: list[tuple[float, Priority]] = []

    async def look(self, order: InFlightOrder, priority: Priority) -> bool:
        self.asked.append((self._clock.monotonic(), priority))
        if self._seconds:
            await self._clock.sleep(self._seconds)
        return True


def in_doubt() -> InFlightOrder:
    order = InFlightOrder(
        client_order_id="a",
        trading_pair="BTC-USD",
        order_type=OrderType.LIMIT,
        trade_type=Side.BUY,
        amount=Decimal(1),
        price=Decimal(100),
        creation_timestamp=0,
    )
    order.fate_unknown = True
    return order


async def asked_of(player: Any, seconds_to_answer: float) -> Venue:
    """What a venue was asked about an order in a minute."""
    venue = Venue(player.clock, seconds_to_answer)
    doubts = Doubts(venue.look, player.clock)
    doubts.start()
    doubts.add(in_doubt())
    await player.pass_by(60)
    await doubts.stop()
    return venue


async def test_no_question_is_put_behind_all_others_for_good(player: Any) -> None:
    venue = await asked_of(player, 0)
    assert {priority for _, priority in venue.asked} == {Priority.NORMAL}, "rounds alone can use up a short limit"


async def test_a_quick_answer_is_asked_for_again_every_few_seconds(player: Any) -> None:
    venue = await asked_of(player, 0)
    assert [moment - venue.asked[0][0] for moment, _ in venue.asked[:6]] == [0, 1, 3, 7, 12, 17]


async def test_who_waits_long_for_an_answer_asks_again_later(player: Any) -> None:
    venue = await asked_of(player, 4)
    assert [moment - venue.asked[0][0] for moment, _ in venue.asked] == [0, 16, 32, 48]


async def test_a_doubt_is_looked_at_for_as_long_as_it_lasts(player: Any) -> None:
    venue = Venue(player.clock, 0)
    doubts = Doubts(venue.look, player.clock)
    doubts.start()
    doubts.add(in_doubt())
    await player.pass_by(1_100 * LONGEST, step=LONGEST)
    assert len(venue.asked) > 1_030, "2**1024 is more than a float holds"
    assert len(doubts) == 1
    await doubts.stop()
