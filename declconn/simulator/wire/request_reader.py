"""Requests of one endpoint, taken apart: the arguments they were written from, and who signed them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from declconn.compile.channels import OF_ONE_MARKET, roots
from declconn.compile.decode import compile_decode
from declconn.compile.encoding import Encoder
from declconn.compile.lookup import Sources
from declconn.errors import MappingError
from declconn.net.transport import Headers, Request
from declconn.simulator.wire.order_kinds import OrderKind, order_kinds
from declconn.simulator.wire.reading import Found, TemplateReader, as_sources
from declconn.simulator.wire.type_holes import with_type
from declconn.spec import Spec, models
from declconn.spec.order_terms import types_read
from declconn.spec.template import is_choice, parse_template

_decode = compile_decode(["json"])


class _Trees(NamedTuple):
    """The templates of a request; those of its fields lie over each other."""

    path: str
    headers: Sequence[Mapping[str, Any]]
    fields: Sequence[Mapping[str, Any]]


class _Form(NamedTuple):
    """What a request looks like, for one kind of orders where it is about orders of some kind."""

    kind: OrderKind | None
    trees: _Trees

    def read(
        self, reader: TemplateReader, address: str, headers: Headers, fields: Mapping[str, Any]
    ) -> Iterator[Found]:
        """All ways in which such a request could have been written, each with what is found in it."""
        path, of_headers, of_fields = self.trees
        if not fields.keys() <= {name for tree in of_fields for name in tree}:
            return
        sent = {name: headers[name] for tree in of_headers for name in tree if name in headers}
        for found in reader.read(path, address, self.kind.found if self.kind else {}):
            for more in reader.fields(of_fields, fields, found):
                if self.kind is None or self.kind.fits(more):
                    yield from reader.fields(of_headers, sent, more)


class RequestReader:
    """Reads the requests of one endpoint.

    Args:
        operation: its key in `endpoints`.
        model: the endpoint.
        spec: whose it is.
        known: what its templates may name that does not come with a request.
        markets: for each trading pair what templates may say of it.

    Attributes:
        kinds: the kinds of orders that its requests tell apart; empty where they are not about any.
        literal_length: characters of the path that are the same in all its requests.

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
        self.literal_length = sum(len(part) for part in parse_template(self._path).parts if isinstance(part, str))
        self._recipe = _recipe(spec, model)
        self._kind = Encoder(model.encoding, self._recipe.encoding).kind
        if self._kind not in ("json", "form", "none"):
            raise ValueError(f"bodies that are {self._kind} are not taken apart")
        if not isinstance(model.body or {}, Mapping) or is_choice(model.body):
            raise ValueError("its body is no map of fields, which is not taken apart")
        plain, adds = _trees(model, self._path, self._recipe), operation == "place_order"
        named = roots(plain)
        self.kinds = order_kinds(spec, model, named, adds) if adds or types_read(model) else []
        self._forms = [_Form(kind, _of_kind(model, self._path, self._recipe, kind)) for kind in self.kinds]
        self._forms = self._forms or [_Form(None, plain)]
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
        headers = Headers(request.headers)
        for pair, reader in self._readers.items():
            for form in self._forms:
                for found in form.read(reader, address, headers, fields):
                    return pair, as_sources(found)
        return None

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


def _trees(model: models.Endpoint, path: str, recipe: models.Recipe) -> _Trees:
    """All that requests are written from."""
    body = model.body or {}
    sent = body if recipe.envelope is None else _enveloped(recipe.envelope, body)
    if not isinstance(sent, Mapping):
        raise ValueError("its recipe sends an envelope that is no map, which is not taken apart")
    headers = [model.headers or {}, recipe.inject.headers or {}]
    return _Trees(path, headers, [model.params or {}, sent, *_added(recipe)])


def _of_kind(model: models.Endpoint, path: str, recipe: models.Recipe, kind: OrderKind) -> _Trees:
    """The same for one kind of orders: its fields where they are read, and else over the request's own."""
    read = types_read(model)
    if any(f"{{type.{name}" in path for name in read):
        raise ValueError(f"its path {path} reads a field of orders.types, which is not taken apart")
    params, body, headers = (with_type(tree or {}, kind.fields) for tree in (model.params, model.body, model.headers))
    more = {name: value for name, value in kind.fields.items() if name not in read}
    if model.body is None:
        params = _over(params, more, kind.without)
    else:
        body = _over(body, more, kind.without)
    changed = {"params": params, "body": body, "headers": headers}
    return _trees(model.model_copy(update=changed), path, recipe)


def _over(fields: Mapping[str, Any], more: Mapping[str, Any], without: Collection[str]) -> dict[str, Any]:
    return {**{name: part for name, part in fields.items() if name not in without}, **more}


def _enveloped(tree: Any, body: Any) -> Any:
    if isinstance(tree, Mapping):
        return {name: _enveloped(part, body) for name, part in tree.items()}
    if isinstance(tree, list | tuple):
        return [_enveloped(part, body) for part in tree]
    return body if tree == "{body}" else tree


def _added(recipe: models.Recipe) -> list[Mapping[str, Any]]:
    """The fields that a recipe adds to a request."""
    around = [part for part in (recipe.fields_, recipe.params, recipe.body) if part is not None]
    inject = recipe.inject
    injected = [fields for fields in (inject.query, inject.body, inject.append) if fields is not None]
    return [*(fields for part in around for fields in (part.before, part.after)), *injected]
