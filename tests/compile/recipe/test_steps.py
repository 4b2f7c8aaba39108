"""What each step gives; the ones of published vectors are in `test_vectors.py`."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given as for_all
from hypothesis import strategies as st

from declconn.compile.recipe import Recipe
from declconn.compile.recipe.codes import OUTPUTS, decoded
from declconn.errors import ConfigurationError

Make = Callable[..., Recipe]

SOURCES = {
    "market": {
        "map": {"b": "2", "a": ["x y", {"d": 1, "c": True}]},
        "price": Decimal("1.50"),
        "whole": Decimal(3),
        "empty": {},
        "zero": 0,
        "text": "t",
        "bytes": b"\x00\xff",
    }
}


@pytest.mark.parametrize(
    ("step", "value"),
    [
        ("{concat: [a, '{market.zero}'], sep: '-'}", "a-0"),
        ("{concat: [a, '{market.bytes}']}", b"a\x00\xff"),
        ("{lines: [a, '', b]}", "a\n\nb"),
        ("{merge: [{z: 1}, '{market.map}', {z: 2, y: 3}]}", {"z": 2, **SOURCES["market"]["map"], "y": 3}),
        ("{merge: [{z: 1}, {a: 2}], sort: true}", {"a": 2, "z": 1}),
        ("{form: {a: 'x y', b: [1, 2]}}", "a=x%20y&b=1&b=2"),
        ("{form: {a: [1, 2]}, arrays: comma, safe: ','}", "a=1,2"),
        ("{form: {b: 'x y', a: 1}, raw: true, sort: true}", "a=1&b=x y"),
        ("{json: '{market.map}'}", '{"b":"2","a":["x y",{"d":1,"c":true}]}'),
        ("{json: '{market.map}', sort: true}", '{"a":["x y",{"c":true,"d":1}],"b":"2"}'),
        ("{json: {n: '{market.price|number}'}}", '{"n":1.50}'),
        ("{kv_concat: '{market.map}', sort: true}", "ax yctrued1b2"),
        ("{kv_concat: '{market.map}', sep: '&'}", "b2&ax yd1&ctrue"),
        ("{kv_join: {a: 1, b: 'x y'}, sep: ','}", "a=1,b=x y"),
        ("{hash: md5, data: '', out: hex}", "d41d8cd98f00b204e9800998ecf8427e"),
        ("{encode: base64, data: '{market.bytes}'}", "AP8="),
        ("{decode: hex, data: '0x00fF'}", b"\x00\xff"),
        ("{if: '{market.text}', then: y, else: n}", "y"),
        ("{if: '{market.empty}', then: y, else: n}", "n"),
        ("{if: '{market.zero}', then: y, else: n}", "n"),
        ("{if: '{market.absent}', then: y, else: n}", "n"),
        ("{by: market.text, of: {t: 1, '*': 2}}", 1),
        ("{by: market.text, of: {u: 1, '*': 2}}", 2),
        ("{uint: '{market.whole}', bytes: 4}", b"\0\0\0\3"),
        ("{fixed_point: '{market.price}', decimals: 8}", 150_000_000),
        ("{fixed_point: '-0.1', decimals: 1}", -1),
        ("{msgpack: {b: [1, true, '{market.price}']}}", msgspec.msgpack.encode({"b": [1, True, "1.5"]})),
    ],
)
def test_a_step_gives(step: str, value: Any, make: Make) -> None:
    assert make(f"let: {{x: {step}}}").values(SOURCES)["x"] == value


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("{form: '{market.text}'}", "a map of fields is needed here, and this is a str"),
        ("{uint: 300, bytes: 1}", "does not fit into 1 bytes"),
        ("{uint: -1, bytes: 8}", "does not fit into 8 bytes without a sign"),
        ("{uint: '{market.price}', bytes: 8}", "has a fraction"),
        ("{fixed_point: '{market.price}', decimals: 0}", "has a fraction"),
        ("{fixed_point: '{market.text}', decimals: 1}", "is not a number"),
        ("{decode: base64, data: '!'}", "this text is not base64"),
        ("{decode: hex, data: 'abc'}", "this text is not hex"),
        ("{decode: base58, data: '0'}", "this text is not base58"),
        ("{decode: base64url, data: '+'}", "this text is not base64url"),
        ("{hash: sha256, data: '{market.map}'}", "a dict has no text"),
        ("{sign: secp256k1, key: '11', data: x}", "wrong form: expected a private key of 32 bytes"),
        (f"{{sign: secp256k1, key: '{'11' * 32}', data: x}}", "signs a digest of 32 bytes"),
        ("{msgpack: {a: 0.5}}", "has a fraction"),
        ("{abi_encode: {types: [uint8], values: [256]}}", "the values do not fit the types uint8"),
        ("{eip712: {domain: {name: x}, types: {A: {b: uint256}}, message: {b: x}}}", "fields of the type 'A'"),
    ],
)
def test_a_step_refuses(step: str, message: str, make: Make) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        make(f"let: {{x: {step}}}").values(SOURCES)["x"]
    assert str(caught.value).startswith("auth.recipes.signed.let.x")


def test_types_of_the_library_come_from_text(make: Make) -> None:
    step = "{abi_encode: {types: ['bytes32', 'uint8[2]'], values: ['0x%s', ['1', 2]]}}" % ("ab" * 32)
    assert make(f"let: {{x: {step}}}").values({})["x"] == b"\xab" * 32 + bytes(31) + b"\1" + bytes(31) + b"\2"


@for_all(st.binary(max_size=70), st.sampled_from(["hex", "HEX", "base64", "base64url", "base58"]))
def test_decoding_undoes_encoding(data: bytes, code: str) -> None:
    assert decoded(code, OUTPUTS[code](data)) == data


DOCUMENTS = st.recursive(
    st.text(max_size=5) | st.booleans() | st.integers(-(2**63), 2**63),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@for_all(document=DOCUMENTS)
def test_messagepack_keeps_the_order_of_keys(document: Any) -> None:
    from declconn.compile.recipe.binary import packable

    again = msgspec.msgpack.decode(msgspec.msgpack.encode(packable(document)))
    assert yaml.safe_dump(again, sort_keys=False) == yaml.safe_dump(document, sort_keys=False)
