"""A time that is wrong by a factor of a thousand is told by its year; any that could be right is left alone."""

from __future__ import annotations

import pytest

from declconn.connector.strange_times import strange_time, strange_time_of
from declconn.records import BalanceUpdate, ServerTime

NOW = 1_795_000_000_000_000_000


@pytest.mark.parametrize("ns", [NOW, 1_483_228_800_000_000_000, NOW + 365 * 86_400 * 10**9])
def test_a_time_of_this_century_is_no_doubt(ns: int) -> None:
    assert strange_time(ns) is None


@pytest.mark.parametrize(("ns", "year"), [(NOW * 1_000, "58851"), (NOW // 1_000, "1970"), (NOW // 10**6, "1970")])
def test_another_unit_is(ns: int, year: str) -> None:
    assert strange_time(ns) == f"a time in the year {year}; is `time_unit` right?"


def test_of_a_record_its_time_counts_and_none_or_0_says_nothing() -> None:
    assert "58851" in (strange_time_of(BalanceUpdate("BTC", timestamp=NOW * 1_000)) or "")
    assert strange_time_of(BalanceUpdate("BTC", timestamp=0)) is None
    assert strange_time_of(BalanceUpdate("BTC")) is None
    assert strange_time_of({"token": "x"}) is None
    assert "58851" in (strange_time_of(ServerTime(NOW * 1_000)) or "")
