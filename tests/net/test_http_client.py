"""Connections of our own: which are used again, and what a request looks like on them. What holds for every
transport is in test_aiohttp_transport."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from declconn.errors import LostAnswerError, NetworkError
from declconn.net import http_client
from declconn.net.http_client import HttpClient
from declconn.net.transport import Request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    client = HttpClient(timeout=5, max_answer=1_000_000)
    yield client
    await client.close()


class Venue:
    """Answers every request on a connection with the next piece; keeps what it heard.

    Attributes:
        heard: the requests' heads.
        open: how many connections are open.
        connections: how many came.
    """

    def __init__(self, answer: bytes = OK) -> None:
        self.heard: list[bytes] = []
        self.open = self.connections = 0
        self.answer = answer
        self.hold: asyncio.Event | None = None

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        try:
            while True:
                self.heard.append(await reader.readuntil(b"\r\n\r\n"))
                if self.hold is not None:
                    await self.hold.wait()
                writer.write(self.answer)
                await writer.drain()
        finally:
            self.open -= 1


def get(host: str, target: str = "/") -> Request:
    return Request("GET", f"http://{host}{target}")


async def test_the_whole_request_as_it_leaves(client: HttpClient, serve: Any) -> None:
    venue = Venue()
    host = await serve(venue)
    await client.send(Request("GET", f"http://{host}/time?a=%2F,b", {"User-Agent": "mine", "X-Key": "k"}))
    await client.send(Request("POST", f"http://{host}"))
    first, second = (head.decode().split("\r\n")[:-2] for head in venue.heard)
    own = ["accept: */*", "accept-encoding: gzip, deflate"]
    assert first == ["GET /time?a=%2F,b HTTP/1.1", f"host: {host}", *own, "User-Agent: mine", "X-Key: k"]
    assert second == ["POST / HTTP/1.1", f"host: {host}", "user-agent: declconn", *own, "content-length: 0"]


async def test_requests_at_the_same_time_have_connections_of_their_own_and_the_next_use_them_again(
    client: HttpClient, serve: Any, eventually: Any
) -> None:
    venue = Venue()
    venue.hold = asyncio.Event()
    host = await serve(venue)
    calls = [asyncio.create_task(client.send(get(host))) for _ in range(3)]
    await eventually(lambda: len(venue.heard) == 3)
    venue.hold.set()
    await asyncio.gather(*calls)
    for _ in range(3):
        await client.send(get(host))
    assert (venue.connections, len(venue.heard)) == (3, 6)


@pytest.mark.parametrize(
    "answer", [OK.replace(b"Content-", b"Connection: close\r\nContent-"), OK + b"more", OK.replace(b"1.1", b"1.0")]
)
async def test_a_connection_that_cannot_be_trusted_is_not_used_again(
    client: HttpClient, serve: Any, eventually: Any, answer: bytes
) -> None:
    venue = Venue(answer)
    host = await serve(venue)
    for _ in range(2):
        assert (await client.send(get(host))).body == b"{}"
    assert venue.connections == 2
    await eventually(lambda: venue.open == 0)


async def test_a_connection_on_which_the_venue_speaks_unasked_is_dropped(
    client: HttpClient, serve: Any, eventually: Any
) -> None:
    writers = []

    async def venue(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(OK)

    host = await serve(venue)
    await client.send(get(host))
    writers[0].write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
    await asyncio.sleep(0.05)
    assert (await client.send(get(host))).body == b"{}"
    assert len(writers) == 2


async def test_a_connection_that_the_venue_closed_meanwhile_is_not_used(client: HttpClient, serve: Any) -> None:
    heard = 0

    async def venue(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard += bool(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OK)

    host = await serve(venue)
    for _ in range(3):
        await client.send(get(host))
        await asyncio.sleep(0.02)
    assert heard == 3


async def test_a_connection_that_waited_for_long_is_not_used_again(
    client: HttpClient, serve: Any, eventually: Any
) -> None:
    venue = Venue()
    host = await serve(venue)
    await client.send(get(host))
    (connection,) = client._open[f"http://{host}"]
    assert connection.idle_since is not None
    connection.idle_since -= http_client.KEPT
    await client.send(get(host))
    assert venue.connections == 2
    await eventually(lambda: venue.open == 1)


async def test_closing_leaves_no_connection(client: HttpClient, serve: Any, eventually: Any) -> None:
    venue = Venue()
    await client.send(get(await serve(venue)))
    assert venue.open == 1
    await client.close()
    await eventually(lambda: venue.open == 0)


async def test_closing_ends_what_is_under_way(client: HttpClient, serve: Any, eventually: Any) -> None:
    venue = Venue()
    venue.hold = asyncio.Event()
    call = asyncio.create_task(client.send(get(await serve(venue))))
    await eventually(lambda: venue.heard)
    await client.close()
    with pytest.raises(LostAnswerError):
        await call
    venue.hold.set()
    await eventually(lambda: venue.open == 0)


@pytest.mark.parametrize(("coding", "reason"), [("gzip", "the answer is not gzip"), ("br", "nobody asked for")])
async def test_an_answer_that_cannot_be_decompressed_is_lost(
    client: HttpClient, serve: Any, coding: str, reason: str
) -> None:
    venue = Venue(OK.replace(b"Content-", f"Content-Encoding: {coding}\r\nContent-".encode()))
    with pytest.raises(LostAnswerError, match=reason):
        await client.send(get(await serve(venue)))


@pytest.mark.parametrize(
    "answer", [b"what?", b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n", b"HTTP/1.1 101 Other\r\n\r\n"]
)
async def test_an_answer_that_cannot_be_read_leaves_no_connection(
    client: HttpClient, serve: Any, eventually: Any, answer: bytes
) -> None:
    venue = Venue(answer)
    with pytest.raises(LostAnswerError):
        await client.send(get(await serve(venue)))
    await eventually(lambda: venue.open == 0)


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "http://127.0.0.1:1/ /x"),
        Request("GET", "http://127.0.0.1:1/\r\nX: y"),
        Request("GET", "http://127.0.0.1:1/\u20ac"),
        Request("GET", "http://user:password@127.0.0.1:1/"),
        Request("GET", "http://127.0.0.1:1/#part"),
        Request("GET\r\nX: y", "http://127.0.0.1:1/"),
        Request("GET /other", "http://127.0.0.1:1/"),
        Request("GET", "http://127.0.0.1:1/", {"X y": "z"}),
        Request("GET", "http://127.0.0.1:1/", {"X": "y\nz"}),
        Request("GET", "http://127.0.0.1:1/", {"X": "\ud800"}),
        Request("GET", "http://127.0.0.1:\u0661/"),
    ],
)
async def test_what_would_be_another_request_is_not_sent(client: HttpClient, request_: Request) -> None:
    with pytest.raises(NetworkError, match="not sent: the url or a header is not valid"):
        await client.send(request_)


async def test_over_tls_the_server_proves_the_name_that_was_asked_for(serve: Any, certificate: Path) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=certificate)
    venue = Venue()
    host = await serve(venue, ssl=server)
    client = HttpClient(timeout=5, max_answer=1_000, tls=trusting)
    for _ in range(2):
        response = await client.send(Request("GET", f"https://{host.replace('127.0.0.1', 'localhost')}/"))
        assert response.body == b"{}"
    assert venue.connections == 1
    with pytest.raises(NetworkError, match="the certificate is not good: IP address mismatch"):
        await client.send(Request("GET", f"https://{host}/"))
    await client.close()


@pytest.mark.parametrize("secured", [False, True])
async def test_an_answer_may_end_with_its_connection(serve: Any, certificate: Path, secured: bool) -> None:
    async def venue(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n{")
        await asyncio.sleep(0.01)
        writer.write(b"}")

    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    host = (await serve(venue, ssl=server if secured else None)).replace("127.0.0.1", "localhost")
    client = HttpClient(timeout=5, max_answer=1_000, tls=ssl.create_default_context(cafile=certificate))
    response = await client.send(Request("GET", f"{'https' if secured else 'http'}://{host}/"))
    assert response.body == b"{}"
    await client.close()


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("https://[::1]:8443?a=1", "https://[::1]:8443", "/?a=1"),
        ("http://a_venue.example", "http://a_venue.example", "/"),
        ("https://venue.example/api?", "https://venue.example", "/api?"),
    ],
)
def test_a_url_is_where_it_goes_and_what_it_asks_for(url: str, origin: str, target: str) -> None:
    assert http_client._parts(url) == (origin, target)
