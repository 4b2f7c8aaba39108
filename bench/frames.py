"""Recorded frames in the form that every contender accepts. They are rewritten when they are read, and never kept."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from declconn.testing.recordings import Item, read_recording

DATA = Path(os.environ.get("DECLCONN_DATA", Path(__file__).parents[2] / "shared" / "data")) / "captures"

Levels = list[list[str]]


@dataclass(frozen=True)
class Market:
    """What one venue says about one market: a whole book, and the frames that change it.

    Attributes:
        name: for the table.
        spec: the spec that plays it.
        symbol, pair: the venue's name of the market and ours.
        bids, asks, update_id: the book before the first frame.
        frames: text, as a socket gives it.
    """

    name: str
    spec: Path
    symbol: str
    pair: str
    bids: Levels
    asks: Levels
    update_id: int
    frames: list[str]

    def describe(self) -> str:
        """One line about the frames."""
        levels = sum(frame.count('["') for frame in self.frames) / len(self.frames)
        size = sum(map(len, self.frames)) / len(self.frames)
        books = f"{len(self.bids)} + {len(self.asks)} levels at the start"
        return f"{self.name}: {len(self.frames)} frames, {levels:.1f} levels and {size:.0f} bytes each; {books}"


def binance() -> Market:
    """Real levels of a delivery future after its REST snapshot, in the envelope of a combined spot stream."""
    items = _items("BINANCE_DELIVERY.http.0.0.gz", "BINANCE_DELIVERY.ws.1.0.gz")
    url = next(item.url for item in items if "/depth?" in item.url and "symbol=ETHUSD_210924&" in item.url)
    book = next(json.loads(item.content) for item in items if item.url == url)
    frames, update_id = [], 1_000
    for data in _data(items, "depthUpdate", "ETHUSD_210924"):
        if data["u"] >= book["lastUpdateId"]:
            spot = {"e": "depthUpdate", "E": data["E"], "s": "ETHUSDT", "U": update_id + 1, "u": update_id + 3}
            message = {"stream": "ethusdt@depth@100ms", "data": {**spot, "b": data["b"], "a": data["a"]}}
            frames.append(json.dumps(message, separators=(",", ":")))
            update_id += 3
    spec = Path(__file__).parents[1] / "specs" / "binance.yaml"
    return Market("binance", spec, "ETHUSDT", "ETH-USDT", book["bids"], book["asks"], 1_000, frames)


def okx() -> Market:
    """The frames of ``books`` as they came, with levels of four fields."""
    found = [json.loads(item.content) for item in _items("OKX.ws.1.0.gz") if '"books"' in str(item.content)]
    of_market = [
        (frame["action"], frame["data"][0], json.dumps(frame, separators=(",", ":")))
        for frame in found
        if frame.get("action") and frame["arg"]["instId"] == "BTC-USDT"
    ]
    books = [_two(data) for action, data, _ in of_market if action == "snapshot"]
    frames = [text for action, _, text in of_market if action == "update"]
    spec = Path(__file__).parent / "okx_2022.yaml"
    return Market("okx", spec, "BTC-USDT", "BTC-USDT", *books[0], 0, frames)


def _two(data: Any) -> tuple[Levels, Levels]:
    bids, asks = ([row[:2] for row in data[side]] for side in ("bids", "asks"))
    return bids, asks


def _items(*names: str) -> list[Item]:
    paths = [DATA / name for name in names]
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        raise SystemExit(f"the recordings are not here: {', '.join(missing)}; DECLCONN_DATA names their directory")
    return read_recording(paths).items


def _data(items: list[Item], event: str, symbol: str) -> Iterator[Any]:
    for item in items:
        if item.kind == "frame" and f'"{event}"' in str(item.content):
            data = json.loads(item.content)["data"]
            if data["s"] == symbol:
                yield data
