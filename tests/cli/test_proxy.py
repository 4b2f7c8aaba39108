"""`--proxy`: what a command asks and hears goes through a proxy, here a real one on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest

from declconn.cli import main
from declconn.clock import SystemClock
from declconn.registry import load_spec
from declconn.simulator import Venue, random_markets


class Proxy:
    """Forwards what has a whole url, sockets too.

    Attributes:
        addresses: the urls that it was asked for, without their queries.
    """

    def __init__(self) -> None:
        self.addresses: set[str] = set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
        except asyncio.IncompleteReadError:
            writer.close()
            return
        method, url, rest = head.split(" ", 2)
        self.addresses.add(url.partition("?")[0])
        parts = urlsplit(url)
        there, back = await asyncio.open_connection(parts.hostname, parts.port)
        if "upgrade:" not in head.lower():  # one request each, or the next on this connection would not be seen
            rest = rest.replace("\r\n", "\r\nConnection: close\r\n", 1)
        back.write(f"{method} {url.partition(parts.netloc)[2]} {rest}".encode())
        try:
            await asyncio.gather(_pour(reader, back), _pour(there, writer))
        finally:
            back.close()
            writer.close()
            await asyncio.gather(back.wait_closed(), writer.wait_closed())


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while piece := await source.read(65536):
        target.write(piece)
    target.close()


@pytest.fixture
def proxy() -> Proxy:
    return Proxy()


@pytest.fixture
async def proxy_url(proxy: Proxy) -> AsyncIterator[str]:
    serving: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.create_task(proxy(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    async with asyncio.timeout(5):
        await asyncio.gather(*serving)


@pytest.fixture
async def urls() -> AsyncIterator[dict[str, str]]:
    """Where a venue is that plays a spec."""
    spec = load_spec("binance")
    async with Venue(spec, random_markets(spec, ["BTC-USDT"], Random(1)), clock=SystemClock()) as venue:
        yield dict(venue.environment)


def at(urls: dict[str, str], proxy_url: str) -> list[str]:
    return [part for name, url in urls.items() for part in ("--url", f"{name}={url}")] + ["--proxy", proxy_url]


async def test_a_call_goes_through_it(proxy: Proxy, proxy_url: str, urls: dict[str, str]) -> None:
    assert await asyncio.to_thread(main, ["call", "binance", "trading_rules", *at(urls, proxy_url)]) == 0
    assert proxy.addresses == {f"{urls['rest']}/exchangeInfo"}


async def test_books_are_watched_through_it(proxy: Proxy, proxy_url: str, urls: dict[str, str]) -> None:
    command = ["book", "binance", "BTC-USDT", "--seconds", "1.5", *at(urls, proxy_url)]
    assert await asyncio.to_thread(main, command) == 0
    assert proxy.addresses == {f"{urls['rest']}/exchangeInfo", f"{urls['rest']}/depth", urls["ws"]}


async def test_a_venue_is_recorded_through_it(
    proxy: Proxy, proxy_url: str, urls: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "capture.jsonl"
    command = ["record", "binance", "BTC-USDT", "-o", str(path), "--seconds", "1.5", *at(urls, proxy_url)]
    assert await asyncio.to_thread(main, command) == 0
    assert proxy.addresses == {f"{urls['rest']}/exchangeInfo", f"{urls['rest']}/depth", urls["ws"]}
    assert path.is_file()


@pytest.mark.parametrize("command", [["call", "binance", "trading_rules"], ["book", "binance", "BTC-USDT"]])
def test_what_is_no_proxy_is_told_before_anything_is_sent(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--proxy", "socks5://me:s3cret@127.0.0.1:1"]) == 2
    told = capsys.readouterr().err
    assert "expected http://host:port" in told
    assert "s3cret" not in told
