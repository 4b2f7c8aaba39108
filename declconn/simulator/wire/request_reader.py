"""Requests of one endpoint, taken apart: the arguments they were written from, and who signed them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from declconn.compile.channels import OF_ONE_MARKET, roots
from declconn.compile.decode import compile_decode
from declconn.compile.encoding import Encoder
from declconn.compile.lookup import Sources
from declconn.errors import MappingError
from declconn.net.transport import Headers, Request
from declconn.simulator.wire.order_kinds import order_kinds
from declconn.simulator.wire.reading import Found, TemplateReader, as_sources
from declconn.spec import Spec, models

_decode = compile_decode(["json"])


class RequestReader:
    """Reads the requests of one endpoint.

    Args:
        operation: its key in `endpoints`.
        model: the endpoint.
        spec: whose it is.
        known: what its templates may name that does not come with a request.
        markets: for each trading pair what templates may say of it.

    Raises:
        ValueError: its requests cannot be read; says why.
    """

    def __init__(
        self,
        operation: str,
        model: models.Endpoint,
        spec: Spec,
        known: Sources,
        markets: Mapping[str, Sources],
    ) -> None:
        self._method, self._path = model.method, _whole(model.path)
        self._recipe = _recipe(spec, model)
        self._kind = Encoder(model.encoding, self._recipe.encoding).kind
        if self._kind not in ("json", "form", "none"):
            raise ValueError(f"bodies that are {self._kind} are not taken apart")
        if self._recipe.envelope is not None:
            raise ValueError("its recipe sends an envelope, which is not taken apart")
        self._headers = [model.headers or {}, self._recipe.inject.headers or {}]
        self._fields = [model.params or {}, model.body or {}, *_added(self._recipe)]
        named = roots([self._path, self._fields])
        self._kinds = order_kinds(spec, model, named) if operation == "place_order" else []
        self._readers = {"": TemplateReader(spec.time_unit, known)}
        if named & OF_ONE_MARKET:
            of_markets = {pair: TemplateReader(spec.time_unit, {**known, **of}) for pair, of in markets.items()}
            self._readers = {**of_markets, **self._readers}

    def read(self, request: Request) -> tuple[str, Sources] | None:
        """The trading pair that a request is about (or none), and the sources that it was written from.

        ``None``: it is another endpoint's, or nobody's. A request about a market that there is not has its ``symbol``
        among the sources.
        """
        if request.method != self._method:
            return None
        address, _, query = request.url.partition("?")
        fields = dict(parse_qsl(query, keep_blank_values=True)) | self._body(request.body)
        for pair, reader in self._readers.items():
            for found in reader.read(self._path, address, {}):
                for more in self._read(reader, fields, Headers(request.headers), found):
                    return pair, as_sources(more)
        return None

    def _read(
        self, reader: TemplateReader, fields: Mapping[str, Any], headers: Headers, found: Found
    ) -> Iterator[Found]:
        sent = {name: headers[name] for tree in self._headers for name in tree if name in headers}
        for kind in self._kinds:
            for more in self._read_fields(reader, fields, sent, {**found, **kind.found}, [*self._fields, kind.fields]):
                if kind.fits(more):
                    yield more
        if not self._kinds:
            yield from self._read_fields(reader, fields, sent, found, self._fields)

    def _read_fields(
        self,
        reader: TemplateReader,
        fields: Mapping[str, Any],
        headers: Mapping[str, str],
        found: Found,
        trees: Sequence[Mapping[str, Any]],
    ) -> Iterator[Found]:
        if fields.keys() <= {name for tree in trees for name in tree}:
            for more in reader.fields(trees, fields, found):
                yield from reader.fields(self._headers, headers, more)

    def _body(self, body: bytes) -> dict[str, Any]:
        if not body:
            return {}
        if self._kind == "form":
            return dict(parse_qsl(body.decode(), keep_blank_values=True))
        try:
            document = _decode(body)
        except MappingError:
            return {"": body}
        return document if isinstance(document, dict) else {"": document}


def _whole(path: Any) -> str:
    if not isinstance(path, str):
        raise ValueError("its path is a choice, which is not taken apart")
    return f"{{env.rest}}{path}" if path.startswith("/") else path


def _recipe(spec: Spec, model: models.Endpoint) -> models.Recipe:
    if model.auth is None:
        return models.Recipe()
    recipe = spec.auth.recipes[model.auth]
    if not isinstance(recipe, models.Recipe):
        raise ValueError(f"its recipe '{model.auth}' is a choice, which is not taken apart")
    return recipe


def _added(recipe: models.Recipe) -> list[Mapping[str, Any]]:
    """The fields that a recipe adds to a request."""
    around = [part for part in (recipe.fields_, recipe.params, recipe.body) if part is not None]
    inject = recipe.inject
    injected = [fields for fields in (inject.query, inject.body, inject.append) if fields is not None]
    return [*(fields for part in around for fields in (part.before, part.after)), *injected]
