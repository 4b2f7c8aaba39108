"""What an order on a derivative venue says of the position that it opens or closes."""

from __future__ import annotations

from typing import TypedDict

from declconn.types import PositionAction, PositionMode, PositionSide, Side


class PositionWords(TypedDict, total=False):
    """The arguments of `place_order` that speak of positions, in our words; an absent one is not said."""

    position_side: PositionSide
    reduce_only: bool


def position_words(mode: PositionMode, action: PositionAction, side: Side) -> PositionWords:
    """What follows from the account's mode, from whether the order opens or closes, and from its side.

    In HEDGE mode a venue knows by the side of the position what closes it, and most refuse `reduce_only` beside it.
    """
    if mode is PositionMode.ONEWAY:
        return {"position_side": PositionSide.BOTH, "reduce_only": action is PositionAction.CLOSE}
    return {"position_side": position_side(action, side)}


def position_side(action: PositionAction, side: Side) -> PositionSide:
    """The position that an order changes: a sale closes a long one, or opens a short one."""
    is_long = (side is Side.BUY) != (action is PositionAction.CLOSE)
    return PositionSide.LONG if is_long else PositionSide.SHORT
