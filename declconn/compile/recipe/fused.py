"""A recipe as two generated functions, in straight lines: for requests whose fields are in the body, or in the query.

They know only the ordinary case. Whatever raises in one is signed again the general way, which finds the right answer
or says what is wrong; tests hold both to the same requests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

from declconn.compile.codegen import Body, Module
from declconn.compile.encoding import Encoder
from declconn.compile.lookup import Sources
from declconn.compile.recipe.compiler import Compiler
from declconn.compile.recipe.draft import Draft
from declconn.compile.recipe.fused_values import NAMES, UnusualError, Values
from declconn.net.transport import Request
from declconn.spec import models

Fused: TypeAlias = Callable[[Draft, Sources], Request]

_ONE_CONTENT_TYPE: Final = frozenset({"json", "form", "base64json"})
"""Bodies whose content type is always the same."""

_URL: Final = {
    "req.method": "draft.method",
    "req.scheme": "address(draft.url)[0]",
    "req.host": "address(draft.url)[1]",
    "req.path": "address(draft.url)[2]",
}
_BODY_PARTS: Final = {
    **dict.fromkeys(("req.body", "req.payload"), "body"),
    **dict.fromkeys(("req.query", "req.query_raw"), "''"),
    **dict.fromkeys(("req.target", "req.target_raw"), "address(draft.url)[2]"),
    "req.url": "draft.url",
}
_QUERY_PARTS: Final = {
    "req.body": "''",
    **dict.fromkeys(("req.query", "req.payload"), "query"),
    "req.query_raw": "encoder.query_raw(fields)",
    "req.target": "address(draft.url)[2] + url[len(draft.url):]",
    "req.url": "url",
}


def fuse_body(model: models.Recipe, encoder: Encoder, compiler: Compiler) -> Fused | None:
    """The function for requests whose fields are in the body; ``None``: the general way is taken."""
    if model.params is not None or encoder.kind not in _ONE_CONTENT_TYPE:
        return None
    return _fused(_write_body, model, encoder, compiler, _BODY_PARTS)


def fuse_query(model: models.Recipe, encoder: Encoder, compiler: Compiler) -> Fused | None:
    """The function for requests whose fields are in the query; ``None``: the general way is taken."""
    return _fused(_write_query, model, encoder, compiler, _QUERY_PARTS)


def _fused(
    write: Callable[[models.Recipe, Encoder, Values, Body], None],
    model: models.Recipe,
    encoder: Encoder,
    compiler: Compiler,
    parts: Mapping[str, str],
) -> Fused | None:
    module = Module({**NAMES, "Request": Request, "encoder": encoder, "address": _address})
    body = Body(module)
    body.put("if draft.encoding is not None or '?' in draft.url: raise ValueError")
    try:
        if model.envelope is not None:
            raise UnusualError
        write(model, encoder, Values(model, compiler, body, {**_URL, **parts}), body)
    except UnusualError:
        return None
    module.define("sign", "draft, sources", body)
    return module.build("sign")


def _write_body(model: models.Recipe, encoder: Encoder, values: Values, body: Body) -> None:
    inject = model.inject
    body.put("if draft.params: raise ValueError")
    body.put(f"fields = {_around('draft.body', values, model.fields_, model.body)}")
    body.put("body = encoder.body(fields)")
    body.put("if not body: raise ValueError")
    more = [*values.each(inject.body), *values.each(inject.append)]
    if encoder.kind == "form":
        body.put("sent = body" + _appended("'&'", more, values))
    else:
        body.put(f"sent = encoder.with_more(fields, body, {_map(more, values)})" if more else "sent = body")
    body.put("url = draft.url" + _appended("'?'", list(values.each(inject.query)), values))
    content_type = encoder.content_type("{}")
    first = {} if content_type is None else {"Content-Type": content_type}
    body.put(f"headers = {{**{first!r}, **draft.headers, {_headers(inject, values)}}}")
    body.put("return Request(draft.method, url, headers, sent.encode())")


def _write_query(model: models.Recipe, encoder: Encoder, values: Values, body: Body) -> None:
    inject = model.inject
    body.put("if not draft.params and encoder.place(draft.method) != 'query': raise ValueError")
    body.put(f"fields = {_around('draft.params', values, model.fields_, model.params)}")
    body.put("query = encoder.query(fields)")
    body.put("url = f'{draft.url}?{query}' if query else draft.url")
    more = [*values.each(inject.query), *values.each(inject.append)]
    body.put("sent = url" + _appended("('&' if query else '?')", more, values))
    body.put(f"headers = {{**draft.headers, {_headers(inject, values)}}}")
    body.put("return Request(draft.method, sent, headers, b'')")


def _around(own: str, values: Values, *around: models.Around | None) -> str:
    """The expression of the request's own fields with the recipe's around them."""
    given = [fields for fields in around if fields is not None]
    before = [pair for fields in reversed(given) for pair in values.each(fields.before)]
    after = [pair for fields in given for pair in values.each(fields.after)]
    if not before and not after:
        return own
    return f"{{{_items(before, values)}**{own}, {_items(after, values)}}}"


def _headers(inject: models.Inject, values: Values) -> str:
    return "".join(f"{name!r}: {values.text(tree)}, " for name, tree in values.each(inject.headers))


def _map(fields: list[tuple[str, Any]], values: Values) -> str:
    return f"{{{_items(fields, values)}}}"


def _items(fields: list[tuple[str, Any]], values: Values) -> str:
    return "".join(f"{name!r}: {values.value(tree)}, " for name, tree in fields)


def _appended(mark: str, fields: list[tuple[str, Any]], values: Values) -> str:
    """What is put behind a query or form: nothing, or a mark and the fields as they stand there."""
    if not fields:
        return ""
    names = {name for name, _ in fields if name.isidentifier() and name.isascii()}
    if len(names) < len(fields) or not all(values.needs_no_escape(tree) for _, tree in fields):
        return f" + {mark} + encoder.pairs({_map(fields, values)})"
    pairs = "&".join(f"{name}={{{values.value(tree)}}}" for name, tree in fields)
    return f" + {mark} + f'{pairs}'"


@lru_cache(maxsize=4096)
def _address(url: str) -> tuple[str, str, str]:
    """Scheme, host and path of a url that has no query."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return scheme, host, f"{slash}{path}" if slash else "/"
