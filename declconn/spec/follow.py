"""Following the name in a `like`, and refusing the ways in which it can be wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, TypeAlias

from declconn.errors import Problem, SpecError
from declconn.spec.loc import dotted
from declconn.spec.node import Loc, Node
from declconn.suggest import hint

MAX_CHAIN: Final = 16
MAX_VALUES: Final = 200_000
_MAX_NAMES, _MAX_HINTS = 500, 20

Chain: TypeAlias = tuple[str, ...]
"""The names that led here by `like`; the last is the part that is being resolved."""


class Follower:
    """Looks up what `like` names. What is wrong is noted in ``problems``, and the part goes without."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._values = 0

    def target(self, node: Node, loc: Loc, chain: Chain, known: Collection[str]) -> str | None:
        """The name of the part that a part is like; ``None`` if there is none that can be followed."""
        like = node.map.get("like")
        if like is None or like.value is None:
            return None
        name = like.value
        if not isinstance(name, str):
            self.refuse(node, loc, "`like` takes one name, as in `like: order_status`")
        elif name in chain:
            self.refuse(node, loc, f"`like` goes in a circle: {' -> '.join((*chain, name))}")
        elif name not in known:
            self.refuse(node, loc, f"'{name}' is not here to be like{self._hint(name, known)}")
        elif len(chain) >= MAX_CHAIN:
            self.refuse(node, loc, f"more than {MAX_CHAIN} `like` in a chain; name the first part directly")
        else:
            return name
        return None

    def refuse(self, node: Node, loc: Loc, message: str) -> None:
        """Note that the `like` of a part is wrong."""
        self.problems.append(Problem(node.map["like"].place, dotted((*loc, "like")), message))

    def bounded(self, node: Node) -> Node:
        """The node, counted: with copies of copies a short spec could fill the memory."""
        self._values += _size(node)
        if self._values > MAX_VALUES:
            message = f"more than {MAX_VALUES:,} values once `like` and `endpoint_defaults` are copied"
            raise SpecError([*self.problems, Problem(node.place, "", message)])
        return node

    def _hint(self, name: str, known: Collection[str]) -> str:
        """What may be meant. Comparing all names of a spec that is made to be slow would take minutes."""
        if len(self.problems) >= _MAX_HINTS:
            return ""
        names = sorted(known)[:_MAX_NAMES]
        return "; " + hint(name, names, f"there are: {', '.join(names) or 'none'}")


def present(parts: Mapping[str, Node]) -> set[str]:
    """The names of the parts that are not removed."""
    return {name for name, part in parts.items() if part.value is not None}


def _size(node: Node) -> int:
    children = node.value if isinstance(node.value, list) else node.map.values()
    return 1 + sum(map(_size, children))
