"""Which ids of an order the requests of an operation name, and which they cannot do without."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Set
from typing import Final

from declconn.spec.models import Endpoint, Spec
from declconn.spec.template import Placeholder, is_choice, placeholders

IDS: Final = ("client_order_id", "exchange_order_id")
"""Ours, and the venue's."""

MANY_IDS: Final[Mapping[str, str]] = {f"{name}s": name for name in IDS}
"""The arguments that list the ids of several orders."""


def named(endpoint: Endpoint, replaced: Collection[str] = ()) -> set[str]:
    """Every source that the templates of a request name.

    Args:
        endpoint: the request.
        replaced: fields of its body (of its params, if it has no body) that are not looked at.
    """
    word = "params" if endpoint.body is None else "body"
    if replaced and isinstance(fields := getattr(endpoint, word), Mapping) and not is_choice(fields):
        left = {name: value for name, value in fields.items() if name not in replaced}
        endpoint = endpoint.model_copy(update={word: left})
    return {source for hole in _holes(endpoint) for source in hole.sources}


def ids_named(endpoint: Endpoint) -> set[str]:
    """The kinds of ids that a request may name, alone or in lists."""
    return {MANY_IDS.get(source, source) for source in named(endpoint)}.intersection(IDS)


def takes_lists(spec: Spec, operation: str) -> bool:
    """Whether an operation names orders by lists of their ids."""
    return any(named(endpoint) & MANY_IDS.keys() for endpoint in spec.requests(operation))


def ids_needed(endpoints: Iterable[Endpoint]) -> list[frozenset[str]]:
    """The ids without which requests cannot be sent, each with its alternatives."""
    holes = (hole for endpoint in endpoints for hole in _holes(endpoint) if not hole.optional)
    alternatives = (frozenset(MANY_IDS.get(source, source) for source in hole.sources) for hole in holes)
    return [ids for one in alternatives if (ids := one.intersection(IDS))]


def can_name(endpoints: Iterable[Endpoint], known: Set[str]) -> bool:
    """Whether requests can name an order of which these ids are known.

    A request whose `when` wants an id to be there, or to be absent, is sent for such orders only.
    """
    sent = [endpoint for endpoint in endpoints if _is_for(endpoint, known)]
    return bool(sent) and all(known & ids for ids in ids_needed(sent))


def _is_for(endpoint: Endpoint, known: Set[str]) -> bool:
    conditions = {name: condition for name, condition in (endpoint.when or {}).items() if name in IDS}
    return all((condition == {"absent": True}) is (name not in known) for name, condition in conditions.items())


def _holes(endpoint: Endpoint) -> list[Placeholder]:
    templates = [endpoint.path, endpoint.params, endpoint.body, endpoint.headers]
    return [hole for _, hole in placeholders(templates)]
