"""A spec's requests read backwards: which operation asked this url, and with what."""

from __future__ import annotations

from pathlib import Path

import pytest

from declconn.errors import ReplayError
from declconn.registry import load_spec
from declconn.testing.answers import Answers

SPEC = """\
spec: 1
name: asked
kind: exchange
constants: {product: spot}
environments: {main: {rest: https://asked.example/api/v2, other: https://other.example/v3}}
endpoints:
  ping: {get: "{env.other}/ping"}
  symbols: {get: /symbols, each: "@", result: {name: "@"}}
  trading_rules:
    get: /markets/{for.symbol}
    for: {symbol: symbols}
    params: {product: "{const.product}", kind: cash, limit: 100}
    result: {symbol: id, base: base, quote: quote}
  order_book_snapshot: {get: /book, params: {market: "{symbol}", depth: 50}, result: {bids: b, asks: a}}
streams: {}
order_book: {snapshot: rest, rule: none}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "asked.yaml"
    path.write_text(SPEC)
    return path


def answers(path: Path, moved: dict[str, str] | None = None) -> Answers:
    spec = load_spec(path)
    return Answers(spec, spec.environments["main"], moved)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://asked.example/api/v2/book?market=btcusd&depth=20", ("order_book_snapshot", {"symbol": "btcusd"})),
        ("https://127.0.0.1:8080/api/v2/book?market=btcusd", ("order_book_snapshot", {"symbol": "btcusd"})),
        ("https://asked.example/api/v2/book?depth=20", None),
        ("https://other.example/v3/ping", ("ping", {})),
        ("https://other.example/v3/pong", None),
        ("https://asked.example/api/v2/markets/btcusd", ("trading_rules", {"symbol": "btcusd"})),
    ],
)
def test_an_url_is_known_by_its_path_and_its_market(
    path: Path, url: str, found: tuple[str, dict[str, str]] | None
) -> None:
    assert answers(path).operation(url) == found


@pytest.mark.parametrize(
    ("query", "is_asked"),
    [("product=spot&kind=cash", True), ("limit=5", True), ("", True), ("product=swap", False), ("kind=margin", False)],
)
def test_what_the_spec_writes_out_as_text_must_be_so_if_it_was_recorded(path: Path, query: str, is_asked: bool) -> None:
    found = answers(path).operation(f"https://asked.example/api/v2/markets/btcusd?{query}")
    assert (found is not None) is is_asked


def test_an_operation_may_have_moved_since(path: Path) -> None:
    moved = answers(path, {"order_book_snapshot": "/v1/depth/{symbol}"})
    url = "https://asked.example/v1/depth/btcusd?market=btcusd"

    assert moved.operation(url) == ("order_book_snapshot", {"symbol": "btcusd"})
    assert moved.operation("https://asked.example/api/v2/book?market=btcusd") is None


def test_what_has_moved_must_be_an_operation_of_the_spec(path: Path) -> None:
    with pytest.raises(ReplayError, match=r"asked has no operation 'trading_rule'.*did you mean 'trading_rules'"):
        answers(path, {"trading_rule": "/v1/markets"})
