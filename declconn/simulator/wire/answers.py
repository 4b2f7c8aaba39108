"""Requests that are recognised, and answers that the spec reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from declconn.compile.decode import encode
from declconn.compile.endpoint import Endpoint
from declconn.compile.errors import ErrorReader
from declconn.compile.recipe import PLAIN, Recipe
from declconn.compile.template import Sources
from declconn.compile.words import Units
from declconn.net.transport import Request, Response
from declconn.records import OPERATIONS, RECORDS
from declconn.simulator.wire.inverse import lens
from declconn.simulator.wire.lens import Row, UnwritableError
from declconn.simulator.wire.values import Speech
from declconn.simulator.wire.writer import Writer
from declconn.spec import Spec, models


class RequestKey(NamedTuple):
    """What a request is recognised by, wherever the venue runs."""

    method: str
    path: str
    query: frozenset[tuple[str, str]]
    body: bytes


def request_key(method: str, url: str, body: bytes) -> RequestKey:
    """The key of a request; the order of its query does not matter, and a url without a path asks for ``/``."""
    parts = urlsplit(url)
    return RequestKey(method, parts.path or "/", frozenset(parse_qsl(parts.query, keep_blank_values=True)), body)


class Answer:
    """One endpoint of an operation, from the venue's side.

    Args:
        operation: its key in `endpoints`.
        model: the endpoint.
        spec: whose it is.
        speech: the venue's words.
        recipe: what its requests are signed with.

    Raises:
        ValueError: the endpoint cannot be played; says why.
    """

    def __init__(
        self, operation: str, model: models.Endpoint, spec: Spec, speech: Speech, recipe: Recipe = PLAIN
    ) -> None:
        if isinstance(model.result, models.Hook):
            raise ValueError("its result is a Python hook, which has no inverse")
        if model.auth is not None and recipe is PLAIN:
            raise ValueError("it is signed, and nobody here has a key")
        if model.paging is not None or model.then is not None:
            raise ValueError("it takes more than one request, and pages and `then` are not played yet")
        record = OPERATIONS.get(operation)
        self._writer = model.result and Writer(
            f"endpoints.{operation}",
            RECORDS[record] if record else None,
            model.result,
            speech=speech,
            units=Units(spec.time_unit, spec.amount_unit, spec.negative_prices),
            unwrap=model.unwrap,
            each=model.each,
            row_where=model.where,
        )
        self._ok = lens(True if spec.errors.ok is None else spec.errors.ok)
        self._endpoint = Endpoint(
            operation,
            model,
            reader=self._writer.reader if self._writer else None,
            errors=ErrorReader(spec.errors),
            time_unit=spec.time_unit,
            recipe=recipe,
            orders=spec.orders,
        )
        self.answers_rows = model.each is not None
        """Where there is nothing to tell it has no rows, and that is no error."""

    def request(self, sources: Sources) -> Request:
        """The request that asks for it, as a connector writes it."""
        return self._endpoint.request(sources)

    def body(self, records: Sequence[Any], given: Mapping[str, Any]) -> bytes:
        """The body of a good answer.

        Args:
            records: what is answered.
            given: the arguments of the request.

        Raises:
            UnwritableError: the spec would not read it as these records.
            VenueError: the spec would take it for an error.
        """
        document = self._writer.draft(records) if self._writer else {}
        document = next((row.document for row in self._ok.make(Row(document), True)), document)
        body = encode(document).encode()
        _, failed = self._endpoint.read(Response(200, {}, body), given)
        if failed:
            raise UnwritableError(failed[0].where, failed[0].field, f"does not read back: {failed[0].reason}")
        if self._writer:
            self._writer.check(document, records, given)
        return body


def recognised(
    answer: Answer, sources: Sources, markets: Mapping[str, Sources]
) -> dict[RequestKey, tuple[str, Sources]]:
    """The requests for an answer: for each its market (none if all markets ask the same) and its arguments.

    Requests are not taken apart but written as a connector would for each market, and compared: whatever a template
    does to its arguments, its inverse is a dict.

    Raises:
        ConfigurationError: the request needs something that the simulator does not have.
    """
    found: dict[RequestKey, tuple[str, Sources]] = {}
    for pair, arguments in markets.items():
        request = answer.request({**sources, **arguments})
        key = request_key(request.method, request.url, request.body)
        found[key] = ("", {}) if key in found else (pair, arguments)
    return found
