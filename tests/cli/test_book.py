"""`book`: real sockets to a venue on this machine, and a verdict in the end."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from declconn.cli import main
from declconn.clock import SystemClock
from declconn.simulator.markets import random_markets
from declconn.simulator.venue import Venue
from declconn.spec_files import load_spec

PAIR = "BTC-USD"


async def watch(played: Path, watched: Path, *more: str) -> int:
    """The exit code of `book` with a spec, at a venue that is played from (another) one."""
    spec = load_spec(played)
    async with Venue(spec, random_markets(spec, [PAIR], Random(1)), clock=SystemClock()) as venue:
        urls = [part for name, url in venue.environment.items() for part in ("--url", f"{name}={url}")]
        return await asyncio.to_thread(main, ["book", str(watched), PAIR, "--seconds", "1.5", *urls, *more])


@pytest.fixture
def changed(toy: Path) -> Callable[[str, str], Path]:
    """The toy spec with one text in place of another."""

    def write(old: str, new: str) -> Path:
        path = toy.with_name("changed.yaml")
        path.write_text(toy.read_text().replace(old, new).replace("name: toy", "name: changed"))
        assert new in path.read_text()
        return path

    return write


async def test_a_book_that_lives_and_changes_is_well(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await watch(toy, toy) == 0
    *seconds, summary = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d  BTC-USD      LIVE     [\d.]+ / [\d.]+  \(\d+ updates\)", seconds[0])
    assert re.fullmatch(r"BTC-USD: live, sequenced, \d+ updates, never crossed", summary)


async def test_for_programs_there_is_a_document_for_each_second(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await watch(toy, toy, "--json") == 0
    first, _ = json.JSONDecoder().raw_decode(capsys.readouterr().out)
    assert (first["pair"], first["state"], first["crossed"]) == (PAIR, "LIVE", 0)


async def test_a_book_that_no_diff_has_met_is_a_failure(
    toy: Path, changed: Callable[[str, str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert await watch(toy, changed("when: {t: depth}", "when: {t: dephts}")) == 1
    *_, summary, frames = capsys.readouterr().out.splitlines()
    assert summary.startswith("BTC-USD: live, unverified, 1 updates, never crossed; no diff came, so nothing shows")
    assert re.fullmatch(r"frames that were no event of the spec: \d+", frames)


async def test_a_snapshot_with_its_sides_swapped_is_a_failure(
    toy: Path, changed: Callable[[str, str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        await watch(
            toy, changed("{update_id: seq, bids: bids, asks: asks}", "{update_id: seq, bids: asks, asks: bids}")
        )
        == 1
    )
    summary = capsys.readouterr().out.splitlines()[-1]
    assert summary.startswith("BTC-USD: never live (the best bid ")
    assert "does the spec swap `bids` and `asks`?" in summary
