"""A spec's text as a tree in which every value knows where it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from declconn.errors import Place

Scalar: TypeAlias = bool | int | Decimal | str | None
Loc: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar, a map or a list, with the place of its text.

    A value that was inherited keeps the place in the file that it came from. ``keys`` says where each key of a
    map is written. Keys are always text, as written: ``true: SELL`` has the key ``"true"``.
    """

    value: Scalar | Mapping[str, Node] | list[Node]
    place: Place
    keys: Mapping[str, Place] = field(default_factory=dict)

    @property
    def is_map(self) -> bool:
        return isinstance(self.value, Mapping)

    @property
    def map(self) -> Mapping[str, Node]:
        """The children of a map; empty for anything else."""
        return self.value if isinstance(self.value, Mapping) else {}


def place_of(node: Node, loc: Iterable[str | int], *, key: bool = False) -> Place:
    """The place of the value at ``loc``, or of the nearest value around it.

    Steps that the tree does not have (the names of union members in an error of pydantic) are skipped.
    With ``key=True`` it is the place of the last step's key instead of its value.
    """
    place = node.place
    for step in loc:
        if isinstance(node.value, Mapping) and str(step) in node.value:
            place = node.keys.get(str(step), place) if key else node.value[str(step)].place
            node = node.value[str(step)]
        elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            place = node.place
    return place
