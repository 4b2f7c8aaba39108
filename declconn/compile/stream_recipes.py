"""Recipes on a stream: signed messages, signed handshakes, and ``{auth.NAME.x}`` anywhere in either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from declconn.compile.lookup import Sources
from declconn.compile.recipe import Draft, Recipe
from declconn.spec.models import Encoding
from declconn.spec.template import placeholders

_IN_QUERY: Final = Encoding(place={"*": "query"})
"""A handshake has no body, so fields that a recipe adds travel in its query."""


class StreamRecipes:
    """The recipes that a stream may name.

    Args:
        recipes: by name; none without credentials.
    """

    def __init__(self, recipes: Mapping[str, Recipe]) -> None:
        self._recipes = recipes

    def of(self, auth: str | None) -> Recipe | None:
        """The recipe of an `auth`. ``None``: nothing is signed; so it is with `recipe?` and no credentials."""
        return None if auth is None else self._recipes.get(auth.removesuffix("?"))

    def named_in(self, template: Any) -> dict[str, Recipe]:
        """The recipes whose values a template puts somewhere, as ``{auth.NAME.x}``."""
        sources = (source for _, hole in placeholders(template) for source in hole.sources)
        names = {source.split(".")[1] for source in sources if source.startswith("auth.")}
        return {name: self._recipes[name] for name in sorted(names & self._recipes.keys())}


def with_values(sources: Sources, named: Mapping[str, Recipe]) -> Sources:
    """The sources with the values of some recipes among them, each computed when it is asked for."""
    if not named:
        return sources
    known: dict[str, Any] = dict(sources)
    known["auth"] = {name: recipe.values(known) for name, recipe in named.items()}
    return known


def sign_handshake(
    recipe: Recipe, url: str, headers: Mapping[str, str], sources: Sources
) -> tuple[str, Mapping[str, str]]:
    """The url and headers of a connection as the recipe signs them: it is a GET without fields."""
    draft = Draft("GET", url, headers=headers, encoding=_IN_QUERY)
    request = recipe.sign(draft, {**sources, "url": url_parts(url)})
    return request.url, request.headers


def url_parts(url: str) -> dict[str, str]:
    """What stands behind ``{url.host}`` and ``{url.path}``."""
    parts = urlsplit(url)
    return {"host": parts.netloc, "path": parts.path or "/"}
