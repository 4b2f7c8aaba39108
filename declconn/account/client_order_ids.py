"""The ids that we give our orders: by the venue's rules, and no two the same.

An id holds the time in microseconds, at least one more than the last one's, and random digits that tell processes
apart. Where there is room it begins as Hummingbot's do: the side and the first and last letters of both assets, so
that a person who looks at a list of orders sees what they are.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from declconn.clock import Clock
from declconn.errors import ConfigurationError
from declconn.id_formats import CLOCK_DIGITS, Format, id_problem
from declconn.types import Side

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_LABEL: Final = 5
_SALT: Final = 8
"""The most random digits of a text: more would not make ids more different."""

_LEAST_SALT: Final = 4
_MOST_BITS: Final = 63
"""Of an `int` without `bits`: venues keep numbers in signed words."""

_YEAR_US: Final = 366 * 86_400 * 1_000_000


class ClientOrderIds:
    """Makes client order ids.

    Ids of one object never repeat. Those of other processes and of earlier runs differ in their time or in their
    random digits; only numbers of few bits have no room for these: they repeat after a year, and two processes with
    one account must not place orders in the same tick (31 bits: 15 ms).

    Args:
        prefix: what every id begins with.
        length: the most characters, prefix included; for ``hex`` exactly so many, for ``int`` digits.
        format: ``text`` and ``alnum`` (both are letters and digits behind the prefix), ``hex``, ``uuid``, ``int``.
        bits: for ``int``: ids are below 2 to this power.
        clock: the time in ids.
        random: the random digits in ids.

    Raises:
        ConfigurationError: the rules contradict each other, or leave so few characters that ids would repeat.
    """

    def __init__(
        self,
        *,
        prefix: str = "",
        length: int = 32,
        format: Format = "text",
        bits: int | None = None,
        clock: Clock,
        random: Random,
    ) -> None:
        if problem := id_problem(prefix, length, format, bits):
            raise ConfigurationError(f"orders.client_order_id: {problem}")
        self._prefix, self._room = prefix, length - len(prefix)
        self._clock, self._random = clock, random
        self._last = -1
        self._bits = min(bits or _MOST_BITS, int(length * math.log2(10)))
        self._tick = max(1, math.ceil(_YEAR_US / 2**self._bits)) if format == "int" else 1
        self._write = _WRITERS[format]

    def next(self, trade_type: Side, trading_pair: str) -> str:
        """A new id for an order of that side on that market (``BTC-USDT``)."""
        self._last = max(self._clock.time_ns() // 1000 // self._tick, self._last + 1)
        return self._prefix + self._write(self, trade_type, trading_pair)

    def _text(self, trade_type: Side, trading_pair: str) -> str:
        room = self._room - CLOCK_DIGITS[36]
        label = _label(trade_type, trading_pair) if room >= _LABEL + _LEAST_SALT else ""
        return label + self._time(36) + self._salt(36, min(_SALT, room - len(label)))

    def _hex(self, _trade_type: Side, _trading_pair: str) -> str:
        return self._time(16) + self._salt(16, self._room - CLOCK_DIGITS[16])

    def _uuid(self, _trade_type: Side, _trading_pair: str) -> str:
        # Version and variant take bits above the lowest 62, which hold the time.
        return str(uuid.UUID(int=self._random.getrandbits(64) << 64 | self._last, version=4))

    def _int(self, _trade_type: Side, _trading_pair: str) -> str:
        return str(self._last % (2**self._bits - 1) + 1)  # a venue may take 0 for no id

    def _time(self, base: int) -> str:
        return _written(self._last, base, CLOCK_DIGITS[base])

    def _salt(self, base: int, digits: int) -> str:
        return _written(self._random.randrange(base**digits), base, digits)


_WRITERS: Final[Mapping[Format, Callable[[ClientOrderIds, Side, str], str]]] = {
    "text": ClientOrderIds._text,
    "alnum": ClientOrderIds._text,
    "hex": ClientOrderIds._hex,
    "uuid": ClientOrderIds._uuid,
    "int": ClientOrderIds._int,
}


def _label(trade_type: Side, trading_pair: str) -> str:
    """``BBCUT`` for a purchase of BTC-USDT; what is no letter or digit of ASCII is ``0``."""
    ends = "".join(asset[:1] + asset[-1:] for asset in trading_pair.split("-", 1))
    return trade_type[0] + "".join(end if end.isascii() and end.isalnum() else "0" for end in ends)


def _written(number: int, base: int, digits: int) -> str:
    text = ""
    for _ in range(digits):
        number, digit = divmod(number, base)
        text = _DIGITS[digit] + text
    return text
