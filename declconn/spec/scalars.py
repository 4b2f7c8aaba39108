"""What an unquoted YAML scalar means: the core of YAML 1.2, without its surprises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from declconn.spec.node import Scalar

_WORDS: Final[Mapping[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,39}", re.ASCII)
_EXPONENT: Final = r"[eE][-+]?[0-9]{1,3}"
_DECIMAL: Final = re.compile(rf"-?(?:0|[1-9][0-9]{{0,39}})(?:\.[0-9]{{1,40}}(?:{_EXPONENT})?|{_EXPONENT})", re.ASCII)


def read_scalar(text: str) -> Scalar:
    """The value of an unquoted scalar.

    Numbers are written as in JSON. All else is text, because a venue's words look like this: ``on``, ``NO``,
    ``012``, ``+5``, ``-0``, ``12:30``, ``1_000``, ``0x1F``, ``2024-01-01``, ``.inf``; so are numbers of more
    than 40 digits.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text
