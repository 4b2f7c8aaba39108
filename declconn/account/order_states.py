"""Which state may follow which in the life of an order, whatever order the news comes in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from declconn.types import OrderState

_S = OrderState

FINAL: Final = frozenset({_S.FILLED, _S.CANCELED, _S.FAILED})
"""The order is over."""

UNACCEPTED: Final = frozenset({_S.PENDING_CREATE, _S.PENDING_APPROVAL, _S.APPROVED})
"""The venue has not said yet that it has the order."""

WORKING: Final = frozenset({_S.OPEN, _S.PARTIALLY_FILLED})
"""The venue has the order, and may execute it."""

ACCEPTED: Final = frozenset({_S.OPEN, _S.PARTIALLY_FILLED, _S.PENDING_CANCEL, _S.FILLED})
"""The venue has, or had, the order; one that is CANCELED or FAILED may never have been accepted."""

_LATER: Final[Mapping[OrderState, frozenset[OrderState]]] = MappingProxyType(
    {
        _S.PENDING_CREATE: frozenset(_S) - {_S.PENDING_CREATE},
        _S.PENDING_APPROVAL: frozenset(_S) - {_S.PENDING_CREATE, _S.PENDING_APPROVAL},
        _S.APPROVED: frozenset(_S) - UNACCEPTED,
        _S.OPEN: frozenset({_S.PARTIALLY_FILLED, _S.PENDING_CANCEL, _S.CANCELED, _S.FILLED}),
        _S.PARTIALLY_FILLED: frozenset({_S.PENDING_CANCEL, _S.CANCELED, _S.FILLED}),
        _S.PENDING_CANCEL: frozenset({_S.CANCELED, _S.FILLED}),
        _S.FILLED: frozenset(),
        _S.CANCELED: frozenset(),
        _S.FAILED: frozenset(),
    }
)
_FOUND_AGAIN: Final = frozenset({_S.OPEN, _S.PARTIALLY_FILLED, _S.PENDING_CANCEL, _S.CANCELED, _S.FILLED})


def next_state(state: OrderState, told: OrderState, *, has_fills: bool, is_lost: bool) -> OrderState:
    """The state after the venue told one; the same state where that is late news.

    Args:
        state: the order's state.
        told: what the venue says.
        has_fills: something is executed: what is OPEN is then PARTIALLY_FILLED.
        is_lost: the order is FAILED only because the venue did not find it, so any sign of life counts.
    """
    if told is _S.OPEN and has_fills:
        told = _S.PARTIALLY_FILLED
    if told is _S.FAILED and (state in ACCEPTED or has_fills):
        told = _S.CANCELED  # it lived, so it did not fail: the venue gave it up
    later = _FOUND_AGAIN if is_lost else _LATER[state]
    return told if told in later else state


def while_fills_come(end: OrderState) -> OrderState:
    """The state, until its fills are here, of an order whose end the venue has told."""
    return _S.OPEN if end is _S.FILLED else _S.PENDING_CANCEL


def end_without_fills(end: OrderState) -> OrderState:
    """The state of such an order if they do not come: one that the venue gave up lived, so it is cancelled."""
    return _S.FILLED if end is _S.FILLED else _S.CANCELED
