"""What went over the wire and what became of it, for people and for programs; secrets are starred."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from declconn.cli.output import print_json
from declconn.connector.requests.policies import kind_of
from declconn.errors import DeclconnError
from declconn.net.scrub import REDACTED
from declconn.net.watching import Exchanged
from declconn.spec import Spec
from declconn.spec.checks.sites import requests
from declconn.spec.recipe_graph import RecipeGraph, recipes, uses

_PLAIN: Final = frozenset({"content-type", "accept"})
_SECRETS: Final = frozenset({"cred", "session", "auth"})
"""The sources that hold, or are made of, what is nobody else's business."""


class Wire:
    """Shows requests and answers.

    Args:
        spec: says which headers nothing secret goes into; all others are starred whole.
        star: writes stars over the secrets of a text.
    """

    def __init__(self, spec: Spec, star: Callable[[str], str]) -> None:
        self._plain, self._star = plain_headers(spec), star

    def show(self, exchanged: Iterable[Exchanged], records: list[Any] | None) -> None:
        """For people: what went out behind ``>``, what came in behind ``<``, and the records if there are any."""
        for block, same in groupby(map(self._block, exchanged)):
            attempts = len(list(same))
            print(block if attempts == 1 else f"{block}({attempts} attempts)\n")
        if records is not None:
            print_json(records)

    def show_json(self, exchanged: Iterable[Exchanged], records: list[Any] | None, error: DeclconnError | None) -> None:
        """For programs: one document, also of a failure."""
        document = {"requests": [self._document(one) for one in exchanged], "records": records or []}
        print_json({**document, "error": None if error is None else self._error(error)})

    def _block(self, one: Exchanged) -> str:
        lines = [f"> {one.request.method} {self._star(one.request.url)}"]
        lines += [f"> {name}: {value}" for name, value in self._headers(one).items()]
        if one.request.body:
            lines.append(f"> {self._text(one.request.body)}")
        if one.response is None:
            lines.append(f"< {self._star(one.failure or 'no answer')}")
        else:
            lines.append(f"< HTTP {one.response.status} in {one.seconds * 1000:.0f} ms")
            lines.append(f"< {self._text(one.response.body)}")
        return "\n".join(lines) + "\n"

    def _document(self, one: Exchanged) -> dict[str, Any]:
        return {
            "method": one.request.method,
            "url": self._star(one.request.url),
            "headers": self._headers(one),
            "body": self._text(one.request.body),
            "status": one.response and one.response.status,
            "answer": one.response and self._text(one.response.body),
            "error": one.failure and self._star(one.failure),
        }

    def _error(self, error: DeclconnError) -> dict[str, Any]:
        return {"type": type(error).__name__, "kind": kind_of(error) or None, "message": self._star(str(error))}

    def _headers(self, one: Exchanged) -> dict[str, str]:
        return {
            name: self._star(value) if name.lower() in self._plain else REDACTED
            for name, value in one.request.headers.items()
        }

    def _text(self, data: bytes) -> str:
        return self._star(data.decode("utf-8", "backslashreplace"))


def plain_headers(spec: Spec) -> frozenset[str]:
    """The headers, in small letters, that nothing secret goes into, wherever the spec writes them."""
    written = list(_headers_of(spec))
    return _PLAIN | {name for name, _ in written} - {name for name, is_secret in written if is_secret}


def _headers_of(spec: Spec) -> Iterator[tuple[str, bool]]:
    """Every header that is written somewhere, and whether a secret goes into it there."""
    for request in requests(spec):
        for name, template in (request.endpoint.headers or {}).items():
            yield name.lower(), _has_secret(source for source, _ in uses(template))
    for recipe_name, recipe in spec.auth.recipes.items():
        for _, case in recipes((recipe_name,), recipe):
            yield from _headers_of_recipe(RecipeGraph(case), case.inject.headers or {})


def _headers_of_recipe(graph: RecipeGraph, headers: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for name, template in headers.items():
        made_of = graph.reach(uses(template))
        yield name.lower(), graph.has_hooks or _has_secret(source for source, _ in made_of)


def _has_secret(sources: Iterable[str]) -> bool:
    return any(source.partition(".")[0] in _SECRETS for source in sources)
