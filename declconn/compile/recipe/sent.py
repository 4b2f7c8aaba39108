"""`req`: a request as it is sent, each part written when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from declconn.compile.encoding import Encoder
from declconn.compile.lookup import ABSENT, Sources
from declconn.compile.recipe.draft import Draft
from declconn.compile.recipe.scope import Value


@dataclass(frozen=True, slots=True)
class Around:
    """Fields that a recipe puts around others."""

    before: Value | None
    after: Value | None

    def __call__(self, own: Any, scope: Sources) -> dict[str, Any]:
        if type(own) is not dict and not isinstance(own, Mapping):
            raise ValueError(f"a recipe puts fields only around a map, and this body is a {type(own).__name__}")
        if self.before is None:
            return dict(own) if self.after is None else {**own, **self.after(scope)}
        before = self.before(scope)
        return {**before, **own} if self.after is None else {**before, **own, **self.after(scope)}


@dataclass(frozen=True, slots=True)
class Wrapping:
    """All that a recipe does to a request's fields before they become bytes; ``None`` is nothing."""

    fields: Around | None = None
    params: Around | None = None
    body: Around | None = None
    envelope: Value | None = None


class Sent(dict[str, str]):
    """The parts of a request before anything is injected: what these say is what leaves.

    Attributes:
        draft: what the endpoint wants to send.
        encoder: how it becomes bytes.
        scope: the sources of its templates.
        in_body: the fields travel in the body, not in the query.
        has_query: there are fields that travel in the query.
        content: the fields of the body with all that is around them, or the text that stands for them.
    """

    __slots__ = ("_wrapping", "content", "draft", "encoder", "has_query", "in_body", "scope")

    def __init__(self, draft: Draft, encoder: Encoder, wrapping: Wrapping, scope: Sources) -> None:
        self.draft, self.encoder, self._wrapping, self.scope = draft, encoder, wrapping, scope
        self.in_body = draft.body is not None or (not draft.params and encoder.place(draft.method) != "query")
        self.content: Any = None
        self.has_query = (
            bool(draft.params) or wrapping.params is not None or not (self.in_body or wrapping.fields is None)
        )

    def __missing__(self, part: str) -> str:
        text = self[part] = _PARTS[part](self)
        return text

    def get(self, part: str, default: Any = None) -> Any:
        return self[part] if part in _PARTS else default

    @property
    def fields(self) -> Any:
        """The request's own fields, wherever they travel."""
        return self.own_body if self.in_body else self.draft.params

    @property
    def own_params(self) -> Mapping[str, Any]:
        """The request's own fields of the query."""
        return self.draft.params

    @property
    def own_body(self) -> Any:
        """The request's own fields of the body."""
        return self.draft.body or {}

    def params(self) -> Mapping[str, Any]:
        """The fields of the query with all that is around them."""
        fields, wrapping = self.draft.params, self._wrapping
        if wrapping.fields is not None and not self.in_body:
            fields = wrapping.fields(fields, self.scope)
        return fields if wrapping.params is None else wrapping.params(fields, self.scope)

    def write_body(self) -> str:
        """Write the body, and keep what it was made of."""
        if not self.in_body:
            return ""
        wrapping, scope = self._wrapping, self.scope
        if wrapping.envelope is None:
            fields = self.draft.body or {}
            fields = fields if wrapping.fields is None else wrapping.fields(fields, scope)
            self.content = fields if wrapping.body is None else wrapping.body(fields, scope)
        else:
            enveloped = wrapping.envelope(scope)
            self.content = "" if enveloped is ABSENT else enveloped
        return self.encoder.body(self.content)


def _path(sent: Sent) -> str:
    address = _address(sent).partition("://")[2]
    return address[address.index("/") :] if "/" in address else "/"


def _address(sent: Sent) -> str:
    return sent.draft.url.partition("?")[0]


def _query(sent: Sent, write: Callable[[Mapping[str, Any]], str]) -> str:
    own = sent.draft.url.partition("?")[2]
    written = write(sent.params()) if sent.has_query else ""
    return f"{own}&{written}" if own and written else own or written


def _with_query(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address


def _url(sent: Sent) -> str:
    return _with_query(_address(sent), sent["query"]) if sent.has_query else sent.draft.url


_PARTS: Final[dict[str, Callable[[Sent], str]]] = {
    "method": lambda sent: sent.draft.method,
    "scheme": lambda sent: sent.draft.url.partition("://")[0],
    "host": lambda sent: _address(sent).partition("://")[2].partition("/")[0],
    "path": _path,
    "query": lambda sent: _query(sent, sent.encoder.query),
    "query_raw": lambda sent: _query(sent, sent.encoder.query_raw),
    "target": lambda sent: _with_query(sent["path"], sent["query"]),
    "target_raw": lambda sent: _with_query(sent["path"], sent["query_raw"]),
    "url": _url,
    "body": Sent.write_body,
    "payload": lambda sent: sent["body"] if sent.in_body else sent["query"],
}
"""The words after `req.`, and how each is written."""
