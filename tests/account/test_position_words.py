"""What an order says of the position that it opens or closes."""

from __future__ import annotations

import pytest

from declconn.account.position_words import position_words
from declconn.types import PositionAction, PositionMode, PositionSide, Side


@pytest.mark.parametrize(
    ("action", "side", "position"),
    [
        (PositionAction.OPEN, Side.BUY, PositionSide.LONG),
        (PositionAction.OPEN, Side.SELL, PositionSide.SHORT),
        (PositionAction.CLOSE, Side.SELL, PositionSide.LONG),
        (PositionAction.CLOSE, Side.BUY, PositionSide.SHORT),
        (PositionAction.NIL, Side.BUY, PositionSide.LONG),
    ],
)
def test_in_hedge_mode_the_side_of_the_position_says_all(
    action: PositionAction, side: Side, position: PositionSide
) -> None:
    assert position_words(PositionMode.HEDGE, action, side) == {"position_side": position}


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(("action", "reduces"), [("OPEN", False), ("NIL", False), ("CLOSE", True)])
def test_in_one_way_mode_what_closes_only_reduces(side: Side, action: str, reduces: bool) -> None:
    words = position_words(PositionMode.ONEWAY, PositionAction(action), side)
    assert words == {"position_side": PositionSide.BOTH, "reduce_only": reduces}
