from __future__ import annotations

import asyncio
import socket
import ssl
import traceback
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from declconn.errors import LostAnswerError, NetworkError
from declconn.net.aiohttp_transport import AiohttpTransport
from declconn.net.network import Network
from declconn.net.transport import AnswerTooLargeError, Request, Transport


@pytest.fixture(params=[AiohttpTransport, Network])
async def http(request: pytest.FixtureRequest) -> AsyncIterator[Transport]:
    """What sends requests, over aiohttp and over connections of our own: all of this holds for both."""
    transport: Transport = request.param(timeout=5)
    yield transport
    await transport.close()


class Venue:
    """Reads requests off kept connections and answers each with the next of `answers`; ``None`` drops the line."""

    def __init__(self, *answers: bytes | None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._answers = list(answers)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while self._answers:
            head = await reader.readuntil(b"\r\n\r\n")
            length = [int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
            self.requests.append(head + await reader.readexactly(sum(length)))
            answer = self._answers.pop(0)
            if answer is None:
                return
            writer.write(answer)
            await writer.drain()


def ok(body: bytes = b"{}", *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def test_a_request_leaves_exactly_as_it_was_written(http: Transport, serve: Any) -> None:
    venue = Venue(ok())
    host = await serve(venue)
    target = "/api/v3/order?symbol=BTC%2FUSDT&a=1+2&b=%7e&c=x%20y&d=%2C,"
    headers = {"X-Key": "k", "Content-Type": "application/x-www-form-urlencoded"}
    await http.send(Request("POST", f"http://{host}{target}", headers, b"p=%2f&q=1"))
    (sent,) = venue.requests
    assert sent.startswith(f"POST {target} HTTP/1.1\r\n".encode())
    assert b"\r\nX-Key: k\r\n" in sent
    assert b"\r\nContent-Type: application/x-www-form-urlencoded\r\n" in sent
    assert sent.endswith(b"\r\n\r\np=%2f&q=1")


async def test_a_request_without_a_body_claims_no_content_type(http: Transport, serve: Any) -> None:
    venue = Venue(ok(), ok())
    host = await serve(venue)
    await http.send(Request("GET", f"http://{host}/"))
    await http.send(Request("POST", f"http://{host}/"))
    assert not any(b"content-type" in sent.lower() for sent in venue.requests)


async def test_an_answer_of_any_status_is_returned_with_its_headers(http: Transport, serve: Any) -> None:
    answer = ok(b'{"code": -1003}', "Retry-After: 7", "X-Used: 1", "X-Used: 2", status="429 Too Many Requests")
    host = await serve(Venue(answer))
    response = await http.send(Request("GET", f"http://{host}/"))
    assert (response.status, response.body) == (429, b'{"code": -1003}')
    assert response.headers["retry-after"] == response.headers["RETRY-AFTER"] == "7"
    assert response.headers["x-used"] == "1, 2"


async def test_a_compressed_answer_is_decompressed(http: Transport, serve: Any) -> None:
    host = await serve(Venue(ok(zlib.compress(b"plain"), "Content-Encoding: deflate")))
    assert (await http.send(Request("GET", f"http://{host}/"))).body == b"plain"


async def test_redirects_are_not_followed(http: Transport, serve: Any) -> None:
    venue = Venue(ok(b"", "Location: http://127.0.0.1:1/elsewhere", status="307 Temporary Redirect"))
    response = await http.send(Request("POST", f"http://{await serve(venue)}/", body=b"x"))
    assert (response.status, response.headers["location"]) == (307, "http://127.0.0.1:1/elsewhere")


async def test_cookies_are_not_kept(http: Transport, serve: Any) -> None:
    venue = Venue(ok(b"", "Set-Cookie: session=1; Path=/"), ok())
    host = await serve(venue)
    for _ in range(2):
        await http.send(Request("GET", f"http://{host}/"))
    assert b"cookie" not in venue.requests[1].lower()


async def test_connections_are_kept_for_the_next_request(http: Transport, serve: Any) -> None:
    venue = Venue(ok(), ok(), ok())
    host = await serve(venue)
    for _ in range(3):
        await http.send(Request("GET", f"http://{host}/"))
    assert venue.connections == 1


async def test_a_refused_connection_sent_nothing(http: Transport) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(NetworkError, match=rf"^POST http://127.0.0.1:{port}/order: not sent: ") as failure:
        await http.send(Request("POST", f"http://127.0.0.1:{port}/order?signature=abc"))
    assert not isinstance(failure.value, LostAnswerError)


async def test_a_host_that_does_not_exist_sent_nothing(http: Transport) -> None:
    with pytest.raises(NetworkError, match="not sent") as failure:
        await http.send(Request("GET", "http://no-such-host.invalid/"))
    assert not isinstance(failure.value, LostAnswerError)


@pytest.mark.parametrize("url", ["", "order", "http://", "ftp://host/", "http://host:port/", "http://[::1/"])
async def test_an_unusable_url_sent_nothing(http: Transport, url: str) -> None:
    with pytest.raises(NetworkError, match="not sent") as failure:
        await http.send(Request("GET", url))
    assert not isinstance(failure.value, LostAnswerError)


async def test_a_failed_tls_handshake_sent_nothing(http: Transport, serve: Any) -> None:
    async def no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    host = await serve(no_tls)
    with pytest.raises(NetworkError, match="not sent") as failure:
        await http.send(Request("POST", f"https://{host}/order"))
    assert not isinstance(failure.value, LostAnswerError)


async def test_a_certificate_that_nobody_vouches_for_sent_nothing(http: Transport, tmp_path: Path) -> None:
    server = await asyncio.start_server(
        lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=self_signed(tmp_path)
    )
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(NetworkError, match=r"not sent: .*certificate") as failure:
        await http.send(Request("POST", f"https://127.0.0.1:{port}/order?signature=s3cret"))
    assert not isinstance(failure.value, LostAnswerError)
    assert "s3cret" not in str(failure.value)
    server.close()
    await server.wait_closed()


def self_signed(folder: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, SHA256())
    pem = folder / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


async def test_a_handshake_that_takes_too_long_sent_nothing(http: Transport, serve: Any) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    host = await serve(silent)
    with pytest.raises(NetworkError, match=r"not sent: no answer within 0\.1 s") as failure:
        await http.send(Request("POST", f"https://{host}/order", timeout=0.1))
    assert not isinstance(failure.value, LostAnswerError)


async def test_a_slow_answer_is_a_lost_answer(http: Transport, serve: Any) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    host = await serve(slow)
    with pytest.raises(LostAnswerError, match=r"sent, but the answer was lost: no answer within 0\.1 s"):
        await http.send(Request("POST", f"http://{host}/order", timeout=0.1))


async def test_a_slow_body_is_a_lost_answer(http: Transport, serve: Any) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await reader.read()
        await reader.read()

    host = await serve(slow)
    with pytest.raises(LostAnswerError, match=r"no answer within 0\.1 s"):
        await http.send(Request("GET", f"http://{host}/order", timeout=0.1))


async def test_a_header_that_cannot_be_sent_is_a_network_error_that_does_not_show_it(
    http: Transport, serve: Any
) -> None:
    with pytest.raises(NetworkError, match="the url or a header is not valid") as failure:
        await http.send(Request("GET", f"http://{await serve(Venue())}/", {"X-Key": "s3cret\r\nX: y"}))
    assert "s3cret" not in str(failure.value)


async def test_an_answer_that_stops_half_way_is_a_lost_answer(http: Transport, serve: Any) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await writer.drain()

    with pytest.raises(LostAnswerError):
        await http.send(Request("GET", f"http://{await serve(half)}/"))


async def test_an_answer_that_is_not_http_is_a_lost_answer(http: Transport, serve: Any) -> None:
    with pytest.raises(LostAnswerError):
        await http.send(Request("GET", f"http://{await serve(Venue(b'what?'))}/"))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
async def test_nothing_is_sent_again_when_a_kept_connection_is_dropped(
    http: Transport, serve: Any, method: str
) -> None:
    venue = Venue(ok(), None, ok())
    host = await serve(venue)
    await http.send(Request("GET", f"http://{host}/"))
    with pytest.raises(LostAnswerError):
        await http.send(Request(method, f"http://{host}/order", body=b"amount=1"))
    await asyncio.sleep(0.05)
    assert len(venue.requests) == 2


async def test_aiohttp_alone_would_send_it_again(serve: Any) -> None:
    """When this fails, the hook that prevents it may go."""
    venue = Venue(ok(), None, ok())
    host = await serve(venue)
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.delete(f"http://{host}/order") as answer:
                await answer.read()
    assert len(venue.requests) == 3


async def test_a_kept_connection_that_was_reset_is_a_lost_answer(http: Transport, serve: Any) -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ok())
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()

    host = await serve(reset)
    await http.send(Request("GET", f"http://{host}/"))
    with pytest.raises(LostAnswerError):
        await http.send(Request("DELETE", f"http://{host}/order"))


@pytest.mark.parametrize("kind", [AiohttpTransport, Network])
async def test_a_huge_answer_is_refused_before_it_fills_the_memory(serve: Any, kind: Any) -> None:
    bomb = zlib.compress(b"0" * 10_000_000)
    host = await serve(Venue(ok(bomb, "Content-Encoding: deflate")))
    http = kind(max_answer=100_000)
    with pytest.raises(AnswerTooLargeError, match="larger than 100000 bytes; ask for less, or raise max_answer"):
        await http.send(Request("GET", f"http://{host}/"))
    await http.close()


async def test_errors_never_show_the_query(http: Transport, serve: Any) -> None:
    urls = [
        f"http://{await serve(Venue(None))}/order?signature=s3cret",
        f"http://{await serve(Venue(b'not http'))}/order?signature=s3cret",
        "http://127.0.0.1:1/order?signature=s3cret",
        "http://user:s3cret@host:port/order?signature=s3cret",
    ]
    for url in urls:
        with pytest.raises(NetworkError) as failure:
            await http.send(Request("POST", url, {"X-Key": "s3cret"}, b"s3cret"))
        said = [line for line in traceback.format_exception(failure.value) if not line.startswith("  File")]
        assert "s3cret" not in "".join(said)


async def test_a_cancelled_request_leaves_nothing_open(http: Transport, serve: Any, eventually: Any) -> None:
    closed = asyncio.Event()
    begun = asyncio.Event()

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begun.set()
        await reader.read()
        closed.set()

    host = await serve(wait)
    call = asyncio.create_task(http.send(Request("GET", f"http://{host}/")))
    await begun.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await eventually(closed.is_set)


async def test_closing_twice_is_fine_and_a_later_request_opens_again(http: Transport, serve: Any) -> None:
    await http.close()
    host = await serve(Venue(ok()))
    assert (await http.send(Request("GET", f"http://{host}/"))).status == 200
    await http.close()
    await http.close()
