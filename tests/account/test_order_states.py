"""Which state may follow which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.account.order_states import ACCEPTED, FINAL, UNACCEPTED, next_state
from declconn.types import OrderState as S

states = st.sampled_from(S)


def follow(state: S, told: S, has_fills: bool = False, is_lost: bool = False) -> S:
    return next_state(state, told, has_fills=has_fills, is_lost=is_lost)


@given(st.sampled_from(sorted(FINAL)), states, st.booleans())
def test_the_end_is_the_end(end: S, told: S, has_fills: bool) -> None:
    assert follow(end, told, has_fills) is end


@given(states, st.lists(states), st.booleans())
def test_an_accepted_order_is_never_waiting_to_be_accepted_again(start: S, told: list[S], has_fills: bool) -> None:
    state = start
    for word in told:
        state, before = follow(state, word, has_fills), state
        assert before in UNACCEPTED or state not in UNACCEPTED


@given(st.sampled_from(sorted(ACCEPTED - FINAL)), st.booleans())
def test_an_order_that_lived_does_not_fail_it_is_given_up(state: S, has_fills: bool) -> None:
    assert follow(state, S.FAILED, has_fills) is S.CANCELED


@given(st.sampled_from(sorted(UNACCEPTED)))
def test_an_order_that_was_executed_in_part_did_not_fail(state: S) -> None:
    assert follow(state, S.FAILED) is S.FAILED
    assert follow(state, S.FAILED, has_fills=True) is S.CANCELED


def test_an_open_order_with_fills_is_partially_filled() -> None:
    assert follow(S.PENDING_CREATE, S.OPEN, has_fills=True) is S.PARTIALLY_FILLED
    assert follow(S.OPEN, S.OPEN, has_fills=True) is S.PARTIALLY_FILLED
    assert follow(S.PARTIALLY_FILLED, S.OPEN) is S.PARTIALLY_FILLED


@pytest.mark.parametrize("told", [S.OPEN, S.PARTIALLY_FILLED, S.PENDING_CREATE, S.FAILED])
def test_an_order_that_is_being_cancelled_works_no_more(told: S) -> None:
    assert follow(S.PENDING_CANCEL, told) in (S.PENDING_CANCEL, S.CANCELED)


@pytest.mark.parametrize("told", [S.OPEN, S.PARTIALLY_FILLED, S.CANCELED, S.FILLED])
def test_a_lost_order_may_live_after_all(told: S) -> None:
    assert follow(S.FAILED, told, is_lost=True) is told
    assert follow(S.FAILED, told) is S.FAILED
