"""What makes one operation several requests is of use where it stands: `when`, `then`, `batch`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from declconn.spec.checks.finding import Finding, wrong, wrong_key
from declconn.spec.checks.sites import requests
from declconn.spec.models import Spec
from declconn.spec.order_ids import named
from declconn.spec.template import parse_source

LISTS: Final = ("symbols", "client_order_ids", "exchange_order_ids")
"""The arguments of which one request may take only some at a time."""

_DECIDING: Final = ("session", "opt", "const", "env", "market", "for", "row")
"""What `when` may compare besides arguments: all that is known before a request is written, and is no secret."""


def check_when(spec: Spec) -> Iterator[Finding]:
    """`when` compares what decides about a request."""
    for request in requests(spec):
        for source in request.endpoint.when or {}:
            names = parse_source(source).sources
            for root in {name.split(".")[0] for name in names if "." in name} - {*_DECIDING}:
                places = ", ".join(f"{place}." for place in _DECIDING)
                message = f"'{root}.' decides about no request; `when` compares arguments and {places}"
                yield wrong((*request.loc, "when", source), message)._replace(at_key=True)


def check_batch(spec: Spec) -> Iterator[Finding]:
    """`batch` has a list to divide."""
    for request in requests(spec):
        if request.endpoint.batch is not None and not named(request.endpoint) & {*LISTS}:
            lists = ", ".join(f"{{{name}}}" for name in LISTS)
            message = f"there is no list to divide; the request has to name one of {lists}"
            yield wrong_key((*request.loc, "batch"), message)


def check_then(spec: Spec) -> Iterator[Finding]:
    """`then` follows records, and tells something of them."""
    for request in requests(spec):
        if request.follows is None:
            continue
        if request.follows.result is None:
            yield wrong_key(request.loc, "there is nothing to follow; the request before it has no `result`")
        if request.endpoint.result is None:
            yield wrong_key(request.loc, "'result' is missing; `then` adds its fields to the record")
