"""A connector without network: what is handed in goes the whole way of a live connection."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from declconn.book import BookEvent
from declconn.errors import BookNotLiveError, ReplayError, UnknownPairError
from declconn.records import Trade
from declconn.testing import OfflineConnector
from declconn.types import BookState, Side

SNAPSHOT = b'{"seq": 10, "bids": [["99.0", "1"], ["98.5", "2"]], "asks": [["101.00", "3"]]}'


def diff(first: int, last: int, bids: str = "[]", asks: str = "[]") -> str:
    return f'{{"t": "depth", "s": "btcusd", "f": {first}, "u": {last}, "b": {bids}, "a": {asks}}}'


@pytest.fixture
def venue(toy: Path, markets: bytes) -> OfflineConnector:
    venue = OfflineConnector(toy)
    venue.on_response("trading_rules", markets)
    return venue


def test_snapshot_and_diffs_make_a_live_book_in_the_venues_own_digits(venue: OfflineConnector) -> None:
    venue.on_frame("market", diff(9, 10))
    venue.on_response("order_book_snapshot", SNAPSHOT, symbol="btcusd")
    venue.on_frame("market", diff(11, 12, bids='[["99.50", "0.10"], ["98.5", "0"]]'))

    book = venue.order_book("BTC-USD")
    assert book.state is BookState.LIVE
    assert book.rows(10) == ([["99.50", "0.10"], ["99.0", "1"]], [["101.00", "3"]])
    assert book.best_bid == Decimal("99.50")


def test_a_gap_makes_the_book_unreadable_and_asks_for_a_snapshot(venue: OfflineConnector) -> None:
    venue.on_response("order_book_snapshot", SNAPSHOT, symbol="btcusd")
    venue.on_frame("market", diff(11, 11))
    venue.on_frame("market", diff(13, 13))

    book = venue.order_book("BTC-USD")
    assert book.state is BookState.STALE
    with pytest.raises(BookNotLiveError):
        _ = book.best_bid
    assert "BTC-USD" in venue.tracker.pending_needs()
    assert venue.tracker.metrics("BTC-USD").gaps == 1


def test_one_pairs_gap_leaves_the_other_books_alone(venue: OfflineConnector) -> None:
    for symbol in ("btcusd", "ethusd"):
        venue.on_response("order_book_snapshot", SNAPSHOT, symbol=symbol)
        venue.on_frame("market", diff(11, 11).replace("btcusd", symbol))
    venue.on_frame("market", diff(15, 15))

    assert venue.order_book("BTC-USD").state is BookState.STALE
    assert venue.order_book("ETH-USD").state is BookState.LIVE


def test_listeners_hear_trades_and_books_with_their_ids(venue: OfflineConnector) -> None:
    venue.on_response("order_book_snapshot", SNAPSHOT, symbol="btcusd")
    venue.on_frame("market", diff(11, 14))
    venue.on_frame("market", '{"t": "trade", "s": "btcusd", "p": "100.5", "q": "2", "m": "s"}')

    trades = [event for event in venue.events if isinstance(event, Trade)]
    assert trades == [Trade("BTC-USD", Decimal("100.5"), Decimal(2), Side.SELL)]
    assert [event.update_id for event in venue.events if isinstance(event, BookEvent)][-1] == 14
    assert venue.order_book("BTC-USD").last_trade_price == Decimal("100.5")


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        '{"t": "trade", "s": "btcusd", "p": "NaN", "q": "1", "m": "b"}',
        '{"t": "trade", "s": "btcusd", "p": "1", "q": "1", "m": "maybe"}',
        b"\xff\xfe",
    ],
)
def test_a_bad_frame_is_counted_and_harms_no_book(venue: OfflineConnector, frame: str | bytes) -> None:
    venue.on_response("order_book_snapshot", SNAPSHOT, symbol="btcusd")
    venue.on_frame("market", diff(11, 11))
    venue.on_frame("market", frame)
    venue.on_frame("market", frame)
    venue.on_frame("market", diff(12, 12))

    assert list(venue.exchange.parts.complaints.counts.values()) == [2]
    assert venue.order_book("BTC-USD").state is BookState.LIVE


@pytest.mark.parametrize(
    "fault", ['"u": "eleven"', '"u": 12, "b": "x"', '"u": 12, "b": [["NaN", "1"]]', '"u": 12, "b": [["1"]]']
)
def test_a_diff_that_cannot_be_read_makes_its_book_stale_and_no_other(venue: OfflineConnector, fault: str) -> None:
    for symbol in ("btcusd", "ethusd"):
        venue.on_response("order_book_snapshot", SNAPSHOT, symbol=symbol)
        venue.on_frame("market", diff(11, 11).replace("btcusd", symbol))
    venue.on_frame("market", f'{{"t": "depth", "s": "btcusd", "f": 12, {fault}, "a": []}}')

    assert venue.order_book("BTC-USD").state is BookState.STALE
    assert venue.order_book("ETH-USD").state is BookState.LIVE


def test_a_bad_frame_is_told_once_with_an_excerpt(venue: OfflineConnector, caplog: pytest.LogCaptureFixture) -> None:
    venue.on_frame("market", "garbage 1")
    venue.on_frame("market", "garbage 2")

    assert [record.message.count("garbage 1") for record in caplog.records] == [1]


def test_frames_of_unknown_symbols_and_unknown_kinds_are_counted_apart(venue: OfflineConnector) -> None:
    venue.on_frame("market", diff(1, 2).replace("btcusd", "dogeusd"))
    venue.on_frame("market", '{"t": "weather"}')

    connection = venue.connections[0]
    assert (connection.frames, connection.unrouted) == (2, 1)


def test_a_question_of_the_venue_is_answered_with_what_it_asked(venue: OfflineConnector) -> None:
    answers: list[str] = []
    venue.connection("market").answer_through(answers.append)
    venue.on_frame("market", '{"ping": 1492420473027}')

    assert answers == ['{"pong":1492420473027}']


def test_an_unknown_stream_is_an_error_that_says_what_is_there(venue: OfflineConnector) -> None:
    with pytest.raises(ReplayError, match=r"no stream 'markt'; did you mean 'market'\?"):
        venue.on_frame("markt", "{}")


def test_a_book_nobody_spoke_of_is_unknown(venue: OfflineConnector) -> None:
    with pytest.raises(UnknownPairError):
        venue.order_book("ETH-USD")


def test_only_the_pairs_that_were_asked_for_are_kept(toy: Path, markets: bytes) -> None:
    venue = OfflineConnector(toy, ["ETH-USD"])
    venue.on_response("trading_rules", markets)
    venue.on_response("order_book_snapshot", SNAPSHOT, symbol="btcusd")
    venue.on_response("order_book_snapshot", SNAPSHOT, symbol="ethusd")

    assert list(venue.exchange.order_books) == ["ETH-USD"]


def test_a_closed_connection_loses_its_books_until_they_are_heard_of_again(venue: OfflineConnector) -> None:
    venue.on_response("order_book_snapshot", SNAPSHOT, symbol="btcusd")
    venue.on_frame("market", diff(11, 11))
    venue.on_close("market")
    assert venue.exchange.order_books["BTC-USD"].state is BookState.STALE

    venue.on_frame("market", diff(21, 21))
    assert venue.exchange.order_books["BTC-USD"].state is BookState.SYNCING
    venue.on_response("order_book_snapshot", SNAPSHOT.replace(b"10,", b"20,"), symbol="btcusd")

    assert venue.order_book("BTC-USD").state is BookState.LIVE
    assert venue.tracker.metrics("BTC-USD").gaps == 0


def test_another_connection_keeps_its_books(venue: OfflineConnector) -> None:
    for symbol in ("btcusd", "ethusd"):
        venue.on_response("order_book_snapshot", SNAPSHOT, symbol=symbol)
        venue.on_frame("market", diff(11, 11).replace("btcusd", symbol), connection=symbol)
    venue.on_close("market", connection="ethusd")

    assert venue.order_book("BTC-USD").state is BookState.LIVE
    assert venue.exchange.order_books["ETH-USD"].state is BookState.STALE
