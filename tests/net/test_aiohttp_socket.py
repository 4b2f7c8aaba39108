from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import WSCloseCode, WSMsgType, web
from aiohttp.http import WS_KEY
from aiohttp.test_utils import TestServer

from declconn.errors import NetworkError
from declconn.net.aiohttp_socket import AiohttpSocket
from declconn.net.aiohttp_transport import AiohttpTransport
from declconn.net.transport import HandshakeError, Socket, SocketClosed

Talk = Callable[[web.WebSocketResponse, web.Request], Awaitable[None]]


@pytest.fixture
async def http() -> AsyncIterator[AiohttpTransport]:
    transport = AiohttpTransport(timeout=5)
    yield transport
    await transport.close()


@pytest.fixture
async def listen() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    servers: list[TestServer] = []

    async def start(talk: Talk, **options: Any) -> str:
        async def handle(request: web.Request) -> web.WebSocketResponse:
            socket = web.WebSocketResponse(**options)
            await socket.prepare(request)
            await talk(socket, request)
            return socket

        app = web.Application()
        app.router.add_get("/ws", handle)
        servers.append(TestServer(app))
        await servers[-1].start_server()
        return str(servers[-1].make_url("/ws")).replace("http", "ws", 1)

    yield start
    for server in servers:
        await server.close()


async def open_socket(http: AiohttpTransport, url: str, *, max_frame: int = 2**20, ping: float | None = None) -> Socket:
    return await http.connect(url, {"X-Key": "k"}, max_frame=max_frame, ping=ping)


async def test_text_stays_text_and_bytes_stay_bytes(http: AiohttpTransport, listen: Any) -> None:
    async def talk(socket: web.WebSocketResponse, request: web.Request) -> None:
        await socket.send_str(await socket.receive_str() + " back")
        await socket.send_bytes(await socket.receive_bytes() + b" back")
        await socket.receive()

    socket = await open_socket(http, await listen(talk))
    await socket.send("text")
    await socket.send(b"bytes")
    assert await socket.receive() == "text back"
    frame = await socket.receive()
    assert (type(frame), frame) == (bytes, b"bytes back")
    await socket.close()


async def test_the_handshake_carries_headers_and_the_exact_query_and_offers_compression(
    http: AiohttpTransport, listen: Any
) -> None:
    seen: list[web.Request] = []

    async def talk(socket: web.WebSocketResponse, request: web.Request) -> None:
        seen.append(request)
        await socket.send_str(str(bool(socket.compress)))

    socket = await open_socket(http, await listen(talk) + "?streams=a%40b/c@d")
    assert await socket.receive() == "True"
    await socket.close()
    assert seen[0].headers["X-Key"] == "k"
    assert seen[0].raw_path == "/ws?streams=a%40b/c@d"


async def test_a_closing_server_gives_its_code_and_reason(http: AiohttpTransport, listen: Any) -> None:
    async def talk(socket: web.WebSocketResponse, request: web.Request) -> None:
        await socket.send_str("last")
        await socket.close(code=WSCloseCode.GOING_AWAY, message=b"maintenance")

    socket = await open_socket(http, await listen(talk))
    assert await socket.receive() == "last"
    with pytest.raises(SocketClosed, match="socket closed with code 1001: maintenance") as closed:
        await socket.receive()
    assert (closed.value.code, closed.value.reason) == (1001, "maintenance")
    with pytest.raises(SocketClosed):
        await socket.receive()
    with pytest.raises(SocketClosed):
        await socket.send("late")
    await socket.close()


async def test_a_dropped_line_is_code_1006(http: AiohttpTransport, listen: Any) -> None:
    async def talk(socket: web.WebSocketResponse, request: web.Request) -> None:
        assert request.transport is not None
        request.transport.abort()

    socket = await open_socket(http, await listen(talk))
    with pytest.raises(SocketClosed) as closed:
        await socket.receive()
    assert closed.value.code == 1006
    await socket.close()


async def test_a_frame_that_is_too_large_closes_with_1009(http: AiohttpTransport, listen: Any) -> None:
    async def talk(socket: web.WebSocketResponse, request: web.Request) -> None:
        await socket.send_str("0" * 5000)
        await socket.receive()

    socket = await open_socket(http, await listen(talk), max_frame=1000)
    with pytest.raises(SocketClosed) as closed:
        await socket.receive()
    assert closed.value.code == 1009
    await socket.close()


async def test_pings_of_the_server_are_answered_while_we_read(http: AiohttpTransport, listen: Any) -> None:
    async def talk(socket: web.WebSocketResponse, request: web.Request) -> None:
        await socket.ping(b"1")
        message = await socket.receive()
        await socket.send_str(f"{message.type.name} {bytes(message.data)!r}")

    socket = await open_socket(http, await listen(talk, autoping=False))
    assert await socket.receive() == "PONG b'1'"
    await socket.close()


async def test_a_silent_server_is_pinged_and_left_when_no_pong_comes(http: AiohttpTransport, listen: Any) -> None:
    seen: list[WSMsgType] = []

    async def talk(socket: web.WebSocketResponse, request: web.Request) -> None:
        while not socket.closed:
            seen.append((await socket.receive()).type)  # and no pong

    socket = await open_socket(http, await listen(talk, autoping=False), ping=0.05)
    with pytest.raises(SocketClosed) as closed:
        await socket.receive()
    assert closed.value.code == 1006
    assert seen[0] is WSMsgType.PING
    await socket.close()


async def test_closing_shakes_hands(http: AiohttpTransport, listen: Any, eventually: Any) -> None:
    codes: list[int | None] = []

    async def talk(socket: web.WebSocketResponse, request: web.Request) -> None:
        await socket.receive()
        codes.append(socket.close_code)

    socket = await open_socket(http, await listen(talk))
    await socket.close()
    await socket.close()
    await eventually(lambda: codes == [1000])


async def test_a_server_that_does_not_shake_hands_is_left(serve: Any, eventually: Any) -> None:
    left = asyncio.Event()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        key = re.findall(rb"Sec-WebSocket-Key: (.*)\r\n", await reader.readuntil(b"\r\n\r\n"))[0]
        accept = base64.b64encode(hashlib.sha1(key + WS_KEY).digest())
        head = [b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade"]
        writer.write(b"\r\n".join([*head, b"Sec-WebSocket-Accept: " + accept, b"", b""]))
        await reader.read()
        left.set()

    async with aiohttp.ClientSession() as session:
        socket = AiohttpSocket(await session.ws_connect(f"ws://{await serve(deaf)}/ws"), closing_time=0.05)
        async with asyncio.timeout(2):
            await socket.close()
        await eventually(left.is_set)


async def test_a_cancelled_receive_can_be_closed_at_once(http: AiohttpTransport, listen: Any) -> None:
    async def talk(socket: web.WebSocketResponse, request: web.Request) -> None:
        await socket.receive()

    socket = await open_socket(http, await listen(talk))
    reading = asyncio.create_task(socket.receive())
    await asyncio.sleep(0.01)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    async with asyncio.timeout(1):
        await socket.close()


async def test_an_answer_that_is_no_websocket_gives_status_and_headers(http: AiohttpTransport, serve: Any) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n")

    with pytest.raises(HandshakeError, match=r"/ws: no WebSocket: .* \(HTTP 429\)") as refusal:
        await open_socket(http, f"ws://{await serve(refuse)}/ws?token=s3cret")
    assert (refusal.value.status, refusal.value.headers["retry-after"]) == (429, "30")
    assert "s3cret" not in str(refusal.value)


async def test_a_redirect_is_not_followed(http: AiohttpTransport, serve: Any) -> None:
    reached: list[bytes] = []

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append(await reader.read(100))

    target = await serve(elsewhere)

    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: ws://{target}/ws\r\nContent-Length: 0\r\n\r\n".encode())

    with pytest.raises(HandshakeError, match=r"redirects are not followed \(HTTP 302\)"):
        await open_socket(http, f"ws://{await serve(redirect)}/ws")
    assert reached == []


async def test_a_server_that_is_not_there_is_a_network_error(http: AiohttpTransport) -> None:
    with pytest.raises(NetworkError, match=r"^ws://127\.0\.0\.1:1/ws: not connected: "):
        await open_socket(http, "ws://127.0.0.1:1/ws?token=1")


async def test_a_handshake_that_never_ends_is_a_network_error(serve: Any) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    http = AiohttpTransport(timeout=0.1)
    with pytest.raises(NetworkError, match=r"not connected: no answer within 0\.1 s"):
        await open_socket(http, f"ws://{await serve(silent)}/ws")
    await http.close()
