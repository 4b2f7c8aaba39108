"""Listeners hear everything in order, and cannot hurt each other."""

from __future__ import annotations

import logging

import pytest

from declconn.book.events import BookEvent, BookEventKind, Listeners
from declconn.types import BookState

EVENT = BookEvent("BTC-USDT", BookEventKind.DIFF, BookState.LIVE, 7)


def test_listeners_are_called_in_the_order_in_which_they_came() -> None:
    heard: list[str] = []
    listeners = Listeners()
    assert not listeners.all
    listeners.add(lambda event: heard.append(f"first {event.update_id}"))
    listeners.add(lambda event: heard.append(f"second {event.update_id}"))
    listeners.tell(EVENT)
    assert heard == ["first 7", "second 7"]


def test_a_listener_that_raises_is_logged_and_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def clumsy(event: BookEvent) -> None:
        raise RuntimeError("oops")

    heard: list[BookEvent] = []
    listeners = Listeners()
    listeners.add(clumsy)
    listeners.add(heard.append)
    with caplog.at_level(logging.ERROR):
        listeners.tell(EVENT)
    assert heard == [EVENT]
    assert "BTC-USDT: a listener failed on diff" in caplog.text
    assert "oops" in caplog.text


def test_a_listener_may_leave_while_it_is_called() -> None:
    heard: list[BookEvent] = []
    listeners = Listeners()

    def once(event: BookEvent) -> None:
        heard.append(event)
        listeners.remove(once)

    listeners.add(once)
    listeners.tell(EVENT)
    listeners.tell(EVENT)
    listeners.remove(once)
    assert heard == [EVENT]
