"""Replay: recorded frames and answers through the code of a live connection, and what became of the books."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from declconn.connector.settings import choose_options
from declconn.errors import ReplayError
from declconn.records import TradingRule
from declconn.spec import Spec
from declconn.spec_files import load_spec
from declconn.testing.answers import Answers
from declconn.testing.clock import ManualClock
from declconn.testing.offline import OfflineConnector
from declconn.testing.player import BookSummary, Player, ReplaySummary
from declconn.testing.recordings import Recording, read_recording

__all__ = ["BookSummary", "ReplaySummary", "play", "replay", "trading_rules"]


def replay(
    name_or_path: str | os.PathLike[str],
    files: Sequence[str | Path],
    *,
    trading_pairs: Sequence[str] | None = None,
    environment: str | None = None,
    options: Mapping[str, Any] | None = None,
    markets: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
) -> ReplaySummary:
    """Play recordings against a spec.

    Args:
        name_or_path: a spec's name or file.
        files: recordings of any form; together they must hold an answer of `trading_rules`, or ``markets`` is given.
        trading_pairs: which books to keep; ``None`` for all that are spoken of.
        environment: which of the spec's; by default the one whose hosts were recorded, else the first.
        options: values for the options that the spec declares.
        markets: the venue's symbol for each trading pair, for a recording that has no list of markets.
        answers: for an operation, the path under which the recording has its answers, where the venue has moved it
            since (``{"order_book_snapshot": "/api/v3/market/orderbook/level2"}``).

    Raises:
        ReplayError: a file cannot be read or holds no list of markets; a market or an answer is not as above.
    """
    return play(
        name_or_path,
        read_recording(files),
        trading_pairs=trading_pairs,
        environment=environment,
        options=options,
        markets=markets,
        answers=answers,
    )


def play(
    name_or_path: str | os.PathLike[str],
    recording: Recording,
    *,
    trading_pairs: Sequence[str] | None = None,
    environment: str | None = None,
    options: Mapping[str, Any] | None = None,
    markets: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
) -> ReplaySummary:
    """Play a recording that was read already, whole or changed; see `replay`."""
    spec = load_spec(name_or_path)
    environment = environment or _recorded_environment(spec, recording)
    clock = ManualClock(0)
    offline = OfflineConnector(name_or_path, trading_pairs, environment=environment, options=options, clock=clock)
    urls = spec.environments[environment]
    known = {"env": urls, "opt": choose_options(spec, options or {}), "const": spec.constants}
    player = Player(offline, clock, Answers(spec, urls, answers), known)
    player.play(recording, trading_rules(markets or {}))
    return player.summary()


def trading_rules(markets: Mapping[str, str]) -> list[TradingRule]:
    """Trading rules that say no more than what the markets are called.

    Args:
        markets: the venue's symbol for each trading pair.

    Raises:
        ReplayError: a trading pair is not written as ``BASE-QUOTE``.
    """
    rules = []
    for pair, symbol in markets.items():
        base, dash, quote = pair.partition("-")
        if not (base and dash and quote and symbol):
            raise ReplayError(f"not a market: {pair!r} as {symbol!r}; expected a pair and a symbol: BTC-USDT, BTCUSDT")
        rules.append(TradingRule(symbol, base, quote))
    return rules


def _recorded_environment(spec: Spec, recording: Recording) -> str:
    """The environment that shares most hosts with the recording."""
    recorded = {urlsplit(url).hostname for url in recording.urls}
    shared = {
        name: len({urlsplit(str(url)).hostname for url in urls.values()} & recorded)
        for name, urls in spec.environments.items()
    }
    return max(shared, key=lambda name: shared[name])
