"""A venue's values as ours: exact numbers, nanoseconds, words. One plain function for each kind of value.

Every function takes a value that is neither null nor empty text; both are absent, and the caller knows that.
All raise ``ValueError`` with what was found and what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, DecimalException
from typing import Any

from declconn.compile.functions import EXACT, QUOTIENT
from declconn.types import AmountUnit, TimeUnit

NS: dict[TimeUnit, int] = {
    TimeUnit.S: 1_000_000_000,
    TimeUnit.MS: 1_000_000,
    TimeUnit.US: 1_000,
    TimeUnit.NS: 1,
}
"""Nanoseconds in one of a unit."""

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)? ?(?:[Zz]|(?:UTC)|([+-])(\d\d):?(\d\d)?)?"
)
_DAY_ZERO = date(1970, 1, 1).toordinal()


def found(value: Any) -> str:
    """How an error names a value: ``text 'abc'``, ``a list``."""
    if value is None:
        return "nothing"
    if isinstance(value, (dict, list)):
        return "a map" if isinstance(value, dict) else "a list"
    kind = "text" if isinstance(value, str) else "boolean" if isinstance(value, bool) else "number"
    return f"{kind} {_shortened(repr(value) if isinstance(value, str) else text(value))}"


def _shortened(word: str) -> str:
    return word if len(word) <= 60 else word[:57] + "..."


def text(value: Any) -> str:
    """A scalar as text: ``true``, ``42``, ``0.00000001``."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (Decimal, float)):
        return format(value if isinstance(value, Decimal) else Decimal(repr(value)), "f")
    raise ValueError(f"found {found(value)}, expected text or a number")


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts, or one text; empty ones are dropped."""
    items = value if isinstance(value, list) else [value]
    return tuple(text(item) for item in items if item is not None and item != "")


def decimal(value: Any) -> Decimal:
    """A finite number, exact to the venue's digits; a float counts as the shortest decimal that means it."""
    if isinstance(value, (str, int, Decimal)) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except DecimalException:
            raise ValueError(f"found {found(value)}, expected a number") from None
    elif isinstance(value, float):
        number = Decimal(repr(value))
    else:
        raise ValueError(f"found {found(value)}, expected a number")
    if not number.is_finite():
        raise ValueError(f"found {found(value)}, expected a finite number")
    return number


def amount(value: Any) -> Decimal:
    """A number that is not negative."""
    number = decimal(value)
    if number < 0:
        raise ValueError(f"found {found(value)}, expected a size that is not negative")
    return number


def price(value: Any) -> Decimal | None:
    """A positive number. Zero is no price: venues write it for market orders, empty sides and closed positions."""
    number = decimal(value)
    if number < 0:
        raise ValueError(f"found {found(value)}, expected a positive price (`negative_prices: true` allows others)")
    return number or None


def integer(value: Any) -> int:
    """A whole number, also as text (``"42"``) or with empty decimals (``42.0``)."""
    if value.__class__ is int:
        return int(value)
    number = decimal(value)
    if number != number.to_integral_value():
        raise ValueError(f"found {found(value)}, expected a whole number")
    return int(number)


def boolean(value: Any) -> bool:
    """A JSON boolean, or the text ``true`` or ``false``."""
    if value is True or value == "true":
        return True
    if value is False or value == "false":
        return False
    raise ValueError(f"found {found(value)}, expected true or false; other words need a `map`")


def nanoseconds(value: Any, unit: TimeUnit) -> int:
    """A time as nanoseconds since the epoch, in integer arithmetic; what is finer than that is cut off."""
    if unit is TimeUnit.ISO:
        return _iso(value)
    if value.__class__ is int:
        return int(value) * NS[unit]
    try:
        number = decimal(value)
    except ValueError:
        raise ValueError(
            f"found {found(value)}, expected a time in {unit}; `unit` or `time_unit` says another"
        ) from None
    return int(EXACT.multiply(number, NS[unit]))


def _iso(value: Any) -> int:
    match = _ISO.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _no_time(value, "an ISO 8601 time")
    year, month, day, hour, minute, second, fraction, sign, east_hours, east_minutes = match.groups(default="0")
    days = date(int(year), int(month), int(day)).toordinal() - _DAY_ZERO
    east = (int(east_hours) * 60 + int(east_minutes)) * (-1 if sign == "-" else 1)
    seconds = days * 86400 + int(hour) * 3600 + (int(minute) - east) * 60 + int(second)
    return seconds * NS[TimeUnit.S] + int(fraction[:9].ljust(9, "0"))


def _no_time(value: Any, expected: str) -> ValueError:
    return ValueError(f"found {found(value)}, expected {expected}; `unit` or `time_unit` says another")


def to_base(
    number: Decimal,
    unit: AmountUnit,
    contract_size: Decimal | None,
    at: Decimal | None,
    *,
    inverse: bool = False,
    priced: bool = True,
    required: bool = True,
) -> Decimal | None:
    """A size in base units; ``None`` if it is counted in quote, may be absent, and has no price to be converted with.

    Args:
        number: the size as the venue counts it.
        unit: what it counts in.
        contract_size: base units in one contract, where it counts contracts.
        at: the record's price, where it counts quote.
        inverse: a contract is worth ``contract_size`` units of quote.
        priced: the record has a price; without one, what is counted in quote stays so.
        required: the record needs the size.
    """
    if unit is AmountUnit.BASE:
        return number
    if unit is AmountUnit.CONTRACTS:
        if contract_size is None:
            raise ValueError("a size in contracts, but the market's contract_size is not known")
        number = EXACT.multiply(number, contract_size)
        if not inverse:
            return number
    if not number or not priced:
        return number
    if at is None and not required:
        return None
    if at is None:
        raise ValueError("a size in quote units, but the record has no price to convert it with")
    return QUOTIENT.divide(number, at)


def unmapped(value: Any, known: Iterable[str], where: str) -> ValueError:
    """The error for a word that a table does not have."""
    words = ", ".join(sorted(known)) or "none"
    return ValueError(f"found {found(value)}, which {where} does not list (it knows: {words})")
