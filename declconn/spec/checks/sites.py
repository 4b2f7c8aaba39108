"""Where things stand in a spec: every request and every event, with the keys that lead to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from declconn.records import EMITS, OPERATIONS
from declconn.spec.models import Endpoint, Event, Hook, Model, Spec, Stream
from declconn.spec.models.mapping import Slots
from declconn.spec.node import Loc


class Request(NamedTuple):
    """One request of an operation: the operation's own, an item of its list, or a `then`."""

    loc: Loc
    operation: str
    endpoint: Endpoint
    follows: Endpoint | None = None

    @property
    def record(self) -> str | None:
        """The record that its `result` fills; ``None`` where any field may be written."""
        return OPERATIONS.get(self.operation)


class News(NamedTuple):
    """One event of a stream."""

    loc: Loc
    stream: Stream
    event: Event

    @property
    def record(self) -> str | None:
        """The record that its `map` fills, if any."""
        return EMITS.get(self.event.emit)


def requests(spec: Spec) -> Iterator[Request]:
    """Every request of every operation."""
    for operation, declared in spec.endpoints.items():
        loc: Loc = ("endpoints", operation)
        if isinstance(declared, list):
            for index, endpoint in enumerate(declared):
                yield from _with_then(Request((*loc, index), operation, endpoint))
        else:
            yield from _with_then(Request(loc, operation, declared))


def _with_then(request: Request) -> Iterator[Request]:
    yield request
    if then := request.endpoint.then:
        yield from _with_then(Request((*request.loc, "then"), request.operation, then, request.endpoint))


def news(spec: Spec) -> Iterator[News]:
    """Every event of every stream."""
    for name, stream in spec.streams.items():
        for event_name, event in stream.events.items():
            yield News(("streams", name, "events", event_name), stream, event)


def slots(mapping: Slots | Hook | None) -> Slots:
    """The slots of a `result` or `map`; none where a hook stands."""
    return mapping if isinstance(mapping, dict) else {}


def words(model: Model) -> Iterator[tuple[str, Any]]:
    """The keys that a model was given, as they are written, and their values."""
    for name, field in type(model).model_fields.items():
        if name in model.model_fields_set:
            yield field.alias or name, getattr(model, name)
