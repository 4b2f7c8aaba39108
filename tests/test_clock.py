"""Pauses that double."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from declconn.clock import pause


def test_a_pause_doubles_up_to_the_longest() -> None:
    assert [pause(attempt, 0.5, 5.0) for attempt in range(6)] == [0.5, 1, 2, 4, 5, 5]


@given(attempt=st.integers(0, 10**9), first=st.floats(1e-3, 60), longest=st.floats(60, 1e6))
def test_there_is_a_pause_after_however_many_attempts(attempt: int, first: float, longest: float) -> None:
    seconds = pause(attempt, first, longest)
    assert first <= seconds <= longest
    assert seconds == longest or attempt < 64
