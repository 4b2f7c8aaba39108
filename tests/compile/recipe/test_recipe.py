"""A recipe turns fields into the bytes that leave, and signs these bytes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import SecretStr

from declconn.compile.recipe import PLAIN, Draft, Recipe, compile_recipe
from declconn.compile.source_book import FrozenClock
from declconn.errors import ConfigurationError
from declconn.net.transport import Request
from declconn.spec import models
from declconn.types import TimeUnit

Make = Callable[..., Recipe]
Given = Callable[..., dict[str, Any]]

URL = "https://venue.example/api/v1/order"


class Nonces(dict[str, int]):
    """Counts how often it is asked."""

    def __missing__(self, form: str) -> int:
        self["asked"] = self.get("asked", 0) + 1
        return self["asked"]


def test_a_request_that_nobody_signs_takes_the_same_way() -> None:
    request = PLAIN.sign(Draft("GET", URL, {"symbol": "BTC/USDT", "limit": 5}, headers={"X-A": "b"}), {})
    assert (request.method, request.url) == ("GET", f"{URL}?symbol=BTC%2FUSDT&limit=5")
    assert (request.headers, request.body) == ({"X-A": "b"}, b"")


def test_the_fields_of_a_recipe_stand_around_the_endpoints_own(make: Make, given: Given) -> None:
    recipe = make("""
        fields: {before: {a: 1}, after: {z: 26}}
        params: {before: {key: K}}
        body: {after: {nonce: 7}}
    """)
    in_query = recipe.sign(Draft("GET", URL, {"m": 13}), given())
    assert in_query.url == f"{URL}?key=K&a=1&m=13&z=26"
    in_body = recipe.sign(Draft("POST", URL, body={"m": 13}), given())
    assert (in_body.url, in_body.body) == (f"{URL}?key=K", b'{"a":1,"m":13,"z":26,"nonce":7}')


@pytest.mark.parametrize(
    ("draft", "payload"),
    [
        (Draft("GET", URL, {"a": 1}), "a=1"),
        (Draft("POST", URL, body={"a": 1}), '{"a":1}'),
        (Draft("POST", URL, {"q": 2}, {"a": 1}), '{"a":1}'),
        (Draft("POST", URL, {"q": 2}), "q=2"),
        (Draft("DELETE", URL), ""),
    ],
)
def test_the_payload_is_the_query_or_the_body_whichever_carries_the_fields(
    draft: Draft, payload: str, make: Make, given: Given
) -> None:
    recipe = make('inject: {headers: {X-PAYLOAD: "{req.payload}"}}')
    assert recipe.sign(draft, given()).headers["X-PAYLOAD"] == payload


def test_every_part_of_the_request_can_be_named(make: Make, given: Given) -> None:
    parts = ("method", "scheme", "host", "path", "query", "target", "url", "body", "query_raw", "target_raw")
    headers = "".join(f"\n  {part}: '{{req.{part}}}'" for part in parts)
    recipe = make(f"inject:\n headers:{headers}")
    request = recipe.sign(Draft("POST", "https://h.example:8443/p/q", {"a": "b c"}, {"d": "é"}), given())
    assert {part: request.headers[part] for part in parts} == {
        "method": "POST",
        "scheme": "https",
        "host": "h.example:8443",
        "path": "/p/q",
        "query": "a=b%20c",
        "target": "/p/q?a=b%20c",
        "url": "https://h.example:8443/p/q?a=b%20c",
        "body": '{"d":"é"}',
        "query_raw": "a=b c",
        "target_raw": "/p/q?a=b c",
    }


def test_a_query_that_the_path_has_already_stays_in_front(make: Make, given: Given) -> None:
    recipe = make('inject: {query: {sig: "{req.query}"}}')
    assert recipe.sign(Draft("GET", f"{URL}?v=2", {"a": 1}), given()).url == f"{URL}?v=2&a=1&sig=v%3D2%26a%3D1"


@pytest.mark.parametrize(
    ("encoding", "draft", "url", "body"),
    [
        ("{}", Draft("GET", URL, {"a": 1}), f"{URL}?a=1&s=%2B", ""),
        ("{}", Draft("GET", URL), f"{URL}?s=%2B", ""),
        ("{body: form}", Draft("POST", URL, body={"a": 1}), URL, "a=1&s=%2B"),
        ("{body: form}", Draft("POST", URL), URL, "s=%2B"),
        ("{body: json, sort: recursive}", Draft("POST", URL, body={"z": 1, "a": 2}), URL, '{"a":2,"z":1,"s":"+"}'),
        ("{body: base64json}", Draft("POST", URL, body={"a": 1}), URL, "eyJhIjoxLCJzIjoiKyJ9"),
        ('{place: {"*": query}}', Draft("POST", URL), f"{URL}?s=%2B", ""),
    ],
)
def test_what_is_appended_stands_last_in_whatever_carries_the_fields(
    encoding: str, draft: Draft, url: str, body: str, make: Make, given: Given
) -> None:
    request = make(f"encoding: {encoding}\ninject: {{append: {{s: +}}}}").sign(draft, given())
    assert (request.url, request.body.decode()) == (url, body)


def test_an_envelope_takes_the_place_of_the_body_and_is_what_is_signed(make: Make, given: Given) -> None:
    recipe = make("""
        envelope: {params: "{body}", key: "{cred.api_key}"}
        inject: {headers: {X-BODY: "{req.body}"}}
    """)
    request = recipe.sign(Draft("POST", URL, body={"a": 1}), given(api_key="K"))
    assert request.body == b'{"params":{"a":1},"key":"K"}'
    assert request.headers["X-BODY"] == request.body.decode()
    assert recipe.sign(Draft("GET", URL, {"a": 1}), given(api_key="K")).body == b""


def test_an_endpoints_own_encoding_wins_word_by_word(make: Make, given: Given) -> None:
    recipe = make("encoding: {body: form, sort: true}")
    own = models.Encoding(body="json")
    draft = Draft("POST", URL, body={"b": 1, "a": 2})
    assert recipe.sign(draft, given()).body == b"a=2&b=1"
    assert recipe.with_encoding(own).sign(draft, given()).body == b'{"b":1,"a":2}'
    assert recipe.sign(Draft("POST", URL, body={"b": 1, "a": 2}, encoding=own), given()).body == b'{"b":1,"a":2}'


def test_one_field_of_the_request_can_be_named(make: Make, given: Given) -> None:
    recipe = make("""
        let:
          price: {fixed_point: "{fields.price}", decimals: 2}
          said: "{fields.symbol}/{price}/{body.symbol?}/{params.symbol?}/{fields.more.size?}"
        inject: {headers: {X-SAID: "{said?}"}}
    """)
    order = {"symbol": "BTC", "price": "1.50", "more": {"size": 3}}
    assert "X-SAID" not in recipe.sign(Draft("POST", URL, body=order), given()).headers, "`params` has no symbol"
    both = recipe.sign(Draft("PATCH", URL, order, order), given())
    assert both.headers["X-SAID"] == "BTC/150/BTC/BTC/3"


def test_a_field_that_the_request_does_not_have_is_named_with_its_place(make: Make, given: Given) -> None:
    recipe = make('let: {said: "{fields.price}"}\ninject: {headers: {X-SAID: "{said}"}}')
    with pytest.raises(ConfigurationError, match=r"let\.said: 'fields\.price' has no value here"):
        recipe.sign(Draft("POST", URL, body={"symbol": "BTC"}), given())


def test_a_call_without_an_endpoint_places_its_fields_by_method(make: Make, given: Given) -> None:
    recipe = make("encoding: {place: {DELETE: body, PATCH: both}}")
    for method, params, body in (
        ("GET", {"a": 1}, None),
        ("DELETE", {}, {"a": 1}),
        ("POST", {}, {"a": 1}),
        ("PATCH", {"a": 1}, {"a": 1}),
    ):
        draft = recipe.draft(method, URL, {"a": 1}, given())
        assert (draft.params, draft.body) == (params, body)


def test_each_value_is_computed_at_most_once_and_only_if_it_is_needed(make: Make, given: Given) -> None:
    recipe = make("""
        let:
          once: "{nonce.ms}"
          never: "{nothing.at_all}"
        inject: {headers: {A: "{once}", B: "{once}"}}
    """)
    nonces = Nonces()
    request = recipe.sign(Draft("GET", URL), {**given(), "nonce": nonces})
    assert (request.headers["A"], request.headers["B"], nonces["asked"]) == ("1", "1", 1)


def test_what_is_made_from_an_absent_value_is_absent(make: Make, given: Given) -> None:
    recipe = make("""
        let:
          sign: {hmac: sha256, key: "{opt.partner_key?}", data: "{opt.partner}", out: base64}
          text: {encode: base64, data: "{sign?}"}
        inject: {headers: {A: "{sign?}", B: "{text?}", C: c}}
    """)
    assert recipe.sign(Draft("GET", URL), given()).headers == {"C": "c"}


def test_an_absent_item_is_left_out_of_a_list(make: Make, given: Given) -> None:
    recipe = make("""
        let: {text: {concat: [a, "{opt.b?}", c], sep: "|"}}
        inject: {headers: {A: "{text}"}}
    """)
    assert recipe.sign(Draft("GET", URL), given()).headers["A"] == "a|c"


def test_the_case_is_chosen_by_a_credential_by_the_method_or_by_the_recipes_name(make: Make, given: Given) -> None:
    by = 'by: {by}\nof: {{{case}: {{inject: {{headers: {{A: one}}}}}}, "*": {{inject: {{headers: {{A: other}}}}}}}}'
    for source, case, secret in (("cred.s|kind", "text", "x"), ("req.method", "GET", "x"), ("auth", "signed", "x")):
        recipe = make(by.format(by=source, case=case))
        assert recipe.sign(Draft("GET", URL), given(s=secret)).headers == {"A": "one"}
    assert make(by.format(by="req.method", case="POST")).sign(Draft("GET", URL), given()).headers == {"A": "other"}


def test_sources_that_stay_as_they_are_change_nothing_but_the_time_it_takes(make: Make, given: Given) -> None:
    text = """
        fields: {after: {t: "{clock.ms}"}}
        let:
          key: {hash: md5, data: "{cred.s}", out: hex}
          sig: {by: opt.kind, of: {a: {hmac: sha256, key: "{key}", data: "{req.url}"}, "*": {python: "no.such:thing"}}}
        inject: {headers: {A: "{sig}", K: "{cred.k}{const.x}"}}
    """
    fixed = {**given(s="secret", k="key"), "opt": {"kind": "a"}, "const": {"x": 1}}
    late = {**fixed, "clock": FrozenClock(5 * 10**6)}
    draft = Draft("GET", URL, {"a": "b"})
    with pytest.raises(ConfigurationError, match="allow_code"):
        make(text)
    request = make(text, fixed={name: fixed[name] for name in ("cred", "opt", "const")}).sign(draft, late)
    key = hashlib.md5(b"secret").hexdigest().encode()
    assert request.headers == {"A": hmac.digest(key, f"{URL}?a=b&t=5".encode(), "sha256").hex(), "K": "key1"}


def test_a_value_that_does_not_fit_says_where_and_never_what(make: Make, given: Given) -> None:
    recipe = make('let: {x: {uint: "{cred.s}", bytes: 1}}\ninject: {headers: {A: {by: auth, of: {signed: "{x}"}}}}')
    with pytest.raises(ConfigurationError) as caught:
        recipe.sign(Draft("GET", URL), given(s="hunter2"))
    assert "auth.recipes.signed.let.x: this text is not a number" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_python_needs_leave(make: Make, given: Given) -> None:
    with pytest.raises(ConfigurationError, match="allow_code=True"):
        make("let: {x: {python: 'os.path:join'}}")
    recipe = make("let: {x: {python: 'builtins:len'}}\ninject: {headers: {A: '{x}'}}", allow_code=True)
    assert recipe.sign(Draft("GET", URL), given()).headers["A"].isdigit()


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
FIELDS = st.dictionaries(TEXT.filter(bool), TEXT | st.integers() | st.booleans(), max_size=5)
SIGNED = models.Recipe.model_validate(
    {
        "fields": {"after": {"t": "{clock.ms}"}},
        "let": {
            "sig": {"hmac": "sha256", "key": "{cred.s}", "data": "{req.method} {req.url} {req.body}", "out": "hex"}
        },
        "inject": {"headers": {"X-SIG": "{sig}"}},
    }
)


def signed(method: str, fields: Mapping[str, Any], encoding: models.Encoding, secret: str) -> Request:
    recipe = compile_recipe("signed", SIGNED, TimeUnit.MS).with_encoding(encoding)
    sources = {"cred": {"s": SecretStr(secret)}, "clock": FrozenClock(10**9)}
    return recipe.sign(recipe.draft(method, URL, fields, sources), sources)


@for_all(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    fields=FIELDS,
    body=st.sampled_from(["json", "form", "base64json", "multipart"]),
    space=st.sampled_from([None, "+", "%20"]),
    sort=st.sampled_from([None, True]),
)
def test_what_leaves_is_what_was_signed(method: str, fields: Any, body: Any, space: Any, sort: Any) -> None:
    request = signed(method, fields, models.Encoding(body=body, space=space, sort=sort), "secret")
    seen = f"{request.method} {request.url} {request.body.decode()}"
    assert request.headers["X-SIG"] == hmac.digest(b"secret", seen.encode(), "sha256").hex()
    other = signed(method, fields, models.Encoding(body=body, space=space, sort=sort), "secret2")
    assert request.headers["X-SIG"] != other.headers["X-SIG"]
