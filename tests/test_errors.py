"""What errors say."""

from __future__ import annotations

from declconn.errors import UnknownOutcomeError, VenueError


def test_a_venues_words_are_not_repeated_where_they_are_its_code() -> None:
    error = VenueError("place_order", "insufficient_funds", "EOrder:Poor", status=200, code="EOrder:Poor")
    assert str(error) == "place_order: insufficient_funds: HTTP 200, code EOrder:Poor"
    assert (error.code, error.text) == ("EOrder:Poor", "EOrder:Poor")


def test_an_unknown_outcome_says_who_asks() -> None:
    error = UnknownOutcomeError("cancel_order", VenueError("cancel_order", "unavailable", "busy"))
    assert "the venue is being asked about orders" in str(error)
