"""A spec's file -> a checked Spec: read, resolve, validate, and all problems at once."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeAlias

from declconn.errors import Place, Problem, SpecError
from declconn.spec.extends import inherit
from declconn.spec.like import resolve_likes
from declconn.spec.models import Spec
from declconn.spec.node import Node
from declconn.spec.plain import plain
from declconn.spec.source import compose_file
from declconn.spec.validate import validate

Find: TypeAlias = Callable[[str], Path | None]
"""The file of a spec by its name, or ``None``."""

Names: TypeAlias = Callable[[], Iterable[str]]
"""The names that can be found, for whoever mistypes one."""

_VERY_NEAR = 0.8
"""Of 1: one or two typing errors in a word."""

_log = logging.getLogger("declconn.spec")


def load_spec_file(path: Path, find: Find, names: Names = tuple, *, strict: bool = False) -> Spec:
    """Read, resolve and check a spec. What is only doubtful is logged by ``declconn.spec`` as a warning.

    Args:
        path: the spec's file.
        find: gives the file of a spec that it extends.
        names: what ``find`` knows.
        strict: what is doubtful is an error too.

    Raises:
        SpecError: with every problem of the spec and of those that it extends, each at its own place.
    """
    spec, problems = check_spec_file(path, find, names)
    errors = [replace(problem, warning=False) for problem in problems if strict or not problem.warning]
    if errors or spec is None:
        raise SpecError(errors)
    for problem in problems:
        _log.warning("%s", problem)
    return spec


def check_spec_file(path: Path, find: Find, names: Names = tuple) -> tuple[Spec | None, list[Problem]]:
    """A spec, unless it has errors, and everything that is wrong or doubtful about it; nothing is raised or logged."""
    return _Reading(path, find, names).check()


def resolve_spec_file(path: Path, find: Find, names: Names = tuple) -> dict[str, Any]:
    """A spec's text as dicts, lists and scalars, after `extends`, `endpoint_defaults` and `like`.

    Raises:
        SpecError: as ``load_spec_file``.
    """
    load_spec_file(path, find, names)
    tree: dict[str, Any] = plain(_Reading(path, find, names).resolve()[0])
    return tree


def sibling_finder(path: Path, then: Find) -> Find:
    """A finder that looks beside a spec's file first."""

    def find(name: str) -> Path | None:
        sibling = path.parent / f"{name}.yaml"
        return sibling if sibling.is_file() else then(name)

    return find


class _Reading:
    """One spec with its parents; ``problems`` of all their files."""

    def __init__(self, path: Path, find: Find, names: Names) -> None:
        self._path, self._find, self._names = path, find, names
        self.problems: list[Problem] = []

    def check(self) -> tuple[Spec | None, list[Problem]]:
        try:
            tree, misled = self.resolve()
        except SpecError as error:
            return None, self._all(error.problems)
        spec, found = validate(tree, references=not self.problems)
        # A part that is like nothing lacks words because of that: one mistake, one problem.
        parts = {problem.path.removesuffix(".like") for problem in misled}
        found = [problem for problem in found if parts.isdisjoint(_around(problem.path))]
        return spec, self._all([*misled, *found])

    def _all(self, found: Iterable[Problem]) -> list[Problem]:
        """With those of reading; a value that could not be read right is not judged again."""
        misread = {problem.place for problem in self.problems}
        return _once([*self.problems, *(problem for problem in found if problem.place not in misread)])

    def resolve(self) -> tuple[Node, list[Problem]]:
        return resolve_likes(inherit(self._read(self._path), self._parent))

    def _read(self, path: Path) -> Node:
        node, problems = compose_file(path)
        if node is None:
            raise SpecError(problems)
        self.problems += problems
        return node

    def _parent(self, name: str, place: Place) -> Node:
        path = self._find(name)
        if path is None:
            # A spec that could be found elsewhere may be nearer, so only what is very near is worth saying.
            beside = [file.stem for file in self._path.parent.glob("*.yaml")]
            near = get_close_matches(name, {*beside, *self._names()}, 1, cutoff=_VERY_NEAR)
            meant = f"did you mean '{near[0]}'?" if near else f"put {name}.yaml beside this file, or install it"
            raise SpecError([Problem(place, "extends", f"no spec is called '{name}'; {meant}")])
        return self._read(path)


def _around(path: str) -> Iterator[str]:
    """A path and those of all parts around it: ``a``, ``a.b``, ``a.b[0]`` for ``a.b[0]``."""
    return (path[: step.start()] for step in re.finditer(r"[.\[]|$", path))


def _once(problems: Iterable[Problem]) -> list[Problem]:
    """Sorted, and each once: an inherited or copied mistake stands at one place, but is met at several paths."""
    first: dict[tuple[Place, str], Problem] = {}
    for problem in sorted(problems, key=lambda problem: (problem.place, problem.path)):
        first.setdefault((problem.place, problem.message), problem)
    return list(first.values())
