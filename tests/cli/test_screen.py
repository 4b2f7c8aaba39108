"""How a book looks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from declconn.book import Level
from declconn.cli.screen import BookView, line, panels
from declconn.records import Trade
from declconn.types import BookState, Integrity, Side

NOW = 1_700_000_000 * 10**9
TRADE = Trade("BTC-USDT", Decimal("100.5"), Decimal(3), Side.BUY, "1", NOW)


def view(**changes: Any) -> BookView:
    words: dict[str, Any] = {
        "trading_pair": "BTC-USDT",
        "state": BookState.LIVE,
        "integrity": Integrity.VERIFIED,
        "reason": "",
        "bids": [Level(Decimal("100.0"), Decimal("1.0")), Level(Decimal("99.5"), Decimal("3.0"))],
        "asks": [Level(Decimal("101.0"), Decimal("2.0"))],
        "updates": 42,
        "rate": 9.6,
        "trades": [TRADE],
    }
    return BookView(**{**words, **changes})


def drawn(of: BookView, width: int) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(panels("a title", [of], width))
    return capture.get()


def test_a_line_tells_state_best_prices_spread_and_updates() -> None:
    assert line(view(), NOW) == "22:13:20  BTC-USDT   LIVE     100.0 / 101.0  spread 1.0  updates 42"


def test_a_line_of_a_book_that_is_not_live_tells_why() -> None:
    stale = view(state=BookState.STALE, reason="a gap", bids=[], asks=[])
    assert line(stale, NOW) == "22:13:20  BTC-USDT   STALE    a gap  updates 42"


def test_a_panel_shows_levels_spread_state_and_the_last_trades() -> None:
    text = drawn(view(), 120)
    for part in ("a title", "BTC-USDT", "LIVE", "verified", "99.5", "101.0", "spread 1.0", "10 updates/s", "100.5"):
        assert part in text


def test_bars_grow_with_what_is_offered_and_fit_the_terminal() -> None:
    best, next_best = (text for text in drawn(view(), 120).splitlines() if "100.0" in text or "99.5" in text)
    assert 0 < best.count("█") < next_best.count("█")


@pytest.mark.parametrize("width", [50, 80, 100, 200])
def test_prices_are_never_cut_off(width: int) -> None:
    text = drawn(view(), width)
    assert "101.0" in text
    assert max(map(len, text.splitlines())) <= width


def test_a_book_without_levels_is_as_tall_as_any_other() -> None:
    empty = view(state=BookState.SYNCING, reason="no snapshot yet", bids=[], asks=[], trades=[])
    assert len(drawn(empty, 80).splitlines()) == len(drawn(view(), 80).splitlines())
    assert "no snapshot yet" in drawn(empty, 80)
