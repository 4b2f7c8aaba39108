"""Every path of a spec: no JSONPath where frames come fast, and nothing that is rarely meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from declconn.spec.checks.finding import Finding, doubt, wrong
from declconn.spec.checks.sites import news, requests, slots, words
from declconn.spec.models import Slot, Spec
from declconn.spec.models.mapping import Reading
from declconn.spec.node import Loc
from declconn.spec.path import lint_path, parse_path


class _Path(NamedTuple):
    loc: Loc
    path: Any
    rows: bool = False


_SLOT_PATHS = frozenset({"path", "price", "size", "where", "each", "amount", "token"})


def check_path_lints(spec: Spec) -> Iterator[Finding]:
    """Paths that are legal, but rarely mean what they say."""
    for loc, path, rows in _paths(spec):
        for message in lint_path(parse_path(path), rows=rows):
            yield doubt(loc, message)


def check_no_jsonpath_in_events(spec: Spec) -> Iterator[Finding]:
    """A JSONPath takes a hundred times as long as a JMESPath: too long for every frame of a stream."""
    for item in news(spec):
        for loc, path, _ in _of_event(item.loc, item.event):
            if isinstance(path, str) and path.startswith("$"):
                yield wrong(loc, f"'{path}' is JSONPath, which is too slow for a stream; write it as JMESPath")


def _paths(spec: Spec) -> Iterator[_Path]:
    for request in requests(spec):
        yield from _of_reading(request.loc, request.endpoint)
        yield from _of_slots((*request.loc, "result"), slots(request.endpoint.result))
        yield from _of_slots((*request.loc, "market"), request.endpoint.market or {})
        for word in ("next", "more", "last") if request.endpoint.paging else ():
            yield from _one((*request.loc, "paging", word), getattr(request.endpoint.paging, word))
    for item in news(spec):
        yield from _of_event(item.loc, item.event)
    for name, stream in spec.streams.items():
        yield from _one(("streams", name, "unwrap"), stream.unwrap)
    for word in ("ok", "code", "message"):
        yield from _one(("errors", word), getattr(spec.errors, word))


def _of_event(loc: Loc, event: Any) -> Iterator[_Path]:
    yield from _of_reading(loc, event)
    yield from _of_slots((*loc, "map"), slots(event.map))
    for path in event.when:
        yield _Path((*loc, "when", path), path)


def _of_reading(loc: Loc, reading: Reading) -> Iterator[_Path]:
    yield from _one((*loc, "unwrap"), reading.unwrap)
    yield from _one((*loc, "where"), reading.where)
    loops = reading.each if isinstance(reading.each, dict) else {None: reading.each}
    for name, path in loops.items():
        if path is not None:
            yield _Path((*loc, "each") if name is None else (*loc, "each", name), path, rows=True)


def _of_slots(loc: Loc, mapping: dict[str, Slot]) -> Iterator[_Path]:
    for name, slot in mapping.items():
        for word, value in words(slot):
            if word in _SLOT_PATHS:
                yield from _one((*loc, name, word), value)
            elif word == "side":
                yield from _of_slots((*loc, name), {"side": value})


def _one(loc: Loc, path: Any) -> Iterator[_Path]:
    if path is not None:
        yield _Path(loc, path)
