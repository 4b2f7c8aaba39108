"""Replay: recorded answers and frames through the code of a live connection."""

from __future__ import annotations

from pathlib import Path

import pytest

from declconn.errors import ConfigurationError, ReplayError
from declconn.testing import ReplaySummary, replay

BOOK = '{"seq": 10, "bids": [["99", "1"]], "asks": [["101", "3"]]}'
DIFF = '{"t": "depth", "s": "btcusd", "f": %d, "u": %d, "b": [["98", "2"]], "a": []}'


def raw(*lines: str) -> str:
    """A recording whose lines come one second after the other; ``url -> body`` is an answer, all else a frame."""
    head = ["wss://toy.example/ws <-> 1600000000.0"]
    for second, line in enumerate(lines, start=1):
        url, arrow, body = line.partition(" -> ")
        head.append(f"{url} -> 160000000{second}.0: {body}" if arrow else f"160000000{second}.0: {line}")
    return "\n".join(head) + "\n"


def played(toy: Path, text: str, **arguments: object) -> ReplaySummary:
    path = toy.parent / "TOY.0"
    path.write_text(text)
    return replay(toy, [path], **arguments)  # type: ignore[arg-type]


def test_markets_that_were_asked_for_late_still_give_the_first_frames_their_meaning(toy: Path, markets: bytes) -> None:
    summary = played(
        toy,
        raw(
            f"https://toy.example/api/book?market=btcusd -> {BOOK}",
            DIFF % (11, 11),
            f"https://toy.example/api/markets -> {markets.decode()}",
            f"https://toy.example/api/markets -> {markets.decode()}",
        ),
    )
    book = summary.books["BTC-USD"]
    assert (book.synced, book.applied, book.gaps, book.bids) == (True, 2, 0, [["99", "1"], ["98", "2"]])
    assert (summary.unrouted, summary.unasked, summary.complaints) == (0, 0, {})


def test_markets_can_be_named_where_the_recording_has_no_list_of_them(toy: Path) -> None:
    text = raw(f"https://toy.example/api/book?market=btcusd -> {BOOK}", DIFF % (11, 12))
    with pytest.raises(ReplayError, match="holds no answer of trading_rules"):
        played(toy, text)

    assert played(toy, text, markets={"BTC-USD": "btcusd"}).books["BTC-USD"].synced


@pytest.mark.parametrize("pair", ["BTCUSD", "-USD", "BTC-"])
def test_a_market_is_a_pair_and_its_symbol(toy: Path, pair: str) -> None:
    with pytest.raises(ReplayError, match="not a market"):
        played(toy, raw(DIFF % (11, 12)), markets={pair: "btcusd"})


def test_answers_can_come_from_where_the_venue_had_them_then(toy: Path, markets: bytes) -> None:
    text = raw(
        f"https://toy.example/v0/listing -> {markets.decode()}",
        f"https://toy.example/v0/depth?market=btcusd -> {BOOK}",
        DIFF % (11, 11),
    )
    answers = {"trading_rules": "/v0/listing", "order_book_snapshot": "/v0/depth"}

    assert played(toy, text, answers=answers).books["BTC-USD"].synced
    assert played(toy, text, markets={"BTC-USD": "btcusd"}).unasked == 2


def test_options_are_those_of_the_spec(toy: Path) -> None:
    with pytest.raises(ConfigurationError, match="no option 'dept'; did you mean 'depth'"):
        played(toy, raw(DIFF % (11, 12)), markets={"BTC-USD": "btcusd"}, options={"dept": 10})


def test_a_recorded_reconnect_is_no_gap(toy: Path) -> None:
    first = raw(f"https://toy.example/api/book?market=btcusd -> {BOOK}", DIFF % (11, 11))
    again = raw(DIFF % (21, 21), f"https://toy.example/api/book?market=btcusd -> {BOOK.replace('10', '20', 1)}")
    book = played(toy, first + again.replace("16000", "16001"), markets={"BTC-USD": "btcusd"}).books["BTC-USD"]

    assert (book.synced, book.gaps, book.resyncs) == (True, 0, 1)


TWO_STREAMS = """\
spec: 1
extends: toy
name: toy_on_two_streams
streams:
  market: {channels: {book: null}, events: {depth: null}}
  book:
    like: market
    url: "{env.ws}/book"
    channels: {book: "book.{symbol}"}
    events:
      depth:
        when: {t: depth}
        emit: order_book_diff
        map: {symbol: s, first_update_id: f, update_id: u, bids: b, asks: a}
"""


def test_one_recorded_socket_may_hold_what_the_spec_hears_on_two_streams(toy: Path) -> None:
    child = toy.parent / "toy_on_two_streams.yaml"
    child.write_text(TWO_STREAMS)
    trade = '{"t": "trade", "s": "btcusd", "p": "100", "q": "1", "m": "b"}'
    summary = played(
        child,
        raw(f"https://toy.example/api/book?market=btcusd -> {BOOK}", trade, DIFF % (11, 11), '{"t": "news"}'),
        markets={"BTC-USD": "btcusd"},
    )

    assert summary.books["BTC-USD"].synced
    assert (summary.frames, summary.unrouted) == (3, 1)
