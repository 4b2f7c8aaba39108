"""A counter over all frames."""

from __future__ import annotations

import pytest

from declconn.connector.feed.sequence import FrameCounter
from declconn.connector.news import FrameGapError
from declconn.errors import MappingError
from declconn.spec.models import Sequence


def counter(**words: str) -> FrameCounter:
    return FrameCounter("streams.market", Sequence(**words))


def test_numbers_that_follow_are_nothing_and_a_jump_is_a_gap_with_both_numbers() -> None:
    frames = counter(path="n")
    for number in (7, 8, 9):
        frames.check({"n": number})

    with pytest.raises(FrameGapError, match=r"streams\.market\.sequence: .*expected number 10, found 12") as caught:
        frames.check({"n": 12})
    assert (caught.value.expected, caught.value.found) == (10, 12)


@pytest.mark.parametrize("again", [9, 8, 1])
def test_a_number_that_comes_again_or_steps_back_is_a_gap_too(again: int) -> None:
    frames = counter(path="n")
    frames.check({"n": 8})
    frames.check({"n": 9})
    with pytest.raises(FrameGapError):
        frames.check({"n": again})


def test_a_new_connection_counts_anew() -> None:
    frames = counter(path="n")
    frames.check({"n": 100})
    frames.restart()
    frames.check({"n": 0})
    frames.check({"n": 1})


def test_every_channel_may_have_a_counter_of_its_own() -> None:
    frames = counter(path="n", per="channel")
    for number in (1, 2):
        frames.check({"channel": "book", "n": number})
        frames.check({"channel": "trades", "n": number + 40})
    with pytest.raises(FrameGapError, match="frames of trades were lost: expected number 43, found 44"):
        frames.check({"channel": "trades", "n": 44})


def test_a_frame_without_a_number_is_not_counted_and_text_is_a_number_too() -> None:
    frames = counter(path="n")
    frames.check({"n": "1"})
    frames.check({"type": "pong"})
    frames.check({"n": "2"})


def test_what_is_no_number_is_an_error_with_its_place() -> None:
    with pytest.raises(MappingError, match=r"streams\.market\.sequence\.path"):
        counter(path="n").check({"n": "many"})
