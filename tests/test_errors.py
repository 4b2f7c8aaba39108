"""What errors say, and that they arrive whole elsewhere."""

from __future__ import annotations

import copy
import pickle
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from types import FunctionType

import pytest

import declconn
from declconn.account.rates import UnknownRateError
from declconn.connector.news import FrameGapError
from declconn.errors import (
    ChecksumError,
    DeclconnError,
    MappingError,
    MissingValueError,
    NetworkError,
    Place,
    Problem,
    SequenceGapError,
    SpecError,
    UnknownOutcomeError,
    VenueError,
)
from declconn.net.throttler import HeldBackError
from declconn.net.transport import HandshakeError, SocketClosed
from declconn.net.ws_connection import ConnectionEnded
from declconn.simulator.engine.refusals import RefusedError
from declconn.simulator.wire.lens import UnwritableError

WITH_DATA: list[DeclconnError] = [
    SpecError([Problem(Place("a.yaml", 3, 1), "endpoints", "found nothing"), Problem(Place("a.yaml", 1, 1), "", "no")]),
    MissingValueError("nothing for {price}", "price", ("amount",)),
    MappingError("streams.market.events.depth", "price", "found 'x'", "{}"),
    UnwritableError("streams.market.events.depth", "price", "found 'x'"),
    SequenceGapError("BTC-USDT", "range", 7, None),
    ChecksumError("BTC-USDT", 1, -2),
    VenueError("place_order", "rejected", "no", status=400, code="-2010", retry_after=0.5),
    UnknownOutcomeError("place_order", VenueError("place_order", "unavailable", "busy")),
    HandshakeError("refused", 429, {"Retry-After": "3"}),
    SocketClosed(1006, "gone"),
    FrameGapError("market", "seq", 3, 5),
    HeldBackError(3_600.0),
    ConnectionEnded("as planned", planned=True),
    UnknownRateError("BTC", "USDT", "the fee"),
    RefusedError("insufficient_funds", "no"),
]
"""One of each kind that is made of more than a text."""


def kinds(root: type[DeclconnError] = DeclconnError) -> Iterator[type[DeclconnError]]:
    """Every error of the package."""
    yield root
    for kind in root.__subclasses__():
        yield from kinds(kind)


def every_kind() -> list[type[DeclconnError]]:
    for module in pkgutil.walk_packages(declconn.__path__, "declconn."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    return [kind for kind in kinds() if kind.__module__.startswith("declconn.")]


def test_the_errors_here_are_all_that_take_more_than_a_text() -> None:
    assert {kind for kind in every_kind() if isinstance(kind.__init__, FunctionType)} == {*map(type, WITH_DATA)}


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
@pytest.mark.parametrize("error", WITH_DATA, ids=lambda error: type(error).__name__)
def test_an_error_arrives_whole_in_a_copy_and_in_another_process(
    error: DeclconnError, again: Callable[[DeclconnError], DeclconnError]
) -> None:
    error.attempts = 3
    error.add_note("seen on a Sunday")
    other = again(error)
    assert (type(other), str(other), other.args) == (type(error), str(error), error.args)
    assert repr(vars(other)) == repr(vars(error))


def test_every_other_error_does_too() -> None:
    for kind in {*every_kind()} - {*map(type, WITH_DATA)}:
        other = pickle.loads(pickle.dumps(kind("found 3, expected 4")))
        assert (type(other), str(other)) == (kind, "found 3, expected 4")


def test_the_cause_of_an_unknown_outcome_arrives_whole() -> None:
    error = UnknownOutcomeError("place_order", NetworkError("no answer"))
    error.cause.attempts = 2
    assert str(pickle.loads(pickle.dumps(error)).cause) == "no answer (after 2 attempts)"


def test_a_venues_words_are_not_repeated_where_they_are_its_code() -> None:
    error = VenueError("place_order", "insufficient_funds", "EOrder:Poor", status=200, code="EOrder:Poor")
    assert str(error) == "place_order: insufficient_funds: HTTP 200, code EOrder:Poor"
    assert (error.code, error.text) == ("EOrder:Poor", "EOrder:Poor")


def test_an_unknown_outcome_says_who_asks() -> None:
    error = UnknownOutcomeError("cancel_order", VenueError("cancel_order", "unavailable", "busy"))
    assert "the venue is being asked about orders" in str(error)
