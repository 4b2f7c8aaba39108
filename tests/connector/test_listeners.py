"""News for users: callbacks and async iteration."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from declconn.connector.listeners import Listeners


def test_a_listener_hears_only_the_kinds_it_asked_for() -> None:
    listeners, heard = Listeners(), []
    listeners.add(heard.append, int)
    listeners.publish(1)
    listeners.publish("text")

    assert heard == [1]


class Tower:
    """Tells numbers itself."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def add_listener(self, listener: Any) -> None:
        self.told.append(listener)

    def remove_listener(self, listener: Any) -> None:
        if listener in self.told:
            self.told.remove(listener)


def test_a_source_is_given_those_who_hear_its_kind_and_no_one_else() -> None:
    listeners, tower = Listeners(), Tower()
    all_news: list[object] = []
    hears_texts, hears_all, hears_numbers = all_news.append, all_news.extend, all_news.remove
    listeners.add(hears_all)
    listeners.draw_from(tower, int)
    remove = listeners.add(hears_numbers, int, float)
    listeners.add(hears_texts, str)
    listeners.add(hears_all)
    assert tower.told == [hears_numbers, hears_all]
    remove()
    assert tower.told == [hears_all]


def test_a_listener_that_was_taken_away_hears_nothing() -> None:
    listeners, heard = Listeners(), []
    remove = listeners.add(heard.append)
    remove()
    remove()
    listeners.publish(1)

    assert heard == []


def test_a_listener_that_raises_is_logged_and_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def broken(event: object) -> None:
        raise RuntimeError("bad listener")

    listeners, heard = Listeners(), []
    listeners.add(broken)
    listeners.add(heard.append)
    listeners.publish(1)

    assert heard == [1]
    assert "bad listener" in caplog.text


async def test_an_iterator_hears_what_is_told_before_its_first_turn_and_nothing_is_left_of_one_that_is_gone() -> None:
    listeners = Listeners()
    events = listeners.events()
    listeners.publish(1)
    assert await anext(events) == 1
    del events
    assert listeners._listeners == {}


async def test_events_are_iterated_in_order() -> None:
    listeners = Listeners()
    events = listeners.events(int)
    waiting = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    listeners.publish_all([1, 2, 3])

    assert [await waiting, await anext(events), await anext(events)] == [1, 2, 3]
    await events.aclose()


async def test_a_slow_reader_loses_the_oldest_events_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    listeners = Listeners()
    events = listeners.events(keep=2)
    waiting = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    listeners.publish_all([1, 2, 3, 4])

    assert [await waiting, await anext(events)] == [3, 4]
    with caplog.at_level(logging.WARNING):
        nothing = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
    assert "2 events were lost" in caplog.text
    nothing.cancel()
    await asyncio.gather(nothing, return_exceptions=True)
    await events.aclose()
