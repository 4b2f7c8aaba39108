"""Arguments of operations as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from declconn.cli.asking import typed
from declconn.compile.filters import Duration, Time
from declconn.errors import ConfigurationError


def test_numbers_times_lists_and_flags_are_no_texts() -> None:
    given = {"amount": "1.50", "since": "1700000000000", "timeout": "2.5", "reduce_only": "true"}
    assert typed(given) == {
        "amount": Decimal("1.50"),
        "since": Time(1_700_000_000_000_000_000),
        "timeout": Duration(2_500_000_000),
        "reduce_only": True,
    }
    assert typed({"client_order_ids": "a,b", "symbol": "BTC-USD"}) == {
        "client_order_ids": ["a", "b"],
        "symbol": "BTC-USD",
    }


def test_only_an_amount_with_a_sign_may_be_below_0() -> None:
    assert typed({"signed_amount": "-1"}) == {"signed_amount": Decimal(-1)}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("amount", "-1", "a number above 0"),
        ("price", "0", "a number above 0"),
        ("signed_amount", "0", "a number above 0"),
        ("amount", "nan", "a number above 0"),
        ("price", "much", "a number"),
        ("since", "1.5", "a number"),
        ("reduce_only", "yes", "true or false"),
    ],
)
def test_what_is_written_otherwise_is_refused(name: str, text: str, expected: str) -> None:
    with pytest.raises(ConfigurationError, match=f"--arg {name}={text}: expected {expected}"):
        typed({name: text})
