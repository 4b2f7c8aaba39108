"""Every spec that is shipped is whole: it validates, is called as its file, and speaks of its example pair."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from declconn.compile.source_book import FrozenClock
from declconn.compile.stream import Stream
from declconn.records import TradingRule
from declconn.registry import load_spec
from declconn.spec.capabilities import capabilities
from declconn.testing import OfflineConnector

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "specs").glob("*.yaml"))
TESTED = sorted(Path(__file__).parent.glob("*.yaml"))


def name_of(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", SHIPPED + TESTED, ids=name_of)
def test_it_loads_without_a_single_lint_and_is_called_as_its_file(path: Path) -> None:
    assert load_spec(path, strict=True).name == path.stem


@pytest.mark.parametrize("path", SHIPPED + TESTED, ids=name_of)
def test_editors_are_told_where_the_schema_is(path: Path) -> None:
    modeline, found, schema = path.read_text().splitlines()[0].partition("$schema=")
    assert (modeline, found) == ("# yaml-language-server: ", "$schema=")
    assert (path.parent / schema).resolve() == ROOT / "schema" / "exchange-spec.v1.json"


@pytest.mark.parametrize("path", SHIPPED, ids=name_of)
def test_it_brings_books_and_trades(path: Path) -> None:
    assert {"order book", "trades"} <= set(capabilities(load_spec(path)))


@pytest.mark.parametrize("path", SHIPPED, ids=name_of)
def test_it_asks_for_its_example_pair(path: Path) -> None:
    venue = OfflineConnector(path)
    spec = venue.exchange.parts.spec
    base, _, quote = (spec.example_pair or "").partition("-")
    facts = {name: name for model in spec.requests("trading_rules") for name in model.market or ()}
    rule = TradingRule(f"{base}{quote}", base, quote, market=facts)

    for stream in venue.exchange.parts.data_source.streams.values():
        messages = questions(stream, rule, spec.environments[venue.exchange.parts.environment], options_of(spec))
        assert messages
        assert any(base.lower() in message.lower() for message in messages)
        assert all(json.loads(message) for message in messages)


def options_of(spec: Any) -> dict[str, Any]:
    return {name: option.default for name, option in spec.options.items() if option.default is not None}


def questions(stream: Stream, rule: TradingRule, environment: Any, options: dict[str, Any]) -> list[str]:
    """What is sent to hear of a market."""
    sources = {"env": environment, "opt": options, "const": {}, "clock": FrozenClock(0), "session": {}}
    market = {"symbol": stream.spelling(rule), "base": rule.base, "quote": rule.quote, "market": rule.market}
    channels = stream.channels({rule.trading_pair: market}, sources)
    return [message.text(sources) for message in stream.subscribe(channels, count(1))]
