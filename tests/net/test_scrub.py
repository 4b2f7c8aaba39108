from __future__ import annotations

import json
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.net.scrub import redact, redactor, safe_url

secrets = st.text(min_size=6, max_size=40).filter(lambda text: set(text) - set("*"))


@given(st.text(), secrets, st.text())
def test_a_secret_never_survives_whatever_stands_around_it(before: str, secret: str, after: str) -> None:
    assert secret not in redact(before + secret + after, [secret])


@given(secrets)
def test_a_secret_is_found_as_it_looks_in_queries_forms_and_json(secret: str) -> None:
    for text in (quote(secret, safe=""), quote(secret), urlencode({"k": secret}), json.dumps({"k": secret})):
        cleaned = redact(text, [secret])
        assert cleaned.replace("k=", "").strip('{}"k: ') == "***"


def test_the_longer_of_two_secrets_wins() -> None:
    assert redact("abcdef abc", ["abc", "abcdef"]) == "*** ***"


def test_what_is_not_secret_stays() -> None:
    clean = redactor(["s3cret"])
    query = clean("symbol=BTCUSDT&key=s3cret&limit=5")
    assert parse_qsl(query) == [("symbol", "BTCUSDT"), ("key", "***"), ("limit", "5")]


def test_without_secrets_nothing_changes() -> None:
    assert redact("text", []) == redact("text", [""]) == "text"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://api.venue.com/v1/order?key=1&sig=2", "https://api.venue.com/v1/order"),
        ("wss://user:password@venue.com:8443/ws#x", "wss://venue.com:8443/ws"),
        ("http://[::1]:80/a?b", "http://[::1]:80/a"),
        ("http://host:port/a?b", "http://host:port/a"),
        ("http://[::1?sig=1", "(not a url)"),
    ],
)
def test_a_safe_url_has_neither_user_nor_query(url: str, safe: str) -> None:
    assert safe_url(url) == safe
