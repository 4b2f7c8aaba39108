"""Positions: one for each market, or one for each side of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.account.events import PositionUpdateEvent
from declconn.account.positions import PerpetualTrading, Position
from declconn.errors import NotSupportedError
from declconn.records import PositionUpdate
from declconn.testing import ManualClock
from declconn.types import PositionMode, PositionSide, Side

BTC, ETH = "BTC-USDT", "ETH-USDT"
LONG, SHORT, BOTH = PositionSide.LONG, PositionSide.SHORT, PositionSide.BOTH


def update(pair: str, amount: str | None = None, side: PositionSide | None = None, **more: Any) -> PositionUpdate:
    return PositionUpdate(pair, None if amount is None else Decimal(amount), side, **more)


class Account(PerpetualTrading):
    """Positions with their events in reach."""

    def __init__(self, *modes: PositionMode) -> None:
        self.events: list[PositionUpdateEvent] = []
        super().__init__(modes or tuple(PositionMode), clock=ManualClock(), tell=self.events.append)

    def amounts(self) -> dict[str, Decimal]:
        return {key: position.amount for key, position in self.account_positions.items()}


@pytest.fixture
def oneway() -> Account:
    return Account()


@pytest.fixture
def hedge() -> Account:
    account = Account()
    account.set_position_mode(PositionMode.HEDGE)
    return account


@pytest.mark.parametrize("side", [BOTH, None])
def test_without_a_side_the_sign_decides(oneway: Account, side: PositionSide | None) -> None:
    oneway.apply(update(BTC, "-2", side))
    assert oneway.get_position(BTC) == Position(BTC, SHORT, Decimal(-2))
    oneway.apply(update(BTC, "3", side))
    assert oneway.get_position(BTC) == Position(BTC, LONG, Decimal(3))


@pytest.mark.parametrize("amount", ["2", "-2"])
def test_with_a_side_the_absolute_amount_counts(hedge: Account, amount: str) -> None:
    hedge.apply(update(BTC, amount, SHORT))
    hedge.apply(update(BTC, amount, LONG))
    assert hedge.amounts() == {"BTC-USDTSHORT": -2, "BTC-USDTLONG": 2}
    assert hedge.get_position(BTC, SHORT) == Position(BTC, SHORT, Decimal(-2))


def test_zero_removes_the_position(oneway: Account) -> None:
    oneway.apply(update(BTC, "2"))
    oneway.apply(update(BTC, "0"))
    oneway.apply(update(ETH, "0"))
    assert oneway.account_positions == {}
    assert [event.amount for event in oneway.events] == [2, 0]


def test_the_empty_other_side_of_a_market_removes_nothing(oneway: Account, hedge: Account) -> None:
    oneway.apply(update(BTC, "2", LONG))
    oneway.apply(update(BTC, "0", SHORT))
    assert oneway.amounts() == {BTC: 2}
    hedge.apply(update(BTC, "2", LONG))
    hedge.apply(update(BTC, "0", BOTH))
    assert hedge.amounts() == {"BTC-USDTLONG": 2}


def test_what_an_update_lacks_stays_as_it_was(oneway: Account) -> None:
    oneway.apply(update(BTC, "2", entry_price=Decimal(100), leverage=Decimal(5), margin_mode="cross"))
    oneway.apply(update(BTC, unrealized_pnl=Decimal(7)))
    oneway.apply(update(BTC, "1"))
    kept = Position(BTC, LONG, Decimal(1), Decimal(100), Decimal(7), Decimal(5), "cross")
    assert oneway.get_position(BTC) == kept
    assert oneway.events[-1].unrealized_pnl == 7


def test_a_position_that_turned_is_a_new_one(oneway: Account) -> None:
    oneway.apply(update(BTC, "2", entry_price=Decimal(100)))
    oneway.apply(update(BTC, "-1"))
    assert oneway.get_position(BTC) == Position(BTC, SHORT, Decimal(-1))


def test_a_part_of_a_position_that_is_not_there_is_nothing(oneway: Account) -> None:
    oneway.apply(update(BTC, unrealized_pnl=Decimal(7)))
    assert oneway.account_positions == {}


def test_a_whole_answer_closes_what_it_does_not_name(oneway: Account) -> None:
    oneway.apply(update(BTC, "2"))
    oneway.apply(update(ETH, "1"))
    oneway.replace_all([update(BTC, "0"), update(ETH, "3")], oneway.asking())
    assert oneway.amounts() == {ETH: 3}
    oneway.replace_all([], oneway.asking())
    assert oneway.amounts() == {}
    assert [(event.trading_pair, event.amount) for event in oneway.events[2:]] == [(BTC, 0), (ETH, 3), (ETH, 0)]


def test_the_empty_other_side_in_an_answer_removes_nothing(oneway: Account) -> None:
    oneway.apply(update(BTC, "1", SHORT))
    oneway.replace_all([update(BTC, "2", LONG), update(BTC, "0", SHORT)], oneway.asking())
    assert oneway.amounts() == {BTC: 2}


def test_an_answer_does_not_overwrite_what_a_stream_told_since_the_question(oneway: Account) -> None:
    oneway.apply(update(BTC, "2"))
    question = oneway.asking()
    oneway.apply(update(BTC, "0"))
    oneway.apply(update(ETH, "1"))
    oneway.replace_all([update(BTC, "2")], question)
    assert oneway.amounts() == {ETH: 1}


def test_the_same_again_is_not_told(oneway: Account) -> None:
    oneway.apply(update(BTC, "2.0"))
    oneway.apply(update(BTC, "2"))
    assert len(oneway.events) == 1


def test_what_can_be_closed_is_what_is_held_on_the_other_side(oneway: Account, hedge: Account) -> None:
    oneway.apply(update(BTC, "2"))
    assert (oneway.closable(BTC, Side.SELL), oneway.closable(BTC, Side.BUY)) == (2, 0)
    hedge.apply(update(BTC, "2", LONG))
    hedge.apply(update(BTC, "3", SHORT))
    assert (hedge.closable(BTC, Side.SELL), hedge.closable(BTC, Side.BUY)) == (2, 3)


def test_a_mode_that_the_venue_does_not_have_is_refused() -> None:
    only_hedge = Account(PositionMode.HEDGE)
    assert only_hedge.position_mode is PositionMode.HEDGE
    with pytest.raises(NotSupportedError, match="ONEWAY is not offered here; there are HEDGE"):
        only_hedge.set_position_mode(PositionMode.ONEWAY)
    with pytest.raises(NotSupportedError, match=r"positions\.modes"):
        PerpetualTrading((), clock=ManualClock(), tell=print)


def test_a_change_of_mode_keeps_what_is_open_within_reach(oneway: Account) -> None:
    oneway.apply(update(BTC, "2"))
    oneway.set_position_mode(PositionMode.HEDGE)
    assert oneway.amounts() == {"BTC-USDTLONG": 2}


def test_leverage_is_1_until_it_is_set(oneway: Account) -> None:
    assert oneway.get_leverage(BTC) == 1
    oneway.set_leverage(BTC, Decimal(20))
    assert (oneway.get_leverage(BTC), oneway.get_leverage(ETH)) == (20, 1)


@given(
    st.lists(st.tuples(st.sampled_from([BTC, ETH]), st.sampled_from([None, *PositionSide]), st.integers(-2, 2))),
    st.sampled_from(PositionMode),
)
def test_a_position_is_open_has_the_sign_of_its_side_and_stands_under_its_key(
    updates: list[tuple[str, PositionSide | None, int]], mode: PositionMode
) -> None:
    account = Account()
    account.set_position_mode(mode)
    for pair, side, amount in updates:
        account.apply(update(pair, str(amount), side))
    for key, position in account.account_positions.items():
        assert (position.amount > 0) == (position.position_side is LONG)
        assert position.amount
        assert key == account.position_key(position.trading_pair, position.position_side)
