"""What users hand in, as it has to be: words of a few, and exact numbers."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from declconn.errors import InvalidOrderError

W = TypeVar("W", bound=StrEnum)


def word(what: str, given: object, kind: type[W]) -> W:
    """A word of an enumeration; plain text that spells one is taken too, in any case.

    Raises:
        InvalidOrderError: it is none; the message names them.
    """
    if isinstance(given, str) and (spelt := given.upper()) in kind.__members__.values():
        return kind(spelt)
    choices = " or ".join(f"{kind.__name__}.{member.name}" for member in kind)
    raise InvalidOrderError(f"{what}: found {given!r}, expected {choices}")


def number(what: str, given: object) -> Decimal:
    """An exact number: a ``Decimal``, or an ``int``.

    Raises:
        InvalidOrderError: it is something else.
    """
    if isinstance(given, int) and not isinstance(given, bool):
        given = Decimal(given)
    if not isinstance(given, Decimal):
        raise InvalidOrderError(f"{what}: found {given!r}, expected a Decimal, like Decimal('2.5')")
    return given


def positive(what: str, given: object) -> Decimal:
    """A number above 0; as `number`.

    Raises:
        InvalidOrderError: it is something else.
    """
    found = number(what, given)
    if not found.is_finite() or found <= 0:
        raise InvalidOrderError(f"{what}: found {found}, expected a positive number")
    return found
