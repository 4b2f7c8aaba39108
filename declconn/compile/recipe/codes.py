"""Bytes as text and text as bytes: the words of `encode`, `decode`, `out` and `key_enc`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, Final

from declconn.compile.filters import as_text

_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def as_bytes(value: Any) -> bytes:
    """Bytes as they are, any other scalar as the bytes of its text. Raises ``ValueError`` for lists and maps."""
    if isinstance(value, bytes):
        return value
    return (value if type(value) is str else as_text(value)).encode()


def base64url(data: bytes) -> str:
    """The alphabet of RFC 4648, section 5, without padding, as JOSE has it (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def base58(data: bytes) -> str:
    """The alphabet of Bitcoin and Solana; a leading zero byte is a ``1``."""
    number, text = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


OUTPUTS: Final[Mapping[str, Callable[[bytes], Any]]] = {
    "hex": bytes.hex,
    "HEX": lambda data: data.hex().upper(),
    "base64": lambda data: binascii.b2a_base64(data, newline=False).decode(),
    "base64url": base64url,
    "base58": base58,
    "raw": lambda data: data,
}
"""How bytes are written, by word."""


def _from_hex(text: str) -> bytes:
    return binascii.unhexlify(text.removeprefix("0x"))


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _from_base64url(text: str) -> bytes:
    if set(text) & set("+/"):
        raise ValueError
    return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars="-_", validate=True)


def _from_base58(text: str) -> bytes:
    number = 0
    for character in text:
        number = number * 58 + _BASE58.index(character)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


_DECODERS: Final[Mapping[str, Callable[[str], bytes]]] = {
    "hex": _from_hex,
    "HEX": _from_hex,
    "base64": _from_base64,
    "base64url": _from_base64url,
    "base58": _from_base58,
}


def decoded(code: str, text: str) -> bytes:
    """The bytes that a text stands for; hex may begin with ``0x``. Raises ``ValueError``, never with the text."""
    try:
        return _DECODERS[code](text.strip())
    except ValueError:
        raise ValueError(f"this text is not {code.lower()}") from None
