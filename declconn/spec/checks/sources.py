"""Every placeholder names something that has a value where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from declconn.records import RECORDS
from declconn.spec.checks.finding import Finding, unknown, wrong
from declconn.spec.checks.scopes import MARKET, Scope, Scopes
from declconn.spec.checks.sites import Request, news, requests, slots, words
from declconn.spec.explain import suggest
from declconn.spec.models import Endpoint, Model, Recipe, Spec, Stream
from declconn.spec.models.base import Choice
from declconn.spec.node import Loc
from declconn.spec.template import Placeholder, parse_source, parse_template, placeholders

_NOT_TEMPLATES = frozenset({"sep", "safe", "arrays", "key_enc", "out", "alg", "primary", "python", "types"})


def check_sources(spec: Spec) -> Iterator[Finding]:
    """Unknown sources in every template of the spec."""
    scopes = Scopes(spec)
    for loc, placeholder, scope in _placeholders(spec, scopes):
        for source in placeholder.sources:
            yield from check_source(loc, source, scope)
            if source.startswith("env."):
                yield from _check_environments(loc, source, placeholder.optional, spec)


def named_sources(spec: Spec) -> set[str]:
    """Every source that some template of the spec names."""
    return {source for _, hole, _ in _placeholders(spec, Scopes(spec)) for source in hole.sources}


def check_source(loc: Loc, source: str, scope: Scope, what: str = "source") -> Iterator[Finding]:
    """What is wrong with one name of a placeholder."""
    root, *rest = source.split(".")
    if not rest and root not in scope.bare:
        yield wrong(loc, f"unknown {what} {suggest(source, _all(scope), sorted(scope.bare))}")
    elif rest and root not in scope.roots:
        yield wrong(loc, f"unknown {what} {suggest(source, _all(scope), sorted(f'{root}.' for root in scope.roots))}")
    elif rest:
        names = scope.roots[root]
        if root == "cred" and not names:
            yield wrong(loc, f"unknown {what} '{source}'; declare `credentials: [{rest[0]}, ...]`")
        elif names is not None and rest[0] not in names:
            yield unknown(loc, what, source, [f"{root}.{name}" for name in names])
        else:
            yield from _check_field(loc, source, scope)


def _check_field(loc: Loc, source: str, scope: Scope) -> Iterator[Finding]:
    """``session.x`` is the field `x` of what was obtained, ``session.x.y`` its field `y`."""
    head, second, *third = source.split(".")
    fields = scope.fields.get(f"{head}.{second}")
    name = third[0] if third else second
    if fields is not None and (third or head == "session") and name not in fields:
        yield wrong(loc, f"'{head}.{second}' has no field {suggest(name, sorted(fields))}")


def _check_environments(loc: Loc, source: str, optional: bool, spec: Spec) -> Iterator[Finding]:
    name = source.split(".")[1]
    lacking = [environment for environment, values in spec.environments.items() if name not in values]
    if lacking and not optional and len(lacking) < len(spec.environments):
        places = ", ".join(f"'{environment}'" for environment in lacking)
        yield wrong(loc, f"environment {places} has no '{name}'; write '{{{source}?}}' if it may be absent")


def _all(scope: Scope) -> Iterable[str]:
    dotted = (f"{root}.{name}" for root, names in scope.roots.items() for name in names or ())
    return sorted(scope.bare) + sorted(dotted)


Found = tuple[Loc, Placeholder, Scope]


def _placeholders(spec: Spec, scopes: Scopes) -> Iterator[Found]:
    for request in requests(spec):
        yield from _of_request(request, scopes)
    for name, recipe in spec.auth.recipes.items():
        yield from _of_recipe(("auth", "recipes", name), recipe, scopes)
    for pool, limit in spec.rate_limits.items():
        if isinstance(limit.allow, Choice):
            yield ("rate_limits", pool, "allow", "by"), parse_source(limit.allow.by), scopes.fixed
    for name, stream in spec.streams.items():
        yield from _of_stream(("streams", name), stream, scopes)
    for item in news(spec):
        yield from _of_slots((*item.loc, "map"), slots(item.event.map), item.record, scopes)
    yield from _of_orders(spec, scopes)
    yield from _of_order_book(spec, scopes)


def _in(scope: Scope, loc: Loc, tree: Any) -> Iterator[Found]:
    for inner, placeholder in placeholders(tree):
        yield (*loc, *inner), placeholder, scope


def _of_request(request: Request, scopes: Scopes) -> Iterator[Found]:
    loc, endpoint = request.loc, request.endpoint
    loops = {**(request.follows.for_ or {} if request.follows else {}), **(endpoint.for_ or {})}
    scope = scopes.request(request.operation, loops, _row(request))
    for word in ("get", "post", "put", "delete", "patch", "params", "body", "headers"):
        yield from _in(scope, (*loc, word), getattr(endpoint, word))
    with_bytes = scope.plus(req=frozenset({"method"}))
    yield from _in(with_bytes, (*loc, "cost"), endpoint.cost)
    if endpoint.rate and isinstance(endpoint.rate.allow, Choice):
        yield (*loc, "rate", "allow", "by"), parse_source(endpoint.rate.allow.by), with_bytes
    for source in endpoint.when or {}:
        yield (*loc, "when", source), parse_source(source), scope
    yield from _of_slots((*loc, "result"), slots(endpoint.result), request.record, scopes)


def _row(request: Request) -> frozenset[str] | None:
    """The fields of the record that a `then` follows."""
    if request.follows is None:
        return None
    record = RECORDS[request.record].fields if request.record else {}
    return frozenset([*record, *slots(request.follows.result), *_given(request.follows)])


def _given(endpoint: Endpoint) -> Iterable[str]:
    return endpoint.for_ or ()


def _of_slots(loc: Loc, mapping: dict[str, Any], record: str | None, scopes: Scopes) -> Iterator[Found]:
    fields = RECORDS[record].fields if record else mapping
    scope = scopes.market.plus(fields)
    for name, slot in mapping.items():
        yield from _in(scope, (*loc, name, "render"), slot.render)


def _of_recipe(loc: Loc, recipe: Recipe | Choice[Recipe], scopes: Scopes) -> Iterator[Found]:
    if isinstance(recipe, Choice):
        yield (*loc, "by"), parse_source(recipe.by), scopes.common.plus({"auth"}, req=frozenset({"method"}))
        for case, one in recipe.of.items():
            yield from _of_recipe((*loc, "of", case), one, scopes)
        return
    scope = scopes.recipe(str(loc[2]), recipe)
    for inner, placeholder in model_placeholders(recipe, ()):
        yield (*loc, *inner), placeholder, scope


def model_placeholders(value: Any, loc: Loc) -> Iterator[tuple[Loc, Placeholder]]:
    """The placeholders of a recipe or a step: of everything in it that is a template."""
    if isinstance(value, Model):
        for word, child in words(value):
            if word == "by":
                yield (*loc, word), parse_source(child)
            elif word not in _NOT_TEMPLATES and word != "encoding":
                yield from model_placeholders(child, (*loc, word))
    elif isinstance(value, dict) and any(isinstance(child, Model) for child in value.values()):
        for name, child in value.items():
            yield from model_placeholders(child, (*loc, name))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from model_placeholders(child, (*loc, index))
    elif isinstance(value, str):
        for placeholder in parse_template(value).placeholders:
            yield loc, placeholder
    else:
        for inner, placeholder in placeholders(value):
            yield (*loc, *inner), placeholder


def _of_stream(loc: Loc, stream: Stream, scopes: Scopes) -> Iterator[Found]:
    yield from _in(scopes.stream, (*loc, "url"), stream.url)
    yield from _in(scopes.stream.plus(auth=scopes.recipes), (*loc, "headers"), stream.headers)
    yield from _in(scopes.market, (*loc, "symbol"), stream.symbol)
    yield from _in(scopes.stream, (*loc, "channels"), stream.channels)
    for word, message in (("subscribe", stream.subscribe), ("unsubscribe", stream.unsubscribe)):
        yield from _in(scopes.message, (*loc, word, "send"), message and message.send)
    if stream.login:
        yield from _in(scopes.message, (*loc, "login", "send"), stream.login.send)
    if stream.heartbeat:
        yield from _in(scopes.message, (*loc, "heartbeat", "send"), stream.heartbeat.send)
        yield from _in(scopes.common, (*loc, "heartbeat", "every"), stream.heartbeat.every)
    for index, reply in enumerate(stream.reply or ()):
        captured = {source for _, hole in placeholders(reply.when) for source in hole.sources}
        yield from _in(scopes.message.plus(captured), (*loc, "reply", index, "send"), reply.send)


def _of_orders(spec: Spec, scopes: Scopes) -> Iterator[Found]:
    if spec.orders is None:
        return
    scope = scopes.request("place_order", (), None)
    for order_type, fields in spec.orders.types.items():
        yield from _in(scope, ("orders", "types", order_type), fields)


def _of_order_book(spec: Spec, scopes: Scopes) -> Iterator[Found]:
    yield from _in(scopes.message, ("order_book", "snapshot", "send"), spec.order_book.snapshot.send)
    if not isinstance(spec.order_book.truncate, int):
        yield from _in(scopes.fixed.plus(MARKET), ("order_book", "truncate"), spec.order_book.truncate)
