"""The path of a value in a spec, in the words of an error."""

from __future__ import annotations

from declconn.spec.node import Loc


def dotted(loc: Loc) -> str:
    """Keys with dots, items of a list with brackets: ``endpoints.find_order[1].result``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc).removeprefix(".")
