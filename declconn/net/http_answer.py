"""One HTTP/1.1 answer: llhttp reads it, and what is larger or stranger than a venue's answer is refused.

No sockets, no clock.
"""

from __future__ import annotations

import zlib
from typing import Final

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpResponseParser

from declconn.net.transport import Headers

MOST_UNREAD: Final = 64 * 1024
"""Bytes that may come without a piece of the body among them: of a head, of sizes of chunks, of trailers."""


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

    __slots__ = ("_fields", "_most", "_parser", "_unread", "body", "done", "headers", "keeps_open", "status")

    def __init__(self, most: int) -> None:
        """`most`: the largest body in bytes, as it travels and as it is read."""
        self._most, self._unread = most, 0
        self._fields: dict[str, str] = {}
        self._parser = HttpResponseParser(self)
        self.status, self.headers, self.body = 0, Headers({}), bytearray()
        self.done = self.keeps_open = False

    def feed(self, data: bytes) -> bool:
        """Take more bytes, unless it is done; whether it is done now.

        Raises:
            ValueError: these bytes are no HTTP answer.
            TooLarge: the body is too large.
        """
        self._unread += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            if self.done:
                return True  # what comes after the answer
            if isinstance(error, HttpParserCallbackError) and error.__context__ is not None:
                raise error.__context__ from None
            raise ValueError(f"the answer is not HTTP/1.1: {error}") from None
        if self.done:
            del self._parser  # it knows us, we know it: the garbage collector would have to find that out
        elif self._unread > MOST_UNREAD:
            raise ValueError(f"the answer's headers do not end within {MOST_UNREAD} bytes")
        return self.done

    def feed_eof(self) -> bool:
        """The connection is closed; whether that was the answer's end."""
        self.keeps_open = False
        counted = "content-length" in self.headers or "transfer-encoding" in self.headers
        self.done = self.done or (self.status >= 200 and not counted)
        return self.done

    def content(self) -> bytes:
        """The body, decompressed.

        Raises:
            ValueError: it is not compressed as its header says, or in a way that nobody asked for.
            TooLarge: it is too large.
        """
        coding = self.headers.get("content-encoding", "identity").lower()
        if coding == "identity" or not self.body:
            return bytes(self.body)
        if coding not in ("gzip", "x-gzip", "deflate"):
            raise ValueError("the answer is compressed in a way that nobody asked for")
        raw = coding == "deflate" and self.body[0] & 0x0F != 8  # some servers leave zlib's frame out
        inflate = zlib.decompressobj(-zlib.MAX_WBITS if raw else zlib.MAX_WBITS | 32)
        try:
            plain = inflate.decompress(self.body, self._most + 1)
        except zlib.error:
            raise ValueError(f"the answer is not {coding}") from None
        if len(plain) > self._most:
            raise TooLarge
        if not inflate.eof or inflate.unused_data:
            raise ValueError(f"the {coding} answer does not end where its body ends")
        return plain

    # Called by the parser.

    def on_message_begin(self) -> None:
        if self.done:
            self.keeps_open = False
            raise ValueError("nobody asked for what comes after the answer")
        self._fields, self.body = {}, bytearray()  # of an interim answer nothing is kept

    def on_header(self, name: bytes, value: bytes) -> None:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1").rstrip(" \t")
        self._fields[key] = f"{self._fields[key]}, {text}" if key in self._fields else text

    def on_headers_complete(self) -> None:
        if self._parser.get_http_version() not in ("1.1", "1.0"):
            raise ValueError("the answer is not HTTP/1.1")
        if self._fields.get("transfer-encoding", "chunked").lower() != "chunked":
            raise ValueError("the answer is transferred in a way that nobody asked for")
        if int(self._fields.get("content-length", "0")) > self._most:
            raise TooLarge
        self.status, self.headers = self._parser.get_status_code(), Headers.of_lower_case(self._fields)
        self.keeps_open = self._parser.should_keep_alive()
        self._fields = {}  # trailers are no headers

    def on_body(self, piece: bytes) -> None:
        self._unread = 0
        self.body += piece
        if len(self.body) > self._most:
            raise TooLarge

    def on_message_complete(self) -> None:
        self.done = self.status >= 200  # an interim answer is none
