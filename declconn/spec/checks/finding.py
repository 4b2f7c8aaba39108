"""What a check finds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from declconn.spec.explain import suggest
from declconn.spec.node import Loc
from declconn.suggest import near


class Finding(NamedTuple):
    """One mistake or doubt, at a place of the spec (at its key, or at its value)."""

    loc: Loc
    message: str
    at_key: bool = False
    warning: bool = False


def wrong(loc: Loc, message: str) -> Finding:
    """A value that cannot be used."""
    return Finding(loc, message)


def wrong_key(loc: Loc, message: str) -> Finding:
    """A key that cannot be used, or whose map lacks something."""
    return Finding(loc, message, at_key=True)


def unknown(loc: Loc, what: str, name: str, known: Iterable[str]) -> Finding:
    """A name that is not declared, with the one that was probably meant."""
    return Finding(loc, f"unknown {what} {suggest(name, sorted(known))}")


def is_misspelt(name: str, given: Iterable[str], known: Iterable[str]) -> bool:
    """Whether a name that is missing is given with a typing error, and told as that.

    Args:
        name: what is missing.
        given: the names that are refused where they are not known.
        known: those that are.
    """
    words = sorted(known)
    return any(one not in words and near(one, words) == [name] for one in given)


def doubt(loc: Loc, message: str) -> Finding:
    """A lint: legal, but rarely meant."""
    return Finding(loc, message, warning=True)


def doubt_key(loc: Loc, message: str) -> Finding:
    """A lint about a key, or about what its map lacks."""
    return Finding(loc, message, at_key=True, warning=True)
