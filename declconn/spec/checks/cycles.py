"""What is learnt in `session` does not need itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from declconn.spec.checks.finding import Finding, wrong_key
from declconn.spec.checks.sites import Request, requests
from declconn.spec.checks.sources import model_placeholders
from declconn.spec.models import Spec
from declconn.spec.node import Loc
from declconn.spec.recipe_graph import recipes
from declconn.spec.template import placeholders

_TEMPLATES = ("get", "post", "put", "delete", "patch", "params", "body", "headers")


def _sources(value: object) -> set[str]:
    return {source for _, hole in model_placeholders(value, ()) for source in hole.sources}


def check_session_cycles(spec: Spec) -> Iterator[Finding]:
    """What is learnt can be asked for one after another."""
    by_operation: dict[str, set[str]] = {}
    for request in requests(spec):
        by_operation.setdefault(request.operation, set()).update(_session_values(request, spec))
    needs = {name: by_operation.get(value.obtain, set()) for name, value in spec.session.items()}
    yield from _cycle(("session",), needs)


def _session_values(request: Request, spec: Spec) -> set[str]:
    endpoint = request.endpoint
    trees = [getattr(endpoint, word) for word in _TEMPLATES]
    found = {source for tree in trees for _, hole in placeholders(tree) for source in hole.sources}
    recipe = spec.auth.recipes.get(endpoint.auth or "")
    for _, one in recipes((), recipe) if recipe else ():
        found |= _sources(one)
    return {source.split(".")[1] for source in (*found, *(endpoint.when or ())) if source.startswith("session.")}


def _cycle(loc: Loc, needs: Mapping[str, set[str]]) -> Iterator[Finding]:
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        chain = error.args[1][::-1]
        yield wrong_key((*loc, chain[0]), f"needs itself: {' -> '.join(chain)}")
