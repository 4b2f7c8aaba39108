"""The demo, with everything real but the terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from declconn.cli import main
from declconn.cli.watching import watch
from declconn.errors import ConfigurationError

SECOND = r"\d\d:\d\d:\d\d  {pair}   LIVE     [\d.]+ / [\d.]+  spread [\d.]+  updates \d+"


@pytest.mark.parametrize("name", ["binance", "kraken"])
def test_it_ends_by_itself_and_tells_what_became_of_the_book(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", name, "--pair", "BTC-USDT", "--seconds", "1.5"]) == 0
    title, second, summary = capsys.readouterr().out.splitlines()
    assert title.startswith(f"{name}, played from its spec on http://127.0.0.1:")
    assert re.fullmatch(SECOND.format(pair="BTC-USDT"), second)
    assert re.fullmatch(r"BTC-USDT: live, (sequenced|verified), \d+ updates, never crossed", summary)


def test_a_spec_that_is_named_is_shown_with_its_own_example(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toy.write_text(toy.read_text().replace("example_pair: BTC-USD", "example_pair: ETH-BTC"))
    assert main(["demo", str(toy), "--seconds", "1.5"]) == 0
    assert "ETH-BTC: live, sequenced" in capsys.readouterr().out


async def test_a_book_that_never_became_live_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert await watch("binance", 0.0, ["ETH-USDT"]) == 1
    assert "ETH-USDT: never live" in capsys.readouterr().out


def test_an_unknown_spec_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "nowhere"]) == 2
    assert "no spec is called 'nowhere'" in capsys.readouterr().err


async def test_what_is_no_pair_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="BASE-QUOTE"):
        await watch("binance", 1, ["BTCUSDT"])
