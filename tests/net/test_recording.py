from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from declconn.errors import LostAnswerError, NetworkError
from declconn.net.capture import (
    Binary,
    CaptureWriter,
    CloseEntry,
    Entry,
    FailureEntry,
    FrameEntry,
    OpenEntry,
    RequestEntry,
    ResponseEntry,
    SentEntry,
    read_capture,
)
from declconn.net.recording import RecordingTransport
from declconn.net.scrub import redactor
from declconn.net.transport import Request, Response, SocketClosed


class Notes(list[Entry]):
    def write(self, entry: Entry) -> None:
        self.append(entry)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def recording(transport: Any, notes: Notes, clock: Any) -> RecordingTransport:
    return RecordingTransport(transport, notes, redactor(["s3cret"]), clock)


async def test_requests_and_answers_are_written_without_secrets_and_passed_on_unchanged(
    recording: RecordingTransport, transport: Any, notes: Notes, clock: Any
) -> None:
    headers = {"Content-Type": "application/json", "X-Key": "s3cret", "X-Sign": "abc"}
    request = Request("POST", "https://v.example/order?key=s3cret", headers, b'{"pass": "s3cret"}')
    answer = Response(200, {"content-type": "application/json", "Set-Cookie": "s3cret"}, b'{"token": "s3cret"}')
    transport.answers.append(answer)
    assert await recording.send(request) is answer
    assert transport.requests == [request]
    at, kept = clock.time_ns(), {"content-type": "application/json"}
    assert notes == [
        RequestEntry(at, 1, "POST", "https://v.example/order?key=***", kept, '{"pass": "***"}'),
        ResponseEntry(at, 1, 200, kept, '{"token": "***"}'),
    ]


async def test_bodies_that_are_not_text_are_kept_as_bytes(
    recording: RecordingTransport, transport: Any, notes: Notes
) -> None:
    transport.answers.append(Response(200, {}, b"\xff\x00s3cret"))
    await recording.send(Request("GET", "https://v.example/"))
    assert isinstance(notes[1], ResponseEntry)
    assert notes[1].body == Binary(b"\xff\x00***")


@pytest.mark.parametrize(("error", "sent"), [(NetworkError("s3cret"), False), (LostAnswerError("s3cret"), True)])
async def test_a_failure_is_written_with_whether_it_was_sent(
    recording: RecordingTransport, transport: Any, notes: Notes, clock: Any, error: Exception, sent: bool
) -> None:
    transport.answers.append(error)
    with pytest.raises(type(error)):
        await recording.send(Request("GET", "https://v.example/"))
    assert notes[1] == FailureEntry(clock.time_ns(), 1, sent, "***")


async def test_answers_that_overtake_each_other_keep_their_number(notes: Notes, clock: Any) -> None:
    gates = {"a": asyncio.Event(), "b": asyncio.Event()}

    class Slow:
        async def send(self, request: Request) -> Response:
            await gates[request.url].wait()
            return Response(200, {}, request.url.encode())

    recording = RecordingTransport(Slow(), notes, str, clock)  # type: ignore[arg-type]
    calls = [asyncio.create_task(recording.send(Request("GET", url))) for url in "ab"]
    await asyncio.sleep(0)
    for url in "ba":
        gates[url].set()
        await asyncio.sleep(0.01)
    await asyncio.gather(*calls)
    assert [(entry.id, entry.body) for entry in notes if isinstance(entry, ResponseEntry)] == [(2, "b"), (1, "a")]


async def test_everything_on_a_socket_is_written(
    recording: RecordingTransport, transport: Any, notes: Notes, clock: Any
) -> None:
    socket = await recording.connect("wss://v.example/ws?k=s3cret", {"X-Key": "s3cret"}, max_frame=10, ping=2.0)
    assert transport.connects[0] == {
        "url": "wss://v.example/ws?k=s3cret",
        "headers": {"X-Key": "s3cret"},
        "max_frame": 10,
        "ping": 2.0,
    }
    inner = transport.sockets[0]
    await socket.send("login s3cret")
    inner.push("hello s3cret")
    inner.push(b"\x00s3cret")
    inner.drop(1001, "bye s3cret")
    assert [await socket.receive(), await socket.receive()] == ["hello s3cret", b"\x00s3cret"]
    with pytest.raises(SocketClosed):
        await socket.receive()
    await socket.close()
    at = clock.time_ns()
    assert inner.sent == ["login s3cret"]
    assert notes == [
        OpenEntry(at, 1, "wss://v.example/ws?k=***"),
        SentEntry(at, 1, "login ***"),
        FrameEntry(at, 1, "hello ***"),
        FrameEntry(at, 1, Binary(b"\x00***")),
        CloseEntry(at, 1, 1001, "bye ***"),
    ]


async def test_our_own_closing_has_no_code(recording: RecordingTransport, transport: Any, notes: Notes) -> None:
    socket = await recording.connect("wss://v.example/ws", {}, max_frame=10, ping=None)
    await socket.close()
    assert isinstance(notes[-1], CloseEntry)
    assert notes[-1].code is None
    assert transport.sockets[0].closed


async def test_a_frame_that_could_not_be_sent_is_not_written(
    recording: RecordingTransport, transport: Any, notes: Notes
) -> None:
    socket = await recording.connect("wss://v.example/ws", {}, max_frame=10, ping=None)
    transport.sockets[0].closed = True
    with pytest.raises(SocketClosed):
        await socket.send("late")
    assert not any(isinstance(entry, SentEntry) for entry in notes)


async def test_closing_closes_the_inner_transport(recording: RecordingTransport, transport: Any) -> None:
    await recording.close()
    assert transport.closed


async def test_a_recording_can_be_read_back(transport: Any, clock: Any, tmp_path: Path) -> None:
    writer = CaptureWriter(tmp_path / "a.jsonl.gz", "kraken")
    recording = RecordingTransport(transport, writer, redactor(["s3cret"]), clock)
    transport.answers.append(Response(200, {}, b"s3cret"))
    await recording.send(Request("GET", "https://v.example/?s3cret"))
    writer.close()
    request, response = read_capture(tmp_path / "a.jsonl.gz")
    assert isinstance(request, RequestEntry)
    assert isinstance(response, ResponseEntry)
    assert (request.url, response.body) == ("https://v.example/?***", "***")
