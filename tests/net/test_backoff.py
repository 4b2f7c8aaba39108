from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.net.backoff import Backoff, retry_after
from declconn.net.transport import Headers


def test_it_doubles_from_1_to_32_seconds() -> None:
    backoff = Backoff(lambda: 1.0)
    assert [backoff.after(0) for _ in range(8)] == [1, 2, 4, 8, 16, 32, 32, 32]


def test_a_healthy_minute_begins_anew() -> None:
    backoff = Backoff(lambda: 1.0)
    assert [backoff.after(lived) for lived in (0, 0, 59.9, 60, 0)] == [1, 2, 4, 1, 2]


@given(st.floats(0, 1, exclude_max=True), st.integers(0, 10))
def test_chance_shortens_a_wait_to_no_less_than_half(chance: float, failures: int) -> None:
    backoff = Backoff(lambda: chance)
    waits = [backoff.after(0) for _ in range(failures + 1)]
    whole = min(2**failures, 32)
    assert whole / 2 <= waits[-1] <= whole


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 0.5 ", 0.5),
        ("Tue, 14 Nov 2023 22:13:30 GMT", 10.0),
        ("Tue, 14 Nov 2023 22:13:30 -0000", 10.0),
        ("Tue, 14 Nov 2023 22:13:10 GMT", 0.0),
        ("soon", None),
        ("nan", None),
        ("-1", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert retry_after(Headers({"Retry-After": header}), 1_700_000_000.0) == seconds


def test_no_retry_after_is_none() -> None:
    assert retry_after(Headers({}), 1_700_000_000.0) is None
