"""Fields become the bytes that an `encoding` says."""

from __future__ import annotations

import email
from email.policy import HTTP
from typing import Any

import pytest

from declconn.compile.encoding import Encoder
from declconn.spec.models import Encoding


def encoder(**words: Any) -> Encoder:
    return Encoder(Encoding.model_validate(words))


@pytest.mark.parametrize(
    ("words", "body", "content_type"),
    [
        ({}, '{"b":"x y","a":[1,2]}', "application/json"),
        ({"sort": True}, '{"b":"x y","a":[1,2]}', "application/json"),  # the order of JSON is free
        ({"sort": "recursive"}, '{"a":[1,2],"b":"x y"}', "application/json"),
        ({"body": "form", "sort": True}, "a=1&a=2&b=x+y", "application/x-www-form-urlencoded"),
        ({"body": "form"}, "b=x+y&a=1&a=2", "application/x-www-form-urlencoded"),
        ({"body": "form", "space": "%20"}, "b=x%20y&a=1&a=2", "application/x-www-form-urlencoded"),
        ({"body": "form", "raw": True, "arrays": "comma"}, "b=x y&a=1,2", "application/x-www-form-urlencoded"),
        ({"body": "base64json"}, "eyJiIjoieCB5IiwiYSI6WzEsMl19", "application/json"),
        ({"body": "base64json", "content_type": "text/plain"}, "eyJiIjoieCB5IiwiYSI6WzEsMl19", "text/plain"),
        ({"body": "none"}, "", None),
    ],
)
def test_bodies(words: dict[str, Any], body: str, content_type: str | None) -> None:
    one = encoder(**words)
    assert one.body({"b": "x y", "a": [1, 2]}) == body
    assert one.content_type(body) == content_type


@pytest.mark.parametrize(("words", "body"), [({}, ""), ({"empty": "{}"}, "{}"), ({"empty": "foo=bar"}, "foo=bar")])
def test_the_body_of_a_request_without_fields(words: dict[str, Any], body: str) -> None:
    assert encoder(**words).body({}) == body
    assert encoder(body="form", **words).body({}) == body


def test_a_body_that_is_text_already_is_sent_as_it_is() -> None:
    assert encoder(body="form").body('{"a": 1}') == '{"a": 1}'


def test_a_list_is_a_json_body_but_no_form() -> None:
    assert encoder().body([{"a": 1}]) == '[{"a":1}]'
    with pytest.raises(ValueError, match="made of a map of fields, and this is a list"):
        encoder(body="form").body([{"a": 1}])


def test_a_multipart_body_can_be_read_by_others() -> None:
    one = encoder(body="multipart")
    fields = {"a": "x\r\ny", 'q"uote': "1", "m": {"k": [1]}}
    body = one.body(fields)
    assert body == one.body(fields)
    message = email.message_from_string(f"Content-Type: {one.content_type(body)}\r\n\r\n{body}", policy=HTTP)
    parts = [
        (part.get_param("name", header="content-disposition"), part.get_payload()) for part in message.iter_parts()
    ]
    assert parts == [("a", "x\r\ny"), ("q%22uote", "1"), ("m", '{"k":[1]}')]


def test_queries() -> None:
    fields = {"b": "x y,z", "a": 1}
    assert encoder().query(fields) == "b=x%20y%2Cz&a=1"
    assert encoder(space="+", safe=",").query(fields) == "b=x+y,z&a=1"
    assert encoder(raw=True, sort=True).query(fields) == "a=1&b=x y,z"
    assert encoder(sort=True).query_raw(fields) == "a=1&b=x y,z"


def test_no_line_can_be_smuggled_into_an_unescaped_query() -> None:
    with pytest.raises(ValueError, match="control characters"):
        encoder(raw=True).query({"a": "1\r\nHost: elsewhere"})


def test_the_first_encoding_that_has_a_word_wins() -> None:
    one = Encoder(Encoding(body="form"), None, Encoding(body="json", space="%20", raw=False))
    assert one.body({"a": "b c"}) == "a=b%20c"


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (None, ("query", "body", "query", "body")),
        ({"DELETE": "body"}, ("query", "body", "body", "body")),
        ({"*": "body"}, ("body", "body", "body", "body")),
        ({"*": "query", "POST": "both"}, ("query", "both", "query", "query")),
    ],
)
def test_where_the_fields_of_a_call_travel(place: Any, expected: tuple[str, ...]) -> None:
    one = encoder(place=place)
    assert tuple(one.place(method) for method in ("GET", "POST", "DELETE", "PUT")) == expected


def test_fields_that_are_added_later_stand_last_and_change_nothing_before_them() -> None:
    fields, more = {"b": "x y", "a": 1}, {"s": "+", "_": 1}
    for words, end in (
        ({"sort": "recursive"}, ',"s":"+","_":1}'),
        ({"body": "form", "sort": True}, "&s=%2B&_=1"),
        ({"body": "form", "raw": True}, "&s=%2B&_=1"),
    ):
        one = encoder(**words)
        body = one.body(fields)
        assert one.with_more(fields, body, more) == body.removesuffix("}") + end
    assert encoder(body="form").with_more({}, "", more) == "s=%2B&_=1"
    with pytest.raises(ValueError, match="it needs an envelope"):
        encoder().with_more([1], "[1]", more)
