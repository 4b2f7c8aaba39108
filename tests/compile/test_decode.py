"""Decoding frames and encoding messages: digits survive, sizes are bounded, errors are typed."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.compile.decode import compile_decode, encode
from declconn.compile.template import Number, Time
from declconn.errors import ConfigurationError, MappingError, NotSupportedError
from declconn.types import Side

DOCUMENT = b'{"p":"0.10000000","q":0.10,"id":12345678901234567890123}'
PARSED = {"p": "0.10000000", "q": Decimal("0.10"), "id": 12345678901234567890123}


def raw_deflate(data: bytes, *, ended: bool = True) -> bytes:
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflater.compress(data) + deflater.flush(zlib.Z_FINISH if ended else zlib.Z_SYNC_FLUSH)


@pytest.mark.parametrize(
    ("chain", "frame"),
    [
        (["json"], DOCUMENT),
        (["json"], DOCUMENT.decode()),
        (["gzip", "json"], gzip.compress(DOCUMENT, mtime=0)),
        (["inflate", "json"], zlib.compress(DOCUMENT)),
        (["inflate_raw", "json"], raw_deflate(DOCUMENT)),
        (["inflate_raw", "json"], raw_deflate(DOCUMENT, ended=False)),
        (["base64", "gzip", "text", "json"], base64.b64encode(gzip.compress(DOCUMENT, mtime=0)).decode()),
    ],
)
def test_a_chain_decodes_a_frame(chain, frame):
    assert compile_decode(chain)(frame) == PARSED


def test_a_text_chain_ends_with_text():
    assert compile_decode(["text"])(b"pong") == "pong"
    assert compile_decode(["gzip", "text"])(gzip.compress(b"pong", mtime=0)) == "pong"


@pytest.mark.parametrize("text", ["0.10000000", "1e5", "-0.0", "12345678901234567890.123456789012345678901234567890"])
def test_a_number_keeps_its_digits(text):
    number = compile_decode(["json"])(text)
    assert isinstance(number, Decimal)
    assert number.as_tuple() == Decimal(text).as_tuple()


@given(st.integers())
def test_an_integer_stays_exact(number):
    assert compile_decode(["json"])(str(number)) == number
    assert encode([number]) == f"[{number}]"


@pytest.mark.parametrize(
    ("chain", "frame", "field", "reason"),
    [
        (["json"], b"<html>", "json", "malformed"),
        (["json"], b"", "json", "truncated"),
        (["json"], b'{"a":', "json", "truncated"),
        (["json"], b"NaN", "json", "malformed"),
        (["json"], b'{"p":-Infinity}', "json", "malformed|invalid"),
        (["json"], b'"\xff"', "json", "utf-8"),
        (["json"], b"[" * 100_000, "json", "nested too deeply"),
        (["json"], b"1e999999999", "json", "out of range"),
        (["json"], b"9" * 5000, "json", "out of range"),
        (["text"], b"\xff", "text", "utf-8"),
        (["gzip", "json"], b"plain", "gzip", "cannot be decompressed"),
        (["gzip", "json"], "a text frame", "gzip", "has to be binary"),
        (["gzip", "json"], gzip.compress(DOCUMENT, mtime=0)[:-9], "gzip", "ends too early"),
        (["inflate", "json"], gzip.compress(DOCUMENT, mtime=0), "inflate", "cannot be decompressed"),
        (["base64", "json"], "a!b", "base64", "not base64"),
    ],
)
def test_a_frame_that_is_something_else_is_a_mapping_error(chain, frame, field, reason):
    with pytest.raises(MappingError, match=reason) as error:
        compile_decode(chain)(frame)
    assert error.value.field == field
    assert len(error.value.excerpt) <= 400


@pytest.mark.parametrize("codec", ["gzip", "inflate", "inflate_raw"])
def test_a_bomb_is_refused_before_it_is_unpacked(codec):
    pack = {"gzip": gzip.compress, "inflate": zlib.compress, "inflate_raw": raw_deflate}[codec]
    decode = compile_decode([codec, "text"], max_bytes=1000)
    assert decode(pack(b"x" * 1000)) == "x" * 1000
    with pytest.raises(MappingError, match="the frame is longer than 1000 bytes"):
        decode(pack(b"x" * 10_000_000))


def test_a_frame_that_is_too_long_is_refused():
    with pytest.raises(MappingError, match="the frame is longer than 4 bytes"):
        compile_decode(["json"], max_bytes=4)(b"[1,2]")


def test_an_unknown_codec_is_named_when_the_chain_is_compiled():
    with pytest.raises(NotSupportedError, match=r"there is no codec 'proto:Depth'; known are gzip, inflate"):
        compile_decode(["proto:Depth"])


def test_json_is_the_last_of_a_chain():
    with pytest.raises(NotSupportedError, match="nothing can follow 'json', which gives a document; found json, text"):
        compile_decode(["json", "text"])


def test_a_message_is_compact_json_in_the_order_of_its_keys():
    message = {"z": "é", "a": [True, None, 1], "side": Side.BUY, "m": {}}
    assert encode(message) == '{"z":"é","a":[true,null,1],"side":"BUY","m":{}}'
    assert encode("ping") == '"ping"'


def test_decimals_become_numbers_in_plain_notation_with_their_digits():
    assert encode([Decimal("1.50"), Decimal("1E-8"), Decimal("1E+2"), Number("0.10")]) == "[1.50,0.00000001,100,0.10]"


@pytest.mark.parametrize("value", [1.5, b"x", object(), Decimal("NaN"), Time(1), {1, 2}])
def test_what_has_no_exact_form_is_refused_with_its_place(value):
    with pytest.raises(ConfigurationError, match=r"message\.body\[1\]: a \w+ has no exact JSON form"):
        encode({"body": [0, value]})


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(-(10**9), 10**9, places=6),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(documents)
def test_what_is_encoded_decodes_to_the_same(document):
    text = encode(document)
    assert compile_decode(["json"])(text) == document
    assert json.loads(text, parse_float=Decimal) == document
