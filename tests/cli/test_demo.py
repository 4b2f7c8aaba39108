"""The demo, with everything real but the terminal."""

from __future__ import annotations

import re

import pytest

from declconn.cli import main
from declconn.cli.watching import watch
from declconn.errors import ConfigurationError


@pytest.mark.parametrize("name", ["binance", "kraken"])
def test_it_ends_by_itself_and_tells_what_became_of_the_book(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", name, "--seconds", "1.5"]) == 0
    title, second, summary = capsys.readouterr().out.splitlines()
    assert title.startswith(f"{name}, played from its spec on http://127.0.0.1:")
    assert re.fullmatch(r"\d\d:\d\d:\d\d  BTC-USDT   LIVE     [\d.]+ / [\d.]+  spread [\d.]+  updates \d+", second)
    assert re.fullmatch(r"BTC-USDT: live, (sequenced|verified), \d+ updates, never crossed", summary)


async def test_a_book_that_never_became_live_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert await watch("binance", 0.0, ["ETH-USDT"]) == 1
    assert "ETH-USDT: never live" in capsys.readouterr().out


def test_an_unknown_spec_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "nowhere"]) == 2
    assert "no spec is called 'nowhere'" in capsys.readouterr().err


async def test_what_is_no_pair_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="BASE-QUOTE"):
        await watch("binance", 1, ["BTCUSDT"])
