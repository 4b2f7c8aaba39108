"""Our recipes and ccxt sign the same requests, byte for byte: url, body, and every header that a recipe sets.

ccxt is a second opinion, not the truth: what venues publish is tested with the engine itself.
"""

from __future__ import annotations

import base64
import json
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

ccxt = pytest.importorskip("ccxt", reason="ccxt is not installed; `pip install 'declconn[dev]'` brings it")

pytestmark = pytest.mark.slow

NAMES: Mapping[str, str] = {
    "apiKey": "api_key",
    "secret": "api_secret",
    "privateKey": "private_key",
    "password": "passphrase",
    "uid": "uid",
    "accountId": "account_id",
    "walletAddress": "address",
}
"""ccxt's names of credentials: ours."""

REPAIRS: Mapping[str, Callable[[Any], Any]] = {
    # The order of a form's fields is free: ccxt begins with the operation, we begin with the recipe's fields.
    "indodax": lambda exchange: setattr(exchange, "extend", _ours_first),
    "mercado": lambda exchange: setattr(exchange, "extend", _ours_first),
    "zaif": lambda exchange: setattr(exchange, "extend", _ours_first),
    # The last byte of an Ethereum signature is written in upper case, all others in lower case.
    "aster": lambda exchange: setattr(exchange, "int_to_base16", "{:x}".format),
    "derive": lambda exchange: setattr(exchange, "int_to_base16", "{:x}".format),
    # A stray `&` is signed and sent behind a query without lists.
    "coinsph": lambda exchange: setattr(exchange, "url_encode_query", exchange.urlencode),
    # The nonce is 100 ms behind the clock by default.
    "bigone": lambda exchange: exchange.options.update(exchangeMillisecondsCorrection=0),
    # The token that a login has brought.
    "bullish": lambda exchange: setattr(exchange, "token", "session-token"),
    # Which of the two ways to sign is guessed from the length of the keys.
    "coinbaseinternational": lambda exchange: exchange.options.update(route="deribit"),
    # A broker's own signature would be added.
    "kucoin": lambda exchange: exchange.options.update(partner={}),
    # The last line of a key is lost unless it has 64 characters.
    "lbank": lambda exchange: exchange.options.update(pem=_framed(exchange.secret)),
    # A password is asked for that the signature does not need.
    "ndax": lambda exchange: exchange.requiredCredentials.update(login=False, password=False),
}
"""What is put right in ccxt before it is asked, by its class."""

SIGNERS: Mapping[str, Callable[[Any, Any], dict[str, Any]]] = {
    "hibachi": lambda exchange, case: _hibachi(exchange, case),
    "hyperliquid": lambda exchange, case: _hyperliquid(exchange, case),
    "pacifica": lambda exchange, case: _pacifica(exchange, case),
}
"""Where ccxt signs before `sign()` is called."""

NO_QUERY = "a `?` stands behind the url of a request without a query"
PYTHON_WORDS = "`true` is signed as Python's `True`"
QUIRKS: Mapping[tuple[str, str], str] = {
    ("aster", "flags"): PYTHON_WORDS,
    ("bithumb", "flags"): "it fails on a field that is true or false",
    ("bithumb", "signs"): "brackets are escaped in values, but not in names; our `safe` is for both",
    ("bitrue_futures", "GET empty"): NO_QUERY,
    ("bybit", "GET empty"): NO_QUERY,
    ("bybit_rsa", "GET empty"): NO_QUERY,
    ("cryptocom", "flags"): PYTHON_WORDS,
    ("cryptocom", "nested"): "maps within maps are signed as Python writes them",
    ("cryptocom", "numbers"): "it fails on a list of numbers",
    ("foxbit", "GET flags"): PYTHON_WORDS,
    ("gate_shipped", "POST empty"): "an empty body is sent as `{}`; both are accepted",
    ("independentreserve", "flags"): PYTHON_WORDS,
    ("kraken", "flags"): PYTHON_WORDS,
}
"""Where ccxt differs and is not followed: venue, and kind of fields with or without the method. None is left out that
has become equal: then the table is wrong."""

UNSIGNED = {("bitbns", "GET")}
"""Requests that go without a signature."""


def test_ccxt_signs_the_same_request(case: Any, ask: Any, sign: Any, public_key: Any, request: Any) -> None:
    reason = QUIRKS.get((case.venue, case.kind)) or QUIRKS.get((case.venue, f"{case.method} {case.kind}"))
    if reason is not None:
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    theirs = ask(case)
    ours = seen(sign(case, theirs["url"].partition("?")[0]))
    headers = {name.lower(): value for name, value in (theirs["headers"] or {}).items()}
    expected = {name: headers.get(name) for name in ours} | {"url": theirs["url"], "body": theirs["body"] or ""}
    assert without_chance(ours, public_key) == without_chance(expected, public_key)


def test_every_quirk_is_one_of_a_case(all_cases: Any) -> None:
    kinds = {(case.venue, kind) for case in all_cases for kind in (case.kind, f"{case.method} {case.kind}")}
    assert QUIRKS.keys() <= kinds


def test_another_secret_gives_another_request(case: Any, ask: Any, sign: Any) -> None:
    url = ask(replace(case, kind="empty"))["url"].partition("?")[0]
    changed = seen(sign(case, url)) != seen(sign(case, url, wrong=True))
    assert changed == ((case.venue, case.method) not in UNSIGNED)


def seen(request: Any) -> dict[str, str]:
    """All of a request that its signature is about: the content type is not."""
    headers = {name.lower(): value for name, value in request.headers.items() if name != "Content-Type"}
    return {**headers, "url": request.url, "body": request.body.decode()}


def without_chance(parts: Mapping[str, Any], public_key: EllipticCurvePublicKey) -> dict[str, Any]:
    """The same, but of a token whose signature is random what it says, once the signature is verified."""
    said, _, signature = str(parts.get("authorization", "")).removeprefix("Bearer ").rpartition(".")
    if said.count(".") != 1 or _decoded(said.partition(".")[0])["alg"] != "ES256":
        return dict(parts)
    numbers = base64.urlsafe_b64decode(signature + "==")
    r, s = int.from_bytes(numbers[:32]), int.from_bytes(numbers[32:])
    public_key.verify(encode_dss_signature(r, s), said.encode(), ECDSA(SHA256()))
    return {**parts, "authorization": [_decoded(part) for part in said.split(".")]}


@pytest.fixture(scope="session")
def ask(now_ms: int, others: Mapping[str, str]) -> Callable[[Any], dict[str, Any]]:
    """Ask ccxt, with clock and nonces that stand still; random nonces are zeros."""

    @cache
    def exchange_of(name: str, secret: str) -> Any:
        keys = {**others, "api_secret": secret, "private_key": secret}
        exchange = getattr(ccxt, name)({theirs: keys[ours] for theirs, ours in NAMES.items()})
        exchange.milliseconds = lambda: now_ms
        exchange.microseconds = lambda: now_ms * 1000
        exchange.seconds = lambda: now_ms // 1000
        exchange.uuid = lambda: "00000000-0000-4000-8000-000000000000"
        exchange.uuid16 = exchange.uuid22 = lambda: "0" * 16
        exchange.random_bytes = lambda count: "00" * count
        exchange.options["timeDifference"] = 0
        REPAIRS.get(name, lambda _: None)(exchange)
        return exchange

    def ask(case: Any) -> dict[str, Any]:
        exchange = exchange_of(case.file, case.secret())
        exchange.options["lastNonce"] = 0
        return SIGNERS.get(case.file, _sign)(exchange, case)

    return ask


def _sign(exchange: Any, case: Any, fields: Any = None) -> dict[str, Any]:
    fields = case.fields if fields is None else fields
    signed: dict[str, Any] = exchange.sign(case.path, list(case.section), case.method, fields)
    return signed


def _hibachi(exchange: Any, case: Any) -> dict[str, Any]:
    fields = case.fields
    if not fields:
        return _sign(exchange, case)
    market = {"numericId": 2, "taker": 0.00045, "info": {"underlyingDecimals": 10, "settlementDecimals": 6}}
    exchange.market = lambda symbol: {"symbol": symbol, "id": symbol, **market}
    exchange.amount_to_precision = lambda symbol, amount: amount
    order = exchange.create_order_request(fields["nonce"], fields["symbol"], "market", "buy", fields["quantity"])
    signature = order.pop("signature")  # the order of JSON is free, and ours adds it at the end
    return _sign(exchange, case, {**order, "signature": signature})


def _hyperliquid(exchange: Any, case: Any) -> dict[str, Any]:
    vault = case.entry.get("options", {}).get("vault")
    nonce = exchange.incrementing_nonce()
    signature = exchange.sign_l1_action(case.fields, nonce, vault and vault.removeprefix("0x"))
    fields = {"action": case.fields, "nonce": nonce, "signature": signature}
    return _sign(exchange, case, fields | ({"vaultAddress": vault} if vault else {}))


def _pacifica(exchange: Any, case: Any) -> dict[str, Any]:
    kind = {"orders/create": "create_order", "orders/cancel": "cancel_order"}[case.path]
    return _sign(exchange, case, exchange.post_action_request(kind, case.fields, {"builderFee": False}))


def _ours_first(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    return {**dict(reversed(ours.items())), **theirs}


def _framed(key: str) -> str:
    lines = "\n".join(textwrap.wrap(key, 64))
    return f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----"


def _decoded(part: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return document
