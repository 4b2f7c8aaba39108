from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from declconn.clock import SystemClock
from declconn.errors import DeclconnError, NetworkError
from declconn.net.aiohttp_transport import AiohttpTransport
from declconn.net.throttler import AsyncThrottler, RateLimit
from declconn.net.transport import HandshakeError
from declconn.net.ws_assistant import Address, Send, WSAssistant, WSSettings


class Talk:
    """A conversation that subscribes once and remembers everything."""

    def __init__(self) -> None:
        self.addresses = 0
        self.frames: list[str | bytes] = []
        self.reasons: list[str] = []
        self.beats = 0
        self.own_heartbeat = False
        self.heartbeat_of_the_venue: float | None = None
        self.attended = 0
        self.address_error: Exception | None = None
        self.opening: Callable[[Send], Any] | None = None
        self.on_frame: Callable[[str | bytes], None] = lambda raw: None

    async def address(self) -> Address:
        self.addresses += 1
        if self.address_error is not None:
            raise self.address_error
        headers = {"X-Token": str(self.addresses)}
        return Address(f"wss://venue.example/ws?token={self.addresses}", headers, self.heartbeat_of_the_venue)

    async def opened(self, send: Send) -> None:
        if self.opening is not None:
            await self.opening(send)
        await send("subscribe")

    async def attend(self, send: Send) -> None:
        self.attended += 1

    def received(self, raw: str | bytes) -> None:
        self.frames.append(raw)
        self.on_frame(raw)

    def closed(self, reason: str) -> None:
        self.reasons.append(reason)

    def heartbeat(self) -> str | None:
        self.beats += 1
        return f"ping {self.beats}" if self.own_heartbeat else None


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.fixture
async def start(transport: Any, clock: Any, talk: Talk, settle: Any) -> AsyncIterator[Any]:
    """Start an assistant over the fake transport, with a jitter that is always the longest; stop it in the end."""
    running: list[asyncio.Task[None]] = []

    async def begin(*limits: RateLimit, **settings: Any) -> WSAssistant:
        assistant = WSAssistant(
            name="market",
            transport=transport,
            throttler=AsyncThrottler(limits, clock),
            clock=clock,
            random=lambda: 1.0,
            conversation=talk,
            settings=WSSettings(**settings),
        )
        running.append(asyncio.create_task(assistant.run()))
        await settle()
        return assistant

    yield begin
    for task in running:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert all(socket.closed for socket in transport.sockets)
    assert len(asyncio.all_tasks()) == 1, "a task is left over"


async def test_it_connects_subscribes_and_hands_over_frames(
    start: Any, transport: Any, talk: Talk, settle: Any
) -> None:
    assistant = await start(max_frame=1234)
    assert transport.connects == [
        {"url": "wss://venue.example/ws?token=1", "headers": {"X-Token": "1"}, "max_frame": 1234, "ping": None}
    ]
    socket = transport.sockets[0]
    assert socket.sent == ["subscribe"]
    assert assistant.connected
    socket.push("text")
    socket.push(b"bytes")
    await settle()
    assert talk.frames == ["text", b"bytes"]


async def test_a_lost_connection_is_opened_again_with_a_fresh_address(
    start: Any, transport: Any, talk: Talk, clock: Any, settle: Any
) -> None:
    assistant = await start()
    transport.sockets[0].drop(1001, "maintenance")
    await settle()
    assert talk.reasons == ["socket closed with code 1001: maintenance"]
    assert not assistant.connected
    await clock.advance(0.99)
    assert len(transport.sockets) == 1
    await clock.advance(0.01)
    assert len(transport.sockets) == 2
    assert transport.connects[1]["headers"] == {"X-Token": "2"}
    assert transport.sockets[1].sent == ["subscribe"]
    assert assistant.connected


async def test_attempts_are_1_2_4_up_to_32_seconds_apart(start: Any, transport: Any, talk: Talk, clock: Any) -> None:
    transport.refusals.extend(NetworkError("refused") for _ in range(8))
    begin = clock.now
    await start()
    times = []
    for _ in range(8):
        before = len(transport.connects)
        while len(transport.connects) == before:
            await clock.advance(0.5)
        times.append(clock.now - begin)
    assert times == [1, 3, 7, 15, 31, 63, 95, 127]
    assert talk.reasons == [], "nothing was open, so nothing was closed"


async def test_a_healthy_minute_forgives_the_failures_before_it(start: Any, transport: Any, clock: Any) -> None:
    transport.refusals.extend(NetworkError("refused") for _ in range(4))
    await start()
    await clock.advance(15)
    assert len(transport.sockets) == 1
    await clock.advance(60)
    transport.sockets[0].drop()
    await clock.advance(1)
    assert len(transport.sockets) == 2


async def test_a_short_life_does_not_forgive(start: Any, transport: Any, clock: Any) -> None:
    await start()
    for wait in (1, 2, 4):
        count = len(transport.sockets)
        transport.sockets[-1].drop()
        await clock.advance(wait - 0.25)
        assert len(transport.sockets) == count
        await clock.advance(0.25)
        assert len(transport.sockets) == count + 1


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [(429, {"Retry-After": "30"}, 30), (418, {}, 120), (503, {"retry-after": "9"}, 9), (503, {}, 1)],
)
async def test_a_refusal_may_say_how_long_to_stay_away(
    start: Any, transport: Any, clock: Any, status: int, headers: dict[str, str], seconds: int
) -> None:
    transport.refusals.append(HandshakeError("no WebSocket", status, headers))
    await start()
    await clock.advance(seconds - 0.25)
    assert len(transport.connects) == 1
    await clock.advance(0.25)
    assert len(transport.connects) == 2


async def test_connections_are_paced_by_the_throttler(start: Any, transport: Any, clock: Any) -> None:
    await start(RateLimit("connect", 1, 10.0), connect_cost={"connect": 1})
    transport.sockets[0].drop()
    await clock.advance(9.75)
    assert len(transport.connects) == 1
    await clock.advance(0.25)
    assert len(transport.connects) == 2


async def test_sends_are_paced_and_stay_in_order(start: Any, transport: Any, clock: Any, settle: Any) -> None:
    assistant = await start(send_limit=RateLimit("send", 2, 1.0))
    for number in range(4):
        assistant.post(str(number))
    await settle()
    assert transport.sockets[0].sent == ["subscribe", "0"]
    await clock.advance(1)
    assert transport.sockets[0].sent == ["subscribe", "0", "1", "2"]
    await clock.advance(1)
    assert transport.sockets[0].sent[-1] == "3"


async def test_sending_without_a_connection_is_a_network_error(start: Any, transport: Any, settle: Any) -> None:
    assistant = await start()
    await assistant.send("hello")
    assert transport.sockets[0].sent[-1] == "hello"
    transport.sockets[0].drop(1006)
    await settle()
    with pytest.raises(
        NetworkError, match="market: not connected, nothing was sent; last: socket closed with code 1006"
    ):
        await assistant.send("hello")
    with pytest.raises(NetworkError):
        assistant.post("hello")


async def test_frames_arrive_while_a_login_waits_for_its_answer(
    start: Any, transport: Any, talk: Talk, settle: Any
) -> None:
    answered = asyncio.Event()
    talk.on_frame = lambda raw: answered.set() if raw == "welcome" else None

    async def login(send: Send) -> None:
        await send("login")
        await answered.wait()

    talk.opening = login
    assistant = await start()
    assert transport.sockets[0].sent == ["login"]
    assert not assistant.connected
    assistant.post("pong")  # a server may ask before the login is done
    transport.sockets[0].push("welcome")
    await settle()
    assert transport.sockets[0].sent == ["login", "pong", "subscribe"]
    assert assistant.connected


async def test_a_failed_login_closes_the_connection_and_tries_again(
    start: Any, transport: Any, talk: Talk, clock: Any
) -> None:
    async def login(send: Send) -> None:
        raise DeclconnError("login refused: 60009")

    talk.opening = login
    await start()
    assert transport.sockets[0].closed
    assert talk.reasons == ["login refused: 60009"]
    talk.opening = None
    await clock.advance(1)
    assert transport.sockets[1].sent == ["subscribe"]


async def test_a_connection_that_is_lost_during_the_login_does_not_hang(
    start: Any, transport: Any, talk: Talk, clock: Any
) -> None:
    talk.opening = lambda send: asyncio.Event().wait()
    await start()
    transport.sockets[0].drop()
    await clock.advance(1)
    assert len(transport.sockets) == 2


async def test_an_address_that_cannot_be_learnt_is_asked_for_again(
    start: Any, transport: Any, talk: Talk, clock: Any
) -> None:
    talk.address_error = NetworkError("no token")
    assistant = await start()
    assert assistant.statistics.last_reason == "no token"
    talk.address_error = None
    await clock.advance(1)
    assert assistant.connected


async def test_a_bug_in_the_conversation_is_logged_and_does_not_end_the_assistant(
    start: Any, talk: Talk, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    talk.address_error = KeyError("token")
    assistant = await start()
    assert "market: connection lost because of a bug" in caplog.text
    assert "KeyError: 'token'" in caplog.text
    talk.address_error = None
    await clock.advance(1)
    assert assistant.connected


async def test_a_frame_that_cannot_be_handled_is_logged_once_per_kind_and_the_next_is_read(
    start: Any, transport: Any, talk: Talk, settle: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(raw: str | bytes) -> None:
        if raw == "zero":
            raise ZeroDivisionError("first kind")
        if raw == "key":
            raise KeyError("second kind")

    talk.on_frame = fail
    assistant = await start()
    for frame in ("zero", "zero", "key", "zero", "good"):
        transport.sockets[0].push(frame)
    await settle()
    assert talk.frames[-1] == "good"
    assert assistant.connected
    assert assistant.statistics.failures == 4
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 2
    assert all(error.exc_info for error in errors)


async def test_silence_reconnects(start: Any, transport: Any, talk: Talk, clock: Any) -> None:
    await start(silence=10.0)
    await clock.advance(9)
    transport.sockets[0].push("a sign of life")
    await clock.advance(9.5)
    assert not transport.sockets[0].closed
    await clock.advance(0.5)
    assert talk.reasons == ["no frame for 10 s"]
    await clock.advance(1)
    assert len(transport.sockets) == 2


async def test_own_heartbeats_are_sent_and_their_silence_counts_twice(
    start: Any, transport: Any, talk: Talk, clock: Any
) -> None:
    talk.own_heartbeat = True
    await start(heartbeat=20.0)
    assert transport.connects[0]["ping"] is None
    await clock.advance(20)
    transport.sockets[0].push("pong")
    await clock.advance(20)
    assert transport.sockets[0].sent == ["subscribe", "ping 2", "ping 3"]
    await clock.advance(19.5)
    assert talk.reasons == []
    await clock.advance(0.5)
    assert talk.reasons == ["no frame for 40 s"]


async def test_protocol_pings_are_left_to_the_transport_and_silence_is_fine(
    start: Any, transport: Any, talk: Talk, clock: Any
) -> None:
    await start(heartbeat=20.0)
    assert transport.connects[0]["ping"] == 20.0
    await clock.advance(3600)
    assert talk.reasons == []


async def test_an_old_connection_is_renewed_without_a_pause(start: Any, transport: Any, talk: Talk, clock: Any) -> None:
    await start(max_age=3600.0)
    await clock.advance(3600)
    assert talk.reasons == ["it is 3600 s old"]
    assert transport.sockets[0].closed
    assert len(transport.sockets) == 2


async def test_sync_code_can_ask_for_a_reconnect(start: Any, transport: Any, talk: Talk, clock: Any) -> None:
    assistant = await start()
    talk.on_frame = lambda raw: assistant.reconnect("gap in BTC-USDT")
    transport.sockets[0].push("1")
    transport.sockets[0].push("2")
    await clock.advance(0.5)
    assert talk.reasons == ["gap in BTC-USDT"]
    assistant.reconnect("not even open")
    await clock.advance(0.5)
    assert len(transport.sockets) == 2
    assert assistant.connected


async def test_statistics_tell_how_it_goes(start: Any, transport: Any, clock: Any) -> None:
    assistant = await start()
    await clock.advance(5)
    transport.sockets[0].push("1")
    transport.sockets[0].push("2")
    await clock.advance(1)
    transport.sockets[0].drop(1012)
    await clock.advance(1)
    statistics = assistant.statistics
    assert (statistics.connections, statistics.frames, statistics.failures) == (2, 2, 0)
    assert statistics.last_received == clock.now - 2
    assert statistics.last_reason == "socket closed with code 1012"


async def test_what_closed_raises_is_logged_and_changes_nothing(
    start: Any, transport: Any, talk: Talk, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(reason: str) -> None:
        raise ZeroDivisionError("closed")

    talk.closed = fail  # type: ignore[method-assign]
    await start()
    transport.sockets[0].drop()
    await clock.advance(1)
    assert "market: Conversation.closed failed" in caplog.text
    assert len(transport.sockets) == 2


async def test_cancelling_tells_the_conversation_and_closes_the_socket(
    start: Any, transport: Any, talk: Talk, clock: Any
) -> None:
    assistant = WSAssistant(
        name="user",
        transport=transport,
        throttler=AsyncThrottler([], clock),
        clock=clock,
        random=lambda: 0.0,
        conversation=talk,
        settings=WSSettings(),
    )
    task = asyncio.create_task(assistant.run())
    await clock.advance(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert talk.reasons == ["stopped"]
    assert transport.sockets[0].closed
    assert not assistant.connected
    assert len(asyncio.all_tasks()) == 1


class Hasty(SystemClock):
    """Real time, but a wait takes a fiftieth."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 50)


async def test_over_real_sockets_it_survives_drops_and_stops_cleanly(eventually: Any) -> None:
    connections = 0

    async def handle(request: web.Request) -> web.WebSocketResponse:
        nonlocal connections
        connections += 1
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(await socket.receive_str() + "d")
        if connections < 3:
            assert request.transport is not None
            request.transport.abort()
        await socket.receive()
        return socket

    app = web.Application()
    app.router.add_get("/ws", handle)
    server = TestServer(app)
    await server.start_server()

    class Loopback(Talk):
        async def address(self) -> Address:
            return Address(str(server.make_url("/ws")).replace("http", "ws", 1))

    transport, talk = AiohttpTransport(), Loopback()
    assistant = WSAssistant(
        name="loopback",
        transport=transport,
        throttler=AsyncThrottler([], Hasty()),
        clock=Hasty(),
        random=lambda: 0.0,
        conversation=talk,
        settings=WSSettings(heartbeat=30.0),
    )
    task = asyncio.create_task(assistant.run())
    await eventually(lambda: connections == 3 and talk.frames[-1:] == ["subscribed"] and assistant.connected)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await transport.close()
    await server.close()
    assert talk.reasons == ["socket closed with code 1006", "socket closed with code 1006", "stopped"]


async def test_a_heartbeat_that_the_venue_dictates_takes_the_place_of_the_setting(
    start: Any, transport: Any, talk: Talk, clock: Any
) -> None:
    talk.own_heartbeat, talk.heartbeat_of_the_venue = True, 18.0
    await start(heartbeat=30.0)
    talk.beats = 0
    await clock.advance(18)
    assert transport.sockets[0].sent == ["subscribe", "ping 1"]
    await clock.advance(18)
    assert talk.reasons == ["no frame for 36 s"]


async def test_a_protocol_ping_is_as_often_as_the_venue_says(start: Any, transport: Any, talk: Talk) -> None:
    talk.heartbeat_of_the_venue = 7.0
    await start()
    assert transport.connects[0]["ping"] == 7.0


async def test_what_has_to_be_done_meanwhile_begins_when_the_connection_is_in_use(start: Any, talk: Talk) -> None:
    assistant = await start()
    assert assistant.connected
    assert talk.attended == 1


async def test_a_venue_that_asks_faster_than_we_may_answer_is_left(
    start: Any, transport: Any, talk: Talk, settle: Any
) -> None:
    assistant = await start(send_limit=RateLimit("send", 1, 1.0))
    talk.on_frame = lambda raw: assistant.post("pong")
    for _ in range(1_100):
        transport.sockets[0].push("ping")
    for _ in range(40):
        await settle()
    assert talk.reasons == ["1000 frames are waiting to be sent"]
