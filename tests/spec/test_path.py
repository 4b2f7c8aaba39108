"""Paths are parsed and checked when a spec is loaded."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from jmespath.functions import Functions

from declconn.spec.path import (
    FUNCTIONS,
    called_functions,
    check_path,
    first_step,
    lint_path,
    parse_path,
    root_names,
)


def test_a_path_is_jmespath() -> None:
    parsed = parse_path("data.price")
    assert (parsed.kind, parsed.text) == ("jmespath", "data.price")
    assert parsed.ast is not None


@pytest.mark.parametrize("constant", [True, False, 0, 1, Decimal("0.001")])
def test_what_is_not_text_is_a_constant(constant: bool | int | Decimal) -> None:
    parsed = parse_path(constant)
    assert parsed.kind == "constant"
    assert parsed.value == constant
    assert type(parsed.value) is type(constant)


def test_true_and_one_are_different_constants_though_python_thinks_them_equal() -> None:
    assert parse_path(True).value is True
    assert parse_path(1).value == 1
    assert parse_path(1).value is not True


def test_a_jsonpath_that_names_one_place_is_the_same_tree_as_jmespath() -> None:
    assert parse_path("$.a[0].b").ast == {
        "type": "subexpression",
        "children": [
            {
                "type": "subexpression",
                "children": [
                    {"type": "field", "value": "a", "children": []},
                    {"type": "index", "value": 0, "children": []},
                ],
            },
            {"type": "field", "value": "b", "children": []},
        ],
    }


@pytest.mark.parametrize("path", ["$..price", "$.a[*]", "$.a[0:2]", "$.*", "$.a[?(@.b == 1)]"])
def test_a_jsonpath_that_searches_has_no_tree(path: str) -> None:
    parsed = parse_path(path)
    assert (parsed.kind, parsed.ast) == ("jsonpath", None)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("splt(a, 'x')", r"unknown function splt\(\); did you mean split\(\)\?"),
        ("zzzzzz(a)", r"unknown function zzzzzz\(\); known are abs, add,"),
        ("a[?lenght(b) > `1`]", r"did you mean length\(\)\?"),
        ("split(a)", r"split\(\) takes 2 arguments, found 1"),
        ("key(a)", r"key\(\) takes 0 arguments, found 1"),
        ("merge()", r"merge\(\) takes at least 1 argument, found 0"),
        ("filled-amount", r"character 7; a key with a hyphen is quoted: '\"filled-amount\"'"),
        ("a.'b", r"a quote is not closed"),
        ("status = 'online'", r"at character 8; write '==' to compare"),
        ("data[", r"at character 6, its end; a bracket is not closed"),
        ("data.{symbol}", r"a path has no braces; '\{symbol\}' is a template, and 'symbol' a path"),
        ("data..rows", r"at character 6; a path looks like data\.items\[0\]\.price"),
        ("12.5", r"a constant number is written without quotes"),
        ("a[::0]", r"the step of a slice"),
        ("", r"the path is empty; '@' is the whole message"),
        ("a.[", r"is not JMESPath at character 4"),
        ("$.[", r"is not JSONPath"),
    ],
)
def test_a_path_that_is_not_well_formed_says_what_to_try(path: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_path(path)


@pytest.mark.parametrize("path", ["(" * 600 + "a" + ")" * 600, "a" + "[]" * 600, "|".join("a" * 600)])
def test_endless_nesting_is_an_error_and_no_crash(path: str) -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_path(path)


@pytest.mark.parametrize("path", ["9" * 20_000, f"a[{'9' * 41}]", f"a[?b > {'9' * 41}]", f"$[{'9' * 20_000}]"])
def test_endless_numbers_are_refused_in_our_words(path: str) -> None:
    with pytest.raises(ValueError, match="holds a number of more than 40 digits"):
        parse_path(path)


def test_a_long_number_is_fine_where_it_is_no_index() -> None:
    digits = "9" * 41
    assert parse_path(f"a == '{digits}'")
    assert parse_path(f"hash{digits}")


@pytest.mark.parametrize(
    ("value", "found"), [({"a": "b"}, "a map"), (["a"], "a list"), (None, "nothing"), (1.5, "float")]
)
def test_only_text_numbers_and_booleans_are_paths(value: Any, found: str) -> None:
    with pytest.raises(ValueError, match=f"found {found}, expected a path"):
        check_path(value)


@pytest.mark.parametrize("value", ["data.price", "$.a", True, 0, Decimal("1.5")])
def test_checking_gives_the_path_back(value: Any) -> None:
    assert check_path(value) is value


def test_every_function_of_jmespath_is_known_with_its_arity() -> None:
    for name, function in Functions.FUNCTION_TABLE.items():
        signature = function["signature"]
        endless = "variadic" in signature[-1]
        assert FUNCTIONS[name] == (len(signature), None if endless else len(signature)), name


@pytest.mark.parametrize(
    ("path", "lint"),
    [
        ("!a.b", "write '!(a.b)'"),
        ("!a[?b]", "write '!(a.b)'"),
        ("a < b", "letter by letter"),
        ("a[?x >= '10']", "letter by letter"),
        ('status == "online"', "\"online\" is a field; a text is 'online'"),
        ('"online" != status', "\"online\" is a field; a text is 'online'"),
        ('a[?status == "in-progress"]', "a text is 'in-progress'"),
        ("m && 'SELL' || 'BUY'", "two-way map"),
        ("x == 'a' && 'A' || 'B'", "two-way map"),
        ("frame.orderId", "'frame' is a field here, and the function is frame()"),
        ("[a, split(key.name, '-')]", "a field that is meant is written @.key"),
    ],
)
def test_what_is_rarely_meant_is_a_lint(path: str, lint: str) -> None:
    (found,) = lint_path(parse_path(path))
    assert lint in found


@pytest.mark.parametrize(
    "path",
    [
        "a && 'x' || (b && 'y' || 'z')",
        "!(a.b)",
        "!a",
        "a[?x > `10`]",
        "to_number(a) > b",
        "m && c || d",
        "\"err-code\" == 'x'",
        'a."b" == c',
        "x == '\"a\"'",
        "m && 'x'",
        "frame().orderId",
        "@.frame.orderId",
        "data.frame.orderId",
        "key",
        "result.*",
        "$..a",
        True,
    ],
)
def test_what_is_meant_is_no_lint(path: str | bool) -> None:
    assert lint_path(parse_path(path)) == []


def test_rows_that_forget_their_keys_are_a_lint() -> None:
    (found,) = lint_path(parse_path("result.*"), rows=True)
    assert "items()" in found
    assert lint_path(parse_path("items(result)"), rows=True) == []


@pytest.mark.parametrize(
    ("path", "roots"),
    [
        ("a.b.c", {"a"}),
        ("@.a[0].b", {"a"}),
        ("a || b.c", {"a", "b"}),
        ("a[?b == c].d", {"a"}),
        ("sort_by(a, &b)", {"a"}),
        ("{x: a, y: b[0]}", {"a", "b"}),
        ("[0].a", set()),
        ("key()", set()),
        ("$..a", set()),
    ],
)
def test_the_roots_of_a_path_are_the_keys_it_reads_from_the_message(path: str, roots: set[str]) -> None:
    assert root_names(parse_path(path)) == roots


def test_the_first_step_tells_a_map_from_a_list() -> None:
    assert first_step(parse_path("a.b")) is dict
    assert first_step(parse_path("[0].a")) is list
    assert first_step(parse_path("key()")) is None
    assert first_step(parse_path(1)) is None


def test_called_functions_are_found_anywhere_in_a_path() -> None:
    assert called_functions(parse_path("a[?contains(b, upper(c))] | [0]")) == {"contains", "upper"}
