"""What a person sees who asks how a request was signed: everything but secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from declconn.compile.recipe import Draft, Recipe

Make = Callable[..., Recipe]
Given = Callable[..., dict[str, Any]]

URL = "https://venue.example/v1/order"


def test_values_come_in_the_order_in_which_they_are_computed(make: Make, given: Given) -> None:
    recipe = make(
        """
        let:
          signature: {hmac: sha256, key: "{cred.api_secret}", data: "{clock.ms}{digest}", out: hex}
          digest: {hash: sha512, data: "{req.body}", out: raw}
        inject: {headers: {X-KEY: "{cred.api_key}", X-SIGN: "{signature}"}}
    """.replace("{clock.ms}{digest}", "{text}").replace(
            "let:", 'let:\n          text: {concat: ["{clock.ms}", "{digest}"]}'
        )
    )
    lines = recipe.explain(Draft("POST", URL, body={"a": 1}), given(7, api_key="key-of-mine", api_secret="hunter2"))
    names = [name for name, _ in lines]
    assert names == [
        "req.method",
        "req.url",
        "req.body",
        "digest.data",
        "digest",
        "text",
        "signature.data",
        "signature",
        "headers.X-KEY",
        "headers.X-SIGN",
        "headers.Content-Type",
        "url",
        "body",
    ]
    shown = dict(lines)
    assert shown["digest.data"] == shown["req.body"] == '{"a":1}'
    assert shown["digest"].startswith("0x")
    assert shown["headers.X-KEY"] == "***api_key***"


LEAKS = {
    "as it is": 'inject: {headers: {A: "x {cred.secret}"}, query: {s: "{cred.secret}"}}',
    "in a body": 'body: {before: {token: "{cred.secret}"}}',
    "in base64": 'let: {b: {encode: base64, data: "u:{cred.secret}"}}\ninject: {headers: {A: "Basic {b}"}}',
    "in upper case": 'let: {b: "{cred.secret|upper}"}\ninject: {headers: {A: "{b}"}}',
    "as a derived key": """
        let: {k: {hash: md5, data: "{cred.secret}"}, s: {hmac: sha256, key: "{k}", data: "{req.url}"}}
        inject: {headers: {A: "{s}"}}""",
    "in a token": """
        let: {t: {jwt: {alg: HS256, key: "{cred.secret}", claims: {k: "{cred.secret}"}}}}
        inject: {headers: {A: "Bearer {t}"}}""",
    "in a base64 body": 'encoding: {body: base64json}\nbody: {before: {k: "{cred.secret}"}}',
    "as a session's token": 'inject: {headers: {A: "{session.token.value}"}}',
    "as a password beside a signature": """
        let: {s: {hmac: sha256, key: "{cred.secret}", data: "{cred.secret}{req.url}"}}
        inject: {headers: {A: "{s}", P: "{cred.secret}"}}""",
}


@pytest.mark.parametrize("leak", LEAKS)
def test_no_secret_shows(leak: str, make: Make, given: Given) -> None:
    secret = 'hunter2/+= "&'
    sources = given(secret=secret)
    sources["session"] = {"token": {"value": secret}}
    recipe = make(LEAKS[leak])
    draft = Draft("POST", URL, body={"a": 1})
    request = recipe.sign(draft, sources)
    text = "\n".join(f"{name}: {value}" for name, value in recipe.explain(draft, sources))
    assert "hunter" not in text.lower()
    assert "aHVudGVyMi" not in text  # its beginning in base64
    assert not [value for value in request.headers.values() if value.startswith(("Basic", "Bearer")) and value in text]
    assert "***" in text or leak == "as a derived key"
    if leak == "as a derived key":
        assert "***k***" in text


def test_a_token_is_shown_as_what_it_says(make: Make, given: Given) -> None:
    recipe = make("""
        let: {t: {jwt: {alg: HS256, key: "{cred.s}", header: {kid: k}, claims: {iat: "{clock.s}"}}}}
        inject: {headers: {A: "Bearer {t}"}}
    """)
    shown = dict(recipe.explain(Draft("GET", URL), given(5000, s="hunter2")))
    assert shown["t.header"] == '{"alg":"HS256","typ":"JWT","kid":"k"}'
    assert shown["t.claims"] == '{"iat":5}'
    assert shown["t"] == "***t***"
    assert shown["headers.A"] == "Bearer ***t***"
