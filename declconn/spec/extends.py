"""`extends`: a spec over its parent, and everything that one part takes from another.

First `extends`, then `endpoint_defaults`, then `like`, so that a child's change reaches every copy. A removal
stays in the tree as ``null`` until the end, so it holds against all three.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Final

from declconn.errors import Place, Problem, SpecError
from declconn.spec.like import resolve_likes
from declconn.spec.merge import merge
from declconn.spec.node import Node
from declconn.spec.shorthand import SPEC, expand

MAX_LEVELS: Final = 8

# A name becomes part of a file's path, so it cannot lead out of the directories that are searched.
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def resolve(node: Node, find: Callable[[str, Place], Node]) -> Node:
    """A spec that says everything itself: shorthands expanded, `extends`, `endpoint_defaults` and `like` applied.

    Args:
        node: the spec's own text.
        find: gives the text of a parent by name; raises ``SpecError`` at the place if there is none.

    Raises:
        SpecError: with every problem that was found.
    """
    tree, problems = resolve_likes(inherit(node, find))
    if problems:
        raise SpecError(problems)
    return tree


def inherit(node: Node, find: Callable[[str, Place], Node]) -> Node:
    """A spec over its parent, which is over its own. Raises ``SpecError``."""
    return _inherit(node, find, {node.place.file: _own_name(node)})


def _inherit(node: Node, find: Callable[[str, Place], Node], line: Mapping[str, str]) -> Node:
    """``line`` names the specs from the first child to this one, by file."""
    extends = node.map.get("extends")
    if extends is None or extends.value is None:
        return expand(node, SPEC)
    name = _checked_name(extends)
    parent = find(name, extends.place)
    names = " -> ".join((*line.values(), name))
    if parent.place.file in line:
        raise _refuse(extends, f"a spec cannot extend itself: {names}")
    if len(line) > MAX_LEVELS:
        raise _refuse(extends, f"more than {MAX_LEVELS} levels of `extends`: {names}")
    base = _inherit(parent, find, {**line, parent.place.file: name})
    return merge(base, expand(node, SPEC), SPEC)


def _checked_name(extends: Node) -> str:
    name = str(extends.value)
    if isinstance(extends.value, list | Mapping) or not _NAME.fullmatch(name):
        found = "a list" if isinstance(extends.value, list) else "a map" if extends.is_map else f"'{name[:40]}'"
        raise _refuse(extends, f"expected the name of one spec, like `extends: other`, found {found}")
    return name


def _own_name(node: Node) -> str:
    name = node.map.get("name")
    return name.value if name is not None and isinstance(name.value, str) else PurePath(node.place.file).stem


def _refuse(extends: Node, message: str) -> SpecError:
    return SpecError([Problem(extends.place, "extends", message)])
