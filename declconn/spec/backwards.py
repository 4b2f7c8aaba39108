"""Which templates can be read backwards, as matchers read them: literals must be there, holes capture."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from declconn.spec.template import Placeholder, Template

_SAME_TEXT: Final = frozenset({"text", "number", "int"})
"""Filters that change a value's type but not its text; a comparison as text does not see them."""


def check_backwards(template: Template) -> None:
    """Refuse a template from whose text the values of its holes cannot be told.

    Raises:
        ValueError: says which hole, and what to write instead.
    """
    for hole in template.placeholders:
        _check(hole)
    if any(_is_free(one) and _is_free(other) for one, other in pairwise(template.parts)):
        raise ValueError(
            f"'{template.text}' has two holes side by side, whose border cannot be found; put a text between them"
        )


def _is_free(part: str | Placeholder) -> bool:
    """Whether a part of a template may capture: a hole without a dot."""
    return isinstance(part, Placeholder) and "." not in part.sources[0]


def _check(hole: Placeholder) -> None:
    if hole.optional or len(hole.sources) > 1:
        raise ValueError(f"hole '{{{hole}}}' has a '?'; what a hole captures is one name, such as '{{symbol}}'")
    for name, _ in hole.filters:
        if name not in _SAME_TEXT:
            bare = hole.sources[0]
            raise ValueError(f"hole '{{{hole}}}' cannot be read backwards through '{name}'; write '{{{bare}}}'")
