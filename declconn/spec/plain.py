"""A spec's tree without its places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from declconn.spec.node import Node
from declconn.spec.shorthand import SPEC, Shape


def plain(node: Node, shape: Shape = SPEC) -> Any:
    """The tree as ordinary dicts, lists and scalars.

    ``null`` removes a key, but where it says something itself: in ``{is: null}``, and in changes.
    """
    if isinstance(node.value, Mapping):
        kept = {key: child for key, child in node.map.items() if child.value is not None or shape.keeps_removal(key)}
        return {key: plain(child, shape.of(key)) for key, child in kept.items()}
    if isinstance(node.value, list):
        return [plain(child, shape) for child in node.value]
    return node.value
