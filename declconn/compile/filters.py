"""What a value goes through on its way into a request: its type, its unit, and the filters of a template."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar

from declconn.spec.template import FILTERS
from declconn.types import TimeUnit

Filter: TypeAlias = Callable[..., Any]
"""``filter(value, *arguments)``: the arguments are text, as written. Raises ``ValueError``, never with the value."""

_F = TypeVar("_F", bound=Filter)


class Time(int):
    """A moment among the sources of a template: nanoseconds since the epoch, UTC. Written in the ``time_unit``."""


class Duration(int):
    """A length of time among the sources of a template: nanoseconds. Written in the ``time_unit``."""


class Number(Decimal):
    """A decimal that is a JSON number, with its own digits; any other ``Decimal`` is written as a JSON string."""

    __slots__ = ()

    def __str__(self) -> str:
        return format(self, "f")


def plain_decimal(value: Decimal) -> str:
    """A decimal in plain notation and its shortest form: ``1E-8`` is 0.00000001, ``1.50`` is 1.5, ``1E+2`` is 100."""
    if not value.is_finite():
        raise ValueError("NaN and infinity have no text")
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def as_text(value: Any) -> str:
    """A scalar as the text that a venue sees. Raises ``ValueError`` for a list, a map or bytes that are not UTF-8."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, Decimal):
        return str(value) if isinstance(value, Number) else plain_decimal(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            # The codec's own message would show the value.
            raise ValueError("these bytes are not text; join them with the step 'concat'") from None
    hint = "; write it alone or join it with 'join:,'" if isinstance(value, list | tuple) else ""
    raise ValueError(f"a {type(value).__name__} has no text{hint}")


def in_unit(value: Any, unit: TimeUnit) -> int | str:
    """A ``Time`` or ``Duration`` in a venue's unit.

    A time is rounded down. A duration is rounded up, because a timeout that is rounded to zero means "off".
    """
    if isinstance(value, Duration):
        if unit is TimeUnit.ISO:
            raise ValueError("a duration has no ISO form; write one of s, ms, us, ns")
        return -(-int(value) // _NANOSECONDS[unit])
    if isinstance(value, Time):
        return _iso(value) if unit is TimeUnit.ISO else int(value) // _NANOSECONDS[unit]
    raise ValueError(f"only a time or a duration has a unit, and this is a {type(value).__name__}")


_NANOSECONDS: Final = {TimeUnit.S: 10**9, TimeUnit.MS: 10**6, TimeUnit.US: 10**3, TimeUnit.NS: 1}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _iso(value: Time) -> str:
    moment = _EPOCH + timedelta(milliseconds=int(value) // 10**6)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


FUNCTIONS: Final[dict[str, Filter]] = {}
"""The filters by name; the same names as ``declconn.spec.template.FILTERS``, which says how they are written."""


def register_filter(name: str) -> Callable[[_F], _F]:
    """Make a function the filter of that name, which the notation must know."""

    def add(function: _F) -> _F:
        if name not in FILTERS:
            raise ValueError(f"the notation has no filter '{name}'; add it to declconn.spec.template.FILTERS first")
        FUNCTIONS[name] = function
        return function

    return add


@register_filter("lower")
def _lower(value: Any) -> str:
    return as_text(value).lower()


@register_filter("upper")
def _upper(value: Any) -> str:
    return as_text(value).upper()


@register_filter("trim")
def _trim(value: Any, edge: str) -> str:
    return as_text(value).removeprefix(edge).removesuffix(edge)


@register_filter("replace")
def _replace(value: Any, old: str, new: str) -> str:
    return as_text(value).replace(old, new)


@register_filter("slice")
def _slice(value: Any, start: str, stop: str) -> str:
    return as_text(value)[int(start) if start else None : int(stop) if stop else None]


@register_filter("join")
def _join(value: Any, separator: str) -> str:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise ValueError(f"only a list can be joined, and this is a {type(value).__name__}")
    return separator.join(as_text(item) for item in value)


register_filter("text")(as_text)


@register_filter("number")
def _number(value: Any) -> int | Number:
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    try:
        number = Number(value if isinstance(value, Decimal) else as_text(value))
    except InvalidOperation:
        raise ValueError("this text is not a number") from None
    if not number.is_finite():
        raise ValueError("NaN and infinity are not JSON numbers")
    return number


@register_filter("int")
def _int(value: Any) -> int:
    number = _number(value)
    if number != int(number):
        raise ValueError("this number has a fraction, and cutting it off would change what is asked for")
    return int(number)


@register_filter("plus")
def _plus(value: Any, amount: str) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"only a number can be added to, and this is a {type(value).__name__}")
    return value + int(amount)


for _unit in TimeUnit:
    register_filter(_unit.value)(partial(in_unit, unit=_unit))

_KEY_TYPES: Final = {
    bytes.fromhex("06072a8648ce3d0201"): "ec",  # the object identifiers of a PKCS#8 key, RFC 5480,
    bytes.fromhex("06032b6570"): "ed25519",  # RFC 8410
    bytes.fromhex("06092a864886f70d010101"): "rsa",  # and RFC 8017
    b"ssh-ed25519": "ed25519",
}
_KEY_HEADERS: Final = {"-----BEGIN EC PRIVATE KEY": "ec", "-----BEGIN RSA PRIVATE KEY": "rsa"}
_ED25519_SIZES: Final = (32, 64)
"""Bytes of a bare seed, and of a seed with its public key behind it."""


@register_filter("kind")
def _kind(value: Any) -> str:
    """What sort of key a secret is, by its shape alone: a PEM text, or base64 of a DER key or of a bare seed."""
    text = as_text(value).replace("\\n", "\n").strip()  # a PEM copied out of a JSON file has its breaks written out
    for header, kind in _KEY_HEADERS.items():
        if text.startswith(header):
            return kind
    body = "".join(line for line in text.splitlines() if not line.startswith("-----"))
    try:
        key = base64.b64decode(body, validate=True)
    except binascii.Error:
        return "text"
    for marker, kind in _KEY_TYPES.items():
        if marker in key[:64]:
            return kind
    return "ed25519" if len(key) in _ED25519_SIZES else "text"
