"""A resolved tree becomes a ``Spec``, or problems that say where each mistake is written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from declconn.errors import Problem
from declconn.spec.checks import check
from declconn.spec.explain import explain, meant_key
from declconn.spec.loc import dotted
from declconn.spec.models import Spec
from declconn.spec.node import Loc, Node, place_of
from declconn.spec.plain import plain

_ENDLESS: Final = re.compile(r"\S{200,}")


def validate(tree: Node, *, references: bool = True) -> tuple[Spec | None, list[Problem]]:
    """Check a resolved spec in full.

    Args:
        tree: a spec's text after ``extends``, ``endpoint_defaults`` and ``like``.
        references: whether names and references are looked at; they are of no use in a text that was misread.

    Returns:
        The spec, or ``None`` if it cannot be used, and everything that is wrong or doubtful, sorted by place.
        Names and references are only looked at once every value has the right form.
    """
    try:
        spec = Spec.model_validate(plain(tree))
    except ValidationError as error:
        details = _once_each(error.errors(include_url=False))
        inner = [inner for one in details for inner in explain(one)]
        return None, _sorted(_problem(tree, *each, False) for each in inner)
    problems = _sorted(_problem(tree, *finding) for finding in (check(spec) if references else ()))
    return (None if any(not problem.warning for problem in problems) else spec), problems


def _once_each(errors: Iterable[ErrorDetails]) -> list[ErrorDetails]:
    """Without those about a missing key that stands there with a typing error, which is told already."""
    told = list(errors)
    meant = {(*error["loc"][:-1], meant_key(error["loc"])) for error in told if error["type"] == "extra_forbidden"}
    return [error for error in told if error["type"] != "missing" or error["loc"] not in meant]


def _sorted(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: (problem.place, problem.path, problem.message))


def _problem(tree: Node, loc: Loc, message: str, at_key: bool, warning: bool) -> Problem:
    written = _written(tree, loc)
    return Problem(place_of(tree, written, key=at_key), _readable(dotted(written)), _readable(message), warning)


def _readable(text: str) -> str:
    """With the middle of endless words left out."""
    return _ENDLESS.sub(lambda word: f"{word[0][:60]}...{word[0][-20:]}", text)


def _written(tree: Node, loc: Loc) -> Loc:
    """``loc`` without the steps that the text does not have: tags of unions, words that shorthands leave out."""
    steps: list[str | int] = []
    for step in loc:
        if isinstance(tree.value, list) and isinstance(step, int) and step < len(tree.value):
            tree = tree.value[step]
        elif str(step) in tree.map:
            tree = tree.map[str(step)]
        else:
            continue
        steps.append(step)
    return tuple(steps)
