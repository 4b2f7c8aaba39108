"""The words of a helpful error."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def hint(found: str, known: Iterable[str], otherwise: str) -> str:
    """``"did you mean 'weight'?"`` if a known word is near what was found, else what is said otherwise."""
    near = get_close_matches(found, list(known), n=1)
    return f"did you mean '{near[0]}'?" if near else otherwise


def suggestion(found: str, known: Iterable[str]) -> str:
    """``"; did you mean 'weight'?"`` if a known word is near what was found, else nothing."""
    near = hint(found, known, "")
    return f"; {near}" if near else ""
