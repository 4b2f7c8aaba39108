"""The short forms whose long form is a map, and the shape of the language as far as merging has to know it.

Two specs merge map by map, so a short form becomes its long form first: ``heartbeat: 30s`` in a child changes the
``every`` of its parent's ``{every: 20s, send: ping}``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from declconn.spec.models.order_fields import SIDES, VARIANTS
from declconn.spec.node import Node

METHODS: Final = frozenset({"get", "post", "put", "delete", "patch"})

_Lengthen: TypeAlias = Callable[[Node], Node]


@dataclass(frozen=True, slots=True)
class Shape:
    """What is special about one place of the language.

    Attributes:
        words: the shapes of the keys of a map; ``*`` is that of any key that is not named.
        lengthen: makes the long form; leaves a long form as it is.
        rivals: keys of which a map has one only: one's own replaces another's.
        is_slot: a path slot: a path replaces a long form, and is the ``path`` of a long form put over it.
        is_whole: a map here is one value: it replaces and is replaced whole.
        is_change: a map here is put over another one later, so its removals stay, but those of words of the language.
    """

    words: Mapping[str, Shape] = field(default_factory=dict)
    lengthen: _Lengthen | None = None
    rivals: frozenset[str] = frozenset()
    is_slot: bool = False
    is_whole: bool = False
    is_change: bool = False

    def of(self, key: str) -> Shape:
        """The shape of a key's value."""
        return self.words.get(key) or self.words.get("*") or (self if self.is_change else PLAIN)

    def keeps_removal(self, key: str) -> bool:
        """Whether ``null`` says something here that is not settled when two specs have been merged."""
        return key == "is" or (self.is_change and key not in self.words)


def expand(node: Node, shape: Shape) -> Node:
    """The tree with all its shorthands in their long form. A removal (``null``) stays one."""
    if shape is PLAIN or node.value is None:
        return node
    if shape.lengthen is not None:
        node = shape.lengthen(node)
    if isinstance(node.value, list):
        return Node([expand(item, shape) for item in node.value], node.place)
    if not node.is_map:
        return node
    return Node({key: expand(child, shape.of(key)) for key, child in node.map.items()}, node.place, node.keys)


def wrap(word: str, node: Node) -> Node:
    """``{word: node}``, at the place of the node."""
    return Node({word: node}, node.place, {word: node.place})


def _scalar_is(word: str) -> _Lengthen:
    return lambda node: node if node.is_map else wrap(word, node)


def _long_message(node: Node) -> Node:
    """``{send, auth}`` is long if it has ``send``, or ``auth`` alone; everything else is the message itself."""
    is_long = "send" in node.map or node.map.keys() == {"auth"}
    return node if is_long else wrap("send", node)


def _long_answer(node: Node) -> Node:
    return wrap("when", node) if node.is_map and "when" not in node.map else node


def _each(shape: Shape) -> Shape:
    return Shape({"*": shape})


PLAIN: Final = Shape()
MATCHER: Final = _each(Shape(is_whole=True))
SLOT: Final = Shape({"side": Shape(is_slot=True)}, is_slot=True)
ALLOWANCE: Final = Shape(lengthen=_scalar_is("allow"))
MESSAGE: Final = Shape(lengthen=_long_message)
ANSWER: Final = Shape({"when": MATCHER}, lengthen=_long_answer)
EVENT: Final = Shape({"when": MATCHER, "map": _each(SLOT)})
STREAM: Final = Shape(
    {
        "heartbeat": Shape(lengthen=_scalar_is("every")),
        "login": Shape({"accepted": ANSWER}),
        "subscribe": MESSAGE,
        "unsubscribe": MESSAGE,
        "accepted": ANSWER,
        "refused": ANSWER,
        "events": _each(EVENT),
    }
)
ORDER_FIELDS: Final = Shape(dict.fromkeys((*SIDES, *VARIANTS), Shape(is_change=True)), is_change=True)
_REQUEST: Final = Shape(
    {"rate": ALLOWANCE, "when": MATCHER, "result": _each(SLOT), "market": _each(SLOT)}, rivals=METHODS
)
ENDPOINT: Final = Shape({**_REQUEST.words, "then": _REQUEST}, rivals=METHODS)
SPEC: Final = Shape(
    {
        "rate_limits": _each(ALLOWANCE),
        "endpoint_defaults": ENDPOINT,
        "endpoints": _each(ENDPOINT),
        "orders": Shape({"types": _each(ORDER_FIELDS)}),
        "streams": _each(STREAM),
        "order_book": Shape({"snapshot": Shape(lengthen=_scalar_is("from"))}),
    }
)
