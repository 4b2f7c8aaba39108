"""The checks: each has a broken spec that it finds, and none of them ever fails itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declconn.errors import Problem, SpecError
from declconn.spec.checks import CHECKS, Check
from declconn.spec.extends import resolve
from declconn.spec.models import Spec
from declconn.spec.node import Loc, Node
from declconn.spec.plain import plain
from declconn.spec.source import read_spec_file
from declconn.spec.validate import validate

HERE = Path(__file__).parent
BROKEN = sorted((HERE / "broken").glob("*.yaml"))


@cache
def tree(path: Path) -> Node:
    return resolve(read_spec_file(path), lambda name, _place: read_spec_file(HERE / "good" / f"{name}.yaml"))


GOOD = tree(HERE / "good" / "trading.yaml")


@cache
def specs() -> list[Spec]:
    """The broken specs whose values have the right form, so that their names are checked."""
    found = []
    for path in BROKEN:
        try:
            found.append(Spec.model_validate(plain(tree(path))))
        except (SpecError, ValueError, OSError):
            continue
    return found


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_each_check_finds_something_in_a_broken_spec(check: Check) -> None:
    assert any(finding for spec in specs() for finding in check(spec))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_no_check_finds_anything_in_a_whole_spec(check: Check) -> None:
    assert list(check(Spec.model_validate(plain(GOOD)))) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_each_check_says_which_rule_it_is(check: Check) -> None:
    assert check.__doc__


def locs(node: Node, loc: Loc = ()) -> Iterator[Loc]:
    yield loc
    children = node.map.items() if node.is_map else enumerate(node.value) if isinstance(node.value, list) else ()
    for step, child in children:
        yield from locs(child, (*loc, step))


def changed(node: Node, loc: Loc, value: Any) -> Node:
    """The tree with another value at one place."""
    if not loc:
        return replace(node, value=value)
    step, rest = loc[0], loc[1:]
    if isinstance(node.value, list):
        items = [changed(child, rest, value) if index == step else child for index, child in enumerate(node.value)]
        return replace(node, value=items)
    children = {key: changed(child, rest, value) if key == step else child for key, child in node.map.items()}
    return replace(node, value=children)


VALUES = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        Decimal("0.5"),
        "",
        "x",
        "{",
        "{}",
        "{symbol}",
        "{cred.x}",
        "$.a",
        "@",
        "9" * 50,
        "a: b",
        {},
        [],
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(list(locs(GOOD))), VALUES)
def test_a_wrong_value_anywhere_gives_problems_with_places_and_never_a_traceback(loc: Loc, value: Any) -> None:
    spec, problems = validate(changed(GOOD, loc, value))
    assert (spec is None) == any(not problem.warning for problem in problems)
    assert all(isinstance(problem, Problem) and problem.message for problem in problems)


@pytest.mark.parametrize("value", ["9" * 20_000, "9" * 20_000 + "s", "{x" + "9" * 20_000 + "}"], ids=len)
def test_an_endless_value_anywhere_is_told_in_few_words_of_our_own(value: str) -> None:
    for loc in locs(GOOD):
        for problem in validate(changed(GOOD, loc, value))[1]:
            assert "int_max_str_digits" not in problem.message
            assert len(str(problem)) < 900


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(locs(GOOD))), st.sampled_from(list(locs(GOOD))))
def test_a_part_in_the_place_of_another_never_gives_a_traceback(loc: Loc, other: Loc) -> None:
    part = GOOD
    for step in other:
        part = part.map[step] if part.is_map else part.value[step]  # type: ignore[index,call-overload]
    validate(changed(GOOD, loc, part.value))


def test_problems_come_in_the_order_of_the_text() -> None:
    _, problems = validate(changed(changed(GOOD, ("kind",), "spot"), ("orders", "cancel"), "later"))
    assert problems == sorted(problems, key=lambda problem: problem.place)
    assert [problem.path for problem in problems] == ["kind", "orders.cancel"]


def test_a_doubt_is_a_warning_and_the_spec_is_still_given() -> None:
    spec, problems = validate(changed(GOOD, ("fees", "taker_percent_fee_decimal"), Decimal("0.06")))
    assert spec is not None
    assert [problem.warning for problem in problems] == [True]
