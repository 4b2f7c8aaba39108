"""Recordings: what a venue said, from declconn's own captures, cryptofeed's raw-data files, or files of bare frames.

The second form has one item per line: ``URL <-> ts`` opens a socket, ``URL <- ts: text`` was sent, ``URL -> ts: body``
is an answer by HTTP (``header: {...}`` may follow), ``ts: frame`` was received on the file's last socket, and one
``configuration: {...}`` line. Times are seconds with a fraction. A frame printed as ``b'...'`` is its bytes.

The third is what venues offer for download: one JSON frame per line and nothing else. Nobody knows when those came, so
each comes a nanosecond after the one before it.

Any file may be gzipped; of a zip archive every file in it is read.
"""

from __future__ import annotations

import ast
import gzip
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Literal

from declconn.errors import ReplayError
from declconn.net import capture

Content = bytes | str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened.

    Attributes:
        at: nanoseconds since the epoch.
        kind: an answer by HTTP, a frame that came, or the end of a socket.
        url: what was asked, or the socket's url.
        socket: tells sockets of one url apart.
        content: the body or frame.
        status: of an answer by HTTP.
    """

    at: int
    kind: Literal["answer", "frame", "close"]
    url: str
    socket: str
    content: Content = b""
    status: int = 200


@dataclass(frozen=True, slots=True)
class Recording:
    """Everything that happened, in order of time."""

    items: list[Item]

    @property
    def urls(self) -> list[str]:
        """Every url that was spoken to."""
        return list(dict.fromkeys(item.url for item in self.items))


def read_recording(paths: Sequence[str | Path]) -> Recording:
    """Read one or more files of any form, and put them together in order of time.

    Raises:
        ReplayError: a file is missing, unreadable, or of another form; the message says which and where.
    """
    items = [item for path in paths for item in _read(Path(path))]
    if not items:
        raise ReplayError(f"nothing is recorded in {', '.join(map(str, paths)) or 'no files'}")
    items.sort(key=lambda item: item.at)
    # A recording ends with its sockets closed, which says nothing about the books.
    while items and items[-1].kind == "close":
        items.pop()
    return Recording(items)


def _read(path: Path) -> Iterator[Item]:
    for name, text in _texts(path):
        # Not splitlines(): JSON may hold other line ends than these.
        lines = text.replace("\r\n", "\n").split("\n")
        first = next((line for line in lines if line), "")
        if first.startswith('{"declconn"'):
            yield from _read_capture(path)
        elif first.startswith(("{", "[")):
            yield from _read_frames(name, lines)
        else:
            yield from _read_raw(name, lines)


def _texts(path: Path) -> list[tuple[str, str]]:
    """A file's name and text; of an archive, those of every file in it."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return [(f"{path}/{name}", archive.read(name).decode()) for name in sorted(archive.namelist())]
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        return [(str(path), data.decode())]
    except (OSError, EOFError, UnicodeDecodeError, zipfile.BadZipFile, zlib.error) as error:
        raise ReplayError(f"{path}: cannot be read: {error}") from error


def _read_capture(path: Path) -> Iterator[Item]:
    requests: dict[int, str] = {}
    sockets: dict[int, str] = {}
    for entry in capture.read_capture(path):
        match entry:
            case capture.RequestEntry():
                requests[entry.id] = entry.url
            case capture.OpenEntry():
                sockets[entry.id] = entry.url
            case capture.ResponseEntry():
                yield Item(entry.at, "answer", requests[entry.id], "", _content(entry.body), entry.status)
            case capture.FrameEntry():
                yield Item(entry.at, "frame", sockets[entry.id], f"{path}#{entry.id}", _content(entry.data))
            case capture.CloseEntry():
                yield Item(entry.at, "close", sockets[entry.id], f"{path}#{entry.id}")


def _content(content: capture.Content) -> Content:
    return content if isinstance(content, str) else content.base64


_TIME = r"(\d{9,11}(?:\.\d+)?)"
_OPENED = re.compile(rf"^(\S+) <-> {_TIME}$")
_SENT = re.compile(rf"^(\S+) <- {_TIME}: ")
_ANSWER = re.compile(rf"^(\S+) -> {_TIME}: (.*?)(?: header: \{{.*\}})?$", re.DOTALL)
_FRAME = re.compile(rf"^{_TIME}: (.*)$", re.DOTALL)


def _read_frames(name: str, lines: Iterable[str]) -> Iterator[Item]:
    for number, line in enumerate(lines, start=1):
        if line.startswith(("{", "[")):
            yield Item(number, "frame", "", f"{name}#1", line)
        elif line:
            raise _no_line(name, number, line, "another JSON frame")


def _read_raw(name: str, lines: Iterable[str]) -> Iterator[Item]:
    url, sockets = "", 0
    for number, line in enumerate(lines, start=1):
        if not line or line.startswith("configuration: ") or _SENT.match(line):
            continue
        if found := _FRAME.match(line):
            yield Item(_ns(found[1]), "frame", url, f"{name}#{sockets}", _frame(name, number, found[2]))
        elif found := _OPENED.match(line):
            if sockets:
                yield Item(_ns(found[2]), "close", url, f"{name}#{sockets}")
            url, sockets = found[1], sockets + 1
        elif found := _ANSWER.match(line):
            yield Item(_ns(found[2]), "answer", found[1], "", found[3])
        else:
            forms = "'URL <-> time', 'URL <- time: text', 'URL -> time: body' or 'time: frame'"
            raise _no_line(name, number, line, forms)


def _frame(name: str, number: int, text: str) -> Content:
    if not text.startswith(("b'", 'b"')):
        return text
    try:
        data = ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise ReplayError(f"{name}:{number}: a frame that looks like bytes but is not: {error}") from error
    return bytes(data)


def _no_line(name: str, number: int, line: str, expected: str) -> ReplayError:
    return ReplayError(f"{name}:{number}: not a line of a recording: {line[:80]!r}; expected {expected}")


def _ns(seconds: str) -> int:
    try:
        return int(Decimal(seconds) * 1_000_000_000)
    except InvalidOperation as error:
        raise ReplayError(f"not a time: {seconds!r}") from error
