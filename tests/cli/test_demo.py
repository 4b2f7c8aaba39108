"""The demo, with everything real but the terminal."""

from __future__ import annotations

import re

import pytest

from declconn.cli.demo import run
from declconn.errors import ConfigurationError, UnknownSpecError


@pytest.mark.parametrize("name", ["binance", "kraken"])
def test_it_ends_by_itself_and_tells_what_became_of_the_book(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(name, 1.5) == 0
    title, second, summary = capsys.readouterr().out.splitlines()
    assert title.startswith(f"{name}, played from its spec on http://127.0.0.1:")
    assert re.fullmatch(r"\d\d:\d\d:\d\d  BTC-USDT   LIVE     [\d.]+ / [\d.]+  spread [\d.]+  updates \d+", second)
    assert re.fullmatch(r"BTC-USDT: live, (sequenced|verified), \d+ updates, never crossed", summary)


def test_a_book_that_never_became_live_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("binance", 0.0, ["ETH-USDT"]) == 1
    assert "ETH-USDT: never live" in capsys.readouterr().out


def test_what_cannot_be_shown_is_refused() -> None:
    with pytest.raises(UnknownSpecError):
        run("nowhere")
    with pytest.raises(ConfigurationError, match="BASE-QUOTE"):
        run("binance", 1, ["BTCUSDT"])
