"""Signatures that venues and standards publish: the ground truth. Every one is made by a recipe of the language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from declconn.compile.recipe import Draft, Recipe
from declconn.compile.source_book import FrozenClock

Make = Callable[..., Recipe]
Given = Callable[..., dict[str, Any]]

BINANCE = """
    encoding: {body: form}
    fields: {after: {timestamp: "{clock.ms}"}}
    let: {signature: {hmac: sha256, key: "{cred.api_secret}", data: "{req.payload}", out: hex}}
    inject: {append: {signature: "{signature}"}, headers: {X-MBX-APIKEY: "{cred.api_key}"}}
"""
BINANCE_SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"


def test_binance_a_query_of_a_timestamp(make: Make, given: Given) -> None:
    sources = given(1578963600000, api_key="k", api_secret=BINANCE_SECRET)
    request = make(BINANCE).sign(Draft("GET", "https://api.binance.com/api/v3/account"), sources)
    signature = "d84e6641b1e328e7b418fff030caed655c266299c9355e36ce801ed14631eed4"
    assert request.url == f"https://api.binance.com/api/v3/account?timestamp=1578963600000&signature={signature}"
    assert request.headers == {"X-MBX-APIKEY": "k"}


def test_binance_an_order(make: Make, given: Given) -> None:
    fields = {"symbol": "LTCBTC", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    body = {**fields, "quantity": "1", "price": "0.1", "recvWindow": "5000"}
    sources = given(1499827319559, api_key="k", api_secret=BINANCE_SECRET)
    request = make(BINANCE).sign(Draft("POST", "https://api.binance.com/api/v3/order", body=body), sources)
    assert request.body.decode() == (
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
        "&timestamp=1499827319559&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
    )


def test_kraken_an_order(make: Make, given: Given) -> None:
    recipe = make("""
        serial: true
        encoding: {body: form}
        body: {before: {nonce: "{nonce.ms}"}}
        let:
          digest: {hash: sha256, data: "{nonce.ms}{req.body}", out: raw}
          signed: {concat: ["{req.path}", "{digest}"]}
          signature: {hmac: sha512, key: "{cred.api_secret}", key_enc: base64, data: "{signed}", out: base64}
        inject: {headers: {API-Key: "{cred.api_key}", API-Sign: "{signature}"}}
    """)
    secret = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
    sources = given(api_key="k", api_secret=secret, nonce={"ms": 1616492376594})
    body = {"ordertype": "limit", "pair": "XBTUSD", "price": "37500", "type": "buy", "volume": "1.25"}
    request = recipe.sign(Draft("POST", "https://api.kraken.com/0/private/AddOrder", body=body), sources)
    assert request.body.startswith(b"nonce=1616492376594&ordertype=limit&pair=XBTUSD")
    assert request.headers["API-Sign"] == (
        "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="
    )
    assert recipe.serial


def test_deribit_a_websocket_login(make: Make, given: Given) -> None:
    recipe = make("""
        let:
          signed: {lines: ["{clock.ms}", "{nonce.digits8}", ""]}
          signature: {hmac: sha256, key: "{cred.api_secret}", data: "{signed}", out: hex}
        inject: {message: {params: {timestamp: "{clock.ms}", nonce: "{nonce.digits8}", signature: "{signature}"}}}
    """)
    sources = given(1576074319000, api_secret="AMANDASECRECT", nonce={"digits8": "1iqt2wls"})
    login = recipe.sign_message({"method": "public/auth", "params": {"data": ""}}, sources)
    assert login["params"] == {
        "data": "",
        "timestamp": 1576074319000,
        "nonce": "1iqt2wls",
        "signature": "56590594f97921b09b18f166befe0d1319b198bbcdad7ca73382de2f88fe9aa1",
    }


BITMEX = """
    encoding: {space: "+"}
    let:
      expires: "{clock.s}"
      signature: {hmac: sha256, key: "{cred.api_secret}", data: "{req.method}{req.target}{expires}{req.body}", out: hex}
    inject: {headers: {api-expires: "{expires}", api-signature: "{signature}"}}
"""
BITMEX_ORDER = '{"symbol":"XBTM15","price":219.0,"clOrdID":"mm_bitmex_1a/oemUeQ4CAJZgP3fjHsA","orderQty":98}'


@pytest.mark.parametrize(
    ("draft", "expires", "signature"),
    [
        pytest.param(
            Draft("GET", "https://www.bitmex.com/api/v1/instrument"),
            1518064236,
            "c7682d435d0cfe87c16098df34ef2eb5a549d4c5a3c2b1f0f77b8af73423bf00",
            id="nothing",
        ),
        pytest.param(
            Draft("GET", "https://www.bitmex.com/api/v1/instrument", params={"filter": '{"symbol": "XBTM15"}'}),
            1518064237,
            "e2f422547eecb5b3cb29ade2127e21b858b235b386bfa45e1c1756eb3383919f",
            id="query",
        ),
        pytest.param(
            Draft("POST", "https://www.bitmex.com/api/v1/order", body=BITMEX_ORDER),
            1518064238,
            "1749cd2ccae4aa49048ae09f0b95110cee706e0944e6a14ad0b3a8cb45bd336b",
            id="body",
        ),
    ],
)
def test_bitmex(draft: Draft, expires: int, signature: str, make: Make, given: Given) -> None:
    sources = given(expires * 1000, api_secret="chNOOS4KvNXR_Xq4k4c9qsfoKWvnDecLATCRlcBwyKDYnWgO")
    assert make(BITMEX).sign(draft, sources).headers["api-signature"] == signature


BYBIT = """
    encoding: {raw: true}
    let:
      signature: {hmac: sha256, key: "{cred.api_secret}", data: "{clock.ms}{cred.api_key}5000{req.payload}", out: hex}
    inject: {headers: {X-BAPI-SIGN: "{signature}"}}
"""


@pytest.mark.parametrize(
    ("draft", "signature"),
    [
        pytest.param(
            Draft("GET", "https://api.bybit.com/v5/order", params={"category": "linear", "symbol": "BTCUSDT"}),
            "fd4f31228a46109dc6673062328693696df9a96c7ff04e6491a45e7f63a0fdd7",
            id="query",
        ),
        pytest.param(
            Draft(
                "POST",
                "https://api.bybit.com/v5/order",
                body='{"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "test-order-1"}',
            ),
            "2df4a0603d69c08d5dea29ba85b46eb7db64ce9e9ebd34a7802a3d69700cb2a1",
            id="body",
        ),
    ],
)
def test_bybit(draft: Draft, signature: str, make: Make, given: Given) -> None:
    sources = given(1700000000000, api_key="test_api_key", api_secret="test_secret")
    assert make(BYBIT).sign(draft, sources).headers["X-BAPI-SIGN"] == signature


def test_bybit_a_websocket_login(make: Make, given: Given) -> None:
    recipe = make("""
        let:
          expires: "{clock.ms|plus:10000}"
          signature: {hmac: sha256, key: "{cred.api_secret}", data: "GET/realtime{expires}", out: hex}
    """)
    values = recipe.values(given(1700000000000 - 10000, api_secret="test_secret"))
    assert values["signature"] == "bacffe7500499eb829bb58c45d36d1b3e5ac67c14eaeba91df5e99ccee013925"


def test_okx_a_query_without_fields(make: Make, given: Given) -> None:
    recipe = make("""
        let:
          sign:
            hmac: sha256
            key: "{cred.api_secret}"
            data: "{clock.iso8601ms}{req.method}{req.target}{req.body}"
            out: base64
        inject: {headers: {OK-ACCESS-SIGN: "{sign}", OK-ACCESS-TIMESTAMP: "{clock.iso8601ms}"}}
    """)
    sources = given(1607418537715, api_secret="chNOOS4KvNXR_Xq4k4c9qsfoKWvnDecLATCRlcBwyKDYnWgO")
    request = recipe.sign(Draft("GET", "https://www.okx.com/api/v5/account/balance"), sources)
    assert request.headers == {
        "OK-ACCESS-SIGN": "PJ61e1nb2F2Qd7D8SPiaIcx2gjdELc+o0ygzre9z33k=",
        "OK-ACCESS-TIMESTAMP": "2020-12-08T09:08:57.715Z",
    }


POLYMARKET = """
    let:
      unpadded:
        hmac: sha256
        key: "{cred.api_secret}"
        key_enc: base64
        data: "{clock.s}{req.method}{req.path}{req.body}"
        out: base64url
    inject: {headers: {POLY_SIGNATURE: "{unpadded}="}}    # the code has no padding, and this venue wants it
"""


@pytest.mark.parametrize(
    ("method", "url", "body", "seconds", "signature"),
    [
        ("GET", "https://clob.polymarket.com/", None, 1, "eHaylCwqRSOa2LFD77Nt_SaTpbsxzN8eTEI3LryhEj4="),
        (
            "test-sign",
            "https://clob.polymarket.com/orders",
            '{"hash":"0x123"}',
            1000000,
            "4gJVbox-R6XlDK4nlaicig0_ANVL1qdcahiL8CXfXLM=",
        ),
    ],
)
def test_polymarket(
    method: str, url: str, body: str | None, seconds: int, signature: str, make: Make, given: Given
) -> None:
    sources = given(seconds * 1000, api_secret="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    request = make(POLYMARKET).sign(Draft(method, url, body=body), sources)
    assert request.headers["POLY_SIGNATURE"] == signature


HYPERLIQUID = """
    let:
      vault: {if: "{opt.vault}", then: "{opt.vault|lower}"}
      tail:
        if: "{vault}"
        then: {concat: [{decode: hex, data: "01"}, {decode: hex, data: "{vault}"}]}
        else: {decode: hex, data: "00"}
      connection_id:
        {hash: keccak256, data: {concat: [{msgpack: "{body}"}, {uint: "{nonce.ms}", bytes: 8}, "{tail}"]}, out: raw}
      digest:
        eip712:
          domain:
            name: Exchange
            version: "1"
            chainId: 1337
            verifyingContract: "0x0000000000000000000000000000000000000000"
          types: {Agent: {source: string, connectionId: bytes32}}
          message: {source: b, connectionId: "{connection_id}"}
      signature: {sign: secp256k1, key: "{cred.private_key}", data: "{digest}", out: rsv_object}
    envelope: {action: "{body}", nonce: "{nonce.ms}", signature: "{signature}", vaultAddress: "{vault?}"}
"""
HYPERLIQUID_ORDER = {
    "type": "order",
    "orders": [{"a": 0, "b": True, "p": "50000", "s": "0.1", "r": False, "t": {"limit": {"tif": "Gtc"}}}],
    "grouping": "na",
}


@pytest.mark.parametrize(
    ("vault", "connection_id"),
    [
        (None, "207b9fb52defb524f5a7f1c80f069ff8b58556b018532401de0e1342bcb13b40"),
        (
            "0xAbCdEf0123456789AbCdEf0123456789AbCdEf01",
            "edc33e36cec99166e20ea113da7e7b028cb94efda22813f814752d719a272757",
        ),
    ],
)
def test_hyperliquid_an_action(vault: str | None, connection_id: str, make: Make, given: Given) -> None:
    sources = given(private_key=f"0x{'11' * 32}", nonce={"ms": 1640995200000})
    sources["opt"] = {"vault": vault}
    draft = Draft("POST", "https://api.hyperliquid-testnet.xyz/exchange", body=HYPERLIQUID_ORDER)
    explained = dict(make(HYPERLIQUID).explain(draft, sources))
    assert explained["connection_id"] == f"0x{connection_id}"
    if vault is None:
        assert explained["digest"] == "0x5242f54e0c01d3e7ef449f91b25c1a27802fdd221f7f24bc211da6bf7b847d8d"


def values(make: Make, let: str, **credentials: str) -> Any:
    """The values of a recipe that signs no request."""
    return make(f"let: {{{let}}}").values({"cred": credentials, "clock": FrozenClock(0)})


@pytest.mark.parametrize(
    ("seed", "text", "signature"),
    [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
            "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "r",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ],
)
def test_rfc_8032_ed25519(seed: str, text: str, signature: str, make: Make) -> None:
    let = f"s: {{sign: ed25519, key: '{{cred.seed}}', key_enc: hex, data: '{text}', out: hex}}"
    assert values(make, let, seed=seed)["s"] == signature


def test_an_hs256_token_of_jwt_io(make: Make) -> None:
    claims = "{sub: '1234567890', name: John Doe, iat: 1516239022}"
    let = f"t: {{jwt: {{alg: HS256, key: '{{cred.secret}}', claims: {claims}}}}}"
    assert values(make, let, secret="your-256-bit-secret")["t"] == (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
        ".eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ"
        ".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
    )


def test_the_mail_of_eip_712(make: Make) -> None:
    recipe = make("""
        let:
          key: {hash: keccak256, data: cow, out: hex}
          digest:
            eip712:
              domain:
                name: Ether Mail
                version: "1"
                chainId: 1
                verifyingContract: "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"
              types:
                Mail: {from: Person, to: Person, contents: string}
                Person: {name: string, wallet: address}
              message:
                from: {name: Cow, wallet: "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"}
                to: {name: Bob, wallet: "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"}
                contents: "Hello, Bob!"
          signature: {sign: secp256k1, key: "{key}", data: "{digest}", out: rsv_object}
    """)
    found = recipe.values({})
    assert found["digest"].hex() == "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"
    assert found["signature"] == {
        "r": "0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d",
        "s": "0x07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b91562",
        "v": 28,
    }


def test_the_personal_message_in_the_documentation_of_eth_account(make: Make) -> None:
    let = "digest: {eip191: I♥SF}, s: {sign: secp256k1, key: '{cred.key}', data: '{digest}', out: rsv_hex}"  # EIP-191
    found = values(make, let, key="0xb25c7db31feed9122727bf0939dc769a96564b2de4c4726d035b36ecf1e5b364")
    assert found["digest"].hex() == "1476abb745d423bf09273f1afd887d951181d25adc66c4834a70491911b7f750"
    assert found["s"] == (
        "0xe6ca9bba58c88611fad66a6ce8f996908195593807c4b38bd528d2cff09d4eb3"
        "3e5bfbbf4d3e39b1a2fd816a7680c19ebebaf3a141b239934ad43cb33fcec8ce1c"
    )


def test_keccak_of_nothing(make: Make) -> None:
    digest = values(make, "h: {hash: keccak256, data: '', out: hex}")["h"]
    assert digest == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


def test_the_numbers_of_the_solidity_specification(make: Make) -> None:
    let = "a: {encode: hex, data: {abi_encode: {types: [uint32, bool], values: ['69', true]}}}"
    assert values(make, let)["a"] == f"{69:064x}{1:064x}"


@pytest.mark.parametrize(
    ("code", "data", "text"),
    [
        ("hex", "00fF", "00ff"),
        ("HEX", "00ff", "00FF"),
        ("base64", "fbff", "+/8="),
        ("base64url", "fbff", "-_8"),
        ("base58", "48656c6c6f20576f726c6421", "2NEpo7TZRRrLZSi2U"),
        ("base58", "0000287fb4cd", "11233QC4"),
    ],
)
def test_codes(code: str, data: str, text: str, make: Make) -> None:
    found = values(
        make,
        f"there: {{encode: {code}, data: {{decode: hex, data: '{data}'}}}}, back: {{decode: {code}, data: '{text}'}}",
    )
    assert found["there"] == text
    assert found["back"] == bytes.fromhex(data)
