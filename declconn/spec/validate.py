"""A resolved tree becomes a ``Spec``, or problems that say where each mistake is written."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError

from declconn.errors import Problem
from declconn.spec.checks import check
from declconn.spec.explain import explain
from declconn.spec.loc import dotted
from declconn.spec.models import Spec
from declconn.spec.node import Loc, Node, place_of, plain


def validate(tree: Node) -> tuple[Spec | None, list[Problem]]:
    """Check a resolved spec in full.

    Args:
        tree: a spec's text after ``extends``, ``endpoint_defaults`` and ``like``.

    Returns:
        The spec, or ``None`` if it cannot be used, and everything that is wrong or doubtful, sorted by place.
        Names and references are only looked at once every value has the right form.
    """
    try:
        spec = Spec.model_validate(plain(tree))
    except ValidationError as error:
        inner = [inner for details in error.errors(include_url=False) for inner in explain(details)]
        return None, _sorted(_problem(tree, *each, False) for each in inner)
    problems = _sorted(_problem(tree, *finding) for finding in check(spec))
    return (None if any(not problem.warning for problem in problems) else spec), problems


def _sorted(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: (problem.place, problem.path, problem.message))


def _problem(tree: Node, loc: Loc, message: str, at_key: bool, warning: bool) -> Problem:
    written = _written(tree, loc)
    return Problem(place_of(tree, written, key=at_key), dotted(written), message, warning)


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
