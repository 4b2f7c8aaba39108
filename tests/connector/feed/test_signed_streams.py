"""Streams that are signed, over a socket: the handshake, the login, the subscription; each anew for each connection."""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from declconn.errors import CredentialsError

KEYS = {"api_key": "the-key", "api_secret": "the-secret"}


def signed(text: str) -> str:
    """What the toy venue expects."""
    return hmac.digest(b"the-secret", text.encode(), "sha256").hex()


def recipes(text: str) -> str:
    """Recipes, indented as their place in a spec wants it."""
    return "auth:\n  recipes:\n" + "\n".join(f"    {line}" for line in text.strip().splitlines()) + "\n"


SIGN = '{hmac: sha256, key: "{cred.api_secret}", data: "%s", out: hex}'


async def test_headers_of_a_handshake_are_signed(variant: Any, play: Any, venue: Any, until: Any) -> None:
    recipe = f"""
hand:
  let: {{sign: {SIGN % "{clock.ms}{req.method}{req.path}"}}}
  inject: {{headers: {{X-TIME: "{{clock.ms}}", X-SIGN: "{{sign}}"}}}}
"""
    exchange = await play(variant(recipes(recipe) + "streams: {market: {auth: hand}}"), credentials=KEYS, trading=False)
    await until(lambda: exchange.ready)

    headers = venue.talks[0].headers
    assert headers["X-SIGN"] == signed(f"{headers['X-TIME']}GET/ws")


async def test_the_query_of_a_handshake_is_signed_anew_for_each_connection(
    variant: Any, play: Any, venue: Any, until: Any
) -> None:
    recipe = f"""
hand:
  fields: {{after: {{expires: "{{nonce.ms}}"}}}}
  let: {{sign: {SIGN % "CONNECT{req.target}"}}}
  inject: {{query: {{signature: "{{sign}}"}}}}
"""
    exchange = await play(variant(recipes(recipe) + "streams: {market: {auth: hand}}"), credentials=KEYS, trading=False)
    await until(lambda: exchange.ready)
    await venue.talks[0].socket.close()
    await until(lambda: len(venue.talks) == 2)

    queries = [parse_qs(urlsplit(talk.path).query) for talk in venue.talks]
    assert all(query["signature"] == [signed(f"CONNECT/ws?expires={query['expires'][0]}")] for query in queries)
    assert queries[0] != queries[1]


async def test_a_handshake_may_name_values_of_a_recipe_in_its_headers(
    variant: Any, play: Any, venue: Any, until: Any
) -> None:
    recipe = f"hand: {{let: {{sign: {SIGN % '{clock.ms}'}}}}}"
    stream = 'streams: {market: {headers: {Cookie: "time={clock.ms}; sign={auth.hand.sign}"}}}'
    exchange = await play(variant(recipes(recipe) + stream), credentials=KEYS, trading=False)
    await until(lambda: exchange.ready)

    time, sign = (part.partition("=")[2] for part in venue.talks[0].headers["Cookie"].split("; "))
    assert sign == signed(time)


LOGIN = f"""
login:
  let: {{sign: {SIGN % "{msg.time}{url.path}{url.host}"}}}
  inject: {{message: {{args: {{key: "{{cred.api_key}}", sign: "{{sign}}"}}}}}}
"""


async def test_a_login_is_signed_and_answered_before_anything_is_asked(
    variant: Any, play: Any, venue: Any, until: Any
) -> None:
    async def answer(talk: Any, message: Any) -> None:
        await talk.say({"in": True} if message["op"] == "login" else {"ok": message["id"]})

    venue.on_message = answer
    stream = "streams: {market: {login: {send: {op: login, time: '{clock.ms}'}, auth: login, accepted: {in: true}}}}"
    exchange = await play(variant(recipes(LOGIN) + stream), credentials=KEYS, trading=False)
    await until(lambda: exchange.ready)

    login, *asked = venue.talks[0].heard
    assert login["args"] == {"key": "the-key", "sign": signed(f"{login['time']}/ws{venue.host}")}
    assert {message["op"] for message in asked} == {"sub"}


async def test_a_login_may_hold_a_signature_in_a_list(variant: Any, play: Any, venue: Any, until: Any) -> None:
    recipe = f"login: {{let: {{until: '{{clock.ms|plus:1000}}', sign: {SIGN % 'GET/realtime{until}'}}}}}"
    stream = 'streams: {market: {login: {send: {op: auth, id: 0, args: ["{auth.login.until}", "{auth.login.sign}"]}}}}'
    exchange = await play(variant(recipes(recipe) + stream), credentials=KEYS, trading=False)
    await until(lambda: exchange.ready)

    expires, sign = venue.talks[0].heard[0]["args"]
    assert sign == signed(f"GET/realtime{expires}")


SUBSCRIBE = f"""
ws:
  let: {{sign: {SIGN % "{msg.channel}:{request_id}:{nonce.ms}"}}}
  inject: {{message: {{nonce: "{{nonce.ms}}", sign: "{{sign}}"}}}}
"""


async def test_every_subscription_is_signed_with_a_nonce_of_its_own(
    variant: Any, play: Any, venue: Any, until: Any
) -> None:
    stream = 'streams: {market: {subscribe: {send: {op: sub, channel: "{channel}", id: "{request_id}"}, auth: ws}}}'
    exchange = await play(variant(recipes(SUBSCRIBE) + stream), credentials=KEYS, trading=False)
    await until(lambda: exchange.ready)

    asked = venue.talks[0].heard
    assert len(asked) > 1
    assert all(said["sign"] == signed(f"{said['channel']}:{said['id']}:{said['nonce']}") for said in asked)
    assert len({said["nonce"] for said in asked}) == len(asked)


async def test_a_recipe_with_a_question_mark_signs_only_with_credentials(
    variant: Any, play: Any, venue: Any, until: Any
) -> None:
    stream = 'streams: {market: {subscribe: {send: {op: sub, channel: "{channel}", id: "{request_id}"}, auth: ws?}}}'
    spec = variant(recipes(SUBSCRIBE) + stream)
    without = await play(spec)
    await until(lambda: without.ready)
    exchange = await play(spec, credentials=KEYS, trading=False)
    await until(lambda: exchange.ready)

    assert not any("sign" in said for said in venue.talks[0].heard)
    assert all("sign" in said for said in venue.talks[1].heard)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ('streams: {market: {headers: {X-KEY: "{cred.api_key}"}}}', "a message that names {cred.x}"),
        ('streams: {market: {headers: {X-SIGN: "{auth.ws.sign}"}}}', "a message that names {auth.x}"),
    ],
)
async def test_without_credentials_it_is_said_what_has_to_be_signed_and_how_they_are_given(
    variant: Any, play: Any, venue: Any, words: str, what: str
) -> None:
    with pytest.raises(CredentialsError) as refused:
        await play(variant(recipes(SUBSCRIBE) + words))
    assert what in str(refused.value)
    assert "give connect() credentials={'api_key': ..., 'api_secret': ...}" in str(refused.value)
    assert venue.talks == []
