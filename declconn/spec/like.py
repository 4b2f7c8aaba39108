"""`endpoint_defaults`, `like`, and `unsubscribe` over `subscribe`: what one part of a spec takes from another."""

from __future__ import annotations

from collections.abc import Callable

from declconn.errors import Problem
from declconn.spec.follow import Chain, Follower, present
from declconn.spec.merge import merge, put, without
from declconn.spec.node import Loc, Node
from declconn.spec.shorthand import ENDPOINT, EVENT, MESSAGE, STREAM


def resolve_likes(tree: Node) -> tuple[Node, list[Problem]]:
    """The tree in which every endpoint, stream and event says all of its own words, and what is wrong.

    A part whose `like` is wrong goes without it. Raises ``SpecError`` if the copies outgrow every real spec.
    """
    follower = Follower()
    operations = _Operations(follower, tree)
    streams = _Streams(follower, tree, operations)
    tree = _with_each(tree, "endpoints", operations.operation)
    return _with_each(tree, "streams", streams.whole), follower.problems


class _Operations:
    """The endpoints, each resolved once: over its `like`, else over the defaults."""

    def __init__(self, follower: Follower, tree: Node) -> None:
        self._follower = follower
        self._defaults = _map_at(tree, "endpoint_defaults")
        self._endpoints = _map_at(tree, "endpoints").map
        self._done: dict[str, Node] = {}
        self.names = present(self._endpoints)
        if "like" in self._defaults.map:
            refusal = "the defaults copy nothing; say it in the endpoints"
            follower.refuse(self._defaults, ("endpoint_defaults",), refusal)

    def operation(self, name: str, chain: Chain = ()) -> Node:
        """An operation; of a list of requests, each item by itself."""
        if name not in self._done:
            node, loc, chain = self._endpoints[name], ("endpoints", name), (*chain, name)
            if isinstance(node.value, list):
                items = enumerate(node.value)
                requests = [self._request(item, self._defaults, (*loc, index), chain) for index, item in items]
                self._done[name] = Node(requests, node.place)
            else:
                self._done[name] = self._request(node, self._defaults, loc, chain)
        return self._done[name]

    def single(self, name: str, node: Node, loc: Loc, chain: Chain) -> Node | None:
        """The operation that ``node`` is like, if it is one request."""
        operation = self.operation(name, chain)
        if isinstance(operation.value, list):
            self._follower.refuse(node, loc, f"'{name}' is a list of requests; only a single one can be copied")
        return operation if operation.is_map else None

    def _request(self, node: Node, under: Node, loc: Loc, chain: Chain) -> Node:
        if not node.is_map:
            return node
        name = self._follower.target(node, loc, chain, self.names)
        like = None if name is None else self.single(name, node, loc, chain)
        base = under if like is None else like
        merged = merge(base, without(node, "like"), ENDPOINT)
        if "then" in node.map:
            then_under = _map_at(base, "then") if "then" in base.map else self._defaults
            merged = put(merged, "then", self._request(node.map["then"], then_under, (*loc, "then"), chain))
        return self._follower.bounded(merged)


class _Streams:
    """The streams: over their `like`, with their events resolved and `unsubscribe` complete."""

    def __init__(self, follower: Follower, tree: Node, operations: _Operations) -> None:
        self._follower, self._operations = follower, operations
        self._streams = _map_at(tree, "streams").map
        self._names = present(self._streams)
        self._done: dict[str, Node] = {}

    def whole(self, name: str) -> Node:
        """A stream that says everything itself."""
        stream, loc = self._over_like(name, ()), ("streams", name, "events")
        events = _Events(self._follower, loc, _map_at(stream, "events"), self._operations)
        stream = _with_each(stream, "events", events.event)
        if "subscribe" in stream.map and "unsubscribe" in stream.map:
            unsubscribe = merge(stream.map["subscribe"], stream.map["unsubscribe"], MESSAGE)
            stream = put(stream, "unsubscribe", self._follower.bounded(unsubscribe))
        return stream

    def _over_like(self, name: str, chain: Chain) -> Node:
        if name not in self._done:
            node, chain = self._streams[name], (*chain, name)
            target = self._follower.target(node, ("streams", name), chain, self._names)
            if target is not None:
                base = without(self._over_like(target, chain), "channels", "events")
                node = self._follower.bounded(merge(base, without(node, "like"), STREAM))
            self._done[name] = node
        return self._done[name]


class _Events:
    """The events of one stream, which may be like each other, or like an operation."""

    def __init__(self, follower: Follower, loc: Loc, events: Node, operations: _Operations) -> None:
        self._follower, self._loc, self._operations = follower, loc, operations
        self._events = events.map
        self._names = present(self._events)
        self._known = self._names | operations.names
        self._done: dict[str, Node] = {}

    def event(self, name: str, chain: Chain = ()) -> Node:
        """An event over what it is like."""
        if name not in self._done:
            node, chain = self._events[name], (*chain, name)
            base = self._base(node, chain)
            over = node if base is None else merge(base, without(node, "like"), EVENT)
            self._done[name] = self._follower.bounded(over)
        return self._done[name]

    def _base(self, node: Node, chain: Chain) -> Node | None:
        own, operations = chain[-1], self._operations.names
        loc = (*self._loc, own)
        # In `positions: {like: positions}` the name is the operation's.
        name = self._follower.target(node, loc, chain[:-1] if own in operations else chain, self._known)
        if name is None:
            return None
        if name in self._names and name != own:
            return self.event(name, chain)
        operation = self._operations.single(name, node, loc, ())
        return None if operation is None else _as_event(operation)


def _as_event(operation: Node) -> Node:
    """What an event takes from an operation: its `each`, its `where`, and its `result` as `map`."""
    words = {"each": "each", "where": "where", "result": "map"}
    value = {words[word]: child for word, child in operation.map.items() if word in words}
    keys = {words[word]: place for word, place in operation.keys.items() if word in words}
    return Node(value, operation.place, keys)


def _map_at(node: Node, word: str) -> Node:
    """The map of a word; an empty one if there is none."""
    child = node.map.get(word)
    return child if child is not None and child.is_map else Node({}, node.place)


def _with_each(node: Node, word: str, resolve: Callable[[str], Node]) -> Node:
    """The node with each part of one of its maps resolved by name."""
    parts = node.map.get(word)
    if parts is None or not parts.is_map:
        return node
    return put(node, word, Node({name: resolve(name) for name in parts.map}, parts.place, parts.keys))
