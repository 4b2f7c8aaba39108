"""Messages of a stream are signed with the same words as requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from declconn.compile.lookup import find
from declconn.compile.recipe import Draft, Recipe

Make = Callable[..., Recipe]
Given = Callable[..., dict[str, Any]]


def test_what_is_injected_is_merged_into_the_message(make: Make, given: Given) -> None:
    recipe = make("""
        let: {sig: {concat: ["{msg.channel}", "{msg.ids|join:,}"], sep: ":"}}
        inject: {message: {params: {sig: "{sig}"}, time: "{clock.s}"}}
    """)
    message = {"channel": "user", "ids": ["a", "b"], "params": {"own": 1}}
    signed = recipe.sign_message(message, given(5000))
    assert signed == {"channel": "user", "ids": ["a", "b"], "params": {"own": 1, "sig": "user:a,b"}, "time": 5}
    assert message["params"] == {"own": 1}


def test_a_recipe_without_a_message_leaves_it_as_it_is(make: Make, given: Given) -> None:
    assert make("let: {x: y}").sign_message({"op": "login"}, given()) == {"op": "login"}


def test_the_streams_url_can_be_signed(make: Make, given: Given) -> None:
    recipe = make('inject: {message: {signed: "GET {url.host}{url.path}"}}')
    sources = {**given(), "url": {"host": "h.example", "path": "/ws"}}
    assert recipe.sign_message({}, sources) == {"signed": "GET h.example/ws"}


def test_a_value_can_be_named_from_outside(make: Make, given: Given) -> None:
    sources = given(7000)
    sources["auth"] = {"login": make('let: {sign: "{clock.s}!"}').values(sources)}
    assert find(sources, "auth.login.sign") == "7!"


def test_a_handshake_is_a_request_without_fields(make: Make, given: Given) -> None:
    recipe = make("""
        let: {sig: {hmac: sha256, key: "{cred.s}", data: "{req.path}", out: base64}}
        inject: {headers: {X-SIG: "{sig}"}, query: {signature: "{sig}"}}
    """)
    request = recipe.sign(Draft("GET", "wss://stream.example/user"), given(s="k"))
    signature = request.headers["X-SIG"]
    assert signature.endswith("=")
    assert request.url.startswith("wss://stream.example/user?signature=")
    assert request.url.endswith("%3D")


def test_in_a_message_there_are_no_fields_of_a_request(make: Make, given: Given) -> None:
    recipe = make('let: {x: {if: "{fields}", then: some, else: none}}\ninject: {message: {x: "{x}"}}')
    assert recipe.sign_message({}, given()) == {"x": "none"}
