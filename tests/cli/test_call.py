"""`call`: one operation of a venue, with everything that went over the wire, and no secret in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from declconn.cli import main

ANSWERS = {
    "/api/markets": [{"id": "btcusd", "base": "BTC", "quote": "USD"}],
    "/api/last/btcusd": {"last": "60000.10"},
    "/api/balances": [{"asset": "BTC", "total": "1.5"}],
    "/api/token": {"token": "a-token-of-the-venue"},
    "/api/orders": {"error": {"code": "GONE", "text": "no such market"}},
    "/api/candles": [],
    "/api/order": {"id": "7", "filled": "0"},
    "/api/unread": {"id": "7", "filled": "none"},
}

MORE = """\
session: {token: {obtain: token}}
auth: {recipes: {with_token: {inject: {query: {token: "{session.token}", key: "{cred.api_key}"}}, unbound: true}}}
endpoints:
  token: {post: /token, auth: signed, result: {token: token}}
  cancel_all_orders: {delete: /orders, auth: with_token, params: {symbol: "{symbol}"}}
  place_order:
    post: /order
    auth: signed
    body: {symbol: "{symbol}", side: "{side}", amount: "{amount}", id: "{client_order_id}"}
    result: {exchange_order_id: id, filled: filled}
  order_status: {get: /order, auth: signed, params: {id: "{client_order_id}"}, result: {state: state}}
orders:
  sides: {BUY: buy, SELL: sell}
  types: {LIMIT: {price: "{price}"}}
  states: {open: OPEN}
"""
ORDER = ["symbol=BTC-USD", "side=buy", "type=limit", "price=60000", "amount=1", "client_order_id=mine"]
NOBODY = "http://127.0.0.1:9"
KEY, SECRET = "the-key-of-the-account", "the-secret-of-the-account"


class Handler(BaseHTTPRequestHandler):
    def answer(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")  # type: ignore[attr-defined]
        body = json.dumps(ANSWERS[self.path.partition("?")[0]]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def venue() -> Iterator[Any]:
    """A venue on this machine; ``asked`` is what it was asked."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked = []  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def base(venue: Any) -> str:
    return f"http://127.0.0.1:{venue.server_address[1]}"


@pytest.fixture
def account(tmp_path: Path) -> list[str]:
    path = tmp_path / "account.yaml"
    path.write_text(f"api_key: {KEY}\napi_secret: {SECRET}\n")
    path.chmod(0o600)
    return ["--credentials", str(path)]


@pytest.fixture
def trading(toy: Path) -> str:
    path = toy.with_name("trading.yaml")
    path.write_text(f"spec: 1\nextends: toy\nname: trading\n{MORE}")
    return str(path)


@pytest.mark.parametrize("symbol", ["BTC-USD", "btcusd"])
def test_request_answer_and_records_are_shown(
    toy: Path, base: str, capsys: pytest.CaptureFixture[str], symbol: str
) -> None:
    assert main(["call", str(toy), "last_price", "--arg", f"symbol={symbol}", "--base", base]) == 0
    request, status, answer, blank, *records = capsys.readouterr().out.splitlines()
    assert request == f"> GET {base}/api/last/btcusd"
    assert status.startswith("< HTTP 200 in ")
    assert (answer, blank) == ('< {"last": "60000.10"}', "")
    assert json.loads("\n".join(records))[0]["price"] == 60000.10


def test_for_programs_it_is_one_document(
    toy: Path, base: str, account: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["call", str(toy), "balances", "--base", base, "--json", *account]) == 0
    document = json.loads(capsys.readouterr().out)
    (request,) = document["requests"]
    assert (request["method"], request["status"], request["headers"]["KEY"]) == ("GET", 200, "***")
    assert document["records"][0]["asset"] == "BTC"


def test_times_and_numbers_are_written_in_the_venues_way(toy: Path, base: str, venue: Any) -> None:
    arguments = ["symbol=BTC-USD", "interval=1m", "since=1700000000000"]
    given = [part for argument in arguments for part in ("--arg", argument)]
    assert main(["call", str(toy), "klines", "--base", base, *given]) == 0
    assert venue.asked[-1] == "GET /api/candles?market=btcusd&every=60&from=1700000000000"


def test_no_secret_shows_also_when_the_venue_says_no(
    trading: str, base: str, account: list[str], venue: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["call", trading, "cancel_all_orders", "--arg", "symbol=btcusd", "--base", base, *account]) == 1
    shown = capsys.readouterr()
    assert f"> DELETE {base}/api/orders?symbol=btcusd&token=***&key=***" in shown.out
    assert "GONE, no such market" in shown.err
    for secret in (KEY, SECRET, "a-token-of-the-venue"):
        assert secret not in shown.out + shown.err
    assert f"key={KEY}" in venue.asked[-1], "it was sent all the same"


def test_what_changes_something_is_not_sent_to_a_venue_without_being_told_so(
    trading: str, account: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["call", trading, "cancel_all_orders", "--arg", "symbol=btcusd", *account]) == 2
    error = capsys.readouterr().err
    assert "changes something at toy.example; nothing was sent. Add --live" in error
    assert "`declconn sign` shows it" in error


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["balances"],
            "balances has to be signed: give --credentials FILE with api_key, api_secret, or set DECLCONN_T",
        ),
        (["weather"], "toy declares no operation 'weather'; it has trading_rules, order_book_snapshot, last_price"),
        (["last_prise"], "declares no operation 'last_prise'; did you mean 'last_price'?"),
        (["klines", "--arg", "since=yesterday"], "--arg since=yesterday: expected a number"),
        (["klines", "--arg", "symbol=BTC-USD"], "klines needs --arg interval=, which may be 1m or 1h"),
        (["last_price", "--arg", "symbl=BTC-USD"], "last_price takes no argument 'symbl'; did you mean 'symbol'?"),
        (["trading_rules", "--arg", "foo=1"], "trading_rules takes no argument 'foo'; it takes none"),
        (["last_price"], "last_price needs --arg symbol=; nothing was sent"),
    ],
)
def test_a_command_that_does_not_fit_is_told_and_nothing_is_asked(
    toy: Path, base: str, venue: Any, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert main(["call", str(toy), *arguments, "--base", base]) == 2
    shown = capsys.readouterr()
    assert says in shown.err
    assert shown.out == ""
    assert set(venue.asked) <= {"GET /api/markets"}


def test_a_market_that_is_not_listed_is_the_venues_word(
    toy: Path, base: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["call", str(toy), "last_price", "--arg", "symbol=BTC-EUR", "--base", base]) == 1
    assert "'BTC-EUR' is not listed here" in capsys.readouterr().err


def test_trading_rules_are_shown_with_what_they_say_of_their_market(
    toy: Path, base: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["call", str(toy), "trading_rules", "--base", base]) == 0
    assert '"market": {}' in capsys.readouterr().out
    assert main(["call", str(toy), "trading_rules", "--base", base, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["records"][0]["market"] == {}


def test_a_failure_is_in_the_document_for_programs_too(
    toy: Path, trading: str, base: str, account: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["call", str(toy), "trading_rules", "--base", NOBODY, "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert [bool(request["error"]) for request in document["requests"]] == [True] * 3
    assert len({request["error"] for request in document["requests"]}) == 1, "each is one attempt"
    assert document["records"] == []
    assert document["error"]["kind"] == "not_sent"
    assert document["error"]["message"].endswith("(after 3 attempts)")

    refused = ["call", trading, "cancel_all_orders", "--arg", "symbol=btcusd", "--base", base, "--json", *account]
    assert main(refused) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["error"]["type"], document["error"]["kind"]) == ("VenueError", "rejected")
    assert "GONE, no such market" in document["error"]["message"]


def test_urls_can_be_replaced_one_by_one(toy: Path, base: str, venue: Any) -> None:
    assert main(["call", str(toy), "trading_rules", "--url", f"rest={base}/api"]) == 0
    assert venue.asked == ["GET /api/markets"]


def test_a_base_is_a_scheme_and_a_host(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["call", str(toy), "last_price", "--base", "127.0.0.1:80"]) == 2
    assert "expected a scheme and a host" in capsys.readouterr().err


def order(*more: str) -> list[str]:
    """An order's arguments; a later one counts."""
    return [part for argument in (*ORDER, *more) for part in ("--arg", argument)]


def test_an_order_that_its_market_would_refuse_is_told_and_sent(
    trading: str, base: str, account: list[str], venue: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["call", trading, "place_order", "--base", base, *account, *order("client_order_id=" + "x" * 40)]) == 0
    told = capsys.readouterr().err
    assert "is not as `orders.client_order_id` says: text, at most 32 characters; it is sent as it is" in told
    assert venue.asked[-1] == "POST /api/order"

    assert main(["call", trading, "place_order", "--base", base, *account, *order()]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("amount=-1", "--arg amount=-1: expected a number above 0"),
        ("side=long", "side: found 'long', expected BUY or SELL"),
        ("time_in_force=ioc", "LIMIT IOC orders are not offered here; there are LIMIT"),
    ],
)
def test_an_order_that_is_none_is_not_sent(
    trading: str, base: str, account: list[str], venue: Any, capsys: pytest.CaptureFixture[str], more: str, says: str
) -> None:
    assert main(["call", trading, "place_order", "--base", base, *account, *order(more)]) == 2
    assert says in capsys.readouterr().err
    assert not [asked for asked in venue.asked if asked.startswith("POST")]


def test_what_may_have_happened_is_told_with_the_command_that_asks(
    trading: str, base: str, account: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(trading)
    path.write_text(path.read_text().replace("post: /order", "post: /unread"))
    assert main(["call", trading, "place_order", "--base", base, *account, *order()]) == 1
    told = capsys.readouterr().err
    command = f"declconn call {trading} order_status --arg symbol=BTC-USD --arg client_order_id=mine"
    assert f"(`{command}` asks the venue what became of it)" in told
    assert "await" not in told


def test_an_answer_that_is_not_as_the_spec_says_fails(
    toy: Path, base: str, account: list[str], capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    toy.write_text(
        toy.read_text().replace('get: /balances, auth: signed, each: "@"', "get: /balances, auth: signed, each: rows")
    )
    assert main(["call", str(toy), "balances", "--base", base, *account]) == 1
    assert capsys.readouterr().out.endswith("[]\n")
    assert 'write `each: "@"` if its items are the rows' in caplog.text
