"""The numbers of a connector, over a loopback venue."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from declconn.connector import metrics
from declconn.connector.trading import account_metrics
from declconn.metrics import Metric, Sample

DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"


def all_metrics() -> list[Metric]:
    """Every metric that a connector can have."""
    found = [each for module in (metrics, account_metrics) for each in vars(module).values()]
    return [*(each for each in found if isinstance(each, Metric)), *metrics.BOOK.values()]


def numbers(samples: Iterable[Sample], name: str) -> dict[tuple[str, ...], float]:
    """The values of one metric by its labels without the venue."""
    return {
        tuple(value for label, value in sample.labels.items() if label != "venue"): sample.value
        for sample in samples
        if sample.name == f"declconn_{name}"
    }


def test_names_follow_the_rules_of_prometheus() -> None:
    for metric in all_metrics():
        assert re.fullmatch(r"declconn(_[a-z]+)+", metric.name)
        assert metric.name.endswith("_total") == (metric.kind == "counter")
        assert metric.help.endswith(".")
    names = [metric.name for metric in all_metrics()]
    assert len(names) == len(set(names))


def test_the_table_of_the_docs_names_them_all_and_no_others() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", DOCS.read_text(), re.MULTILINE)
    assert sorted(rows) == sorted((metric.name, metric.kind) for metric in all_metrics())


async def test_books_tell_what_happened_to_them(toy: Any, play: Any, venue: Any, until: Any, diff: Any) -> None:
    exchange = await play(toy, "BTC-USD", "ETH-USD")
    await until(lambda: exchange.ready)
    assert numbers(exchange.metrics(), "book_state")["BTC-USD", "LIVE"] == 1
    await venue.talks[0].say(diff(11, 11))
    venue.answers["/api/book"] = {"seq": 5, "bids": [], "asks": []}
    await venue.talks[0].say(diff(13, 13))
    await until(lambda: not exchange.ready)

    told = list(exchange.metrics())
    assert numbers(told, "book_gaps_total") == {("BTC-USD",): 1, ("ETH-USD",): 0}
    assert numbers(told, "book_resyncs_total") == {("BTC-USD",): 1, ("ETH-USD",): 0}
    states = numbers(told, "book_state")
    assert states["ETH-USD", "LIVE"] == 1
    assert states["BTC-USD", "LIVE"] == 0
    assert sum(states[key] for key in states if key[0] == "BTC-USD") == 1
    assert all(sample.labels["venue"] == "toy" for sample in told)


async def test_what_is_ready_and_what_runs_is_told(toy: Any, play: Any, until: Any) -> None:
    exchange = await play(toy)
    await until(lambda: exchange.ready and exchange.network_status == "CONNECTED")
    told = list(exchange.metrics())
    assert set(numbers(told, "ready").values()) == {1}
    assert numbers(told, "network_up") == {(): 1}
    assert numbers(told, "info") == {("custom",): 1}

    await exchange.stop()
    assert numbers(exchange.metrics(), "network_up") == {(): 0}


async def test_requests_are_counted_by_how_they_end(toy: Any, play: Any, venue: Any, until: Any) -> None:
    exchange = await play(toy)
    await until(lambda: exchange.ready)
    call = exchange.parts.operations.call
    venue.answers["/api/tickers"] = [{"id": "btcusd", "last": "1"}]
    await call("tickers")
    venue.answers["/api/tickers"] = {"error": {"code": "OTHER", "text": "no"}}
    with pytest.raises(Exception, match="OTHER"):
        await call("tickers")

    told = list(exchange.metrics())
    requests = numbers(told, "requests_total")
    assert requests["tickers", "ok"] == 1
    assert sum(count for (operation, _), count in requests.items() if operation == "tickers") == 2
    assert requests["trading_rules", "ok"] == 1
    assert numbers(told, "request_seconds_total")["tickers",] > 0


async def test_limits_tell_how_much_of_them_is_used(variant: Any, play: Any, until: Any) -> None:
    limited = "rate_limits: {weight: {allow: 9/1h, per: account}}\nstreams: {market: {limits: {connect: 5/1h}}}\n"
    exchange = await play(
        variant(limited), credentials={"api_key": "very-secret-key", "api_secret": "s"}, trading=False
    )
    await until(lambda: exchange.ready)
    told = list(exchange.metrics())
    assert numbers(told, "limit_units") == {("streams.market.connect",): 5, ("weight",): 9}
    in_use = numbers(told, "limit_units_in_use")
    assert in_use.keys() == {("streams.market.connect",), ("weight",)}
    assert in_use[("streams.market.connect",)] == 1
    assert in_use[("weight",)] in (1, 2)  # the network may have been looked at meanwhile
    assert numbers(told, "limit_waits_total") == {("streams.market.connect",): 0, ("weight",): 0}
    assert not [text for sample in told for text in sample.labels.values() if "secret" in text]


async def test_every_symbol_of_a_limit_counts_towards_one_number(variant: Any, play: Any, venue: Any) -> None:
    endpoint = "endpoints: {last_price: {rate: {allow: 10/1h, per: symbol}}}\n"
    exchange = await play(variant(endpoint), "BTC-USD", "ETH-USD")
    venue.answers["/api/last/btcusd"] = venue.answers["/api/last/ethusd"] = {"last": "1"}
    await exchange.get_last_traded_prices(["BTC-USD"])
    await exchange.get_last_traded_prices(["BTC-USD", "ETH-USD"])
    assert numbers(exchange.metrics(), "limit_units_in_use")["endpoints.last_price",] == 2, "that of the busiest"


async def test_streams_are_counted_over_their_connections(toy: Any, play: Any, venue: Any, until: Any) -> None:
    exchange = await play(toy)
    await until(lambda: exchange.ready)
    await venue.talks[0].say({"what": "is this"})
    await until(lambda: numbers(exchange.metrics(), "stream_unrouted_total") == {("market",): 1})
    told = list(exchange.metrics())
    assert numbers(told, "stream_connections") == {("market",): 1}
    assert numbers(told, "stream_frames_total")["market",] >= 2
    assert numbers(told, "stream_reconnects_total") == {("market",): 0}
    assert numbers(told, "stream_silence_seconds")["market",] >= 0

    await venue.talks[0].socket.close()
    await until(lambda: numbers(exchange.metrics(), "stream_reconnects_total") == {("market",): 1})


async def test_complaints_are_counted_by_their_place(toy: Any, play: Any, venue: Any, until: Any) -> None:
    exchange = await play(toy)
    await until(lambda: exchange.ready)
    await venue.talks[0].say("this is not JSON")
    await venue.talks[0].say("nor is this")
    await until(lambda: numbers(exchange.metrics(), "complaints_total") == {("streams.market.decode",): 2})


async def test_any_thread_may_ask_while_the_connector_works(
    toy: Any, play: Any, until: Any, venue: Any, diff: Any
) -> None:
    exchange = await play(toy, "BTC-USD", "ETH-USD", "LTC-USD")
    await until(lambda: exchange.ready)
    failures: list[Exception] = []
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            try:
                list(exchange.metrics())
            except Exception as error:  # noqa: BLE001 - shown below
                failures.append(error)

    asker = threading.Thread(target=ask)
    asker.start()
    for number in range(11, 61):
        await venue.talks[0].say(diff(number, number))
        await exchange.remove_trading_pair("LTC-USD")
        await exchange.add_trading_pair("LTC-USD")
    is_over.set()
    asker.join()
    assert failures == []
