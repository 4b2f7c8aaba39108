"""Recordings: both forms become the same items, in order of time."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from declconn.clock import SystemClock
from declconn.errors import ReplayError
from declconn.net.capture import Binary, CaptureWriter, FrameEntry, OpenEntry, RequestEntry, ResponseEntry
from declconn.testing import read_recording

RAW = """\
wss://toy.example/ws <-> 1618678132.5
wss://toy.example/ws <- 1618678132.6: {"op": "sub"}
https://toy.example/api/book?market=btcusd -> 1618678132.7: {"seq": 1} header: {"X-Weight": "1"}

configuration: {"l2_book": ["BTC-USD"]}
1618678132.8: {"n": 1}
1618678132.9: b'\\x1f\\x8b'
"""


def test_raw_data_lines_become_answers_and_frames(tmp_path: Path) -> None:
    path = tmp_path / "TOY.0"
    path.write_text(RAW)
    answer, first, second = read_recording([path]).items

    assert (answer.kind, answer.url) == ("answer", "https://toy.example/api/book?market=btcusd")
    assert answer.content == '{"seq": 1}'
    assert (first.kind, first.url, first.content) == ("frame", "wss://toy.example/ws", '{"n": 1}')
    assert first.at == 1_618_678_132_800_000_000
    assert second.content == b"\x1f\x8b"


def test_a_reconnect_in_a_file_ends_the_first_socket(tmp_path: Path) -> None:
    path = tmp_path / "TOY.0"
    path.write_text(RAW + RAW.replace("16186781", "16186782"))
    kinds = [(item.kind, item.socket[-2:]) for item in read_recording([path]).items if item.kind != "answer"]

    assert kinds == [("frame", "#1"), ("frame", "#1"), ("close", "#1"), ("frame", "#2"), ("frame", "#2")]


def test_gzipped_files_are_read_and_several_are_merged_by_time(tmp_path: Path) -> None:
    early, late = tmp_path / "a.gz", tmp_path / "b"
    early.write_bytes(gzip.compress(b"wss://x <-> 1600000000.0\n1600000001.0: one\n1600000003.0: three\n"))
    late.write_text("wss://y <-> 1600000000.0\n1600000002.0: two\n")

    assert [item.content for item in read_recording([late, early]).items] == ["one", "two", "three"]


def test_declconns_own_captures_are_read(tmp_path: Path) -> None:
    path = tmp_path / "capture.jsonl.gz"
    writer = CaptureWriter(path, "toy")
    now = SystemClock().time_ns()
    writer.write(RequestEntry(now, 1, "GET", "https://toy.example/api/markets"))
    writer.write(OpenEntry(now + 1, 1, "wss://toy.example/ws"))
    writer.write(ResponseEntry(now + 2, 1, 200, body="[]"))
    writer.write(FrameEntry(now + 3, 1, Binary(b"\x00\x01")))
    writer.close()
    answer, frame = read_recording([path]).items

    assert (answer.url, answer.status, answer.content) == ("https://toy.example/api/markets", 200, "[]")
    assert (frame.url, frame.content) == ("wss://toy.example/ws", b"\x00\x01")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"what is this\n", r":1: not a line of a recording: 'what is this'; expected"),
        (b"1618678132.9: b'\\x\n", r":1: a frame that looks like bytes but is not"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"\x1f\x8b broken", "cannot be read"),
        (b"", "nothing is recorded in"),
        (b'{"declconn": "capture", "version": 9, "spec": "toy"}\n', "version 9"),
    ],
)
def test_a_file_of_another_form_is_a_clear_error(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    with pytest.raises(ReplayError, match=message):
        read_recording([path])


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="nothing: cannot be read"):
        read_recording([tmp_path / "nothing"])


FRAMES = '{"n": 1}\n{"n": 2}\n'


def test_a_file_of_bare_frames_is_one_socket_whose_frames_come_in_order(tmp_path: Path) -> None:
    path = tmp_path / "frames.data"
    path.write_text(FRAMES)
    first, second = read_recording([path]).items

    assert (first.content, second.content) == ('{"n": 1}', '{"n": 2}')
    assert first.socket == second.socket
    assert first.at < second.at


def test_every_file_of_a_zip_archive_is_read_in_its_own_form(tmp_path: Path) -> None:
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.data", FRAMES)
        archive.writestr("b.0", RAW)
    items = read_recording([path]).items

    assert [item.content for item in items[:2]] == ['{"n": 1}', '{"n": 2}']
    assert [item.kind for item in items[2:]] == ["answer", "frame", "frame"]
    assert len({item.socket for item in items if item.kind == "frame"}) == 2


def test_line_ends_inside_json_end_no_line(tmp_path: Path) -> None:
    path = tmp_path / "TOY.0"
    path.write_text(RAW.replace('{"n": 1}', '{"n": "\u2028"}'), newline="\r\n")

    assert [item.content for item in read_recording([path]).items][1] == '{"n": "\u2028"}'


def test_a_line_among_bare_frames_that_is_none_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "frames.data"
    path.write_text(FRAMES + "oops\n")

    with pytest.raises(ReplayError, match=r"frames.data:3: not a line of a recording: 'oops'; expected another JSON"):
        read_recording([path])
