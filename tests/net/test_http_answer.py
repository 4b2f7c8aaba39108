"""An HTTP answer is the same in whatever pieces it comes, and what is no answer is told."""

from __future__ import annotations

import gzip
import zlib
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.net.http_answer import Answer, TooLarge

MOST = 10_000


def read(raw: bytes, *cuts: int) -> Answer:
    """An answer that came in pieces."""
    answer = Answer(MOST)
    places = [0, *sorted(cut % (len(raw) + 1) for cut in cuts), len(raw)]
    for begin, end in pairwise(places):
        if not answer.done:
            answer.feed(raw[begin:end])
    return answer


def head(*headers: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode()


def counted(body: bytes) -> bytes:
    return head(f"Content-Length: {len(body)}") + body


def chunked(pieces: list[bytes]) -> bytes:
    chunks = [b"%x;name=value\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece]
    return head("Transfer-Encoding: chunked") + b"".join(chunks) + b"0\r\nTrailer: x\r\n\r\n"


@given(
    st.lists(st.binary(max_size=200), max_size=5), st.sampled_from([True, False]), st.lists(st.integers(0), max_size=6)
)
def test_in_any_pieces_it_is_the_same_answer(pieces: list[bytes], in_chunks: bool, cuts: list[int]) -> None:
    body = b"".join(pieces)
    raw = chunked(pieces) if in_chunks else counted(body)
    answer = read(b"HTTP/1.1 100 Continue\r\n\r\n" + raw, *cuts)
    assert (answer.status, answer.content(), answer.done, answer.keeps_open) == (200, body, True, True)


@given(st.binary(max_size=300), st.lists(st.integers(0), max_size=6))
def test_whatever_else_comes_is_an_error_or_has_no_end_yet(raw: bytes, cuts: list[int]) -> None:
    with suppress(ValueError, TooLarge):
        assert not read(raw, *cuts).done


@given(st.integers(0, 80), st.binary(max_size=20), st.integers(0))
def test_a_damaged_answer_never_raises_anything_unexpected(place: int, damage: bytes, cut: int) -> None:
    raw = chunked([b"one", b"two"])
    with suppress(ValueError, TooLarge):
        read(raw[:place] + damage + raw[place + len(damage) :], cut).content()


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    answer = read(head() + b"some")
    assert not answer.done
    answer.feed(b" more")
    assert answer.feed_eof()
    assert (answer.content(), answer.keeps_open) == (b"some more", False)


@pytest.mark.parametrize("raw", [counted(b"1234")[:-1], chunked([b"1234"])[:-2], head()[:-2], b""])
def test_a_connection_that_ends_too_early_is_no_end(raw: bytes) -> None:
    assert not read(raw).feed_eof()


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_some_answers_have_no_body(status: str) -> None:
    answer = read(head("Content-Length: 5", status=status))
    assert (answer.done, answer.content()) == (True, b"")


@pytest.mark.parametrize(
    ("raw", "keeps"),
    [
        (head("Content-Length: 0"), True),
        (head("Content-Length: 0", "Connection: close"), False),
        (head("Content-Length: 0").replace(b"/1.1", b"/1.0"), False),
        (head("Content-Length: 0", "Connection: Keep-Alive").replace(b"/1.1", b"/1.0"), True),
        (head("Content-Length: 0") + b"what nobody asked for", False),
        (head("Content-Length: 0") + head("Content-Length: 6") + b"poison", False),
        (head("Content-Length: 0", "Connection: close") + b"more", False),
    ],
)
def test_it_says_whether_the_connection_stays(raw: bytes, keeps: bool) -> None:
    assert read(raw).keeps_open is keeps


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"plain", mtime=0)),
        ("deflate", zlib.compress(b"plain")),
        ("deflate", zlib.compress(b"plain")[2:-4]),
        ("identity", b"plain"),
    ],
)
def test_what_is_compressed_is_read(coding: str, body: bytes) -> None:
    assert read(head(f"Content-Encoding: {coding}", f"Content-Length: {len(body)}") + body).content() == b"plain"


def test_a_repeated_header_is_one_with_all_values() -> None:
    headers = read(head("X-Used: 1", "x-used:2", "Content-Length: 0")).headers
    assert headers["X-USED"] == "1, 2"


@pytest.mark.parametrize(
    "raw",
    [
        b"what?\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        head("Content-Length: -1"),
        head("Content-Length: 1_0"),
        head("Content-Length: 1, 2"),
        head("no header"),
        head(" folded: header"),
        head("Name : value"),
        head("Transfer-Encoding: gzip, chunked"),
        head("Content-Length: 1", "Content-Length: 2") + b"ab",
        head("Content-Length: 99999999999999999999"),
        head("Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        head("Transfer-Encoding: chunked", "Content-Length: 5") + b"0\r\n\r\n",
        head("Transfer-Encoding: chunked, identity"),
        head("Name: value", " folded"),
        head("Name: a\0b"),
        head("Content-Length: 0").replace(b"\r\n", b"\n"),
        head("Content-Length: 0").replace(b"1.1", b"2.0"),
        head("Upgrade: other", "Connection: Upgrade", status="101 Other"),
        head(status="101 Other"),
        head(status="1000 OK"),
        head("Transfer-Encoding: chunked") + b"+5\r\nhello\r\n",
        head("Transfer-Encoding: chunked") + b"4\r\nhello\r\n",
        head("Transfer-Encoding: chunked") + b"fffffffffffffffff\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 3_000,
        head("Transfer-Encoding: chunked") + b"1;" + b"x" * 70_000,
    ],
)
def test_what_is_no_answer_is_told(raw: bytes) -> None:
    with pytest.raises(ValueError, match="answer"):
        read(raw)


def test_what_comes_after_an_answer_is_no_part_of_it() -> None:
    answer = read(counted(b"{}") + head("X-Used: 1", "Content-Length: 6", status="500 No") + b"poison")
    assert (answer.status, answer.content(), list(answer.headers)) == (200, b"{}", ["content-length"])


def test_interim_answers_and_trailers_leave_nothing() -> None:
    early = head("Link: early", status="103 Early Hints") + head(status="100 Continue")
    answer = read(early + chunked([b"body"]))
    assert (answer.status, answer.content(), list(answer.headers)) == (200, b"body", ["transfer-encoding"])


def test_what_is_compressed_in_a_way_that_nobody_asked_for_is_told() -> None:
    answer = read(head("Content-Encoding: br", "Content-Length: 1") + b"x")
    with pytest.raises(ValueError, match="nobody asked for"):
        answer.content()


def test_trailers_that_do_not_end_are_told() -> None:
    answer = read(head("Transfer-Encoding: chunked") + b"1\r\nx\r\n0\r\nTrailer: ")
    with pytest.raises(ValueError, match="do not end"):
        answer.feed(b"x" * 70_000)


@pytest.mark.parametrize("raw", [gzip.compress(b"x" * 100, mtime=0)[:-9], gzip.compress(b"x", mtime=0) * 2, b"plain"])
def test_what_is_not_compressed_as_it_says_is_told(raw: bytes) -> None:
    answer = read(head("Content-Encoding: gzip", f"Content-Length: {len(raw)}") + raw)
    with pytest.raises(ValueError, match="gzip"):
        answer.content()


@pytest.mark.parametrize(
    "raw",
    [
        head(f"Content-Length: {MOST + 1}"),
        chunked([b"x" * 6_000, b"x" * 6_000]),
        head() + b"x" * (MOST + 1),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_kept(raw: bytes) -> None:
    with pytest.raises(TooLarge):
        read(raw)


def test_what_is_too_large_when_it_is_decompressed_is_refused() -> None:
    body = gzip.compress(b"0" * 1_000_000, mtime=0)
    with pytest.raises(TooLarge):
        read(head("Content-Encoding: gzip", f"Content-Length: {len(body)}") + body).content()
