"""Whatever the bytes are: a tree, or a SpecError whose problems have places. Never another error, never long."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from declconn.errors import Place, Problem, SpecError
from declconn.spec.extends import resolve
from declconn.spec.node import Node
from declconn.spec.plain import plain
from declconn.spec.source import read_spec_text
from declconn.spec.validate import validate

DRAFTS = Path(os.environ.get("DECLCONN_DATA", Path(__file__).parents[3] / "shared/data")).parent / "design/examples"
NO_DRAFTS = "the drafts are not here: shared/design/examples beside this repository, or $DECLCONN_DATA"

SMALL = """\
spec: 1
extends: parent
name: small
rate_limits: {all: {allow: 10/1s, per: ip}, orders: 5/1s}
endpoint_defaults: {unwrap: data, cost: {all: 1}}
endpoints:
  ping: {get: /ping}
  order_status: &status
    get: "/orders/{exchange_order_id}"
    result: {exchange_order_id: id, state: status, timestamp: {path: ts, unit: ns}}
  find_order: {like: order_status, post: /find, then: {get: /more, rate: 1/1s}}
  both: [{like: ping}, *status]
streams:
  market:
    url: "{env.ws}"
    heartbeat: 30s
    subscribe: {op: subscribe, args: "{channels}"}
    unsubscribe: {op: unsubscribe}
    accepted: {id: "{request_id}", result: {is: null}}
    events:
      order: {when: {e: order}, emit: order_update, like: order_status}
      more: {like: order, when: {e: more}}
  user: {like: market, url: null, login: {accepted: {type: welcome}}}
order_book: {snapshot: rest, rule: range}
"""
PARENT = SMALL.replace("extends: parent", "").replace("30s", "{every: 20s}").replace("/ping", "/time")
BITS = [
    *"{}[]&*!:,-?|>'\"#%@`\t\n ~<",
    "<<: ",
    "null",
    "like: ",
    "by: a, of: ",
    "extends: small",
    "- ",
    ": ",
    "\\",
    "\0",
    "é",
]

bounded = settings(deadline=timedelta(seconds=2), max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def check(text: bytes, find: Callable[[str], bytes | None]) -> list[Problem]:
    """Read, resolve and check a text: the problems that come out."""

    def parent(name: str, place: Place) -> Node:
        found = find(name)
        return read_spec_text(b"a: [" if found is None else found, f"{name}.yaml")

    try:
        tree = resolve(read_spec_text(text, "fuzz.yaml"), parent)
    except SpecError as error:
        return error.problems or pytest.fail("a SpecError without a problem")
    assert isinstance(plain(tree), dict)
    return validate(tree)[1]


def survives(text: bytes, find: Callable[[str], bytes | None]) -> None:
    """Every problem has a place and a reason; any other error fails the test."""
    for problem in check(text, find):
        assert problem.message
        assert problem.place.line > 0
        assert problem.place.column > 0


def small_family(name: str) -> bytes | None:
    return {"parent": PARENT.encode(), "small": SMALL.encode()}.get(name)


@bounded
@given(st.binary(max_size=400))
@example(b"\xff\xfea\x00:\x00")
@example(b"\xef\xbb\xbfa: 1")
def test_arbitrary_bytes(text: bytes) -> None:
    survives(text, small_family)


@bounded
@given(
    st.lists(st.sampled_from([*BITS, "a", "b", "&x ", "*x", "1", "spec: 1\n", "endpoints: ", "streams: "]), max_size=40)
)
def test_text_that_looks_like_yaml(bits: list[str]) -> None:
    survives("".join(bits).encode(), small_family)


@bounded
@given(st.text(max_size=300))
def test_arbitrary_text(text: str) -> None:
    survives(text.encode("utf-8", "surrogatepass"), small_family)


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """The text with a few lines dropped, doubled, swapped or indented, and a few characters put in or taken out."""
    lines = text.splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 3))):
        here, there = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "double", "swap", "indent", "insert", "cut"])):
            case "drop":
                lines[here] = ""
            case "double":
                lines[here] *= 2
            case "swap":
                lines[here], lines[there] = lines[there], lines[here]
            case "indent":
                lines[here] = " " * draw(st.integers(1, 4)) + lines[here]
            case "insert":
                at = draw(st.integers(0, len(lines[here])))
                lines[here] = lines[here][:at] + draw(st.sampled_from(BITS)) + lines[here][at:]
            case _:
                at = draw(st.integers(0, len(lines[here])))
                lines[here] = lines[here][:at] + lines[here][at + draw(st.integers(1, 5)) :]
    return "".join(lines)


def test_the_small_spec_is_a_tree_before_it_is_mutated() -> None:
    read_spec_text(SMALL.encode(), "small.yaml")


@bounded
@given(mutated(SMALL))
def test_a_mutated_child(text: str) -> None:
    survives(text.encode(), small_family)


@bounded
@given(mutated(PARENT))
def test_a_mutated_parent(text: str) -> None:
    survives(SMALL.encode(), lambda name: text.encode() if name == "parent" else None)


@cache
def drafts() -> dict[str, str]:
    return {path.stem: path.read_text() for path in sorted(DRAFTS.glob("*.yaml"))}


@settings(deadline=timedelta(seconds=5), max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_mutated_specs_of_real_venues(data: st.DataObject) -> None:
    if not drafts():
        pytest.skip(NO_DRAFTS)
    name = data.draw(st.sampled_from(sorted(drafts())))
    text = data.draw(mutated(drafts()[name]))
    survives(text.encode(), lambda parent: drafts()[parent].encode() if parent in drafts() else None)
