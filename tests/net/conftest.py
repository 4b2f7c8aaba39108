"""A clock that is moved by hand, sockets in memory, and servers on loopback."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from declconn.net.transport import SocketClosed


async def _settle() -> None:
    """Let everything run that can run without time going on."""
    for _ in range(30):
        await asyncio.sleep(0)


class _FakeClock:
    """Time stands still until `advance`; sleepers wake in order, each at exactly its time."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def time_ns(self) -> int:
        return 1_700_000_000_000_000_000 + int(self.now * 1e9)

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), future))
        await future

    async def advance(self, seconds: float) -> None:
        end = self.now + seconds
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            when, _, future = heapq.heappop(self._sleepers)
            self.now = max(self.now, when)
            if not future.done():
                future.set_result(None)
            await _settle()
        self.now = end

    @property
    def sleepers(self) -> int:
        return sum(not future.done() for _, _, future in self._sleepers)


class _FakeSocket:
    def __init__(self) -> None:
        self.sent: list[str | bytes] = []
        self.closed = False
        self._incoming: asyncio.Queue[str | bytes | SocketClosed] = asyncio.Queue()

    def push(self, frame: str | bytes) -> None:
        self._incoming.put_nowait(frame)

    def drop(self, code: int = 1006, reason: str = "") -> None:
        self._incoming.put_nowait(SocketClosed(code, reason))

    async def send(self, message: str | bytes) -> None:
        if self.closed:
            raise SocketClosed(1006)
        self.sent.append(message)

    async def receive(self) -> str | bytes:
        frame = await self._incoming.get()
        if isinstance(frame, SocketClosed):
            raise frame
        return frame

    async def close(self) -> None:
        self.closed = True


class _FakeTransport:
    """Answers requests from `answers` and refuses connections with `refusals`, first come, first served."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.answers: deque[Any] = deque()
        self.connects: list[dict[str, Any]] = []
        self.refusals: deque[Exception] = deque()
        self.sockets: list[_FakeSocket] = []
        self.closed = False

    async def send(self, request: Any) -> Any:
        self.requests.append(request)
        answer = self.answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def connect(self, url: str, headers: Any, *, max_frame: int, ping: float | None) -> _FakeSocket:
        self.connects.append({"url": url, "headers": headers, "max_frame": max_frame, "ping": ping})
        if self.refusals:
            raise self.refusals.popleft()
        self.sockets.append(_FakeSocket())
        return self.sockets[-1]

    async def close(self) -> None:
        self.closed = True


@pytest.fixture(scope="session")
def fake_clock() -> type[_FakeClock]:
    return _FakeClock


@pytest.fixture
def clock() -> _FakeClock:
    return _FakeClock()


@pytest.fixture
def transport() -> _FakeTransport:
    return _FakeTransport()


@pytest.fixture
def settle() -> Callable[[], Awaitable[None]]:
    return _settle


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Wait for something that real sockets will bring about."""

    async def wait(holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not holds():  # noqa: ASYNC110 - what we wait for is on the other side of a socket
                await asyncio.sleep(0.002)

    return wait


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Handler], Awaitable[str]]]:
    """Start a raw server on loopback and return its ``host:port``; the handler's connection is always closed."""
    servers: list[asyncio.Server] = []
    handling: set[asyncio.Task[None]] = set()

    async def start(handler: Handler, **options: Any) -> str:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            handling.add(task)
            try:
                await handler(reader, writer)
            except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                pass  # the client has left, or the test is over
            finally:
                handling.discard(task)
                writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0, **options)
        servers.append(server)
        return f"127.0.0.1:{server.sockets[0].getsockname()[1]}"

    yield start
    for task in list(handling):
        task.cancel()
    for server in servers:
        server.close()
        await server.wait_closed()
    await asyncio.sleep(0)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for ``localhost`` that vouches for itself, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "v")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
    )
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    made = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = tmp_path / "server.pem"
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path
