from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from declconn.errors import ReplayError
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
    capture_spec,
    read_capture,
)

ENTRIES: list[Entry] = [
    RequestEntry(1, 1, "POST", "https://venue.example/order", {"content-type": "application/json"}, '{"a": 1}'),
    ResponseEntry(2, 1, 200, {"content-type": "application/json"}, "{}"),
    FailureEntry(3, 2, sent=True, reason="gone"),
    OpenEntry(4, 1, "wss://venue.example/ws"),
    SentEntry(5, 1, "subscribe"),
    FrameEntry(6, 1, "text with\nnewlines and ünicode"),
    FrameEntry(7, 1, Binary(b"\x00\xff")),
    CloseEntry(8, 1, 1006, "lost"),
    CloseEntry(9, 2),
]


@pytest.fixture(params=["capture.jsonl", "capture.jsonl.gz"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


def write(path: Path, entries: list[Entry]) -> None:
    writer = CaptureWriter(path, "kraken")
    for entry in entries:
        writer.write(entry)
    writer.close()
    writer.close()


def test_what_was_written_is_read(path: Path) -> None:
    write(path, ENTRIES)
    assert list(read_capture(path)) == ENTRIES
    assert capture_spec(path) == "kraken"


def test_a_file_is_one_json_object_per_line_with_a_header(tmp_path: Path) -> None:
    path = tmp_path / "capture.jsonl"
    write(path, ENTRIES[6:8])
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"declconn": "capture", "version": 1, "spec": "kraken"},
        {"kind": "frame", "at": 7, "id": 1, "data": {"base64": "AP8="}},
        {"kind": "close", "at": 8, "id": 1, "code": 1006, "reason": "lost"},
    ]


def test_every_line_is_on_disk_before_the_next(path: Path) -> None:
    writer = CaptureWriter(path, "kraken")
    for count, entry in enumerate(ENTRIES, start=1):
        writer.write(entry)
        assert list(read_capture(path)) == ENTRIES[:count]
    writer.close()


def test_wherever_a_crash_cuts_the_file_the_whole_lines_before_it_are_read(path: Path, tmp_path: Path) -> None:
    write(path, ENTRIES)
    whole = path.read_bytes()
    header = len(gzip.compress(b"")) + 70 if path.suffix == ".gz" else whole.index(b"\n") + 1
    counts = []
    for end in range(header, len(whole) + 1):
        path.write_bytes(whole[:end])
        entries = list(read_capture(path))
        assert entries == ENTRIES[: len(entries)]
        counts.append(len(entries))
    assert counts == sorted(counts)
    assert counts[-1] == len(ENTRIES)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{}", r"capture.jsonl:3: not an entry of a capture"),
        ("not json", r"capture.jsonl:3: not an entry"),
        ('{"kind": "dream", "at": 1, "id": 1}', r"capture.jsonl:3: .*dream"),
        ('{"kind": "frame", "at": 1, "id": 1}', r"capture.jsonl:3: .*data"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "capture.jsonl"
    write(path, ENTRIES[:1])
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(ReplayError, match=message):
        list(read_capture(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected .*capture.*, found b''"),
        (b'{"some": "json"}\n', ":1: expected"),
        (
            b'{"declconn": "capture", "version": 2, "spec": "x"}\n',
            "found 'capture' version 2, expected 'capture' version 1",
        ),
        (b'{"declconn": "spec", "version": 1, "spec": "x"}\n', "found 'spec' version 1"),
    ],
)
def test_a_file_that_is_no_capture_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "capture.jsonl"
    path.write_bytes(content)
    with pytest.raises(ReplayError, match=message):
        list(read_capture(path))
    with pytest.raises(ReplayError, match=message):
        capture_spec(path)


def test_a_file_that_cannot_be_read_is_a_replay_error(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="cannot be read"):
        list(read_capture(tmp_path / "missing.jsonl"))
    (tmp_path / "plain.gz").write_bytes(b"not compressed\n")
    with pytest.raises(ReplayError, match="cannot be read"):
        list(read_capture(tmp_path / "plain.gz"))
