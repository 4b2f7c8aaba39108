"""Signing a prepared order: declconn's recipe beside code written by hand for one venue, and ccxt."""

from __future__ import annotations

import hashlib
import hmac
import importlib.util
import random
import statistics
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from bench.contender import ratio
from declconn.compile.recipe import Draft, compile_recipe
from declconn.compile.source_book import FrozenClock
from declconn.registry import load_spec

AT_MS = 1_700_000_000_000
KEY, SECRET = "k" * 64, "s" * 64
URL = "https://api.binance.com/api/v3/order"
ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "quantity": "0.001",
    "newClientOrderId": "dc-1234567890",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "price": "60000.12",
}
CALLS = 300

Signs = Callable[[], bytes]


def by_hand() -> Signs:
    """What somebody writes for one venue; the floor."""

    def sign() -> bytes:
        query = urlencode({**ORDER, "timestamp": AT_MS})
        signature = hmac.new(SECRET.encode(), query.encode(), hashlib.sha256).hexdigest()
        _headers = {"X-MBX-APIKEY": KEY, "Content-Type": "application/x-www-form-urlencoded"}
        return f"{query}&signature={signature}".encode()

    return sign


def declconn() -> Signs:
    """The recipe of the shipped spec."""
    spec = load_spec("binance")
    fixed = {"env": {}, "opt": {}, "const": {}, "cred": {"api_key": KEY, "api_secret": SECRET}}
    recipe = compile_recipe("signed", spec.auth.recipes["signed"], spec.time_unit, fixed=fixed)
    sources = {**fixed, "clock": FrozenClock(AT_MS * 1_000_000)}
    return lambda: recipe.sign(Draft("POST", URL, {}, ORDER), sources).body


def ccxt() -> Signs:
    """ccxt's own `sign`, with its clock held still."""
    import ccxt as peer

    exchange = peer.binance({"apiKey": KEY, "secret": SECRET})
    exchange.nonce = lambda: AT_MS
    return lambda: str(exchange.sign("order", ["private"], "POST", dict(ORDER))["body"]).encode()


def contenders() -> Iterator[tuple[str, Signs]]:
    """Everyone who takes part, the floor of the ratios first."""
    yield "by hand", by_hand()
    yield "declconn", declconn()
    if importlib.util.find_spec("ccxt") is not None:
        yield "ccxt", ccxt()


def report(rounds: int) -> None:
    """Measure and print a table."""
    taking_part = dict(contenders())
    assert taking_part["by hand"]() == taking_part["declconn"](), "they do not sign the same"
    times: dict[str, list[float]] = {name: [] for name in taking_part}
    for _ in range(rounds):
        for name in random.sample(list(taking_part), len(taking_part)):
            sign, start = taking_part[name], time.perf_counter_ns()
            for _ in range(CALLS):
                sign()
            times[name].append((time.perf_counter_ns() - start) / CALLS / 1_000)
    print("\nsigning a prepared order\n")
    peers = [name for name in ("by hand", "ccxt") if name in times]
    print(f"| {'contender':32} | us, median |" + "".join(f" x {peer:9} |" for peer in peers))
    print(f"|{'-' * 34}|{'-' * 12}|" + f"{'-' * 13}|" * len(peers))
    for name, taken in times.items():
        ratios = "".join(f" {ratio(taken, times[peer]):11.2f} |" for peer in peers)
        print(f"| {name:32} | {statistics.median(taken):10.2f} |{ratios}")
