"""How a request was signed, step by step, for people whom a venue tells "invalid signature"; no secret shows."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

from declconn.compile.decode import encode
from declconn.compile.filters import as_text
from declconn.compile.lookup import ABSENT, Sources
from declconn.compile.recipe.draft import Draft
from declconn.compile.recipe.formula import Formula
from declconn.compile.recipe.sent import Sent
from declconn.spec.models import Recipe, steps
from declconn.spec.recipe_graph import RecipeGraph, Way


def explain(formula: Formula, draft: Draft, sources: Sources) -> list[tuple[str, str]]:
    """See `Recipe.explain`."""
    sent = formula.begin(draft, sources)
    request = formula.finish(sent)
    stars = Stars(sources, sent.scope, formula)
    lines: list[tuple[str, Any]] = [(f"req.{part}", sent[part]) for part in ("method", "url", "body")]
    for name in [name for name in sent.scope if name in formula.model.let]:  # in the order of their computation
        lines += _value(name, formula, sent)
    lines += [(f"headers.{name}", value) for name, value in request.headers.items()]
    lines += [("url", request.url), ("body", request.body.decode())]
    if sent.encoder.kind == "base64json":
        lines = [(name, _opened(value, {sent["body"], request.body.decode()})) for name, value in lines]
    return [(name, stars.over(text)) for name, value in lines if (text := _shown(value))]


def _opened(value: Any, bodies: set[str]) -> Any:
    """A value that is a body in base64, as what it stands for, so that people can read it and secrets be found."""
    return f"base64 of {base64.b64decode(value).decode()}" if value in bodies and value else value


def _value(name: str, formula: Formula, sent: Sent) -> Iterator[tuple[str, Any]]:
    """A value of `let`, before it what it is computed over."""
    step = formula.model.let[name]
    if isinstance(step, steps.Jwt):
        yield f"{name}.header", formula.compute({"alg": step.jwt.alg, "typ": "JWT", **step.jwt.header}, sent.scope)
        yield f"{name}.claims", formula.compute(step.jwt.claims, sent.scope)
    elif isinstance(step, steps.Hash | steps.Hmac | steps.Sign | steps.Encode | steps.Decode):
        yield f"{name}.data", formula.compute(step.data, sent.scope)
    yield name, sent.scope[name]


class Stars:
    """Writes ``***name***`` over secrets, and over what a secret could be computed from.

    Args:
        sources: where ``cred`` and ``session`` are.
        scope: where the values of the recipe are.
        formula: the recipe.
    """

    def __init__(self, sources: Sources, scope: Mapping[str, Any], formula: Formula) -> None:
        secrets = [*_leaves("session", sources.get("session")), *_leaves("cred", sources.get("cred"))]
        secrets += [(name, _shown(scope[name])) for name in _hidden(formula.model) if name in scope]
        self._stars = {form: f"***{name}***" for name, text in secrets for form in _forms(text)}
        longest_first = sorted(self._stars, key=len, reverse=True)
        self._secret = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def over(self, text: str) -> str:
        """The text without secrets."""
        return self._secret.sub(lambda found: self._stars[found.group()], text)


def _hidden(model: Recipe) -> set[str]:
    """The values that nobody may see: tokens, keys, and what a credential can be computed back from."""
    graph = RecipeGraph(model)
    keys = {source for uses in graph.needs.values() for source, way in uses if way is Way.KEY}
    tokens = {name for name, step in model.let.items() if isinstance(step, steps.Jwt)}
    return {name for name in model.let if name in keys | tokens or _is_coded(name, graph)}


def _is_coded(name: str, graph: RecipeGraph) -> bool:
    reached = graph.reach([(name, Way.PLAIN)])
    return any(way is Way.CODED and source.startswith(("cred.", "session.")) for source, way in reached)


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """All texts in a tree of secrets, each with the last name that leads to it."""
    if isinstance(value, Mapping):
        for key, child in value.items():
            yield from _leaves(str(key), child)
    elif isinstance(value, SecretStr):
        yield name, value.get_secret_value()
    elif isinstance(value, str):
        yield name, value


def _forms(text: str) -> set[str]:
    """A secret as it may stand in a text: as it is, in a query, in a form, in JSON."""
    return {text, quote(text, safe=""), quote_plus(text), encode(text)[1:-1]} - {""}


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if value is ABSENT or value is None:
        return ""
    return encode(value) if isinstance(value, Mapping | list | tuple) else as_text(value)
