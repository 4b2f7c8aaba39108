"""One recipe without its cases, compiled: how a draft becomes a request, and a message a signed one."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, Final

from declconn.compile.encoding import Encoder
from declconn.compile.filters import as_text
from declconn.compile.lookup import Sources, complaint
from declconn.compile.recipe.compiler import Compiler
from declconn.compile.recipe.draft import Draft
from declconn.compile.recipe.fused import fuse_body, fuse_query
from declconn.compile.recipe.scope import Scope, Value
from declconn.compile.recipe.sent import Around, Sent, Wrapping
from declconn.compile.source_book import FrozenClock
from declconn.errors import ConfigurationError, CredentialsError
from declconn.net.transport import Request
from declconn.spec import models

_OWN_FIELDS: Final[Mapping[str, Value]] = {
    "fields": lambda sources: getattr(sources["req"], "fields", None),
    "params": lambda sources: getattr(sources["req"], "own_params", None),
    "body": lambda sources: getattr(sources["req"], "own_body", None),
}
"""A message that is being signed has none of them."""


_NO_NONCES: Final = {
    **dict.fromkeys(("s", "ms", "us", "ns"), 0),
    **dict.fromkeys(("uuid", "hex16", "hex32", "digits8"), "0"),
}


class Formula:
    """What one `recipes.NAME` says, or one of its cases.

    Attributes:
        model: the spec's words.
        values: the values of `let`, and the request's own fields.
        fused_body, fused_query: the ordinary ways in straight lines, if there are any.
    """

    def __init__(self, name: str, where: str, model: models.Recipe, compiler: Compiler) -> None:
        def template(tree: Any, place: str, then: Callable[[Any], Any] | None = None) -> Value | None:
            return compiler.template(tree, f"{where}.{place}", then) if tree not in (None, {}) else None

        def around(fields: models.Around | None, place: str) -> Around | None:
            if fields is None:
                return None
            return Around(template(fields.before, f"{place}.before"), template(fields.after, f"{place}.after"))

        self.model, self._where, self._compiler = model, where, compiler
        self._wrapping = Wrapping(
            around(model.fields_, "fields"),
            around(model.params, "params"),
            around(model.body, "body"),
            template(model.envelope, "envelope"),
        )
        self._encoder = Encoder(model.encoding)
        lets = {value: compiler.step(step, f"{where}.let.{value}") for value, step in model.let.items()}
        self.values: Mapping[str, Value] = {**_OWN_FIELDS, "auth": lambda _: name, **lets}
        inject = model.inject
        self._headers = template(inject.headers, "inject.headers", _texts)
        self._query = template(inject.query, "inject.query")
        self._body = template(inject.body, "inject.body")
        self._append = template(inject.append, "inject.append")
        self._message = template(inject.message, "inject.message")
        self._fuse()

    def _fuse(self) -> None:
        self.fused_body = fuse_body(self.model, self._encoder, self._compiler)
        self.fused_query = fuse_query(self.model, self._encoder, self._compiler)

    def scope(self, sources: Sources) -> Scope:
        """The sources with the values of the recipe among them, computed when they are asked for."""
        return Scope(self.values, sources)

    def begin(self, draft: Draft, sources: Sources) -> Sent:
        """The request in which nothing is written yet; its scope holds it as `req`."""
        encoder = self._encoder if draft.encoding is None else Encoder(draft.encoding, self.model.encoding)
        scope = self.scope(sources)
        sent = scope["req"] = Sent(draft, encoder, self._wrapping, scope)
        return sent

    def compute(self, step: Any, scope: Sources) -> Any:
        """What a part of the recipe is in this scope."""
        return self._compiler.step(step, self._where)(scope)

    def place(self, method: str) -> str:
        """Where the fields of a request travel that does not say it."""
        return self._encoder.place(method)

    def sign(self, draft: Draft, sources: Sources) -> Request:
        """See `Recipe.sign`."""
        fused = self.fused_query if draft.body is None else self.fused_body
        if fused is None:
            return self.sign_carefully(draft, sources)
        try:
            return fused(draft, sources)
        except Exception:  # noqa: BLE001 - whatever it is, it is found again and said with its place
            return self.sign_carefully(draft, sources)

    def sign_carefully(self, draft: Draft, sources: Sources) -> Request:
        """The same, the general way: every value when it is asked for, every error with its place."""
        try:
            return self.finish(self.begin(draft, sources))
        except ValueError as error:
            # The cause may show a value, and a value may be a secret.
            raise complaint(self._where, str(error)) from None

    def finish(self, sent: Sent) -> Request:
        """The request that leaves: what is injected changes nothing of what is written already."""
        draft, encoder, scope = sent.draft, sent.encoder, sent.scope
        url, body = sent["url"], sent["body"]
        headers = {**draft.headers} if self._headers is None else {**draft.headers, **self._headers(scope)}
        appended = {} if self._append is None else self._append(scope)
        in_query, in_body = ({}, appended) if sent.in_body else (appended, {})
        if self._query is not None:
            in_query = {**self._query(scope), **in_query}
        if in_query:
            url = f"{url}{'&' if '?' in url else '?'}{encoder.pairs(in_query)}"
        if sent.in_body:
            if self._body is not None:
                in_body = {**self._body(scope), **in_body}
            if in_body:
                body = encoder.with_more(sent.content, body, in_body)
            content_type = encoder.content_type(body)
            if content_type is not None:
                headers.setdefault("Content-Type", content_type)
        return Request(draft.method, url, headers, body.encode())

    def rehearse(self, fixed: Sources) -> None:
        """See `Recipe.rehearse`: write all that is injected, at the beginning of time."""
        sent = self.begin(Draft("GET", "https://localhost/"), {**fixed, "clock": FrozenClock(0), "nonce": _NO_NONCES})
        injected = (self._headers, self._query, self._body, self._append, self._message, self._wrapping.envelope)
        for value in [value for value in injected if value is not None] or self.values.values():
            try:
                value(sent.scope)
            except CredentialsError:
                raise
            except ConfigurationError:
                continue  # it needs what only a real request has; a step reads its key before anything else

    def sign_message(self, message: Mapping[str, Any], sources: Sources) -> dict[str, Any]:
        """See `Recipe.sign_message`."""
        signed = dict(message)
        if self._message is not None:
            signed = _merged(message, self._message(self.scope({**sources, "msg": message})))
        return signed

    def with_encoding(self, encoding: models.Encoding | None) -> Formula:
        """The same for an endpoint whose own encoding wins."""
        if encoding is None:
            return self
        other = copy.copy(self)
        other._encoder = Encoder(encoding, self.model.encoding)
        other._fuse()
        return other


def _texts(headers: Mapping[str, Any]) -> dict[str, str]:
    return {name: as_text(value) for name, value in headers.items()}


def _merged(message: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The message with more fields; maps that both have are merged."""
    merged = dict(message)
    for name, value in more.items():
        own = message.get(name)
        merged[name] = _merged(own, value) if isinstance(own, Mapping) and isinstance(value, Mapping) else value
    return merged
