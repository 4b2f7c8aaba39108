"""What is known of a request before it is made: whether it changes something, is signed, needs what is learnt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from declconn.compile.channels import roots
from declconn.compile.endpoint import Endpoint
from declconn.connector.requests.policies import changes_something
from declconn.connector.session import session_names
from declconn.spec import models

_SECRETS: Final = frozenset({"cred", "session"})
"""The sources whose values are nobody else's business."""


@dataclass(frozen=True, slots=True)
class Traits:
    """
    Attributes:
        writes: sent twice it may happen twice.
        signed: it has a recipe.
        private: it holds what only the venue may see.
        serial: the requests of a key go one after another.
        session: the values of `session` that it names, its recipe included.
    """

    writes: bool
    signed: bool
    private: bool
    serial: bool
    session: frozenset[str]


def traits_reader(spec: models.Spec) -> Callable[[Endpoint], Traits]:
    """What tells the traits of a spec's requests; each is looked at once."""
    known: dict[Endpoint, Traits] = {}

    def read(endpoint: Endpoint) -> Traits:
        if endpoint not in known:
            known[endpoint] = _traits(endpoint, spec.auth.recipes)
        return known[endpoint]

    return read


def templates(endpoint: Endpoint) -> list[Any]:
    """What of an endpoint is written anew for each request."""
    model = endpoint.model
    return [model.path, model.params, model.body, model.headers]


def _traits(endpoint: Endpoint, recipes: Mapping[str, Any]) -> Traits:
    recipe = recipes.get(endpoint.auth or "")
    written = templates(endpoint)
    signed = [recipe.model_dump(by_alias=True, exclude_none=True)] if recipe else []
    cases = recipe.of.values() if isinstance(recipe, models.Choice) else filter(None, [recipe])
    return Traits(
        writes=changes_something(endpoint.operation),
        signed=recipe is not None,
        private=recipe is not None or bool(roots(written) & _SECRETS),
        serial=any(case.serial for case in cases),
        session=session_names(*written, *signed),
    )
