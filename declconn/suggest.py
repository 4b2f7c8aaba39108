"""The words of a helpful error."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_AT_MOST = 3
"""Words that are offered; of more, none was probably meant."""

_VERY_NEAR = 0.9
"""Of 1: one typing error in a word that is not short."""


def near(found: str, known: Iterable[str]) -> list[str]:
    """The known words that were probably meant, mostly one: small or capital letters, a typing error, part of it."""
    words = list(known)
    if same := [word for word in words if word.lower() == found.lower()]:
        return same[:1]
    if very_near := get_close_matches(found, words, 1, _VERY_NEAR):
        return very_near
    around = [word for word in words if _begins(word, found) or _begins(found, word)]
    return around if 0 < len(around) <= _AT_MOST else get_close_matches(found, words, 1)


def _begins(longer: str, shorter: str) -> bool:
    return longer.lower().startswith(f"{shorter.lower()}_")


def hint(found: str, known: Iterable[str], otherwise: str) -> str:
    """``"did you mean 'weight'?"`` if a known word is near what was found, else what is said otherwise."""
    *others, last = [f"'{word}'" for word in near(found, known)] or [""]
    return f"did you mean {', '.join(others)}{' or ' if others else ''}{last}?" if last else otherwise


def suggestion(found: str, known: Iterable[str]) -> str:
    """``"; did you mean 'weight'?"`` if a known word is near what was found, else nothing."""
    meant = hint(found, known, "")
    return f"; {meant}" if meant else ""
