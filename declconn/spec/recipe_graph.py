"""A recipe as a graph: what each of its values is made of, and whether that can still be read from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from typing import Any, Final, TypeAlias

from declconn.spec.models import Around, Choice, Hook, Model, Recipe, steps
from declconn.spec.node import Loc
from declconn.spec.template import parse_source, parse_template

QUERY: Final = frozenset({"req.query", "req.query_raw", "req.target", "req.target_raw", "req.url", "req.payload"})
BODY: Final = frozenset({"req.body", "req.payload"})
"""The parts of a request that hold the fields of its query and of its body."""

OWN: Final = frozenset({"fields", "params", "body"})
"""The request's own fields; ``fields.price`` is one of them."""


def is_of_request(source: str) -> bool:
    """Whether a source tells one request from another."""
    return source == "req.path" or source in QUERY | BODY or source.partition(".")[0] in OWN


def is_of_body(source: str) -> bool:
    """Whether a source holds something of the body, or of the fields wherever they travel."""
    return source in BODY or source.partition(".")[0] in ("fields", "body")


class Way(IntEnum):
    """How a value goes into another; on a long way the highest counts."""

    PLAIN = 0
    """It stands there as it is."""
    CODED = 1
    """It can be computed back: encoded, or sent through a filter."""
    SEALED = 2
    """It is hashed or signed."""
    KEY = 3
    """It is the key of a signature."""
    ASKED = 4
    """It only decides between others."""


Use: TypeAlias = tuple[str, Way]
"""A source and how it is used."""

_WAYS: Final[Mapping[type[Model], Mapping[str, Way]]] = {
    steps.Hash: {"data": Way.SEALED},
    steps.Hmac: {"data": Way.SEALED, "key": Way.KEY},
    steps.Sign: {"data": Way.SEALED, "key": Way.KEY},
    steps.JwtBody: {"header": Way.CODED, "claims": Way.CODED, "key": Way.KEY},
    steps.Encode: {"data": Way.CODED},
    steps.Decode: {"data": Way.CODED},
    steps.Msgpack: {"msgpack": Way.CODED},
    steps.Uint: {"uint": Way.CODED},
    steps.FixedPoint: {"fixed_point": Way.CODED},
    steps.AbiBody: {"values": Way.CODED},
    steps.Eip712Body: {"domain": Way.SEALED, "message": Way.SEALED},
    steps.Eip191: {"eip191": Way.SEALED},
    steps.If: {"if_": Way.ASKED, "then": Way.PLAIN, "else_": Way.PLAIN},
    steps.By: {"by": Way.ASKED, "of": Way.PLAIN},
    steps.Concat: {"concat": Way.PLAIN},
    steps.Lines: {"lines": Way.PLAIN},
    steps.Merge: {"merge": Way.PLAIN},
    steps.Form: {"form": Way.PLAIN},
    steps.Json: {"json_": Way.PLAIN},
    steps.KvConcat: {"kv_concat": Way.PLAIN},
    steps.KvJoin: {"kv_join": Way.PLAIN},
    steps.Jwt: {"jwt": Way.PLAIN},
    steps.Eip712: {"eip712": Way.PLAIN},
    steps.AbiEncode: {"abi_encode": Way.PLAIN},
    Around: {"before": Way.PLAIN, "after": Way.PLAIN},
    Hook: {},
}
"""The words of each step that hold sources, and what becomes of these."""


def uses(value: Any, way: Way = Way.PLAIN) -> Iterator[Use]:
    """Every source that a step or a template names, and how it is used."""
    if isinstance(value, Model):
        for word, inner in _WAYS[type(value)].items():
            child = getattr(value, word)
            yield from uses(f"{{{child}}}" if word == "by" else child, max(way, inner))
        if isinstance(value, steps.JwtBody):
            yield from uses(value.claims, max(way, Way.SEALED))
    elif isinstance(value, Mapping):
        if value.keys() == {"by", "of"}:
            yield from ((source, max(way, Way.ASKED)) for source in parse_source(str(value["by"])).sources)
            value = value["of"]
        for child in value.values():
            yield from uses(child, way)
    elif isinstance(value, list | tuple):
        for child in value:
            yield from uses(child, way)
    elif isinstance(value, str):
        for hole in parse_template(value).placeholders:
            yield from ((source, max(way, Way.CODED if hole.filters else Way.PLAIN)) for source in hole.sources)


def recipes(loc: Loc, recipe: Recipe | Choice[Recipe]) -> Iterator[tuple[Loc, Recipe]]:
    """A recipe, or each of its cases, and where it stands."""
    if isinstance(recipe, Choice):
        yield from (((*loc, "of", case), one) for case, one in recipe.of.items())
    else:
        yield loc, recipe


class RecipeGraph:
    """The values of one recipe, and what they are made of.

    Attributes:
        needs: for each value of `let`, and each part of the request that the recipe itself changes, what it uses.
        outputs: what the recipe adds to a request or message.
    """

    def __init__(self, recipe: Recipe) -> None:
        fields, params, body = (list(uses(around)) for around in (recipe.fields_, recipe.params, recipe.body))
        envelope = list(uses(recipe.envelope))
        content = envelope if recipe.envelope is not None else [*fields, *body]
        self.needs: dict[str, list[Use]] = {name: list(uses(step)) for name, step in recipe.let.items()}
        for part in QUERY | BODY:
            query = [*fields, *params] if part in QUERY else []
            self.needs[part] = [*query, *(content if part in BODY else ())]
        inject = recipe.inject
        added = [inject.headers, inject.query, inject.body, inject.append, inject.message]
        self.outputs: list[Use] = [*fields, *params, *content, *uses(added)]
        self.has_hooks = any(has_hook(step) for step in recipe.let.values())

    def reach(self, start: Iterable[Use]) -> set[Use]:
        """Everything that these are made of, near and far."""
        found: set[Use] = set()
        waiting = list(start)
        while waiting:
            source, way = use = waiting.pop()
            if use not in found:
                found.add(use)
                waiting += [(inner, max(way, inner_way)) for inner, inner_way in self.needs.get(source, ())]
        return found

    def sealed(self, start: Iterable[Use]) -> set[str]:
        """The sources that are hashed, signed or the key of a signature on some way."""
        return {source for source, way in self.reach(start) if way in (Way.SEALED, Way.KEY)}

    def readable(self, start: Iterable[Use]) -> set[str]:
        """The sources that whoever sees the result can read."""
        return {source for source, way in self.reach(start) if way <= Way.CODED}


def has_hook(value: Any) -> bool:
    """Whether Python is asked somewhere in a step, so that nobody knows what its value is made of."""
    if isinstance(value, Hook):
        return True
    if isinstance(value, Model):
        return any(has_hook(getattr(value, word)) for word in _WAYS.get(type(value), ()))
    children = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(map(has_hook, children))
