"""Recipes can be computed, sign with a secret, and sign what they send."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Final, NamedTuple

from declconn.spec.checks.finding import Finding, doubt, doubt_key, wrong, wrong_key
from declconn.spec.checks.names import named_recipes
from declconn.spec.checks.sites import Request, requests
from declconn.spec.checks.sources import named_sources
from declconn.spec.models import Recipe, Spec
from declconn.spec.node import Loc
from declconn.spec.operations import PRIVATE
from declconn.spec.order_ids import named
from declconn.spec.recipe_graph import OWN, RecipeGraph, Use, Way, is_of_body, is_of_request, recipes

_OWN: Final = OWN | {"auth", "request_id"}
"""What every recipe may name."""


class Signing(NamedTuple):
    """A recipe, or one of its cases: its name, where it stands, and what of it leaves."""

    name: str
    loc: Loc
    recipe: Recipe
    graph: RecipeGraph
    sent: list[Use]


def check_let_cycles(spec: Spec) -> Iterator[Finding]:
    """The values of each recipe can be computed one after another, and so can the bytes that they sign."""
    for signing in _signings(spec):
        needs = {name: {source for source, _ in uses} for name, uses in signing.graph.needs.items()}
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            yield _cycle(signing, error.args[1][-2::-1])


def _cycle(signing: Signing, circle: list[str]) -> Finding:
    """The circle, begun at the first value of `let` in it, if there is one."""
    first = next((name for name in signing.recipe.let if name in circle), None)
    start = circle.index(first) if first else 0
    chain = [*circle[start:], *circle[: start + 1]]
    return wrong_key((*signing.loc, "let", first) if first else signing.loc, f"needs itself: {' -> '.join(chain)}")


def check_secrets(spec: Spec) -> Iterator[Finding]:
    """A recipe that signs does it with a credential that it does not give away, and sends the signature."""
    for signing in _signings(spec):
        graph, sent = signing.graph, signing.sent
        signatures = [name for name in signing.recipe.let if any(way is Way.KEY for _, way in graph.needs[name])]
        reached = {source for source, _ in graph.reach(sent)}
        if not signatures or graph.has_hooks or _has_unknown(reached, signing.recipe):
            continue
        loc = (*signing.loc, "let", signatures[0])
        secrets, readable = _secrets(graph.sealed(sent)), graph.readable(sent)
        if not reached & {*signatures}:
            yield wrong_key(loc, "this signature is made but not sent; name it in `inject` or `envelope`")
        elif not secrets:
            yield wrong_key(loc, "no credential goes into this signature, so anybody could make it")
        elif secrets <= readable:
            given = ", ".join(f"'{secret}'" for secret in sorted(secrets))
            yield wrong_key(loc, f"it is made with {given} alone, which the request shows as it is; use the secret")


def check_bound(spec: Spec) -> Iterator[Finding]:
    """What is signed holds something of the request, unless the venue wants it otherwise (`unbound`)."""
    for name, loc, recipe, graph, sent in _signings(spec):
        signed = graph.sealed(sent)
        is_bound = any(map(is_of_request, signed - {*recipe.let}))
        if recipe.unbound is True or graph.has_hooks or not _secrets(signed) or is_bound:
            continue
        asking = [request.operation for request in requests(spec) if request.endpoint.auth == name and _asks(request)]
        if asking:
            hint = "sign {req.payload} or what the venue wants, or say `unbound: true` if it wants nothing"
            yield wrong_key(loc, f"the signature of '{asking[0]}' does not depend on what is asked; {hint}")


def check_bodies_bound(spec: Spec) -> Iterator[Finding]:
    """Where requests of a recipe have bodies, it signs them, unless the venue does not (`unbound: body`)."""
    for name, loc, recipe, graph, sent in _signings(spec):
        signed = graph.sealed(sent) - {*recipe.let}
        if recipe.unbound or graph.has_hooks or not any(map(is_of_request, signed)) or any(map(is_of_body, signed)):
            continue
        asking = [
            request.operation for request in requests(spec) if request.endpoint.auth == name and request.endpoint.body
        ]
        if asking:
            hint = "sign {req.body} too, or say `unbound: body` if the venue does not"
            yield doubt_key(loc, f"the signature of '{asking[0]}' does not depend on its body; {hint}")


def check_signed_messages(spec: Spec) -> Iterator[Finding]:
    """A message that a recipe signs is a map, which its `inject.message` is merged into."""
    messages = [
        (("streams", name, word), message)
        for name, stream in spec.streams.items()
        for word, message in (
            ("login", stream.login),
            ("subscribe", stream.subscribe),
            ("unsubscribe", stream.unsubscribe),
        )
    ]
    for loc, message in [*messages, (("order_book", "snapshot"), spec.order_book.snapshot)]:
        if message and message.auth and message.send is not None and not isinstance(message.send, dict):
            hint = "put what it makes in its place with {auth.NAME.x}"
            yield wrong((*loc, "send"), f"a message that `auth` signs is a map, and this is another value; {hint}")


def check_credentials_used(spec: Spec) -> Iterator[Finding]:
    """Nobody is asked for a secret that nothing uses."""
    used = named_sources(spec)
    if _credentials(used) - {f"cred.{name}" for name in spec.credentials}:
        return  # the name of one may be misspelt, which is another check's finding
    for index, name in enumerate(spec.credentials):
        if f"cred.{name}" not in used:
            yield doubt(("credentials", index), f"nothing uses the credential '{name}'")


def check_recipes_used(spec: Spec) -> Iterator[Finding]:
    """What is there to sign with is used."""
    used = {name for _, name in named_recipes(spec)}
    if used - spec.auth.recipes.keys():
        return  # the name of one may be misspelt, which is another check's finding
    used |= {source.split(".")[1] for source in named_sources(spec) if source.startswith("auth.")}
    for name in spec.auth.recipes.keys() - used:
        message = f"nothing is signed with the recipe '{name}'; say `auth: {name}` where it is needed"
        yield doubt_key(("auth", "recipes", name), message)


def check_private_requests(spec: Spec) -> Iterator[Finding]:
    """A request about an account is signed, or says in another way whose it is."""
    recipe = next(iter(spec.auth.recipes), "NAME")
    for request in requests(spec):
        is_said = any(source.startswith(("cred.", "session.", "auth.")) for source in named(request.endpoint))
        if request.operation in PRIVATE and request.endpoint.auth in (None, "none") and not is_said:
            yield doubt_key(request.loc, f"nothing says whose account is meant; sign it with `auth: {recipe}`")


def _signings(spec: Spec) -> Iterator[Signing]:
    named = named_sources(spec)
    used = {name for _, name in named_recipes(spec)}
    for name, declared in spec.auth.recipes.items():
        for loc, recipe in recipes(("auth", "recipes", name), declared):
            graph = RecipeGraph(recipe)
            elsewhere = [(value, Way.PLAIN) for value in recipe.let if f"auth.{name}.{value}" in named]
            sent = [*graph.outputs, *elsewhere]
            yield Signing(name, loc, recipe, graph, sent or ([] if name in used else _last(recipe, graph)))


def _last(recipe: Recipe, graph: RecipeGraph) -> list[Use]:
    """The values of `let` that no other needs: what a recipe that nobody names yet is for."""
    needed = {source for name in recipe.let for source, _ in graph.needs[name]}
    return [(name, Way.PLAIN) for name in recipe.let if name not in needed]


def _has_unknown(sources: set[str], recipe: Recipe) -> bool:
    """A name that another check finds to be misspelt."""
    return any("." not in source and source not in recipe.let and source not in _OWN for source in sources)


def _credentials(sources: set[str]) -> set[str]:
    return {source for source in sources if source.startswith("cred.")}


def _secrets(sources: set[str]) -> set[str]:
    """Credentials, and what was learnt with them."""
    return {source for source in sources if source.startswith(("cred.", "session."))}


def _asks(request: Request) -> bool:
    return bool(request.endpoint.params or request.endpoint.body)
