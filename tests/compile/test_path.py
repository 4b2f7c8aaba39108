"""A compiled path gives what the jmespath library gives, and knows Decimal besides."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import jmespath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError, JMESPathTypeError

from declconn.compile.functions import PathError
from declconn.compile.path import compile_path, compile_row_path

D = Decimal

# -- the library is the definition

KEYS = st.sampled_from(["a", "b", "c", "x"])
LITERALS = st.sampled_from(
    ["`1`", "`0`", "`-1`", "`1.5`", "`1.0`", "`true`", "`false`", "`null`", "'a'", "''", "`[]`", "`{}`", "`[1, 2]`"]
)
LEAVES = KEYS | LITERALS | st.sampled_from(["@", "a.b", "a[0]", "[-1]", "*", "[*]", "a[]"])
NUMBERS = st.sampled_from([0, 1, -1, 2, 10, 0.0, 1.5, 1.0])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.sampled_from(["", "a", "b", "ab", "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def longer(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Every kind of node around shorter paths. ``abs`` and ``to_number`` are left out: they differ on purpose."""

    def form(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.builds(template.format, *parts)

    unary = ["length", "reverse", "keys", "values", "type", "to_array", "to_string"]
    unary += ["max", "min", "sort", "sum", "avg", "ceil", "floor"]
    return st.one_of(
        form("({}).{}", inner, KEYS),
        form("{}[{}]", inner, st.sampled_from(["0", "-1", "2", "*", "", "1:", "::-1", ":2"])),
        form("{}[*].{}", inner, KEYS),
        form("{}.*", inner),
        form("{}[?{}]{}", inner, inner, st.sampled_from(["", ".a", " | [0]"])),
        form("{} | {}", inner, inner),
        form("{} && {}", inner, inner),
        form("{} || {}", inner, inner),
        form("!({})", inner),
        form("({} {} {})", inner, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), inner),
        form("[{}, {}]", inner, inner),
        form("{{a: {}, x: {}}}", inner, inner),
        form("{}({})", st.sampled_from(unary), inner),
        form("{}({}, {})", st.sampled_from(["contains", "starts_with", "ends_with", "join"]), inner, inner),
        form("{}({}, &{})", st.sampled_from(["sort_by", "max_by", "min_by"]), inner, inner),
        form("map(&{}, {})", inner, inner),
        form("{}({}, {})", st.sampled_from(["not_null", "merge"]), inner, inner),
    )


def outcome(evaluate: Any, document: Any) -> Any:
    """A value, or the class of a JMESPath error; Python's own errors, which the library lets out, are set apart."""
    try:
        return evaluate(document)
    except JMESPathError as error:
        return type(error)
    except (TypeError, ValueError, AttributeError):
        return NotImplemented


def same(left: Any, right: Any) -> bool:
    """Equal in values, key order and types of numbers."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


@settings(max_examples=300, deadline=None)
@given(path=st.recursive(LEAVES, longer, max_leaves=5), document=DOCUMENTS)
def test_any_path_on_any_document_gives_what_the_library_gives(path: str, document: Any) -> None:
    expected = outcome(jmespath.compile(path).search, document)
    if expected is not NotImplemented:
        found = outcome(compile_path(path), document)
        assert found is expected or same(found, expected)


@pytest.mark.parametrize("levels", [5, 18, 40, 104])
def test_nesting_beyond_what_python_allows_in_one_function(levels: int) -> None:
    document: Any = "deep"
    for _ in range(levels):
        document = {"a": [document]}
    path = ".".join(["a[*]"] * levels)
    assert compile_path(path)(document) == jmespath.search(path, document)


@pytest.mark.parametrize(
    "path", ["max_by(@, &a)", "merge(@, a)", "contains('ab', `1`)", "sort_by([[`1`], ['a']][], &@)"]
)
def test_where_the_library_lets_python_errors_out_we_raise_an_error_of_paths(path: str) -> None:
    with pytest.raises((PathError, JMESPathTypeError)):
        compile_path(path)([{"a": 1}, {"a": "x"}])


def test_an_ordering_of_a_number_and_a_text_is_null() -> None:
    assert compile_path("a < b")({"a": 1, "b": "2"}) is None


# -- Decimal is a number


@pytest.mark.parametrize("number", [D("1.1"), 1.1])
@pytest.mark.parametrize("test", ["==", ">=", "<="])
def test_a_literal_equals_the_float_and_the_decimal_of_a_message(number: Any, test: str) -> None:
    assert compile_path(f"p {test} `1.1`")({"p": number}) is True
    assert compile_path(f"`1.1` {test} p")({"p": number}) is True
    assert compile_path("contains(@, `1.1`)")([number]) is True


def test_a_decimal_is_never_a_boolean() -> None:
    assert compile_path("p == `true`")({"p": D(1)}) is False
    assert compile_path("p == `1`")({"p": D(1)}) is True


def test_zero_is_true_in_every_class() -> None:
    for zero in (0, 0.0, D(0), D("0.00")):
        assert compile_path("p && 'yes'")({"p": zero}) == "yes"
        assert compile_path("!p")({"p": zero}) is False


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("type(p)", "number"),
        ("to_string(p)", "1.50"),
        ("to_string(@)", '{"p":1.50,"q":[0.00000001],"t":"2.25"}'),
        ("to_number(p)", D("1.50")),
        ("to_number(t)", D("2.25")),
        ("sum([p, `0.1`])", D("1.60")),
        ("avg([p, p])", D("1.50")),
        ("max([p, `1`])", D("1.50")),
        ("sort([p, `1`])", [1, D("1.50")]),
        ("ceil(p)", 2),
        ("abs(p)", D("1.50")),
        ("sort_by([{n: p}, {n: `1`}], &n)[0].n", 1),
    ],
)
def test_the_functions_of_jmespath_take_decimals(path: str, expected: Any) -> None:
    found = compile_path(path)({"p": D("1.50"), "q": [D("0.00000001")], "t": "2.25"})
    assert same(found, expected)


@pytest.mark.parametrize(
    ("text", "number"), [("12", 12), ("0.1", D("0.1")), ("1e-8", D("1e-8")), ("x", None), ("NaN", None), ("", None)]
)
def test_to_number_of_a_text_is_exact(text: str, number: Any) -> None:
    assert same(compile_path("to_number(@)")(text), number)


# -- the language's own functions

MESSAGE = {"t": "Open Long", "pair": "BTC-USDT", "m": {"x": 1, "y": 2}, "l": ["p", "q"], "n": None, "e": ""}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("split(pair, '-')", ["BTC", "USDT"]),
        ("split(t, ' ')[0]", "Open"),
        ("split('ab', '')", ["a", "b"]),
        ("upper(t)", "OPEN LONG"),
        ("lower(t)", "open long"),
        ("trim(' a ')", "a"),
        ("replace(pair, '-', '/')", "BTC/USDT"),
        ("items(m)", [["x", 1], ["y", 2]]),
        ("from_items(items(m))", {"x": 1, "y": 2}),
        ('from_json(\'{"a": [1.10, "x"]}\').a', [Decimal("1.10"), "x"]),
        ("from_json(n)", None),
        ("zip(l, `[1, 2, 3]`)", [["p", 1], ["q", 2]]),
        ("enumerate(l)", [[0, "p"], [1, "q"]]),
        ("from_items(`[]`)", {}),
        ("items(n)", None),
        ("enumerate(n)", None),
        ("zip(n, l)", None),
        ("from_items(n)", None),
        ("split(n, '-')", None),
        ("upper(n)", None),
    ],
)
def test_functions_of_texts_maps_and_lists(path: str, expected: Any) -> None:
    assert compile_path(path)(MESSAGE) == expected


def test_a_text_that_is_no_json_is_an_error_that_says_so() -> None:
    with pytest.raises(JMESPathError, match="from_json"):
        compile_path("from_json(t)")(MESSAGE)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("add('0.1', '0.2')", D("0.3")),
        ("subtract('1', `0.9`)", D("0.1")),
        ("multiply('1.10', '2')", D("2.20")),
        ("divide('1', '8')", D("0.125")),
        ("divide('1', '3')", D("0.3333333333333333333333333333333333")),
        ("negate('-1.5')", D("1.5")),
        ("abs('-1.5')", D("1.5")),
        ("step('4')", D("0.0001")),
        ("step(`0`)", D("1")),
        ("step(`-2`)", D("1E+2")),
        ("add(n, '1')", None),
        ("add(e, '1')", None),
        ("multiply('1', missing)", None),
    ],
)
def test_arithmetic_is_exact_and_absent_when_an_operand_is(path: str, expected: Any) -> None:
    found = compile_path(path)(MESSAGE)
    assert found == expected
    assert found is None or isinstance(found, D)


@pytest.mark.parametrize(
    "path", ["add('x', '1')", "add(`true`, '1')", "add('NaN', '1')", "add('Infinity', '1')", "divide('1', '0')"]
)
def test_arithmetic_refuses_what_is_no_number(path: str) -> None:
    with pytest.raises(JMESPathError):
        compile_path(path)(MESSAGE)


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=20), st.decimals(allow_nan=False, allow_infinity=False)
)
def test_arithmetic_never_rounds_silently(left: Decimal, right: Decimal) -> None:
    try:
        total = compile_path("add(a, b)")({"a": str(left), "b": str(right)})
    except PathError:
        return  # more digits than any venue has: refused, not rounded
    assert Fraction(total) == Fraction(left) + Fraction(right)


def test_key_and_frame_are_what_stands_around_a_row() -> None:
    read = compile_row_path("[key(), frame().ts, a]")
    assert read({"a": 1}, "XBT", {"ts": 5}) == ["XBT", 5, 1]


def test_key_and_frame_reach_into_expressions_over_lists() -> None:
    read = compile_row_path("map(&[key(), @], a)")
    assert read({"a": [1]}, "XBT", None) == [["XBT", 1]]


def test_the_frame_of_a_path_on_its_own_is_the_message() -> None:
    assert compile_path("[frame().a, key()]")({"a": 1}) == [1, None]


# -- JSONPath and constants


def test_a_jsonpath_that_names_one_place_gives_its_value() -> None:
    assert compile_path("$.a[1].b")({"a": [0, {"b": "x"}]}) == "x"
    assert compile_path("$.a.b")({}) is None
    assert compile_path("$")({"a": 1}) == {"a": 1}


def test_a_jsonpath_that_searches_gives_the_list_of_what_it_finds() -> None:
    assert compile_path("$.a[*].b")({"a": [{"b": 1}, {}, {"b": 2}]}) == [1, 2]
    assert compile_path("$..b")({"a": {"b": 1}}) == [1]
    assert compile_path("$.x[*]")({}) == []


def test_a_constant_is_its_own_value() -> None:
    assert compile_path(True)({"a": 1}) is True
    assert compile_path(D("0.5"))(None) == D("0.5")


def test_a_malformed_path_is_refused_before_any_message() -> None:
    with pytest.raises(ValueError, match=r"did you mean split\(\)"):
        compile_path("splitt(a, 'x')")
