"""A spec's text becomes a tree in which every value knows its place, or problems that do."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from declconn.errors import Place, SpecError
from declconn.spec.node import Node, place_of
from declconn.spec.plain import plain
from declconn.spec.source import MAX_BYTES, compose, compose_events, read_spec_file, read_spec_text
from declconn.spec.tree import MAX_DEPTH, MAX_VALUES


def read(text: str | bytes) -> Node:
    return read_spec_text(text if isinstance(text, bytes) else text.encode(), "venue.yaml")


def problems(text: str | bytes) -> list[str]:
    """What is wrong with a text, without the name of the file."""
    with pytest.raises(SpecError) as raised:
        read(text)
    return [str(problem).removeprefix("venue.yaml:") for problem in raised.value.problems]


def problem(text: str | bytes) -> str:
    (only,) = problems(text)
    return only


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("5000", 5000),
        ("-2010", -2010),
        ("0", 0),
        ("0.0001", Decimal("0.0001")),
        ("0.10", Decimal("0.10")),
        ("1e-8", Decimal("1e-8")),
        ("-1.5E+3", Decimal(-1500)),
        ("true", True),
        ("TRUE", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_an_unquoted_scalar_means_what_yaml_1_2_says(written: str, value: object) -> None:
    node = read(f"a: {written}").map["a"]
    assert node.value == value
    assert type(node.value) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        *("on", "off", "yes", "NO", "y", "012", "00", "12:30", "1_000", "0x1F", "0o17", "0b1", "2024-01-01"),
        *(".5", "5.", "+5", "-0", ".inf", "-.INF", ".nan", "1e", "1e-8x", "６", "9" * 41, "1e9999", "tRUE", "nULL"),
        *("'5'", '"true"', "'null'", "''", '"~"', "'1e-8'"),
    ],
)
def test_everything_else_stays_text_as_it_is_written(text: str) -> None:
    assert read(f"a: {text}").map["a"].value == text.strip("'\"")


def test_decimals_keep_the_digits_that_were_written() -> None:
    assert str(read("a: 2.10").map["a"].value) == "2.10"


@pytest.mark.parametrize("key", ["true", "null", "~", "012", "1", "on", "1m", "2024-01-01", "data.e"])
def test_a_key_is_text_as_it_is_written(key: str) -> None:
    assert list(read(f"{key}: x").map) == [key]


def test_a_quoted_key_may_be_empty_or_look_like_a_merge() -> None:
    assert list(read("{'': x, '<<': y}").map) == ["", "<<"]


def test_places_count_from_one_and_know_keys_and_values() -> None:
    tree = read("spec: 1\nstreams:\n  market: {url: x}\nlist:\n  - a\n  - [b]\n")
    url = ("streams", "market", "url")
    assert place_of(tree, url) == Place("venue.yaml", 3, 17)
    assert place_of(tree, url, key=True) == Place("venue.yaml", 3, 12)
    assert place_of(tree, ("list", 1, 0)) == Place("venue.yaml", 6, 6)


def test_columns_count_characters_not_bytes() -> None:
    assert place_of(read("{ä: é, b: c}"), ("b",), key=True).column == 8


def test_an_alias_is_the_value_of_its_anchor_and_has_its_place() -> None:
    tree = read("a: &order {id: x}\nb: *order\n")
    assert plain(tree) == {"a": {"id": "x"}, "b": {"id": "x"}}
    assert place_of(tree, ("b", "id")) == Place("venue.yaml", 1, 16)
    assert place_of(tree, ("b",), key=True) == Place("venue.yaml", 2, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a: 1\nb:\n  c: 2\n  c: 3\n",
            "4:3: b.c: 'c' is already written at 3:3; keep one of the two",
        ),
        (
            "a: &x {b: 1}\nc:\n  <<: *x\n",
            "3:3: c.<<: YAML's merge key '<<' is not read; `like: NAME` copies an endpoint, a stream or an event",
        ),
        (
            "a: !!python/name:os.system x\n",
            "1:4: a: the YAML tag '!!python/name:os.system' is not read; quote a text that begins with '!'",
        ),
        ("a: !error\n", "1:4: a: the YAML tag '!error' is not read; quote a text that begins with '!'"),
        ("a: !!map {}\n", "1:4: a: the YAML tag '!!map' is not read; quote a text that begins with '!'"),
        ("a: *order\n", "1:4: a: no anchor '&order' before this; quote a text that begins with '*'"),
        ("a: &x [*x]\n", "1:8: a[0]: '*x' stands inside of '&x' itself; quote a text that begins with '*'"),
        (
            "a: {symbol: {symbol}}\n",
            "1:14: a.symbol.symbol: 'symbol' has no value; "
            'a template needs quotes: "{symbol}", a removal needs `null`',
        ),
        ("? \n: x\n", "1:2: a key without a name; write it before the colon"),
        ("{[a, b]: x}\n", "1:2: a key is one text; quote it if it begins with '{' or '['"),
        ("{a: &x b, *x : c}\n", "1:11: a key cannot be an alias; quote it if '*x' is its text"),
        ("a: 1\n---\nb: 2\n", "2:1: a second document begins here; a file holds one spec"),
        ("a:\n  b: [\n", "2:6: a.b: not valid YAML: this bracket is never closed"),
        ("", "1:1: the file is empty; a spec begins with `spec: 1` and `name:`"),
        ("# nothing\n", "1:1: the file is empty; a spec begins with `spec: 1` and `name:`"),
        ("null\n", "1:1: the file is empty; a spec begins with `spec: 1` and `name:`"),
        ("- a\n", "1:1: a spec is a map of words like `spec: 1`, found a list"),
        ("\n  binance\n", "2:3: a spec is a map of words like `spec: 1`, found the text 'binance'"),
        (
            "\ufeffa: 1\n",
            "1:1: the file begins with a byte order mark; save it as UTF-8 without one",
        ),
        (
            "a: 1\nb: x\x07\n",
            "2:5: the invisible character U+0007 stands here; remove it, or write it as an escape",
        ),
        (
            "url: https://x\u202eevil\n",
            "1:15: the invisible character U+202E stands here; remove it, or write it as an escape",
        ),
        (b"a: \xc3\xa4\nb: \xc3\xa4\xff\n", "2:5: byte 0xFF at offset 11 is not UTF-8; save the file as UTF-8"),
    ],
)
def test_what_no_spec_may_hold_is_one_problem_with_a_place(text: str | bytes, expected: str) -> None:
    assert problem(text) == expected


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("a: {b: {env.rest}/path}\n", "1:9", 'a template needs quotes: "{env.rest}", a removal needs `null`'),
        ("a: {b: /x/{y}, c: d}\n", "1:11", "quote it: a text inside of {..} or [..] that holds '{' needs quotes"),
        ("a: [b, c[0]]\n", "1:9", "quote it: a text inside of {..} or [..] that holds '[' needs quotes"),
        ("a: {b: c,\n  d: e[0]}\n", "2:7", "quote it: a text inside of {..} or [..] that holds '[' needs quotes"),
        ("a: {b: c}/path\n", "1:10", 'quote a template: url: "{env.rest}/path"'),
        ("a: [0].name\n", "1:7", "quote a path that begins with '['"),
        ("a: @\n", "1:4", "quote a text that begins with one of @ ` % ! & *"),
        ("a: !ends_with(b, 'c')\n", None, "quote a text that begins with one of @ ` % ! & *"),
        ("a:\n\tb: 1\n", "2:1", "indent with spaces, not with tabs"),
        ("a: b: c\n", "1:5", "quote a text that holds a colon and a space"),
        ("a: [b, c\nd: e\n", "1:4", "look at the indentation, quotes and brackets"),
        ('a: 1\nb: "x\nc: 2\n', "2:4", "look at the indentation, quotes and brackets"),
        ("  a: 1\n b: 2\n", "2:2", "look at the indentation, quotes and brackets"),
    ],
)
def test_broken_yaml_says_where_and_what_to_try(text: str, place: str | None, hint: str) -> None:
    found = problem(text)
    assert found.endswith(f"; {hint}")
    if place is not None:
        assert found.startswith(f"{place}: ")


def test_a_path_ends_with_the_last_key_that_was_read() -> None:
    assert problem("a:\n  b: {c: x[0]}\n").startswith("2:11: a.b: not valid YAML")
    assert problem("a: {b: c, [y]: z}\n").startswith("1:11: a: a key is one text")


def test_a_map_that_was_meant_as_a_template_is_read_on_as_one() -> None:
    node, found = compose(b"a: {symbol}\nb: {c: {opt.depth}}\nd: {x, y}\n", "venue.yaml")
    assert node is not None
    assert plain(node) == {"a": "{symbol}", "b": {"c": "{opt.depth}"}, "d": {}}
    assert len(found) == 4


def test_a_very_long_line_is_explained_at_once() -> None:
    assert "not valid YAML" in problem("a: [" + "- " * 200_000 + "\n" + ": : " * 100_000)


def test_all_independent_problems_are_reported_at_once_and_sorted() -> None:
    places = [found.partition(": ")[0] for found in problems("a: *x\nb: !t 1\nc: 1\nc: 2\nd: {e: {f}}\ng: [\n")]
    assert places == ["1:4", "2:4", "4:1", "5:9", "6:4"]


def test_a_value_under_a_duplicate_key_is_still_looked_at() -> None:
    assert len(problems("a: 1\na: {b: 1, b: 2}\n")) == 2


NESTED = [
    "[" * 100_000,
    "{a: " * 100_000,
    "- " * 100_000,
    "? " * 100_000,
    "a: " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
    "\n".join(" " * level + "a:" for level in range(200)),
]


@pytest.mark.parametrize("text", NESTED, ids=["lists", "maps", "items", "keys", "just too deep", "blocks"])
def test_nesting_is_bounded(text: str) -> None:
    assert problem(text)


def test_depth_is_allowed_up_to_the_bound() -> None:
    levels = MAX_DEPTH - 1
    assert read("a: " + "[" * levels + "]" * levels)


def test_an_alias_counts_with_its_depth() -> None:
    deep = "[" * 40 + "]" * 40
    assert f"more than {MAX_DEPTH} levels" in problem(f"a: &deep {deep}\nb: {'[' * 30}*deep{']' * 30}\n")


def test_a_bomb_of_aliases_does_not_go_off() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert f"more than {MAX_VALUES:,} values" in problem("\n".join(lines))


def test_the_number_of_values_is_bounded() -> None:
    assert f"more than {MAX_VALUES:,} values" in problem("a: [" + "x," * (MAX_VALUES + 1) + "]")


def test_the_size_is_bounded() -> None:
    assert problem("#" * (MAX_BYTES + 1)) == "1:1: the file is larger than 1,048,576 bytes; a spec has about 10,000"
    assert plain(read("a: " + "x" * (MAX_BYTES - 3))) == {"a": "x" * (MAX_BYTES - 3)}


def test_a_file_is_read_with_its_path_as_the_place(tmp_path: Path) -> None:
    file = tmp_path / "venue.yaml"
    file.write_text("spec: 1\n")
    assert read_spec_file(file).map["spec"].place == Place(str(file), 1, 7)


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.yaml"):
        with pytest.raises(SpecError, match="the file cannot be read: "):
            read_spec_file(path)


def python_parser(text: str) -> tuple[object, int]:
    """What comes out where libyaml is not installed."""
    node, found = compose_events(yaml.parse(text, Loader=yaml.SafeLoader), text.encode(), "venue.yaml")
    return node, len(found)


def test_both_parsers_of_the_yaml_library_give_the_same_tree() -> None:
    text = "a: &x {b: [1, 1e-8, 'c', \"d\"], e: }\nf:\n  - *x\n  - |\n    text\n"
    text = text.replace("e: ", "e: null")
    assert python_parser(text) == (read(text), 0)


@pytest.mark.parametrize("text", [r'a: "\U00110000"', r'a: "\ud800"', "a: [", "a: @", *NESTED[:4]])
def test_the_python_parser_refuses_what_the_other_refuses(text: str) -> None:
    assert python_parser(text)[1] == len(problems(text)) == 1
