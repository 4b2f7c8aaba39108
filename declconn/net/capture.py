"""Capture files: everything that went over the network, one JSON object per line, secrets left out.

The first line is ``{"declconn": "capture", "version": 1, "spec": name}``, every other one an entry with its time in
nanoseconds since the epoch. A file whose name ends in ``.gz`` is compressed.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

import msgspec

from declconn.errors import ReplayError

VERSION = 1


class Binary(msgspec.Struct, frozen=True):
    """Bytes that are not text, or a binary frame."""

    base64: bytes


Content: TypeAlias = str | Binary


class _Entry(msgspec.Struct, frozen=True, tag_field="kind"):
    """
    Attributes:
        at: when, in nanoseconds since the epoch.
        id: which request, or which socket; each counts from 1.
    """

    at: int
    id: int


class RequestEntry(_Entry, frozen=True, tag="request"):
    """A request is about to be sent; only headers that describe the body are kept."""

    method: str
    url: str
    headers: dict[str, str] = {}
    body: Content = ""


class ResponseEntry(_Entry, frozen=True, tag="response"):
    """The answer to the request of the same id, decompressed."""

    status: int
    headers: dict[str, str] = {}
    body: Content = ""


class FailureEntry(_Entry, frozen=True, tag="failure"):
    """The request of the same id failed.

    Attributes:
        sent: whether it may have taken effect.
    """

    sent: bool
    reason: str


class OpenEntry(_Entry, frozen=True, tag="open"):
    """A socket was opened."""

    url: str


class SentEntry(_Entry, frozen=True, tag="sent"):
    """We sent a frame."""

    data: Content


class FrameEntry(_Entry, frozen=True, tag="frame"):
    """We received a frame."""

    data: Content


class CloseEntry(_Entry, frozen=True, tag="close"):
    """A socket is closed: by the other side, or (``code`` is ``None``) by us."""

    code: int | None = None
    reason: str = ""


Entry: TypeAlias = RequestEntry | ResponseEntry | FailureEntry | OpenEntry | SentEntry | FrameEntry | CloseEntry


class _Header(msgspec.Struct, frozen=True):
    declconn: str
    version: int
    spec: str


class CaptureWriter:
    """Writes a capture; every line is on its way to the disk before `write` returns, so a crash loses at most one."""

    def __init__(self, path: Path, spec: str) -> None:
        """Begin a new file; `spec` is the name of the spec whose traffic this is. Raises OSError."""
        self._file = _open(path, "wb")
        self._encoder = msgspec.json.Encoder()
        self._write(_Header("capture", VERSION, spec))

    def write(self, entry: Entry) -> None:
        """Add one line."""
        self._write(entry)

    def close(self) -> None:
        """Finish the file. A second call does nothing."""
        self._file.close()

    def _write(self, line: Any) -> None:
        self._file.write(self._encoder.encode(line) + b"\n")
        self._file.flush()


def read_capture(path: Path) -> Iterator[Entry]:
    """Yield the entries of a capture; a last line that a crash cut off is left out.

    Raises:
        ReplayError: the file cannot be read, is not a capture, or a line is broken.
    """
    lines = enumerate(_whole_lines(path), start=1)
    _check_header(path, next(lines, (1, b""))[1])
    decoder = msgspec.json.Decoder(Entry)
    for number, line in lines:
        try:
            yield decoder.decode(line)
        except msgspec.MsgspecError as error:
            raise ReplayError(f"{path}:{number}: not an entry of a capture: {error}") from error


def capture_spec(path: Path) -> str:
    """Return the name of the spec whose traffic a capture holds; raises ReplayError like `read_capture`."""
    return _check_header(path, next(_whole_lines(path), b""))


def _check_header(path: Path, line: bytes) -> str:
    try:
        header = msgspec.json.decode(line, type=_Header)
    except msgspec.MsgspecError as error:
        raise ReplayError(f'{path}:1: expected {{"declconn": "capture", ..}}, found {line[:80]!r}') from error
    if (header.declconn, header.version) != ("capture", VERSION):
        raise ReplayError(
            f"{path}:1: found '{header.declconn}' version {header.version}, expected 'capture' version {VERSION}"
        )
    return header.spec


def _whole_lines(path: Path) -> Iterator[bytes]:
    try:
        with _open(path, "rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield line
    except EOFError:
        return  # a crash cut the compressed file off; all whole lines have been read
    except (OSError, zlib.error) as error:
        raise ReplayError(f"{path}: cannot be read: {error}") from error


def _open(path: Path, mode: str) -> IO[bytes]:
    opener = gzip.open if path.name.endswith(".gz") else open
    return cast("IO[bytes]", opener(path, mode))
