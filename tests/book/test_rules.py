"""Each rule in its vendor's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest

from declconn.book.rules import RULES, ArrivalStamps, JoinWord, RuleName
from declconn.errors import SequenceGapError
from declconn.records import OrderBookMessage

Message = Callable[..., OrderBookMessage]
LAST = 10


@pytest.mark.parametrize(
    ("rule", "ids", "follows"),
    [
        ("range", {"first": 11, "update_id": 15}, True),
        ("range", {"update_id": 11}, True),
        ("range", {"first": 9, "update_id": 10}, False),
        ("range", {"first": 12, "update_id": 15}, None),
        ("range", {"first": 10, "update_id": 15}, None),
        ("range", {"first": 3, "update_id": 5}, None),
        ("prev", {"previous": 10, "update_id": 99}, True),
        ("prev", {"previous": 10, "update_id": 10}, True),
        ("prev", {"previous": 10, "update_id": 2}, True),
        ("prev", {"previous": 8, "update_id": 10}, False),
        ("prev", {"previous": 11, "update_id": 12}, None),
        ("prev", {"update_id": 11}, None),
        ("step", {"update_id": 11}, True),
        ("step", {"update_id": 10}, False),
        ("step", {"update_id": 12}, None),
        ("step", {"update_id": 9}, None),
        ("monotonic", {"update_id": 11}, True),
        ("monotonic", {"update_id": 500}, True),
        ("monotonic", {"update_id": 10}, False),
        ("monotonic", {"update_id": 3}, False),
        ("none", {"update_id": 500}, True),
        ("checksum", {"update_id": 500}, True),
    ],
)
def test_a_diff_follows_is_a_repetition_or_shows_a_gap(
    rule: RuleName, ids: dict[str, int], follows: bool | None, message: Message
) -> None:
    if follows is None:
        with pytest.raises(SequenceGapError):
            RULES[rule]().follows(message(**ids), LAST)
    else:
        assert RULES[rule]().follows(message(**ids), LAST) is follows


@pytest.mark.parametrize(
    ("rule", "ids", "expected", "found"),
    [
        ("range", {"first": 12, "update_id": 15}, 11, 12),
        ("prev", {"previous": 11, "update_id": 15}, 10, 11),
        ("step", {"update_id": 13}, 11, 13),
    ],
)
def test_a_gap_names_both_ids(rule: RuleName, ids: Any, expected: int, found: int, message: Message) -> None:
    with pytest.raises(SequenceGapError, match=f"BTC-USDT: gap by rule '{rule}'") as caught:
        RULES[rule]().follows(message(**ids), LAST)
    assert (caught.value.expected, caught.value.found) == (expected, found)


@pytest.mark.parametrize(
    ("word", "ids", "joins"),
    [
        ("contains_next", {"first": 11, "update_id": 11}, True),
        ("contains_next", {"first": 5, "update_id": 20}, True),
        ("contains_next", {"first": 12, "update_id": 20}, False),
        ("contains_next", {"first": 5, "update_id": 10}, False),
        ("contains", {"first": 5, "update_id": 10}, True),
        ("contains", {"first": 11, "update_id": 12}, False),
        ("prev_equals", {"previous": 10, "update_id": 12}, True),
        ("prev_equals", {"previous": 9, "update_id": 12}, False),
        ("prev_contains", {"previous": 9, "update_id": 12}, True),
        ("prev_contains", {"previous": 11, "update_id": 12}, False),
        ("prev_contains", {"update_id": 12}, False),
        ("any", {"update_id": 99}, True),
    ],
)
def test_the_first_diff_meets_the_snapshot(word: JoinWord, ids: dict[str, int], joins: bool, message: Message) -> None:
    rule = RULES["prev"](join=(word,))
    if joins:
        rule.joins(message(**ids), LAST)
    else:
        with pytest.raises(SequenceGapError):
            rule.joins(message(**ids), LAST)


def test_any_of_several_join_words_is_enough(message: Message) -> None:
    rule = RULES["prev"](join=("contains", "prev_equals"))
    rule.joins(message(15, first=8, previous=2), LAST)
    rule.joins(message(15, first=12, previous=10), LAST)


def test_each_rule_has_its_usual_join(message: Message) -> None:
    assert {name: rule.default_join for name, rule in RULES.items()} == {
        "range": ("contains_next",),
        "prev": ("prev_equals",),
        "step": ("contains_next",),
        "monotonic": ("any",),
        "checksum": ("any",),
        "none": ("any",),
    }
    assert set(RULES) == set(get_args(RuleName))


def test_a_diff_that_the_snapshot_holds_is_stale(message: Message) -> None:
    usual, strict = RULES["prev"](), RULES["prev"](stale="<")
    assert [usual.is_stale(message(update), LAST) for update in (9, 10, 11)] == [True, True, False]
    assert [strict.is_stale(message(update), LAST) for update in (9, 10, 11)] == [True, False, False]


def test_after_the_snapshot_of_an_empty_listing_any_diff_joins(message: Message) -> None:
    rule = RULES["range"](empty_ids=frozenset({-1, 0}))
    for nothing in (-1, 0):
        assert not rule.is_stale(message(-5), nothing)
        rule.joins(message(500), nothing)


def test_a_snapshot_without_an_id_is_joined_only_by_any(message: Message) -> None:
    assert not RULES["step"]().is_stale(message(5), None)
    RULES["step"](join=("any",)).joins(message(5), None)
    with pytest.raises(SequenceGapError):
        RULES["step"]().joins(message(5), None)


class Hands:
    """A clock whose hands the test moves."""

    def __init__(self, *times: int) -> None:
        self._times = list(times)

    def time_ns(self) -> int:
        return self._times.pop(0)

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody sleeps here")


def test_arrival_stamps_grow_even_if_the_clock_stands_still_or_steps_back() -> None:
    stamps = ArrivalStamps(Hands(100, 100, 40, 101, 200))
    assert [stamps.next() for _ in range(5)] == [100, 101, 102, 103, 200]
