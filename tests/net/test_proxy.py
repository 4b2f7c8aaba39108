"""Through a proxy on this machine, which forwards what has a whole url and tunnels what says ``CONNECT``."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from declconn.errors import ConfigurationError, LostAnswerError, NetworkError
from declconn.net import AiohttpTransport, Network
from declconn.net.transport import Request, Transport
from declconn.registry import connect

ASK = """
import asyncio, sys
from declconn.net import Network
from declconn.net.transport import Request

async def main():
    network = Network(timeout=5, trust_env=True)
    *urls, stream = sys.argv[1:]
    for url in urls:
        print((await network.send(Request("GET", url))).body.decode())
    socket = await network.connect(stream, {}, max_frame=1000, ping=None)
    await socket.send("GET /ws")
    print(await socket.receive())
    await socket.close()
    await network.close()

asyncio.run(main())
"""


class Proxy:
    """A forwarding proxy.

    Attributes:
        heads: what it was asked, with all headers.
        refusal: what it answers instead of doing its work.
    """

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.refusal: bytes | None = None

    @property
    def asked(self) -> list[str]:
        return [head.partition(" HTTP/")[0] for head in self.heads]

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        if self.refusal is not None:
            writer.write(self.refusal)
            return
        method, url, rest = head.split(" ", 2)
        authority, _, path = url.removeprefix("http://").partition("/")
        host, _, port = authority.rpartition(":")
        there, back = await asyncio.open_connection(host, int(port))
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            back.write(f"{method} /{path} {rest}".encode())
        try:
            await asyncio.gather(_pour(reader, back), _pour(there, writer))
        finally:
            back.close()


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while piece := await source.read(65536):
        target.write(piece)
    if target.can_write_eof():
        target.write_eof()


@pytest.fixture
def proxy() -> Proxy:
    return Proxy()


@pytest.fixture
async def proxy_url(proxy: Proxy, serve: Any) -> str:
    return f"http://{await serve(proxy)}"


@pytest.fixture(params=[AiohttpTransport, Network])
async def http(request: pytest.FixtureRequest, proxy_url: str) -> AsyncIterator[Transport]:
    transport: Transport = request.param(timeout=5, proxy=proxy_url)
    yield transport
    await transport.close()


async def venue(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers every request with its first line."""
    while head := await reader.readuntil(b"\r\n\r\n"):
        body = head.partition(b"\r\n")[0]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_what_was_signed_goes_through_unchanged(http: Transport, proxy: Proxy, serve: Any) -> None:
    host = await serve(venue)
    target = "/order?symbol=BTC%2FUSDT&b=%7e&c=x%20y,"
    assert (await http.send(Request("POST", f"http://{host}{target}"))).body == f"POST {target} HTTP/1.1".encode()
    assert proxy.asked == [f"POST http://{host}{target}"]


async def test_a_connector_reaches_its_venue_through_it(
    proxy: Proxy, proxy_url: str, serve: Any, toy: Path, markets: bytes
) -> None:
    async def rest(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(markets), markets))

    base = f"http://{await serve(rest)}/api"
    exchange = connect(toy, environment={"rest": base}, transport=Network(proxy=proxy_url))
    rules = await exchange.parts.operations.call("trading_rules", {})
    await exchange.stop()
    assert [rule.trading_pair for rule in rules] == ["BTC-USD", "ETH-USD"]
    assert proxy.asked == [f"GET {base}/markets"]


async def test_sockets_go_through_it_too(http: Transport, proxy: Proxy, serve: Any, certificate: Path) -> None:
    host = await serve(venue, ssl=tls(certificate))
    with pytest.raises(NetworkError, match="certificate"):
        await http.connect(f"wss://{host}/ws", {}, max_frame=1000, ping=None)
    assert proxy.asked == [f"CONNECT {host}"]


async def test_a_proxy_that_asks_who_comes_is_told(proxy: Proxy, proxy_url: str, serve: Any) -> None:
    http = Network(timeout=5, proxy=proxy_url.replace("://", "://me:s3cret@"))
    host = await serve(venue)
    await http.send(Request("GET", f"http://{host}/"))
    await http.close()
    assert f"Proxy-Authorization: Basic {b64encode(b'me:s3cret').decode()}" in proxy.heads[0]


async def test_a_tunnel_that_is_refused_sent_nothing(http: Transport, proxy: Proxy) -> None:
    proxy.refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(NetworkError, match=r"/order: not sent: the proxy refused: .*407") as failure:
        await http.send(Request("POST", "https://venue.example/order?signature=s3cret"))
    assert not isinstance(failure.value, LostAnswerError)
    assert proxy.asked == ["CONNECT venue.example:443"]


async def test_at_the_end_of_a_tunnel_the_venue_proves_its_name(
    http: Transport, proxy: Proxy, serve: Any, certificate: Path
) -> None:
    host = await serve(venue, ssl=tls(certificate))
    with pytest.raises(NetworkError, match=r"not sent: .*certificate") as failure:
        await http.send(Request("POST", f"https://{host}/order"))
    assert not isinstance(failure.value, LostAnswerError)
    assert proxy.asked == [f"CONNECT {host}"]


async def test_a_proxy_that_is_not_there_is_told_without_its_password(serve: Any) -> None:
    http = Network(timeout=5, proxy="http://me:s3cret@127.0.0.1:1")
    with pytest.raises(NetworkError, match="not sent") as failure:
        await http.send(Request("GET", f"http://{await serve(venue)}/"))
    await http.close()
    assert not isinstance(failure.value, LostAnswerError)
    assert "s3cret" not in str(failure.value)


async def test_what_the_proxy_lost_is_a_lost_answer(http: Transport, proxy: Proxy) -> None:
    proxy.refusal = b""
    with pytest.raises(LostAnswerError):
        await http.send(Request("DELETE", "http://venue.example/order"))
    assert len(proxy.asked) == 1


@pytest.mark.parametrize("proxy", ["socks5://me:s3cret@host:1", "host:3128", "http://", "", "http://host:port"])
@pytest.mark.parametrize("kind", [AiohttpTransport, Network])
def test_what_is_no_proxy_is_told_at_once(kind: type, proxy: str) -> None:
    with pytest.raises(ConfigurationError, match=r"proxy: .*expected http://host:port") as failure:
        kind(proxy=proxy)
    assert "s3cret" not in str(failure.value)


@pytest.fixture
async def stream(certificate: Path) -> AsyncIterator[str]:
    """Where a WebSocket says what it hears."""

    async def echo(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(await socket.receive_str())
        return socket

    application = web.Application()
    application.router.add_get("/ws", echo)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls(certificate)).start()
    yield f"wss://localhost:{runner.addresses[0][1]}/ws"
    await runner.cleanup()


async def test_the_environment_names_proxies_for_whoever_trusts_it(
    proxy: Proxy, proxy_url: str, serve: Any, stream: str, certificate: Path
) -> None:
    plain, secured = await serve(venue), await serve(venue, ssl=tls(certificate))
    urls = [f"http://{plain}/plain", f"https://{secured.replace('127.0.0.1', 'localhost')}/secured", stream]
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    environment |= dict.fromkeys(("http_proxy", "https_proxy", "wss_proxy"), proxy_url)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ASK, *urls),
        env=environment | {"SSL_CERT_FILE": str(certificate)},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert said.decode().splitlines() == ["GET /plain HTTP/1.1", "GET /secured HTTP/1.1", "GET /ws"]
    assert proxy.asked == [f"GET {urls[0]}", *(f"CONNECT {url.split('/')[2]}" for url in urls[1:])]
