"""A spec played on localhost, and the real connector on the other end of real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import aiohttp
import pytest

from declconn.clock import SystemClock
from declconn.connector.exchange import Exchange
from declconn.errors import ConfigurationError, NotSupportedError
from declconn.records import Trade
from declconn.registry import connect, load_spec
from declconn.simulator.markets import random_markets
from declconn.simulator.random_market import RandomMarket
from declconn.simulator.venue import Venue
from declconn.types import BookState, Integrity

PAIRS = ["BTC-USDT", "ETH-USDT"]
BOTH = pytest.mark.parametrize("name", ["binance", "kraken"])


def venue_of(name: str, pairs: list[str] | None = None) -> Venue:
    spec = load_spec(name)
    markets = random_markets(spec, pairs or PAIRS, Random(1))
    return Venue(spec, markets, clock=SystemClock(), interval=0.02)


@asynccontextmanager
async def both_ends(name: str) -> AsyncIterator[tuple[Venue, Exchange]]:
    async with (
        venue_of(name) as venue,
        connect(name, PAIRS, environment=venue.environment, random=Random(1)) as exchange,
    ):
        await exchange.wait_until_ready(5)
        yield venue, exchange


async def until(holds: Callable[[], bool], seconds: float = 8) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - anything may be waited for
            await asyncio.sleep(0.01)


@BOTH
async def test_books_become_live_follow_the_market_and_never_cross(name: str) -> None:
    async with both_ends(name) as (_, exchange):
        book, metrics = exchange.get_order_book("BTC-USDT"), exchange.order_book_tracker.metrics("BTC-USDT")
        await until(lambda: metrics.applied > 10)
        assert book.state is BookState.LIVE
        assert book.integrity is (Integrity.VERIFIED if name == "kraken" else Integrity.SEQUENCED)
        assert (metrics.gaps, metrics.checksums_failed, metrics.resyncs, metrics.crossed) == (0, 0, 0, 0)


@BOTH
async def test_a_lost_diff_is_noticed_and_mended(name: str) -> None:
    async with both_ends(name) as (venue, exchange):
        metrics = exchange.order_book_tracker.metrics("BTC-USDT")
        venue.drop_diff("BTC-USDT")
        await until(lambda: metrics.resyncs > 0)
        await until(lambda: exchange.ready)
        assert exchange.order_book_tracker.metrics("ETH-USDT").resyncs == 0


@BOTH
async def test_a_lost_connection_comes_back(name: str) -> None:
    async with both_ends(name) as (venue, exchange):
        venue.disconnect()
        await until(lambda: not exchange.ready)
        await until(lambda: exchange.ready)


@BOTH
async def test_trades_are_heard(name: str) -> None:
    async with both_ends(name) as (_, exchange):
        heard: list[Trade] = []
        exchange.add_listener(heard.append, Trade)
        await until(lambda: {trade.trading_pair for trade in heard} == set(PAIRS))
        assert all(trade.amount > 0 for trade in heard)


@BOTH
async def test_rest_answers_what_everybody_may_ask(name: str) -> None:
    async with both_ends(name) as (venue, exchange):
        assert venue.unplayed == {}
        assert set(exchange.trading_rules) == set(PAIRS)
        rule = exchange.trading_rules["BTC-USDT"]
        assert (rule.min_price_increment, rule.min_base_amount_increment) == (Decimal("0.1"), Decimal("0.00001"))
        assert set(await exchange.get_last_traded_prices(PAIRS[:1])) == set(PAIRS[:1])


@BOTH
async def test_a_pair_can_be_followed_and_left_while_it_runs(name: str) -> None:
    async with (
        venue_of(name) as venue,
        connect(name, PAIRS[:1], environment=venue.environment, random=Random(1)) as exchange,
    ):
        await exchange.wait_until_ready(5)
        await exchange.add_trading_pair("ETH-USDT")
        await until(lambda: exchange.ready)
        await exchange.remove_trading_pair("BTC-USDT")
        assert set(exchange.order_books) == {"ETH-USDT"}


async def test_any_spec_is_played_not_only_those_that_ship(toy: Path) -> None:
    spec = load_spec(toy)
    async with Venue(spec, random_markets(spec, ["BTC-USD"], Random(1)), clock=SystemClock(), interval=0.02) as venue:
        assert venue.unplayed.keys() == {"tickers"}  # it has pages
        async with connect(toy, ["BTC-USD"], environment=venue.environment, random=Random(1)) as exchange:
            await exchange.wait_until_ready(5)
            assert set(await exchange.get_last_traded_prices()) == {"BTC-USD"}


async def test_the_spec_that_the_readme_shows_is_played_though_its_stream_has_no_path(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    path = tmp_path / "my_venue.yaml"
    path.write_text(readme.split("```yaml\n")[1].split("```")[0])
    spec = load_spec(path)
    assert {urlsplit(str(urls["ws"])).path for urls in spec.environments.values()} == {""}
    async with (
        Venue(spec, random_markets(spec, PAIRS, Random(1)), clock=SystemClock(), interval=0.02) as venue,
        connect(path, PAIRS, environment=venue.environment, random=Random(1)) as exchange,
    ):
        await exchange.wait_until_ready(5)
        assert exchange.get_order_book("BTC-USDT").state is BookState.LIVE


async def test_urls_keep_their_paths_and_lose_their_hosts() -> None:
    venue = venue_of("kraken")
    with pytest.raises(ConfigurationError, match="inside `async with venue`"):
        _ = venue.environment
    async with venue:
        urls = {name: urlsplit(url) for name, url in venue.environment.items()}
    assert {name: (url.scheme, url.hostname, url.path) for name, url in urls.items()} == {
        "rest": ("http", "127.0.0.1", ""),
        "ws": ("ws", "127.0.0.1", "/v2"),
        "ws_auth": ("ws", "127.0.0.1", "/v2"),
    }


async def test_an_unknown_request_is_told_what_there_is() -> None:
    async with venue_of("binance") as venue, aiohttp.ClientSession() as client:
        url = venue.environment["rest"]
        async with client.get(f"{url}/depth", params={"symbol": "DOGEUSDT", "limit": 1000}) as answer:
            assert answer.status == 404
            assert "order_book_snapshot" in (await answer.json())["error"]
        async with client.get(f"{url}/depth", params={"limit": 1000, "symbol": "BTCUSDT"}) as answer:
            assert (await answer.json()).keys() == {"lastUpdateId", "bids", "asks"}


async def test_news_come_only_after_they_are_asked_for_and_stop_when_they_are_ended() -> None:
    channels = ["btcusdt@trade", "btcusdt@depth@100ms", "btcusdt@kline_1m"]
    async with (
        venue_of("binance") as venue,
        aiohttp.ClientSession() as client,
        client.ws_connect(venue.environment["ws"]) as socket,
    ):
        await socket.send_json({"method": "SUBSCRIBE", "params": channels, "id": 1})
        assert await socket.receive_json() == {"id": 1, "result": None}
        assert (await socket.receive_json())["data"]["s"] == "BTCUSDT"
        await socket.send_json({"method": "UNSUBSCRIBE", "params": channels, "id": 2})
        while await socket.receive_json() != {"id": 2, "result": None}:
            pass
        with pytest.raises(TimeoutError):
            await socket.receive_json(timeout=0.1)


def test_an_unknown_environment_and_markets_that_are_none_are_refused() -> None:
    spec = load_spec("binance")
    with pytest.raises(ConfigurationError, match="no environment 'moon'; it has com, us"):
        Venue(spec, random_markets(spec, PAIRS, Random(1)), clock=SystemClock(), environment="moon")
    with pytest.raises(ConfigurationError, match="at least one market"):
        Venue(spec, {}, clock=SystemClock())
    with pytest.raises(ConfigurationError, match="'BTCUSDT' is no trading pair; expected BASE-QUOTE"):
        Venue(spec, random_markets(spec, ["BTCUSDT"], Random(1)), clock=SystemClock())
    with pytest.raises(ConfigurationError, match="'btc-usdt' is no trading pair; ours are in upper case: 'BTC-USDT'"):
        Venue(spec, random_markets(spec, ["btc-usdt"], Random(1)), clock=SystemClock())


def test_a_market_deeper_than_the_books_of_a_connector_is_refused() -> None:
    spec = load_spec("kraken")
    market = RandomMarket(
        "BTC-USDT", random=Random(1), price=Decimal(100), tick=Decimal("0.1"), step=Decimal("0.1"), depth=50
    )
    with pytest.raises(ConfigurationError, match="make the market with depth=10"):
        Venue(spec, {"BTC-USDT": market}, clock=SystemClock(), options={"depth": 10})


def test_a_spec_whose_books_cannot_be_played_is_refused_with_the_reason() -> None:
    spec = load_spec("binance")
    stream = spec.streams["market"].model_copy(update={"decode": ("gzip", "json")})
    compressed = spec.model_copy(update={"streams": {"market": stream}})
    with pytest.raises(NotSupportedError, match=r"order books cannot be simulated: streams\.market\.decode"):
        Venue(compressed, random_markets(spec, PAIRS, Random(1)), clock=SystemClock())
