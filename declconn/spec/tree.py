"""YAML events -> Node. Nothing here recurses, and every bound holds before memory is spent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

import yaml

from declconn.errors import Place, Problem
from declconn.spec.loc import dotted
from declconn.spec.node import Node, Scalar
from declconn.spec.scalars import read_scalar
from declconn.spec.unfinished import OpenList, OpenMap

MAX_DEPTH: Final = 64
MAX_VALUES: Final = 50_000
_NAME: Final = re.compile(r"[A-Za-z_][\w.?|:]*", re.ASCII)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Mark(Protocol):
    """A place as the parsers give it: line and column count from 0."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


class UnreadableError(Exception):
    """The rest of the file cannot be read; the reason is among the builder's problems."""


@dataclass(frozen=True, slots=True)
class _Anchored:
    node: Node
    values: int
    height: int


class TreeBuilder:
    """Builds the tree of one file, and notes in ``problems`` what is wrong on the way."""

    def __init__(self, file: str) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._root: Node | None = None
        self._documents = 0
        self._open: list[OpenMap | OpenList] = []
        self._anchors: dict[str, _Anchored] = {}
        self._values = 0

    def build(self, events: Iterable[yaml.Event]) -> Node | None:
        """The tree, or ``None`` if the file has no value. Raises ``UnreadableError`` where it cannot go on."""
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._begin(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._end()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                self._document(event)
        return self._root

    def note(self, place: Place, message: str) -> None:
        """Add a problem; the reading goes on."""
        path = dotted(tuple(parent.step for parent in self._open if parent.step != ""))
        self.problems.append(Problem(place, path, message))

    def stop(self, place: Place, message: str) -> UnreadableError:
        """Add a problem after which nothing more can be read."""
        self.note(place, message)
        return UnreadableError(message)

    def refused(self, mark: Mark | None, message: str) -> UnreadableError:
        """The parser refuses the text; a problem on the same line is already the better explanation."""
        place = self._place(mark)
        if not self.problems or self.problems[-1].place.line != place.line:
            self.note(place, message)
        return UnreadableError(message)

    def ended(self) -> UnreadableError | None:
        """The parser came to the end of the text while a bracket was open; ``None`` if there was none."""
        if not self._open or not self._open[-1].flow:
            return None
        return self.stop(self._open.pop().place, "not valid YAML: this bracket is never closed")

    def _place(self, mark: Mark | None) -> Place:
        return Place(self._file, mark.line + 1, mark.column + 1) if mark else Place(self._file, 1, 1)

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            raise self.stop(self._place(event.start_mark), "a second document begins here; a file holds one spec")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        place, plain = self._place(event.start_mark), event.implicit[0]
        self._refuse_tag(event, place)
        if self._expects_key():
            self._key(event.value, place, plain)
            self._remember(event.anchor, Node(event.value, place), 1, 0)
            return
        self._refuse_unquoted_template(event.value, plain)
        self._refuse_half_character(event.value, place)
        self._count(1, place)
        value: Scalar = read_scalar(event.value) if plain else event.value
        node = Node(value, place)
        self._remember(event.anchor, node, 1, 0)
        self._deliver(node, 0)

    def _key(self, key: str, place: Place, plain: bool) -> None:
        parent = self._open[-1]
        assert isinstance(parent, OpenMap)
        parent.key, first = key, parent.keys.get(key)
        if plain and key == "<<":
            parent.drop = True
            self.note(place, "YAML's merge key '<<' is not read; `like: NAME` copies an endpoint, a stream or an event")
        elif plain and not key:
            parent.drop = True
            self.note(place, "a key without a name; write it before the colon")
        elif first is not None:
            parent.drop = True
            self.note(place, f"'{key}' is already written at {first.line}:{first.column}; keep one of the two")
        else:
            parent.keys[key] = place

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        place = self._place(event.start_mark)
        self._refuse_tag(event, place)
        if self._expects_key():
            raise self.stop(place, "a key is one text; quote it if it begins with '{' or '['")
        self._count(1, place)
        self._descend(1, place)
        kind = OpenMap if isinstance(event, yaml.MappingStartEvent) else OpenList
        self._open.append(kind(place, event.anchor, bool(event.flow_style), self._values))

    def _end(self) -> None:
        done = self._open.pop()
        node = done.close()
        self._remember(done.anchor, node, self._values - done.values_before + 1, done.height)
        self._deliver(node, done.height)

    def _alias(self, event: yaml.AliasEvent) -> None:
        place, name = self._place(event.start_mark), event.anchor or ""
        if self._expects_key():
            raise self.stop(place, f"a key cannot be an alias; quote it if '*{name}' is its text")
        anchored = self._anchors.get(name)
        if anchored is None:
            inside = any(parent.anchor == name for parent in self._open)
            reason = f"'*{name}' stands inside of '&{name}' itself" if inside else f"no anchor '&{name}' before this"
            if not self._is_merged():
                self.note(place, f"{reason}; quote a text that begins with '*'")
            anchored = _Anchored(Node(f"*{name}", place), 1, 0)
        self._count(anchored.values, place)
        self._descend(anchored.height, place)
        self._deliver(anchored.node, anchored.height)

    def _expects_key(self) -> bool:
        parent = self._open[-1] if self._open else None
        return isinstance(parent, OpenMap) and parent.key is None

    def _is_merged(self) -> bool:
        """Whether the next value is that of a merge key, which is refused already."""
        parent = self._open[-1] if self._open else None
        return isinstance(parent, OpenMap) and parent.key == "<<"

    def _deliver(self, node: Node, height: int) -> None:
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        parent.height = max(parent.height, height + 1)
        parent.take(node)

    def _remember(self, anchor: str | None, node: Node, values: int, height: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = _Anchored(node, values, height)

    def _count(self, values: int, place: Place) -> None:
        """Aliases count as often as they are used, so a bomb of them ends here."""
        self._values += values
        if self._values > MAX_VALUES:
            raise self.stop(
                place, f"more than {MAX_VALUES:,} values, each alias counted in full; a spec has about 1,000"
            )

    def _descend(self, levels: int, place: Place) -> None:
        if len(self._open) + levels > MAX_DEPTH:
            raise self.stop(place, f"maps and lists are nested more than {MAX_DEPTH} levels deep here")

    def _refuse_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, place: Place) -> None:
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.note(place, f"the YAML tag '{tag}' is not read; quote a text that begins with '!'")

    def _refuse_unquoted_template(self, text: str, plain: bool) -> None:
        """``symbol: {symbol}`` is a map whose key has no value; it is read on as the template that was meant."""
        parent = self._open[-1] if self._open else None
        if not (plain and not text and isinstance(parent, OpenMap) and parent.flow and not parent.drop):
            return
        key = parent.key or ""
        if _NAME.fullmatch(key):
            parent.meant = f"{{{key}}}"
            advice = f'a template needs quotes: "{parent.meant}", a removal needs `null`'
        else:
            advice = "quote the text before it, if that ',' is a part of the text"
        self.note(parent.keys[key], f"'{key}' has no value; {advice}")

    def _refuse_half_character(self, text: str, place: Place) -> None:
        """The Python parser lets the escape of a surrogate through, which no request could carry."""
        if not text.isascii() and _SURROGATE.search(text):
            self.note(place, "half of a surrogate pair is not a character; write the whole as \\UXXXXXXXX")
