"""Recordings of live venues: every book ends in step, without a gap, and each checksum agrees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from declconn.errors import ReplayError
from declconn.testing import Recording, ReplaySummary, read_recording
from declconn.testing.recordings import Item
from declconn.testing.replay import play

HERE = Path(__file__).parent
Find = Callable[[str], Path]


@dataclass(frozen=True)
class Capture:
    """A recording, the spec that it is played against, and what must become of it.

    A spec that ends in ``.yaml`` is one of the test specs, which speak a protocol that the venue has left since.
    """

    spec: str
    files: str
    books: int
    checksums: int = 0
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        words = [self.spec.removesuffix(".yaml"), self.files.split(".")[0], self.arguments.get("environment")]
        return "-".join(filter(None, words))

    def read(self, data: Find) -> Recording:
        return read_recording([data(f"captures/{file}") for file in self.files.split()])

    def play(self, recording: Recording) -> ReplaySummary:
        spec = HERE / self.spec if self.spec.endswith(".yaml") else self.spec
        return play(spec, recording, **self.arguments)


def rest(name: str) -> str:
    """The files of a capture whose snapshots came by REST."""
    return f"{name}.0.gz {name}.http.0.0.gz {name}.ws.1.0.gz"


KUCOIN_THEN = {"trading_rules": "/api/v1/symbols", "order_book_snapshot": "/api/v3/market/orderbook/level2"}

CAPTURES = [
    Capture("binance", rest("BINANCE"), 4),
    Capture("binance", rest("BINANCE_US"), 4),
    Capture("binance_perpetual", rest("BINANCE_FUTURES"), 4),
    Capture("binance_coin_perpetual", rest("BINANCE_DELIVERY"), 6),
    Capture("binance_coin_delivery.yaml", rest("BINANCE_DELIVERY"), 10),
    Capture("gate_io", rest("GATEIO"), 10),
    Capture("gate_io_perpetual", rest("GATEIO_FUTURES"), 10),
    Capture("kucoin", rest("KUCOIN"), 9, arguments={"answers": KUCOIN_THEN}),
    Capture(
        "bybit_perpetual",
        "BYBIT_V5.ob500.zip",
        1,
        arguments={"markets": {"XRP-USDT": "XRPUSDT"}, "options": {"depth": 500}},
    ),
    Capture("okx_checksum.yaml", "OKX.0.gz OKX.ws.1.0.gz", 3, checksums=290),
    Capture("okcoin.yaml", "OKCOIN.0.gz OKCOIN.ws.1.0.gz", 4, checksums=6),
    Capture("bitget_v1.yaml", "BITGET.0.gz BITGET.ws.1.0.gz", 8, checksums=443),
    Capture("bitget_v1_perpetual.yaml", "BITGET.0.gz BITGET.ws.2.0.gz", 2, checksums=194),
    Capture("kraken_v1.yaml", "KRAKEN.0.gz KRAKEN.ws.48.0.gz KRAKEN.ws.49.0.gz KRAKEN.ws.50.0.gz", 10, checksums=4269),
    Capture("coinbase_exchange.yaml", "COINBASE.0.gz COINBASE.ws.28.0.gz", 10),
    Capture("gemini_v2.yaml", "GEMINI.0.gz GEMINI.ws.1.0.gz", 10),
    Capture("htx_depth.yaml", "HUOBI.0.gz HUOBI.ws.44.0.gz", 10),
    Capture(
        "htx_depth_perpetual.yaml",
        "HUOBI_SWAP.0.gz HUOBI_SWAP.ws.1.0.gz",
        5,
        arguments={"environment": "inverse"},
    ),
    Capture(
        "htx_depth_perpetual.yaml",
        "HUOBI_SWAP.0.gz HUOBI_SWAP.ws.2.0.gz",
        5,
        arguments={"environment": "linear"},
    ),
]
BY_NAME = {capture.name: capture for capture in CAPTURES}


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: capture.name)
def test_every_book_of_a_capture_is_kept_in_step(capture: Capture, data: Find) -> None:
    summary = capture.play(capture.read(data))
    books = summary.books.values()

    assert len(books) == capture.books
    assert summary.complaints == {}
    assert all(book.synced and book.applied for book in books)
    assert [(book.gaps, book.resyncs, book.crossed, book.checksums_failed) for book in books] == [(0, 0, 0, 0)] * len(
        books
    )
    assert sum(book.checksums_ok for book in books) == capture.checksums


def frames_with(recording: Recording, *words: str) -> list[Item]:
    """The frames whose text has all these words."""
    texts = [item for item in recording.items if item.kind == "frame" and isinstance(item.content, str)]
    return [item for item in texts if all(word in str(item.content) for word in words)]


LOST = {
    "binance-BINANCE": ("NKN-USDT", '"depthUpdate"', '"NKNUSDT"'),
    "binance_perpetual-BINANCE_FUTURES": ("SUSHI-USDT", '"depthUpdate"', '"SUSHIUSDT"'),
    "binance_coin_perpetual-BINANCE_DELIVERY": ("LINK-USD", '"depthUpdate"', '"LINKUSD_PERP"'),
    "gate_io-GATEIO": ("OMG-USDT", '"spot.order_book_update"', '"OMG_USDT"', '"U"'),
    "gate_io_perpetual-GATEIO_FUTURES": ("OMG-USDT", '"futures.order_book_update"', '"OMG_USDT"', '"U"'),
    "kucoin-KUCOIN": ("BSV-USDT", '"trade.l2update"', '"BCHSV-USDT"'),
    "bybit_perpetual-BYBIT_V5": ("XRP-USDT", '"delta"'),
}


@pytest.mark.parametrize("name", LOST)
def test_a_lost_diff_is_seen_as_a_gap_of_its_book_alone(name: str, data: Find) -> None:
    capture, (pair, *words) = BY_NAME[name], LOST[name]
    recording = capture.read(data)
    diffs = frames_with(recording, *words)
    lost = diffs[len(diffs) // 2]
    books = capture.play(Recording([item for item in recording.items if item is not lost])).books

    assert {pair: book.gaps for pair, book in books.items() if book.gaps} == {pair: 1}
    assert [pair for pair, book in books.items() if not book.synced] == [pair]


ALTERED = {
    "okx_checksum-OKX": ("BTC-USDT", '"BTC-USDT"', '"books"', '"update"'),
    "okcoin-OKCOIN": ("USDC-USDT", '"USDC-USDT"', '"snapshot"'),
    "bitget_v1-BITGET": ("EOS-USDT", '"books"', '"snapshot"', '"EOSUSDT"'),
    "kraken_v1-KRAKEN": ("XMR-USD", '"book-1000"', '"XMR/USD"', '"as"'),
}


@pytest.mark.parametrize("name", ALTERED)
def test_one_altered_size_fails_a_checksum(name: str, data: Find) -> None:
    capture, (pair, *words) = BY_NAME[name], ALTERED[name]
    recording = capture.read(data)
    altered = frames_with(recording, *words)[0]
    items = [
        replace(item, content=with_another_best_size(item)) if item is altered else item for item in recording.items
    ]
    summary = capture.play(Recording(items))

    assert summary.books[pair].checksums_failed >= 1
    assert sum(book.checksums_ok for book in summary.books.values()) < capture.checksums


def with_another_best_size(item: Item) -> str:
    """The frame with the first digit of every first level's size changed."""
    text = str(item.content)
    for side in ('"asks":[["', '"bids":[["', '"as":[["', '"bs":[["'):
        head, found, tail = text.partition(side)
        if found:
            price, comma, size = tail.partition('","')
            text = f"{head}{found}{price}{comma}{'7' if size[0] != '7' else '8'}{size[1:]}"
    return text


def test_a_capture_without_its_markets_is_refused(data: Find) -> None:
    capture = BY_NAME["bybit_perpetual-BYBIT_V5"]
    with pytest.raises(ReplayError, match=r"holds no answer of trading_rules.*--market"):
        play("bybit_perpetual", capture.read(data))


def test_another_depth_than_recorded_is_no_book_at_all(data: Find) -> None:
    capture = BY_NAME["bybit_perpetual-BYBIT_V5"]
    summary = play("bybit_perpetual", capture.read(data), markets={"XRP-USDT": "XRPUSDT"})
    assert (dict(summary.books), summary.unrouted) == ({}, 50)
