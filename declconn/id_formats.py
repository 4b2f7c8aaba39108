"""What client order ids may be made of, and how long they have to be so that no two are the same."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

Format: TypeAlias = Literal["text", "alnum", "hex", "uuid", "int"]

CLOCK_DIGITS: Final = {16: 13, 36: 10}
"""Digits that hold microseconds since the epoch, by their base; enough until 2086."""

UUID_LENGTH: Final = 36

FORMS: Final[Mapping[Format, str]] = MappingProxyType(
    {
        "text": r".+",
        "alnum": r"[0-9A-Za-z]+",
        "hex": r"(0x)?[0-9A-Fa-f]+",
        "uuid": r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
        "int": r"[0-9]+",
    }
)
"""What stands behind an id's prefix, as a regular expression of the whole."""

_NEEDED: Final = {"text": CLOCK_DIGITS[36], "alnum": CLOCK_DIGITS[36], "hex": CLOCK_DIGITS[16], "uuid": UUID_LENGTH}


def id_problem(prefix: str, length: int, format: Format, bits: int | None = None) -> str | None:
    """Why ids of these rules cannot be made, and what to try; ``None`` if they can.

    Args:
        prefix: what every id begins with.
        length: the most characters, prefix included.
        format: what is behind the prefix.
        bits: of a number: it is below 2 to this power.
    """
    if format == "int" and prefix:
        return f"found the prefix {prefix!r}, and a number has none; remove `prefix`"
    if format != "int" and bits is not None:
        return f"found `bits: {bits}`, and only ids of the format 'int' are numbers; write `length`"
    if format == "alnum" and prefix and not (prefix.isascii() and prefix.isalnum()):
        of = "ids of the format 'alnum' are letters and digits"
        return f"found the prefix {prefix!r}, and {of}; write such a prefix, or `format: text`"
    room, needed = length - len(prefix), _NEEDED.get(format, 1)
    if room < needed:
        left = (
            f"{max(room, 0)} characters are left behind the prefix {prefix!r}" if prefix else f"found length {length}"
        )
        hint = f"write `length: {len(prefix) + needed}`" + (", or a shorter prefix" if prefix else "")
        return f"{left}, and ids of the format '{format}' need {needed}; {hint}"
    return None
