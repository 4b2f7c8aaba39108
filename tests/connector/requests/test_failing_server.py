"""A venue that fails in every way a network allows: each ends in the right error, and no order is sent twice."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from declconn.clock import SystemClock
from declconn.errors import (
    LostAnswerError,
    MappingError,
    NetworkError,
    UnknownOutcomeError,
    VenueError,
)
from declconn.net.network import Network
from declconn.net.throttler import HeldBackError
from declconn.net.transport import AnswerTooLargeError
from declconn.registry import connect

OPERATIONS = """\
endpoints:
  balances: {cost: {weight: 1}}
  cancel_all_orders: {delete: /orders, auth: signed, cost: {weight: 1}, params: {symbol: "{symbol}"}}
"""
READING, WRITING = "balances", "cancel_all_orders"

Step = Callable[["Talk"], Awaitable[None]]


class Talk:
    """One connection, from the server's side."""

    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer

    async def arrive(self) -> None:
        """Wait for the first byte of a request."""
        self._begun = await self._reader.readexactly(1)

    async def read(self) -> None:
        """Read the rest, and count it."""
        head = self._begun + await self._reader.readuntil(b"\r\n\r\n")
        self._server.requests.append(head.decode().split(" HTTP/", 1)[0])

    async def write(self, raw: bytes) -> None:
        self._writer.write(raw)
        await self._writer.drain()

    def reset(self) -> None:
        """Drop the connection with a reset instead of a farewell."""
        stream = self._writer.get_extra_info("socket")
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()
        raise ConnectionResetError


class Server:
    """Plays its script: each connection takes the steps of the next line, the last line again and again.

    Attributes:
        script: a line for each connection, a step for each request on it.
        attempts: how many requests came, read or not.
        requests: the methods and targets of those that were read, in order.
    """

    def __init__(self) -> None:
        self.script: list[list[Step]] = []
        self.requests: list[str] = []
        self.attempts = self.connections = 0
        self.open: set[asyncio.Task[None]] = set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.open.add(task)
        line = self.script[min(self.connections, len(self.script) - 1)]
        self.connections += 1
        talk = Talk(self, reader, writer)
        try:
            for step in line:
                await talk.arrive()
                self.attempts += 1
                await step(talk)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client has left, or the test is over
        finally:
            self.open.discard(task)
            writer.close()


def answer(body: bytes = b"[]", *headers: str, status: str = "200 OK") -> Step:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers, "", ""]
    return reply("\r\n".join(lines).encode() + body)


def reply(raw: bytes) -> Step:
    async def step(talk: Talk) -> None:
        await talk.read()
        await talk.write(raw)

    return step


async def reset_before_reading(talk: Talk) -> None:
    talk.reset()


async def reset_after_reading(talk: Talk) -> None:
    await talk.read()
    talk.reset()


async def say_nothing(talk: Talk) -> None:
    await talk.read()
    await asyncio.sleep(30)


async def drop(talk: Talk) -> None:
    await talk.read()


truncated = reply(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1, 2")
html = answer(b"<html>maintenance</html>")
ok = answer()


class FastClock(SystemClock):
    """Real time, of which a second takes a thousandth, and a list of what was waited for."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def monotonic(self) -> float:
        return super().monotonic() * 1000

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(seconds / 1000)


@pytest.fixture
def clock() -> FastClock:
    return FastClock()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """The script's server; when the connector is gone, no socket and no task is left."""
    yield Server()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


Call = Callable[..., Awaitable[Any]]


@pytest.fixture
async def ask(server: Server, variant: Callable[[str], Path], clock: FastClock) -> AsyncIterator[Call]:
    """Ask an operation of the server."""
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    exchange = connect(
        variant(OPERATIONS),
        credentials={"api_key": "k", "api_secret": "s"},
        environment={"rest": f"http://127.0.0.1:{port}/api"},
        transport=Network(timeout=0.25, max_answer=10_000),
        clock=clock,
        random=Random(1),
    )
    yield lambda operation: exchange.parts.operations.call(operation, {"symbol": "btcusd"})
    await exchange.stop()
    listening.close()
    for task in list(server.open):
        task.cancel()
    await asyncio.gather(*server.open, return_exceptions=True)
    await listening.wait_closed()


MAY_HAVE_HAPPENED = {
    "reset before reading": (reset_before_reading, LostAnswerError),
    "reset after reading": (reset_after_reading, LostAnswerError),
    "slow": (say_nothing, LostAnswerError),
    "truncated body": (truncated, LostAnswerError),
    "500": (answer(b"{}", status="500 Internal Server Error"), VenueError),
    "502 of a proxy": (answer(b"<html>", status="502 Bad Gateway"), VenueError),
    "503": (answer(b"", status="503 Service Unavailable"), VenueError),
}


@pytest.mark.parametrize("way", MAY_HAVE_HAPPENED)
async def test_what_may_have_happened_is_asked_three_times_and_never_ordered_twice(
    server: Server, ask: Call, way: str
) -> None:
    step, cause = MAY_HAVE_HAPPENED[way]
    server.script = [[step] * 4]

    with pytest.raises(cause):
        await ask(READING)
    assert server.attempts == 3

    with pytest.raises(UnknownOutcomeError, match="cancel_all_orders: it may have happened") as failure:
        await ask(WRITING)
    assert server.attempts == 4
    assert isinstance(failure.value.cause, cause)


@pytest.mark.parametrize("way", MAY_HAVE_HAPPENED)
async def test_a_question_goes_through_when_the_trouble_is_over(server: Server, ask: Call, way: str) -> None:
    server.script = [[MAY_HAVE_HAPPENED[way][0], ok], [ok]]

    assert await ask(READING) == []
    assert server.attempts == 2


async def test_a_good_answer_that_cannot_be_read_is_lost_like_any_other(server: Server, ask: Call) -> None:
    server.script = [[html, html, html, html]]

    with pytest.raises(MappingError, match=r"maintenance.*\(after 3 attempts\)"):
        await ask(READING)
    assert len(server.requests) == 3
    with pytest.raises(UnknownOutcomeError) as failure:
        await ask(WRITING)
    assert isinstance(failure.value.cause, MappingError)
    assert len(server.requests) == 4, "what changes something is never sent again"


async def test_an_answer_that_was_cut_off_is_asked_for_again(server: Server, ask: Call) -> None:
    server.script = [[answer(b'[{"asset": "BT'), ok]]

    assert await ask(READING) == []
    assert len(server.requests) == 2


async def test_a_huge_answer_is_not_asked_for_again(server: Server, ask: Call) -> None:
    server.script = [[answer(b" " * 20_000)] * 2]

    with pytest.raises(AnswerTooLargeError):
        await ask(READING)
    with pytest.raises(UnknownOutcomeError):
        await ask(WRITING)
    assert len(server.requests) == 2


async def test_the_content_type_does_not_matter(server: Server, ask: Call) -> None:
    server.script = [[reply(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n[]")] * 2]

    assert await ask(READING) == []
    assert await ask(WRITING) == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("302 Found", "rejected"),
        ("400 Bad Request", "rejected"),
        ("401 No", "authentication"),
        ("403 No", "permission"),
    ],
)
async def test_a_definite_no_is_said_once(server: Server, ask: Call, status: str, kind: str) -> None:
    no = answer(b"{}", "Location: http://127.0.0.1:1/elsewhere", status=status)
    server.script = [[no, no]]

    for number, operation in enumerate((READING, WRITING), start=1):
        with pytest.raises(VenueError) as failure:
            await ask(operation)
        assert failure.value.kind == kind
        assert len(server.requests) == number


TOO_FAST = "429 Too Many Requests"


@pytest.mark.parametrize("operation", [READING, WRITING])
@pytest.mark.parametrize("header", ["Retry-After: 7", "Retry-After: Wed, 21 Oct 2015 07:28:07 GMT"])
async def test_a_venue_that_is_asked_too_fast_is_asked_again_when_it_says(
    server: Server, ask: Call, clock: FastClock, operation: str, header: str
) -> None:
    server.script = [[answer(b"{}", header, "Date: Wed, 21 Oct 2015 07:28:00 GMT", status=TOO_FAST), ok]]

    assert await ask(operation) == []
    assert len(server.requests) == 2
    assert sum(clock.waits) == pytest.approx(7, abs=2)


@pytest.mark.parametrize("operation", [READING, WRITING])
async def test_without_a_word_when_it_is_asked_later_and_later_and_at_most_three_times(
    server: Server, ask: Call, clock: FastClock, operation: str
) -> None:
    server.script = [[answer(b"{}", status=TOO_FAST)] * 4]

    with pytest.raises(VenueError) as failure:
        await ask(operation)
    assert failure.value.kind == "rate_limited"
    assert len(server.requests) == 3
    assert 0 < clock.waits[0] <= 1 <= clock.waits[-1] <= 2


async def test_a_ban_is_told_at_once_and_nothing_is_sent_while_it_lasts(
    server: Server, ask: Call, clock: FastClock
) -> None:
    server.script = [[answer(b"{}", "Retry-After: 86400", status="418 I'm a teapot")]]

    with pytest.raises(VenueError) as failure:
        await ask(WRITING)
    assert failure.value.retry_after == 86400
    with pytest.raises(HeldBackError, match=r"86\d\d\d s are left"):
        await ask(READING)
    assert (len(server.requests), clock.waits) == (1, [])


async def test_a_kept_connection_that_is_dropped_after_reading_is_not_used_again(server: Server, ask: Call) -> None:
    server.script = [[ok, drop]]

    await ask(READING)
    with pytest.raises(UnknownOutcomeError):
        await ask(WRITING)
    assert [re.split(r"\W+", request)[0] for request in server.requests] == ["GET", "DELETE"]

    await ask(READING)
    await ask(READING)
    assert server.requests[2:] == ["GET /api/balances"] * 3, "the second question was asked twice"


@pytest.mark.parametrize("operation", [READING, WRITING])
async def test_what_could_not_be_sent_is_tried_again_even_if_it_changes_something(
    server: Server, variant: Callable[[str], Path], clock: FastClock, operation: str
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        rest = f"http://127.0.0.1:{unused.getsockname()[1]}/api"
    exchange = connect(
        variant(OPERATIONS),
        credentials={"api_key": "k", "api_secret": "s"},
        environment={"rest": rest},
        clock=clock,
        random=Random(1),
    )
    with pytest.raises(NetworkError, match="not sent") as failure:
        await exchange.parts.operations.call(operation, {"symbol": "btcusd"})
    await exchange.stop()
    assert not isinstance(failure.value, LostAnswerError)
    assert len(clock.waits) == 2


@pytest.mark.parametrize("operation", [READING, WRITING])
async def test_nothing_is_sent_to_a_server_that_cannot_prove_its_name(
    server: Server, variant: Callable[[str], Path], clock: FastClock, tmp_path: Path, operation: str
) -> None:
    server.script = [[ok]]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    listening = await asyncio.start_server(server, "127.0.0.1", 0, ssl=context)
    exchange = connect(
        variant(OPERATIONS),
        credentials={"api_key": "k", "api_secret": "s"},
        environment={"rest": "https://{}:{}/api".format(*listening.sockets[0].getsockname())},
        clock=clock,
        random=Random(1),
    )
    with pytest.raises(NetworkError, match=r"not sent.*certificate"):
        await exchange.parts.operations.call(operation, {"symbol": "btcusd"})
    await exchange.stop()
    listening.close()
    await listening.wait_closed()
    await asyncio.sleep(0.01)
    assert server.requests == []


def self_signed(folder: Path) -> Path:
    """A certificate that nobody vouches for, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "v")])
    now = datetime.now(UTC)
    certificate = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
    ).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
