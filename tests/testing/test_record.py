"""Recording a venue over real sockets, and replaying what was written."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from declconn.clock import SystemClock
from declconn.registry import load_spec
from declconn.simulator import Venue, random_markets
from declconn.testing import replay
from declconn.testing.record import record

SECRET = "c2VjcmV0LW9mLXRoZS1yZWNvcmRlcg=="  # base64, as some venues hand theirs out


@pytest.mark.parametrize("name", ["binance", "kraken"])
async def test_what_is_recorded_replays_to_the_same_books(name: str, tmp_path: Path) -> None:
    spec = load_spec(name)
    pairs = ["BTC-USDT", "ETH-USDT"]
    path = tmp_path / "capture.jsonl.gz"
    async with Venue(spec, random_markets(spec, pairs, Random(7)), clock=SystemClock()) as venue:
        for seconds in (2, 4, 8, 16):  # a busy machine needs longer until both books are there
            frames = await record(
                name,
                pairs,
                path,
                seconds=seconds,
                environment=venue.environment,
                credentials=dict.fromkeys(spec.credentials, SECRET),
            )
            summary = replay(name, [path])
            if sorted(summary.books) == pairs and all(book.applied > 5 for book in summary.books.values()):
                break

    assert summary.complaints == {}
    assert summary.frames == frames
    assert sorted(summary.books) == pairs
    for book in summary.books.values():
        assert book.synced
        assert (book.gaps, book.checksums_failed, book.crossed) == (0, 0, 0)
    assert SECRET.encode() not in path.read_bytes()
