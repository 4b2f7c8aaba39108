"""Operations that take several requests: lists with `when`, `then`, `batch`, `combine`, and what a template names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

import declconn
from declconn.errors import MappingError, NetworkError, NotSupportedError, UnknownOutcomeError, VenueError
from declconn.net.transport import Request, Response, Socket
from declconn.records import BalanceUpdate, OrderUpdate, TradingRule
from declconn.types import Side

D = Decimal


class Venue:
    """A transport that answers by path, and remembers what it was asked."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.asked: list[str] = []
        self.bodies: list[Any] = []
        self._answers = answers

    async def send(self, request: Request) -> Response:
        url = urlsplit(request.url)
        self.asked.append(url.path.removeprefix("/api") + (f"?{url.query}" if url.query else ""))
        self.bodies.append(json.loads(request.body) if request.body else None)
        answer = self._answers[url.path.removeprefix("/api")]
        if callable(answer):
            answer = answer(dict(parse_qsl(url.query)))
        return Response(200, {}, json.dumps(answer).encode())

    async def connect(self, url: str, headers: Mapping[str, str], *, max_frame: int, ping: float | None) -> Socket:
        raise NetworkError("no sockets here")

    async def close(self) -> None:
        pass


Connect = Callable[..., tuple[Any, Venue]]


@pytest.fixture
def connect(toy: Path) -> Connect:
    """The operations of the toy venue with these endpoints of its own, and the venue."""

    def connect(
        endpoints: str, answers: Mapping[str, Any], *, more: str = "", options: Any = None
    ) -> tuple[Any, Venue]:
        text = re.sub(r"  balances: .*\n", "", toy.read_text())
        lines = "".join(f"  {line}\n" for line in endpoints.splitlines())
        toy.write_text(text.replace("streams:\n", f"{lines}{more}streams:\n", 1))
        venue = Venue(answers)
        exchange = declconn.connect(toy, ["BTC-USD", "ETH-USD"], transport=venue, options=options or {})
        tokens = {"BTC": "USD", "ETH": "USD", "SOL": "EUR"}
        exchange.parts.symbols.update(
            TradingRule(f"{base.lower()}usd", base, "USD", collateral_token=token) for base, token in tokens.items()
        )
        for pair in exchange.trading_pairs:
            exchange.order_book_tracker.follow(pair)
        return exchange.parts.operations, venue

    return connect


async def test_of_a_list_every_request_is_sent_whose_option_holds(connect: Connect) -> None:
    endpoints = """\
balances:
  - {when: {opt.depth: [10, 20]}, get: /spot, each: "@", result: {asset: a, total: n}}
  - {when: {opt.depth: 100}, get: /margin, each: "@", result: {asset: a, total: n}}
  - {get: /funding, each: "@", result: {asset: a, total: n}}"""
    answers = {"/spot": [{"a": "BTC", "n": 1}], "/margin": [], "/funding": [{"a": "ETH", "n": 2}]}
    operations, venue = connect(endpoints, answers)

    assert [record.asset for record in await operations.call("balances")] == ["BTC", "ETH"]
    assert venue.asked == ["/spot", "/funding"]


async def test_what_when_compares_is_learnt_first(connect: Connect) -> None:
    endpoints = """\
account: {get: /account, result: {mode: mode}}
balances:
  - {when: {session.mode: unified}, get: /unified, each: "@", result: {asset: a, total: n}}
  - {when: {session.mode: classic}, get: /classic, each: "@", result: {asset: a, total: n}}"""
    session = "session: {mode: {obtain: account}}\n"
    answers = {"/account": {"mode": "classic"}, "/classic": [{"a": "BTC", "n": 1}]}
    operations, venue = connect(endpoints, answers, more=session)

    await operations.call("balances")
    await operations.call("balances")
    assert venue.asked == ["/account", "/classic", "/classic"]


async def test_an_account_that_no_request_is_for_is_an_error_that_says_whom_they_are_for(connect: Connect) -> None:
    endpoints = "balances: [{when: {opt.depth: 20}, get: /spot, result: {asset: a, total: n}}]"
    operations, _ = connect(endpoints, {})

    with pytest.raises(NotSupportedError, match=r"endpoints\.balances: no request is for .* for opt\.depth: 20"):
        await operations.call("balances")


async def test_records_of_several_requests_about_one_thing_are_one(connect: Connect) -> None:
    endpoints = """\
funding_info:
  - {get: /mark, params: {s: "{symbol}"}, result: {mark_price: p, rate: r}}
  - {get: /index, params: {s: "{symbol}"}, result: {rate: r, index_price: p}}"""
    operations, _ = connect(endpoints, {"/mark": {"p": "5", "r": "3"}, "/index": {"p": "6", "r": "4"}})
    (info,) = await operations.call("funding_info", {"symbol": "btcusd"})

    assert (info.trading_pair, info.mark_price, info.rate, info.index_price) == ("BTC-USD", D(5), D(4), D(6))


async def test_numbers_of_rows_about_one_thing_add_up_if_the_spec_says_so(connect: Connect) -> None:
    rows = [{"a": "BTC", "n": "1.5", "f": "1"}, {"a": "ETH", "n": "7"}, {"a": "BTC", "n": "0.25"}]
    words = 'get: /balances, each: "@", result: {asset: a, total: n, available: f}'
    operations, _ = connect(f"balances: {{{words}, combine: sum}}", {"/balances": rows})

    assert await operations.call("balances") == [
        BalanceUpdate("BTC", D("1.75"), D(1)),
        BalanceUpdate("ETH", D(7)),
    ]


async def test_then_asks_once_more_for_each_record_and_adds_its_fields(connect: Connect) -> None:
    endpoints = """\
balances:
  get: /balances
  each: "@"
  result: {asset: a, total: n}
  then: {get: "/free/{row.asset}", params: {n: "{row.total}"}, result: {available: f}}"""
    answers = {"/balances": [{"a": "BTC", "n": 2}, {"a": "ETH", "n": 3}], "/free/BTC": {"f": 1}, "/free/ETH": {}}
    operations, venue = connect(endpoints, answers)

    assert await operations.call("balances") == [BalanceUpdate("BTC", D(2), D(1)), BalanceUpdate("ETH", D(3))]
    assert venue.asked == ["/balances", "/free/BTC?n=2", "/free/ETH?n=3"]


async def test_then_names_markets_and_assets_in_the_venues_words(connect: Connect) -> None:
    endpoints = """\
funding_info:
  get: /all
  each: "@"
  result: {symbol: s, rate: r}
  then: {get: "/mark/{row.symbol}", params: {of: "{symbol}"}, result: {mark_price: m}}"""
    answers = {
        "/all": [{"s": "btcusd", "r": 1}, {"s": "ethusd", "r": 2}],
        "/mark/btcusd": {"m": 5},
        "/mark/ethusd": {"m": 6},
    }
    operations, venue = connect(endpoints, answers)
    found = await operations.call("funding_info")

    assert [(info.trading_pair, info.rate, info.mark_price) for info in found] == [
        ("BTC-USD", D(1), D(5)),
        ("ETH-USD", D(2), D(6)),
    ]
    assert venue.asked[1:] == ["/mark/btcusd?of=btcusd", "/mark/ethusd?of=ethusd"]


async def test_then_sees_the_value_of_the_loop_that_it_stands_in(connect: Connect) -> None:
    endpoints = """\
balances:
  get: /balances/{for.kind}
  for: {kind: [spot, margin]}
  each: "@"
  result: {asset: a, total: n}
  then: {get: "/free/{row.kind}/{row.asset}", result: {available: f}}"""
    answers = {
        "/balances/spot": [{"a": "BTC", "n": 2}],
        "/balances/margin": [{"a": "ETH", "n": 3}],
        "/free/spot/BTC": {"f": 1},
        "/free/margin/ETH": {"f": 2},
    }
    operations, _ = connect(endpoints, answers)

    assert await operations.call("balances") == [BalanceUpdate("BTC", D(2), D(1)), BalanceUpdate("ETH", D(3), D(2))]


async def test_a_request_that_names_a_market_is_sent_for_each_that_is_traded_or_for_the_one_that_is_given(
    connect: Connect,
) -> None:
    endpoints = "trading_fees: {get: /fee, params: {s: '{symbol}'}, result: {maker: m, taker: t}}"
    operations, venue = connect(endpoints, {"/fee": {"m": 1, "t": 2}})

    assert [fee.trading_pair for fee in await operations.call("trading_fees")] == ["BTC-USD", "ETH-USD"]
    assert [fee.trading_pair for fee in await operations.call("trading_fees", {"symbol": "solusd"})] == ["SOL-USD"]
    assert venue.asked == ["/fee?s=btcusd", "/fee?s=ethusd", "/fee?s=solusd"]
    assert operations.is_about_one_market("trading_fees")


async def test_a_market_that_may_be_left_out_is_left_out(connect: Connect) -> None:
    endpoints = (
        "trading_fees: {get: /fee, params: {s: '{symbol?}'}, each: '@', result: {symbol: s, maker: m, taker: t}}"
    )
    operations, venue = connect(endpoints, {"/fee": []})
    await operations.call("trading_fees")

    assert venue.asked == ["/fee"]
    assert not operations.is_about_one_market("trading_fees")


async def test_an_operation_about_one_market_keeps_that_markets_rows(connect: Connect) -> None:
    endpoints = "trading_fees: {get: /fee, each: '@', result: {symbol: s, maker: m, taker: t}}"
    rows = [{"s": name, "m": 1, "t": 2} for name in ("btcusd", "ethusd")]
    operations, _ = connect(endpoints, {"/fee": rows})

    assert [fee.trading_pair for fee in await operations.call("trading_fees", {"symbol": "ethusd"})] == ["ETH-USD"]
    assert len(await operations.call("trading_fees")) == 2


async def test_collateral_is_asked_once_for_each_token(connect: Connect) -> None:
    endpoints = "balances: {get: /margin, params: {c: '{collateral_token}'}, result: {asset: a, total: n}}"
    operations, venue = connect(endpoints, {"/margin": lambda query: {"a": query["c"], "n": 1}})
    await operations.call("balances")
    await operations.call("balances", {"symbol": "solusd"})

    assert venue.asked == ["/margin?c=USD", "/margin?c=EUR"]


async def test_a_list_of_symbols_goes_in_batches(connect: Connect) -> None:
    words = "get: /fees, batch: 2, params: {s: '{symbols|join:,}'}, each: '@', result: {symbol: s, maker: m, taker: t}"

    def answer(query: dict[str, str]) -> Any:
        return [{"s": name, "m": 1, "t": 2} for name in query["s"].split(",")]

    operations, venue = connect(f"trading_fees: {{{words}}}", {"/fees": answer})
    found = await operations.call("trading_fees", {"symbols": ["btcusd", "ethusd", "solusd"]})

    assert [fee.trading_pair for fee in found] == ["BTC-USD", "ETH-USD", "SOL-USD"]
    assert venue.asked == ["/fees?s=btcusd%2Cethusd", "/fees?s=solusd"]
    assert [fee.trading_pair for fee in await operations.call("trading_fees")] == ["BTC-USD", "ETH-USD"]


CANCELS = """\
cancel_orders:
  post: /cancel
  batch: 2
  body: {ids: "{exchange_order_ids}", ours: "{client_order_ids}"}
  each: "@"
  result: {exchange_order_id: id, cancelled: done, error: why}"""


async def test_orders_are_cancelled_in_batches_and_every_row_says_what_became_of_it(connect: Connect) -> None:
    rows = [
        {"id": "1", "done": True, "why": "NONE"},
        {"id": "2", "done": False, "why": "SLOW"},
        {"id": "3", "done": False, "why": "OTHER"},
    ]
    operations, venue = connect(CANCELS, {"/cancel": rows})
    ids = {"exchange_order_ids": ["1", "2", "3"], "client_order_ids": ["a", "b", "c"]}
    found = await operations.call("cancel_orders", ids)

    assert venue.bodies == [{"ids": ["1", "2"], "ours": ["a", "b"]}, {"ids": ["3"], "ours": ["c"]}]
    errors = [operations.row_error("cancel_orders", row) for row in found]
    assert [error and error.kind for error in errors] == [None, "rate_limited", "rejected"]
    assert [error.code for error in errors if error] == ["SLOW", "OTHER"]


async def test_no_orders_are_no_request(connect: Connect) -> None:
    operations, venue = connect(CANCELS, {})

    assert await operations.call("cancel_orders", {"exchange_order_ids": [], "client_order_ids": []}) == []
    assert venue.asked == []


ORDERS = """\
orders:
  sides: {BUY: b, SELL: s}
  types: {LIMIT: {kind: limit, price: "{price}"}, MARKET: {kind: market}}
"""
PLACE = (
    'place_order: {post: /order, body: {s: "{symbol}", side: "{side}", n: "{amount}"}, result: {exchange_order_id: id}}'
)
ORDER = {"symbol": "btcusd", "side": "s", "amount": D("0.50"), "type": "LIMIT", "price": D(7), "client_order_id": "x"}


async def test_arguments_fill_what_an_answer_leaves_out(connect: Connect) -> None:
    operations, venue = connect(PLACE, {"/order": {"id": 5}}, more=ORDERS)
    (order,) = await operations.call("place_order", ORDER)

    assert order == OrderUpdate("x", "5", "BTC-USD", amount=D("0.5"), price=D(7), side=Side.SELL)
    assert venue.bodies == [{"s": "btcusd", "side": "s", "n": "0.5", "kind": "limit", "price": "7"}]


async def test_a_good_answer_to_a_command_that_cannot_be_read_leaves_its_outcome_open(connect: Connect) -> None:
    place = PLACE.replace("{exchange_order_id: id}", "{exchange_order_id: id, filled: filled}")
    operations, _ = connect(place, {"/order": {"id": 5, "filled": "none"}}, more=ORDERS)

    with pytest.raises(UnknownOutcomeError, match="place_order") as error:
        await operations.call("place_order", ORDER)
    assert isinstance(error.value.cause, MappingError)


async def test_an_error_of_any_request_is_the_operations(connect: Connect) -> None:
    operations, _ = connect(PLACE, {"/order": {"error": {"code": "NO", "text": "no"}}}, more=ORDERS)

    with pytest.raises(VenueError, match="rejected"):
        await operations.call("place_order", ORDER)


async def test_a_market_may_decide_which_request_is_for_it(connect: Connect) -> None:
    endpoints = """\
trading_fees:
  - {when: {symbol: btcusd}, get: "/one/{symbol}", result: {maker: m, taker: t}}
  - {when: {symbol: [ethusd, solusd]}, get: "/two/{symbol}", result: {maker: m, taker: t}}"""
    fee = {"m": 1, "t": 2}
    operations, venue = connect(endpoints, {"/one/btcusd": fee, "/two/ethusd": fee})

    assert len(await operations.call("trading_fees")) == 2
    assert venue.asked == ["/one/btcusd", "/two/ethusd"]
