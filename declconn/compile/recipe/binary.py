"""The steps that write numbers and documents as bytes: `msgpack uint fixed_point`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from declconn.compile.filters import Number, as_text
from declconn.compile.recipe.compiler import Compiler, mapped
from declconn.compile.recipe.scope import Value
from declconn.spec.models import steps


def msgpack(model: steps.Msgpack, compiler: Compiler, where: str) -> Value:
    return mapped(
        compiler.template(model.msgpack, f"{where}.msgpack"), lambda value: msgspec.msgpack.encode(packable(value))
    )


def packable(value: Any) -> Any:
    """The same with whole decimals as integers. A fraction is refused: as a float it would have other digits."""
    if isinstance(value, Mapping):
        return {name: packable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [packable(item) for item in value]
    if isinstance(value, Number | float):
        return _whole(Decimal(value))
    return as_text(value) if isinstance(value, str | Decimal) else value


def uint(model: steps.Uint, compiler: Compiler, where: str) -> Value:
    size = model.bytes

    def write(number: Any) -> bytes:
        whole = whole_number(number)
        if not 0 <= whole < 1 << 8 * size:
            raise ValueError(f"this number does not fit into {size} bytes without a sign")
        return whole.to_bytes(size)

    return mapped(compiler.template(model.uint, f"{where}.uint"), write)


def fixed_point(model: steps.FixedPoint, compiler: Compiler, where: str) -> Value:
    decimals = model.decimals
    return mapped(
        compiler.template(model.fixed_point, f"{where}.fixed_point"),
        lambda number: _whole(_decimal(number).scaleb(decimals)),
    )


def whole_number(number: Any) -> int:
    """A whole number that may be text. Raises ``ValueError``."""
    return _whole(_decimal(number))


def _decimal(number: Any) -> Decimal:
    try:
        return Decimal(as_text(number))
    except InvalidOperation:
        raise ValueError("this text is not a number") from None


def _whole(number: Decimal) -> int:
    if not number.is_finite() or number != number.to_integral_value():
        raise ValueError("this number has a fraction that would be cut off, and that would change what is asked for")
    return int(number)
