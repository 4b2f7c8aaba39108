"""One map of a spec put over another: the one rule behind ``extends``, ``endpoint_defaults`` and ``like``."""

from __future__ import annotations

from declconn.spec.node import Node
from declconn.spec.shorthand import Shape, wrap


def merge(base: Node, over: Node, shape: Shape) -> Node:
    """``over`` on top of ``base``, both in their long forms.

    Maps merge, and keep the order of ``base``: some venues sign it. Everything else replaces; so does a map with
    ``by`` and ``of``, and so is it. A removal is a value like others: it stays in the tree, so that it holds
    against the next base too, until something is put over it.
    """
    if shape.is_slot and over.is_map and _is_path(base):
        base = wrap("path", base)
    if not (base.is_map and over.is_map) or shape.is_whole or _is_choice(base) or _is_choice(over):
        return over
    kept = _without_rivals(base, over, shape)
    value, keys = dict(kept.map), {**kept.keys, **over.keys}
    for key, child in over.map.items():
        value[key] = merge(value[key], child, shape.of(key)) if key in value else child
    return Node(value, over.place, keys)


def without(node: Node, *words: str) -> Node:
    """A map without some of its keys."""
    value = {key: child for key, child in node.map.items() if key not in words}
    return Node(value, node.place, {key: node.keys[key] for key in value})


def put(node: Node, word: str, child: Node) -> Node:
    """A map with another value for one of its keys."""
    return Node({**node.map, word: child}, node.place, node.keys)


def _is_path(node: Node) -> bool:
    return not node.is_map and not isinstance(node.value, list) and node.value is not None


def _is_choice(node: Node) -> bool:
    return "by" in node.map and "of" in node.map


def _without_rivals(base: Node, over: Node, shape: Shape) -> Node:
    """An own method (``post``) replaces the other's (``get``)."""
    own = {key for key in shape.rivals if key in over.map and over.map[key].value is not None}
    return without(base, *(shape.rivals - own)) if own else base
