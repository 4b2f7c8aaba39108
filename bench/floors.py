"""Floors: decoding a frame and doing nothing with it."""

from __future__ import annotations

from typing import Any

import msgspec

from bench.contender import Contender
from bench.frames import Market

Pair = tuple[float, float]


class _Spot(msgspec.Struct):
    e: str
    E: int
    s: str
    U: int
    u: int
    b: list[Pair]
    a: list[Pair]


class _Combined(msgspec.Struct):
    data: _Spot


class _Row(msgspec.Struct, array_like=True):
    price: float
    size: float


class _Data(msgspec.Struct):
    bids: list[_Row]
    asks: list[_Row]
    ts: str


class _Arg(msgspec.Struct, rename="camel"):
    channel: str
    inst_id: str


class _Books(msgspec.Struct):
    arg: _Arg
    action: str
    data: list[_Data]


_SHAPES: dict[str, Any] = {"binance": _Combined, "okx": _Books}


class Decoder(Contender):
    """A decoder, and nothing else."""

    def __init__(self, name: str, shape: Any) -> None:
        self.name = name
        self.take = msgspec.json.Decoder(shape, strict=False).decode


def floors(market: Market) -> list[Contender]:
    """The typed decode with float levels that everything is compared with, and the untyped one."""
    return [Decoder("msgspec, typed, floats", _SHAPES[market.name]), Decoder("msgspec, untyped", Any)]
