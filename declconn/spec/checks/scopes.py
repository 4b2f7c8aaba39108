"""What templates may name, place by place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from declconn.spec.checks.sites import requests, slots
from declconn.spec.models import Recipe, Spec
from declconn.spec.models.base import Choice
from declconn.spec.operations import ARGUMENTS, FREE_ARGUMENTS
from declconn.spec.order_terms import offered
from declconn.spec.template import is_choice

CLOCK: Final = frozenset({"s", "ms", "us", "ns", "decimal_s", "iso8601s", "iso8601ms"})
NONCE: Final = frozenset({"s", "ms", "us", "ns", "uuid", "hex16", "hex32", "digits8"})
REQ: Final = frozenset(
    {"method", "scheme", "host", "path", "query", "target", "url", "body", "payload", "query_raw", "target_raw"}
)
URL: Final = frozenset({"host", "path"})
MARKET: Final = frozenset({"symbol", "base", "quote"})

Names = frozenset[str]
ANY: Final[Names | None] = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The sources of one place.

    Attributes:
        bare: names without a dot.
        roots: what a dotted name may begin with, and its second parts; ``None`` is any.
        fields: third parts, by the first two: the fields of ``session.x``, the values of ``auth.x``.
    """

    bare: Names = frozenset()
    roots: Mapping[str, Names | None] = field(default_factory=dict)
    fields: Mapping[str, Names | None] = field(default_factory=dict)

    def plus(self, bare: Iterable[str] = (), **roots: Names | None) -> Scope:
        """The same with more names."""
        return Scope(self.bare | frozenset(bare), {**self.roots, **roots}, self.fields)


class Scopes:
    """The scopes of one spec."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        session = {f"session.{name}": _obtained(spec, value.obtain) for name, value in spec.session.items()}
        recipes = {f"auth.{name}": _let_names(recipe) for name, recipe in spec.auth.recipes.items()}
        self.fixed = Scope(
            roots={
                "cred": frozenset(spec.credentials),
                "opt": frozenset(spec.options),
                "const": frozenset(spec.constants),
                "env": frozenset(name for environment in spec.environments.values() for name in environment),
            }
        )
        self.common = Scope(
            roots={**self.fixed.roots, "clock": CLOCK, "nonce": NONCE, "session": frozenset(spec.session)},
            fields={**session, **recipes},
        )
        self.facts = frozenset(name for request in requests(spec) for name in request.endpoint.market or {})
        self.market = self.common.plus(MARKET, market=self.facts)
        self.recipes = frozenset(spec.auth.recipes)
        self.type_words = _type_words(spec)
        stream = self.market.plus({"request_id", "symbols"}, url=URL)
        self.stream = stream
        self.message = stream.plus({"channel", "channels"}, channel=ANY, auth=self.recipes, msg=ANY)

    def arguments(self, operation: str) -> Names:
        """The bare sources that the runtime hands to an operation."""
        return ARGUMENTS.get(operation, FREE_ARGUMENTS)

    def request(self, operation: str, loops: Iterable[str], row: Names | None) -> Scope:
        """The templates of a request; ``row`` are the fields of the record that it follows."""
        scope = self.common.plus({*self.arguments(operation), "auth"}, market=self.facts, auth=self.recipes)
        scope = scope.plus(**{"for": frozenset(loops)}) if loops else scope
        scope = scope if row is None else scope.plus(row=row)
        return scope.plus(type=self.type_words) if operation in ("place_order", "amend_order") else scope

    def recipe(self, name: str, recipe: Recipe) -> Scope:
        """The steps and templates of a recipe, or of one of its cases."""
        bare = {*recipe.let, "fields", "params", "body", "auth", "request_id"}
        params, body = self._sent(name, "params"), self._sent(name, "body")
        own = {"params": params, "body": body, "fields": None if params is None or body is None else params | body}
        named = {source: names for source, names in own.items() if source not in recipe.let}
        return self.common.plus(bare, req=REQ, url=URL, msg=ANY, market=ANY, **named)

    def _sent(self, recipe: str, word: str) -> Names | None:
        """The fields that requests with this recipe have in their query or body; any, if that cannot be known."""
        signed = [request for request in requests(self._spec) if request.endpoint.auth == recipe]
        trees = [tree for request in signed if (tree := getattr(request.endpoint, word)) is not None]
        if not signed or not all(isinstance(tree, dict) and not is_choice(tree) for tree in trees):
            return ANY
        typed = any(request.operation in ("place_order", "amend_order") for request in signed)
        paged = (request.endpoint.paging.param for request in signed if request.endpoint.paging)
        return frozenset(name for tree in trees for name in tree).union(self.type_words if typed else (), paged)


def _obtained(spec: Spec, operation: str) -> Names | None:
    """The fields that an operation of the spec's own answers with; any, where a hook reads it."""
    results = [endpoint.result for endpoint in spec.requests(operation)]
    if not all(isinstance(result, dict) for result in results):
        return ANY
    return frozenset(name for result in results for name in slots(result))


def _let_names(recipe: Recipe | Choice[Recipe]) -> Names:
    if isinstance(recipe, Choice):
        return frozenset(name for one in recipe.of.values() for name in one.let)
    return frozenset(recipe.let)


def _type_words(spec: Spec) -> Names:
    """The fields of every kind of order that is offered."""
    return frozenset(name for fields in offered(spec.orders).values() for name in fields)
