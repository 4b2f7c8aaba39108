"""Answers tied to questions."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from declconn.compile.channels import Channel, Message
from declconn.connector.feed.subscriptions import ANSWER_TIME, FIRST_PAUSE, LONGEST_PAUSE, Purpose, Subscriptions
from declconn.errors import LostAnswerError, VenueError

NO = VenueError("subscribe", "rejected", "no such market")
SYMBOLS = {"btcusd": "BTC-USD", "ethusd": "ETH-USD"}


def channel(name: str, *symbols: str) -> Channel:
    markets = {SYMBOLS[symbol]: {"symbol": symbol} for symbol in symbols}
    return Channel(name, f"{name}.{','.join(symbols)}", markets, carries_books=name == "book")


def subscriptions(answered: bool = True) -> Subscriptions:
    return Subscriptions("streams.market", answered=answered, books={"book"}, pair_of=SYMBOLS.get)


def ask(asked: Subscriptions, number: int, *channels: Channel, purpose: Purpose = "subscribe", at: float = 0.0) -> None:
    message = Message(lambda _: f"message {number}", number, channels)
    asked.asking(message, purpose)
    asked.asked(message, at)


def test_an_answer_is_tied_by_the_number_of_its_question_as_text() -> None:
    asked = subscriptions()
    ask(asked, 1, channel("book", "btcusd"))
    ask(asked, 2, channel("book", "ethusd"))

    assert asked.refused({"request_id": "2"}, NO, 0).pairs == ("ETH-USD",)
    assert asked.accepted({"request_id": 1}).pairs == ("BTC-USD",)
    assert asked.accepted({"request_id": 1}).message is None


def test_without_a_number_it_belongs_to_the_oldest_question_that_is_open() -> None:
    asked = subscriptions()
    ask(asked, 1, channel("book", "btcusd"))
    ask(asked, 2, channel("book", "ethusd"))

    assert asked.accepted({}).pairs == ("BTC-USD",)
    assert asked.refused({}, NO, 0).pairs == ("ETH-USD",)
    assert asked.refused({}, NO, 0).pairs == ()


def test_a_symbol_in_the_answer_says_which_market_of_one_message_is_meant() -> None:
    asked = subscriptions()
    ask(asked, 1, channel("book", "btcusd", "ethusd"))

    assert asked.accepted({"request_id": 1, "symbol": "btcusd"}).pairs == ("BTC-USD",)
    assert asked.refused({"request_id": 1, "symbol": "ethusd"}, NO, 0).pairs == ("ETH-USD",)
    assert asked.book_failure("BTC-USD") is None
    assert asked.book_failure("ETH-USD") is NO


def test_a_channel_in_the_answer_says_which_of_one_message_is_meant() -> None:
    asked = subscriptions()
    ask(asked, 1, channel("book", "btcusd"), channel("trades", "btcusd"))

    assert asked.refused({"channel": "trades.btcusd"}, NO, 0).keys == (("trades", "BTC-USD"),)
    assert asked.book_failure("BTC-USD") is None


def test_what_is_not_answered_in_time_is_told_once() -> None:
    asked = subscriptions()
    ask(asked, 1, channel("trades", "btcusd"), at=5.0)

    assert asked.unheard(5.0 + ANSWER_TIME - 1) == []
    [(answer, error)] = asked.unheard(5.0 + ANSWER_TIME)
    assert answer.pairs == ("BTC-USD",)
    assert isinstance(error, LostAnswerError)
    assert "no answer within 10 s to the subscription of trades BTC-USD" in str(error)
    assert asked.unheard(1_000.0) == []


def test_a_message_that_still_waits_to_be_sent_is_not_late() -> None:
    asked = subscriptions()
    asked.asking(Message(lambda _: "message", 1, (channel("book", "btcusd"),)), "subscribe")

    assert asked.unheard(1_000.0) == []


def test_a_failed_channel_is_due_again_after_a_pause_that_doubles() -> None:
    asked, now, pauses = subscriptions(), 0.0, []
    for number in range(8):
        ask(asked, number, channel("trades", "btcusd"))
        asked.refused({"request_id": number}, NO, now)
        begin = now
        while not asked.due(now):
            now += 1
        pauses.append(now - begin)

    assert pauses == [FIRST_PAUSE * 2**power for power in range(5)] + [LONGEST_PAUSE] * 3


def test_a_channel_that_failed_for_days_is_still_asked_for() -> None:
    asked = subscriptions()
    for number in range(1_100):
        ask(asked, number, channel("trades", "btcusd"))
        asked.refused({"request_id": number}, NO, 0)
    assert asked.due(LONGEST_PAUSE) == [("trades", "BTC-USD")]


def test_a_yes_forgets_what_was_wrong() -> None:
    asked = subscriptions()
    ask(asked, 1, channel("trades", "btcusd"))
    asked.refused({"request_id": 1}, NO, 0)
    ask(asked, 2, channel("trades", "btcusd"))
    asked.accepted({"request_id": 2})

    assert asked.due(1_000.0) == []


def test_channels_that_carry_books_are_left_to_the_tracker() -> None:
    asked = subscriptions()
    ask(asked, 1, channel("book", "btcusd"))
    asked.refused({"request_id": 1}, NO, 0)

    assert asked.due(1_000.0) == []
    assert asked.book_failure("BTC-USD") is NO


def test_the_end_of_a_subscription_is_nothing_to_ask_again_for() -> None:
    asked = subscriptions()
    ask(asked, 1, channel("trades", "btcusd"), purpose="unsubscribe")

    assert asked.unheard(1_000.0) == []
    assert asked.due(1_000.0) == []


def test_a_request_for_a_book_is_tied_by_its_number_only() -> None:
    asked = subscriptions()
    ask(asked, 1, channel("snapshot", "btcusd"), purpose="snapshot")
    ask(asked, 2, channel("trades", "ethusd"))

    assert asked.accepted({}).pairs == ("ETH-USD",)
    assert asked.refused({"request_id": 1}, NO, 0).pairs == ("BTC-USD",)


@pytest.mark.parametrize("ended", ["accepted", "refused", "unheard", "restart"])
async def test_who_waits_for_an_answer_about_books_is_woken(ended: str) -> None:
    asked = subscriptions()
    ask(asked, 1, channel("book", "btcusd"))
    waiting = asyncio.ensure_future(asked.book_answered("BTC-USD"))
    await asyncio.sleep(0)
    assert not waiting.done()

    calls: dict[str, Any] = {
        "accepted": lambda: asked.accepted({}),
        "refused": lambda: asked.refused({}, NO, 0),
        "unheard": lambda: asked.unheard(100),
        "restart": asked.restart,
    }
    calls[ended]()
    async with asyncio.timeout(1):
        await waiting


async def test_where_the_venue_answers_nothing_nobody_waits() -> None:
    asked = subscriptions(answered=False)
    ask(asked, 1, channel("book", "btcusd"))

    async with asyncio.timeout(1):
        await asked.book_answered("BTC-USD")
    assert asked.unheard(1_000.0) == []
