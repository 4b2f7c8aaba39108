"""Operations that are more than one request: `for`, a list, pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

import declconn
from declconn.errors import NetworkError, VenueError
from declconn.net.transport import Request, Response, Socket

Answer = Callable[[dict[str, str]], Any]


class Canned:
    """A transport that answers from the query, and remembers what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[dict[str, str]] = []
        self._answer = answer

    async def send(self, request: Request) -> Response:
        query = dict(parse_qsl(urlsplit(request.url).query))
        self.asked.append(query)
        return Response(200, {}, json.dumps(self._answer(query)).encode())

    async def connect(self, url: str, headers: Mapping[str, str], *, max_frame: int, ping: float | None) -> Socket:
        raise NetworkError("no sockets here")

    async def close(self) -> None:
        pass


def rewrite(spec: Path, pattern: str, text: str) -> None:
    spec.write_text(re.sub(pattern, text, spec.read_text()))


async def tickers(toy: Path, words: str, answer: Answer) -> tuple[list[str], list[dict[str, str]]]:
    """The symbols that `tickers` finds, and the queries that were sent."""
    rewrite(toy, r"  tickers: .*", f"  tickers: {{get: /tickers, each: rows, {words}}}")
    transport = Canned(answer)
    exchange = declconn.connect(toy, transport=transport)
    exchange.parts.symbols.update([declconn.TradingRule(name, name, "USD") for name in "abcdef"])
    found = await exchange.get_tickers()
    return [ticker.trading_pair for ticker in found], transport.asked


RESULT = "result: {symbol: id, price: last}"


def rows(*names: str) -> list[dict[str, str]]:
    return [{"id": name, "last": "1"} for name in names]


async def test_for_sends_one_request_for_each_value_and_joins_the_answers(toy: Path) -> None:
    words = f'for: {{kind: [spot, margin]}}, params: {{kind: "{{for.kind}}"}}, {RESULT}'
    found, asked = await tickers(toy, words, lambda query: {"rows": rows({"spot": "a", "margin": "b"}[query["kind"]])})

    assert found == ["a-USD", "b-USD"]
    assert asked == [{"kind": "spot"}, {"kind": "margin"}]


async def test_for_goes_through_the_rows_of_an_operation(toy: Path) -> None:
    rewrite(toy, "  last_price:", "  kinds: {get: /kinds, each: rows, result: {name: id}}\n  last_price:")
    words = f'for: {{kind: kinds}}, params: {{kind: "{{for.kind}}"}}, {RESULT}'
    found, asked = await tickers(
        toy, words, lambda query: {"rows": rows("a", "b") if not query else rows(query["kind"])}
    )

    assert found == ["a-USD", "b-USD"]
    assert asked == [{}, {"kind": "a"}, {"kind": "b"}]


async def test_pages_are_asked_for_until_the_cursor_is_empty(toy: Path) -> None:
    pages = {None: (rows("a"), "x"), "x": (rows("b"), "y"), "y": (rows("c"), "")}

    def answer(query: dict[str, str]) -> Any:
        found, cursor = pages[query.get("cursor")]
        return {"rows": found, "next": cursor}

    found, asked = await tickers(toy, f"paging: {{param: cursor, next: next}}, {RESULT}", answer)

    assert found == ["a-USD", "b-USD", "c-USD"]
    assert asked == [{}, {"cursor": "x"}, {"cursor": "y"}]


async def test_pages_end_when_the_venue_says_there_are_no_more(toy: Path) -> None:
    words = f"paging: {{param: cursor, next: next, more: more}}, {RESULT}"
    found, asked = await tickers(toy, words, lambda query: {"rows": rows("a"), "next": "x", "more": not query})

    assert (found, len(asked)) == (["a-USD"], 2)


async def test_page_numbers_go_up_to_the_last(toy: Path) -> None:
    words = f"paging: {{param: page, last: pages}}, {RESULT}"
    found, asked = await tickers(toy, words, lambda query: {"rows": rows("abc"[int(query["page"]) - 1]), "pages": 3})

    assert found == ["a-USD", "b-USD", "c-USD"]
    assert [query["page"] for query in asked] == ["1", "2", "3"]


async def test_offsets_grow_until_a_page_is_empty(toy: Path) -> None:
    words = f"paging: {{param: offset, start: 0, step: 2}}, {RESULT}"
    found, asked = await tickers(toy, words, lambda query: {"rows": rows(*"abc"[int(query["offset"]) :][:2])})

    assert found == ["a-USD", "b-USD", "c-USD"]
    assert [query["offset"] for query in asked] == ["0", "2", "4"]


async def test_pages_without_an_end_are_an_error(toy: Path) -> None:
    words = f"paging: {{param: offset, start: 0, step: 1}}, {RESULT}"
    with pytest.raises(VenueError, match="no end to its pages"):
        await tickers(toy, words, lambda query: {"rows": rows("a")})


async def test_rows_that_are_looked_for_in_the_wrong_place_are_told_once(
    toy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rewrite(toy, r"  tickers: .*", f"  tickers: {{get: /tickers, each: row, {RESULT}}}")
    exchange = declconn.connect(toy, transport=Canned(lambda query: {"rows": rows("a"), "time": 1}))
    assert [await exchange.get_tickers() for _ in range(2)] == [[], []]

    told = "endpoints.tickers: no rows: `each: row` looks for 'row', and there is only 'rows', 'time'"
    assert [told in message for message in caplog.messages] == [True]
    assert exchange.parts.complaints.counts == {"endpoints.tickers.each": 2}


async def test_an_answer_whose_time_cannot_be_is_told_once(toy: Path, caplog: pytest.LogCaptureFixture) -> None:
    candle = {"t": 1_795_000_000, "o": "1", "h": "1", "l": "1", "c": "1", "v": "1"}  # seconds; the spec says ms
    exchange = declconn.connect(toy, transport=Canned(lambda _query: [candle]))
    exchange.parts.symbols.update([declconn.TradingRule("a", "a", "USD")])
    for _ in range(2):
        await exchange.parts.operations.call("klines", {"symbol": "a", "interval": "1m"})
    assert exchange.parts.complaints.counts == {"endpoints.klines.timestamp": 2}
    assert caplog.text.count("its first record has a time in the year 1970; is `time_unit` right?") == 1
