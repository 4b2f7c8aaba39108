"""A map or a list of a YAML file whose end has not come yet."""

from __future__ import annotations

from dataclasses import dataclass, field

from declconn.errors import Place
from declconn.spec.node import Node


@dataclass(slots=True)
class Open:
    """What both have.

    ``flow`` says that it is written with brackets; ``height`` counts the levels of values in it, itself included.
    """

    place: Place
    anchor: str | None
    flow: bool
    values_before: int
    height: int = 1


@dataclass(slots=True)
class OpenList(Open):
    """A list, with the items so far."""

    value: list[Node] = field(default_factory=list)

    @property
    def step(self) -> str | int:
        """Where the next child stands."""
        return len(self.value)

    def take(self, child: Node) -> None:
        """Add the next child."""
        self.value.append(child)

    def close(self) -> Node:
        """The finished node."""
        return Node(self.value, self.place)


@dataclass(slots=True)
class OpenMap(Open):
    """A map, with the values so far.

    ``key`` is the one whose value comes next; ``drop`` says that this value has no place in the tree. ``meant`` is
    the template that the map would be with quotes.
    """

    value: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    key: str | None = None
    drop: bool = False
    meant: str | None = None

    @property
    def step(self) -> str | int:
        """Where the next child stands; an empty text before there is a key."""
        return self.key or ""

    def take(self, child: Node) -> None:
        """Add the value of the last key."""
        if self.key is not None and not self.drop:
            self.value[self.key] = child
        self.key, self.drop = None, False

    def close(self) -> Node:
        """The finished node."""
        if self.meant is not None and len(self.value) == 1:
            return Node(self.meant, self.place)
        return Node(self.value, self.place, self.keys)
