from __future__ import annotations

import pytest

from declconn.errors import LostAnswerError, NetworkError
from declconn.net.transport import AnswerTooLargeError, HandshakeError, Headers, Request, Response, SocketClosed


def test_a_request_shows_neither_query_nor_headers_nor_body() -> None:
    request = Request("POST", "https://u:s3cret@api.venue.com:8443/order?sig=s3cret#s3cret", {"X": "s3cret"}, b"s3cret")
    assert repr(request) == "<Request POST https://api.venue.com:8443/order>"


def test_a_response_shows_its_status_and_size_only() -> None:
    assert repr(Response(200, {"Set-Cookie": "s3cret"}, b"s3cret")) == "<Response 200, 6 bytes>"


def test_headers_are_read_without_regard_to_case_and_never_shown() -> None:
    response = Response(200, {"Retry-After": "1", "X-Key": "s3cret"})
    assert response.headers["retry-after"] == response.headers.get("RETRY-AFTER") == "1"
    assert "x-key" in response.headers
    assert response.headers.get("missing") is None
    assert repr(response.headers) == "Headers(retry-after, x-key)"
    assert Response(200, response.headers).headers is response.headers
    assert len(Headers({"A": "1", "a": "2"})) == 1
    assert Headers({"A": "1", "a": "2"})["a"] == "1, 2"


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (SocketClosed(1006), False),
        (HandshakeError("no", 403, {}), False),
        (AnswerTooLargeError("large"), True),
    ],
)
def test_the_errors_of_the_seam_are_network_errors(error: Exception, lost: bool) -> None:
    assert isinstance(error, NetworkError)
    assert isinstance(error, LostAnswerError) is lost


def test_a_closed_socket_says_code_and_reason() -> None:
    assert str(SocketClosed(1006)) == "socket closed with code 1006"
    assert str(SocketClosed(1001, "maintenance")) == "socket closed with code 1001: maintenance"
