"""Client order ids: by the venue's rules, and no two the same."""

from __future__ import annotations

import re
import uuid
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.account.client_order_ids import ClientOrderIds
from declconn.errors import ConfigurationError
from declconn.testing import ManualClock
from declconn.types import Side

NOW = 1_700_000_000 * 10**9


class RestlessClock(ManualClock):
    """Wall time that steps back as well."""

    def __init__(self) -> None:
        super().__init__()
        self.ns = NOW

    def time_ns(self) -> int:
        return self.ns


def ids(now: int = NOW, seed: int = 1, **rules: Any) -> ClientOrderIds:
    return ClientOrderIds(clock=ManualClock(now), random=Random(seed), **rules)


def made(count: int = 1, **rules: Any) -> list[str]:
    source = ids(**rules)
    return [source.next(Side.BUY, "BTC-USDT") for _ in range(count)]


def test_an_id_begins_with_the_prefix_and_says_side_and_market_as_hummingbots_do() -> None:
    source = ids(prefix="dc-")

    assert source.next(Side.BUY, "BTC-USDT").startswith("dc-BBCUT")
    assert source.next(Side.SELL, "ETH-USD").startswith("dc-SEHUD")


@pytest.mark.parametrize("pair", ["币安-USDT", "XYZ:AAPL-USD", "$-USD", "A-", "PAIR"])
def test_assets_of_any_spelling_make_letters_and_digits(pair: str) -> None:
    one = ids(format="alnum").next(Side.BUY, pair)

    assert one.isascii()
    assert one.isalnum()


def test_short_ids_go_without_the_label_but_keep_the_time() -> None:
    short = made(2, length=12)

    assert [len(one) for one in short] == [12, 12]
    assert len({one[:10] for one in short}) == 2


def test_a_hex_id_has_exactly_the_length() -> None:
    (one,) = made(prefix="0x", length=34, format="hex")

    assert re.fullmatch(r"0x[0-9a-f]{32}", one)


def test_a_uuid_is_one_of_version_4() -> None:
    (one,) = made(length=36, format="uuid")

    assert uuid.UUID(one).version == 4
    assert str(uuid.UUID(one)) == one


@given(st.integers(24, 63))
def test_a_number_is_positive_and_below_its_bits(bits: int) -> None:
    assert all(0 < int(one) < 2**bits for one in made(50, format="int", bits=bits))


def test_a_number_has_no_more_digits_than_the_length() -> None:
    assert all(len(one) <= 9 for one in made(10, format="int", length=9))


def test_numbers_of_31_bits_rise_over_a_restart_even_after_a_burst_of_ten_orders_a_second() -> None:
    before = made(600, format="int", bits=31)
    after = made(600, format="int", bits=31, now=NOW + 60 * 10**9, seed=2)

    assert not {*before} & {*after}


@given(
    st.sampled_from(["text", "alnum", "hex", "uuid", "int"]),
    st.integers(36, 64),
    st.lists(st.integers(-(10**10), 10**10), max_size=50),
    st.integers(0, 2**32),
)
def test_ids_never_repeat_whatever_the_clock_does(format: Any, length: int, steps: list[int], seed: int) -> None:
    clock = RestlessClock()
    source = ClientOrderIds(length=length, format=format, clock=clock, random=Random(seed))
    found = []
    for step in steps:
        clock.ns = NOW + step
        found.append(source.next(Side.SELL, "BTC-USDT"))

    assert len({*found}) == len(found)
    assert all(len(one) <= length for one in found)


@pytest.mark.parametrize("format", ["text", "alnum", "hex", "uuid"])
def test_two_processes_that_start_in_the_same_microsecond_make_different_ids(format: Any) -> None:
    first, second = (made(1000, format=format, length=36, seed=seed) for seed in (1, 2))

    assert not {*first} & {*second}


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"length": 9}, r"found length 9, .* need 10; write `length: 10`$"),
        ({"prefix": "x" * 30, "length": 36}, r"6 characters are left"),
        ({"format": "hex", "length": 12}, r"'hex' need 13"),
        ({"format": "uuid", "length": 32}, r"'uuid' need 36"),
        (
            {"format": "uuid", "prefix": "dc-", "length": 36},
            r"33 characters .* write `length: 39`, or a shorter prefix",
        ),
        ({"format": "int", "prefix": "dc-"}, r"a number has none"),
        ({"format": "alnum", "prefix": "dc-"}, r"are letters and digits; write such a prefix, or `format: text`"),
        ({"bits": 31}, r"only ids of the format 'int' are numbers"),
    ],
)
def test_rules_that_leave_no_room_are_refused(rules: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        ids(**rules)
