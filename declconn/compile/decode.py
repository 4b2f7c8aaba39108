"""Frames and answers from bytes to documents, and messages from documents to text."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

import msgspec

from declconn.errors import ConfigurationError, MappingError, NotSupportedError

Codec: TypeAlias = Callable[[Any, int], Any]
"""``codec(data, max_bytes)``: the next form of a frame, of which it makes no more than that. Raises ``ValueError``."""

MAX_BYTES: Final = 64 * 2**20
"""How much a frame may become by default: the largest answers that venues send are some ten megabytes."""

_MAX_EXPONENT: Final = 400
"""Larger than any float's; ``1e999999999`` would fill the memory as soon as somebody wrote it out in digits."""

CODECS: Final[dict[str, Codec]] = {}
"""The words that may stand in ``decode``."""


def register_codec(name: str) -> Callable[[Codec], Codec]:
    """Make a function the codec of that name."""

    def add(codec: Codec) -> Codec:
        CODECS[name] = codec
        return codec

    return add


def compile_decode(chain: Sequence[str], max_bytes: int = MAX_BYTES) -> Callable[[bytes | str], Any]:
    """Compile a chain such as ``[gzip, json]`` into a function from a frame to a document.

    JSON numbers with a fraction or an exponent become ``Decimal`` with their own digits, integers stay exact.

    Args:
        chain: the names of codecs, in the order in which they are applied.
        max_bytes: how long a frame may be, before and after any decompression.

    Returns:
        a function that raises ``MappingError`` for a frame that is not what the chain says.

    Raises:
        NotSupportedError: this package has no such codec, or one stands behind ``json``.
    """
    for name in chain:
        if name not in CODECS:
            raise NotSupportedError(f"decode: there is no codec '{name}'; known are {', '.join(CODECS)}")
    if "json" in chain[:-1]:
        raise NotSupportedError(f"decode: nothing can follow 'json', which gives a document; found {', '.join(chain)}")
    steps = [(name, CODECS[name]) for name in chain]

    def decode(frame: bytes | str) -> Any:
        document: Any = frame
        for name, codec in steps:
            try:
                document = codec(document, max_bytes)
            except ValueError as error:
                raise MappingError("decode", name, str(error), _excerpt(document)) from error
        return document

    return decode


def encode(message: Any) -> str:
    """A message as compact JSON text, keys in their order; decimals become numbers in plain notation, digits kept.

    Raises:
        ConfigurationError: a float, bytes or another value that has no exact JSON form; the message says where.
    """
    return msgspec.json.encode(_exact(message, "message")).decode()


@register_codec("gzip")
def _gzip(frame: Any, max_bytes: int) -> bytes:
    return _inflate_whole(frame, max_bytes, 16 + zlib.MAX_WBITS)


@register_codec("inflate")
def _zlib(frame: Any, max_bytes: int) -> bytes:
    return _inflate_whole(frame, max_bytes, zlib.MAX_WBITS)


@register_codec("inflate_raw")
def _raw(frame: Any, max_bytes: int) -> bytes:
    """Without header and checksum; venues flush such a stream after each message instead of ending it."""
    return _inflate(frame, max_bytes, -zlib.MAX_WBITS)[0]


@register_codec("base64")
def _base64(frame: Any, max_bytes: int) -> bytes:
    try:
        return base64.b64decode(_sized(frame, max_bytes), validate=True)
    except binascii.Error as error:
        raise ValueError(f"this is not base64: {error}") from error


@register_codec("text")
def _text(frame: Any, max_bytes: int) -> str:
    data = _sized(frame, max_bytes)
    return data if isinstance(data, str) else data.decode()


@register_codec("json")
def _json(frame: Any, max_bytes: int) -> Any:
    try:
        return _JSON.decode(_sized(frame, max_bytes))
    except RecursionError as error:
        raise ValueError("this JSON is nested too deeply") from error


def _number(text: str) -> Decimal:
    """A JSON number with a fraction or an exponent; its digits are kept."""
    number = Decimal(text)
    if abs(number.adjusted()) > _MAX_EXPONENT:
        raise ValueError(f"the number {text[:40]} is out of range")
    return number


_JSON: Final = msgspec.json.Decoder(float_hook=_number)


def _inflate_whole(frame: Any, max_bytes: int, window: int) -> bytes:
    data, ended = _inflate(frame, max_bytes, window)
    if not ended:
        raise ValueError("the compressed frame ends too early")
    return data


def _inflate(frame: Any, max_bytes: int, window: int) -> tuple[bytes, bool]:
    """The data, and whether the compressed stream was ended."""
    if isinstance(frame, str):
        raise ValueError("a compressed frame has to be binary, and this is a text frame")
    inflater = zlib.decompressobj(window)
    try:
        data = inflater.decompress(frame, max_bytes + 1)
    except zlib.error as error:
        raise ValueError(f"the frame cannot be decompressed: {error}") from error
    return _sized(data, max_bytes), inflater.eof


def _sized(data: Any, max_bytes: int) -> Any:
    """The data itself, bytes or text, if it is not too long."""
    if len(data) > max_bytes:
        raise ValueError(f"the frame is longer than {max_bytes} bytes")
    return data


def _exact(value: Any, where: str) -> Any:
    """The same message for the encoder, which knows no decimals that are numbers."""
    if value is None or type(value) in (bool, int):  # a Time or Duration is an int whose unit is still to be chosen
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Decimal) and value.is_finite():
        return msgspec.Raw(format(value, "f").encode())
    if isinstance(value, Mapping):
        return {key: _exact(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(item, f"{where}[{index}]") for index, item in enumerate(value)]
    raise ConfigurationError(
        f"{where}: a {type(value).__name__} has no exact JSON form; use text, int, bool or Decimal"
    )


def _excerpt(frame: bytes | str) -> str:
    return frame[:200] if isinstance(frame, str) else bytes(frame[:100]).decode("utf-8", "backslashreplace")
