"""One HTTP/1.1 answer, read from bytes as they come (RFC 9112). Plain text work: no sockets, no clock."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Any, Final

from declconn.net.transport import Headers

MOST_HEAD: Final = 64 * 1024
"""Bytes of status line and headers, of one chunk's size line, of all trailers."""

_STATUS_LINE: Final = re.compile(rb"HTTP/1\.[01] ([1-9]\d\d)(?: [^\r\n]*)?")
_CHUNK: Final = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(?:;.*)?", re.DOTALL)
_NO_BODY: Final = frozenset({204, 304})
_CODINGS: Final = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})


class TooLarge(Exception):
    """The body is larger than what is read."""


class Answer:
    """Takes the bytes of an answer in any pieces.

    Attributes:
        status: the HTTP status; 0 until it is known.
        headers: as they came.
        body: the body as it travelled, decompressed by ``content``.
        done: nothing more belongs to it.
        keeps_open: the connection may be used again.
    """

    __slots__ = ("_left", "_most", "_rest", "_step", "body", "done", "headers", "keeps_open", "status")

    def __init__(self, most: int) -> None:
        """`most`: the largest body in bytes, as it travels and as it is read."""
        self._most, self._rest, self._left = most, b"", 0
        self._step: Any = self._head
        self.status, self.headers = 0, Headers({})
        self.body = bytearray()
        self.done, self.keeps_open = False, True

    def feed(self, data: bytes) -> None:
        """Take more bytes.

        Raises:
            ValueError: these bytes are no HTTP answer.
            TooLarge: the body is too large.
        """
        self._rest = self._rest + data if self._rest else data
        while not self.done and self._step():
            pass
        if self.done and self._rest:
            self.keeps_open = False  # nobody asked for what comes after the answer

    def feed_eof(self) -> bool:
        """The connection is closed; whether that was the answer's end."""
        self.keeps_open = False
        if self._step == self._until_close:
            self.done = True
        return self.done

    def content(self) -> bytes:
        """The body, decompressed.

        Raises:
            ValueError: it is not compressed as its header says.
            TooLarge: it is too large.
        """
        coding = self.headers.get("content-encoding", "").lower()
        if coding in ("", "identity") or not self.body:
            return bytes(self.body)
        raw = coding == "deflate" and self.body[0] & 0x0F != 8  # some servers leave zlib's frame out
        inflate = zlib.decompressobj(-15 if raw else 47)
        try:
            plain = inflate.decompress(self.body, self._most + 1)
        except zlib.error:
            raise ValueError(f"the answer is not {coding}") from None
        if len(plain) > self._most:
            raise TooLarge
        if not inflate.eof:
            raise ValueError(f"the {coding} answer stops half-way")
        return plain

    def _head(self) -> bool:
        end = self._rest.find(b"\r\n\r\n")
        if end < 0:
            if len(self._rest) > MOST_HEAD:
                raise ValueError("the answer's headers do not end")
            return False
        head, self._rest = self._rest[:end], self._rest[end + 4 :]
        line, _, fields = head.partition(b"\r\n")
        match = _STATUS_LINE.fullmatch(line)
        if match is None:
            raise ValueError("the answer is not HTTP/1.1")
        status = int(match[1])
        if 100 <= status < 200 and status != 101:
            return True  # the answer itself is still to come
        headers = _fields(fields)
        self.status, self.headers = status, Headers.of_lower_case(headers)
        connection = headers.get("connection", "").lower()
        self.keeps_open = "close" not in connection and (line.startswith(b"HTTP/1.1") or "keep-alive" in connection)
        self._choose_framing(headers)
        return True

    def _choose_framing(self, headers: Mapping[str, str]) -> None:
        """How the body ends (RFC 9112, 6.3)."""
        if headers.get("content-encoding", "").lower() not in _CODINGS:
            raise ValueError("the answer is compressed in a way that nobody asked for")
        coding, length = headers.get("transfer-encoding"), headers.get("content-length")
        if self.status in _NO_BODY:
            self.done = True
        elif coding is not None:
            if coding.lower() != "chunked":
                raise ValueError("the answer is transferred in a way that nobody asked for")
            self._step = self._chunk_size
        elif length is not None:
            if not (length.isascii() and length.isdigit()):
                raise ValueError("the answer's length is not one number")
            self._left, self._step = int(length), self._counted
            self._see_size(self._left)
        else:
            self._step = self._until_close

    def _counted(self) -> bool:
        self._take()
        self.done = self._left == 0
        return self.done

    def _until_close(self) -> bool:
        self.keeps_open = False
        self._see_size(len(self.body) + len(self._rest))
        self.body += self._rest
        self._rest = b""
        return False

    def _chunk_size(self) -> bool:
        line = self._line()
        if line is None:
            return False
        match = _CHUNK.fullmatch(line)
        if match is None:
            raise ValueError("a chunk of the answer has no size")
        self._left = int(match[1], 16)
        self._see_size(len(self.body) + self._left)
        self._step = self._chunk if self._left else self._trailer
        return True

    def _chunk(self) -> bool:
        self._take()
        if self._left or len(self._rest) < 2:
            return False
        if self._rest[:2] != b"\r\n":
            raise ValueError("a chunk of the answer is longer than its size")
        self._rest, self._step = self._rest[2:], self._chunk_size
        return True

    def _trailer(self) -> bool:
        line = self._line()
        self.done = line == b""
        return line is not None

    def _line(self) -> bytes | None:
        line, end, rest = self._rest.partition(b"\r\n")
        if not end:
            if len(self._rest) > MOST_HEAD:
                raise ValueError("a line of the answer does not end")
            return None
        self._rest = rest
        return line

    def _take(self) -> None:
        """Move what belongs to the body there."""
        piece = self._rest[: self._left]
        self.body += piece
        self._rest = self._rest[len(piece) :]
        self._left -= len(piece)

    def _see_size(self, size: int) -> None:
        if size > self._most:
            raise TooLarge


def _fields(text: bytes) -> dict[str, str]:
    """Header fields by lower-case name; of a repeated one all values, in order."""
    fields: dict[str, str] = {}
    for line in text.decode("latin-1").split("\r\n") if text else ():
        name, colon, value = line.partition(":")
        if not colon or not name or name[0] in " \t" or name[-1] in " \t":
            raise ValueError("a header of the answer is not a header")
        name, value = name.lower(), value.strip(" \t")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields
