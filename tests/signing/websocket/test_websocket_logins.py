"""What is said before a private stream speaks is what ccxt.pro says: the url and headers of the handshake, and the
first message, played by the connector's own conversation, with the token that REST gives before it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

peer = pytest.importorskip("ccxt.pro", reason="ccxt is not installed; `pip install 'declconn[dev]'` brings it")

pytestmark = pytest.mark.slow

NOT_WHO_WE_ARE = ("x-bitopro-api", "user-agent", "x-gate-size-decimal")
"""Headers of ccxt: a broker's name, the library's, and a wish for another form of numbers."""


async def test_ccxt_opens_a_stream_the_same_way(
    opening: Any, say: Any, hear: Any, public_key: EllipticCurvePublicKey
) -> None:
    ours, theirs = await say(opening), await hear(opening)
    message, expected = (without_chance(said["message"], public_key) for said in (ours, theirs))
    if "part" in opening.entry:
        message = {name: message[name] for name in expected}
    if "as_text" in opening.entry:
        message, expected = as_text(message), as_text(expected)
    assert message == expected
    assert lower(ours["headers"]) == lower(theirs["headers"])
    if opening.entry.get("url", True):
        assert ours["url"] == theirs["url"]


async def test_another_secret_opens_it_in_another_way(opening: Any, say: Any) -> None:
    assert await say(opening, wrong=True) != await say(opening)


def test_every_spec_is_compared(all_openings: list[Any]) -> None:
    compared = {opening.spec for opening in all_openings}
    specs = next(iter(compared - {opening.spec for opening in all_openings if "shipped" in opening.entry})).parent
    assert {path for path in specs.glob("*.yaml") if path.stem not in ("base", "keyed")} <= compared


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers as they compare."""
    return {name.lower(): value for name, value in headers.items() if name.lower() not in NOT_WHO_WE_ARE}


def as_text(message: Any) -> Any:
    """A message whose numbers are texts."""
    if isinstance(message, dict | list):
        items = message.items() if isinstance(message, dict) else enumerate(message)
        return {name: as_text(value) for name, value in items}
    return str(message)


def without_chance(message: Any, public_key: EllipticCurvePublicKey) -> Any:
    """A message in which JSON is decoded, also where it stands in a text, and a token whose signature is random."""
    if isinstance(message, dict):
        return {name: without_chance(value, public_key) for name, value in message.items()}
    if isinstance(message, list):
        return [without_chance(value, public_key) for value in message]
    if isinstance(message, str) and message.startswith("{"):
        return json.loads(message)
    return _claims(message, public_key) if isinstance(message, str) and message.startswith("ey") else message


def _claims(token: str, public_key: EllipticCurvePublicKey) -> Any:
    said, _, signature = token.rpartition(".")
    numbers = base64.urlsafe_b64decode(signature + "==")
    r, s = int.from_bytes(numbers[:32]), int.from_bytes(numbers[32:])
    public_key.verify(encode_dss_signature(r, s), said.encode(), ECDSA(SHA256()))
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in said.split(".")]


class HeardError(BaseException):
    """ccxt is about to speak; no handler of its own may catch that."""


@pytest.fixture
def hear(now_ms: int, others: Mapping[str, str], secret_of: Callable[..., str]) -> Callable[[Any], Any]:
    """Let ccxt.pro open a stream, with a clock that stands still."""

    async def hear(opening: Any) -> dict[str, Any]:
        secret = secret_of(opening.secret)
        exchange = _ear(opening.entry.get("peer", opening.name), now_ms)(
            {
                "apiKey": others["api_key"],
                "secret": secret,
                "privateKey": secret,
                "password": others["passphrase"],
                "uid": others["uid"],
                "accountId": others["account_id"],
                "walletAddress": others["address"],
                "login": "me@venue.example",
            }
        )
        exchange.options.update(lastNonce=0, timeDifference=0)
        for name, value in opening.entry.get("put", {}).items():
            setattr(exchange, name, _giving(value))
        for name, value in opening.entry.get("answers", {}).items():
            setattr(exchange, name, _answering(value))
        method, *arguments = opening.entry["ask"]
        try:
            return await _heard(exchange, getattr(exchange, method), arguments)
        finally:
            await exchange.close()

    return hear


async def _heard(exchange: Any, method: Callable[..., Any], arguments: list[Any]) -> dict[str, Any]:
    message = None
    try:
        result = method(*arguments)
        result = await result if hasattr(result, "__await__") else result
        message = result if isinstance(result, dict) else None
    except HeardError as heard:
        exchange.last_url, message = heard.args
    cookies = exchange.options.get("ws", {}).get("cookies") or {}
    headers = dict(exchange.last_headers)
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"url": exchange.last_url, "headers": headers, "message": message or None}


def _ear(name: str, now_ms: int) -> Any:
    """ccxt's class, which speaks to us instead of a socket."""

    class Ear(getattr(peer, name)):  # type: ignore[misc]
        last_url: str | None = None
        last_headers: Mapping[str, str] = {}
        markets: Mapping[str, Any] = {}

        def client(self, url: str) -> Any:
            if "://" in url:
                self.last_url = url
                self.last_headers = dict(self.options.get("ws", {}).get("options", {}).get("headers", {}))
            return super().client(url)

        def watch(self, url: str, message_hash: Any, message: Any = None, *more: Any) -> Any:
            raise HeardError(url, message)

        watch_multiple = watch

        async def fetch(self, *arguments: Any) -> Any:
            raise AssertionError("there is no network here")

        async def load_markets(self, *arguments: Any) -> Any:
            return {}

        def delay(self, *arguments: Any) -> None:
            """Nothing is renewed."""

        def request_id(self, *arguments: Any) -> int:
            return 2  # our first number is for the handshake

        def milliseconds(self) -> int:
            return now_ms

        def seconds(self) -> int:
            return now_ms // 1000

        def uuid(self) -> str:
            return "00000000-0000-4000-8000-000000000000"

        def uuid16(self, *arguments: Any) -> str:
            return "0" * 16

        def random_bytes(self, count: int) -> str:
            return "00" * count

        def int_to_base16(self, number: int) -> str:
            return f"{number:x}"  # ccxt has the last byte of a signature in upper case, and all others in lower

    return Ear


def _giving(value: Any) -> Any:
    return lambda *_: value


def _answering(value: Any) -> Any:
    async def answer(*_: Any, **__: Any) -> Any:
        return value

    return answer
