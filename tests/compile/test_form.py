"""Fields as the text of a query or a form."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.compile.form import Form, ordered
from declconn.compile.template import Number

NESTED = {"a": [1, "x y"], "m": {"k": "v", "l": [True]}}


@pytest.mark.parametrize(
    ("arrays", "text"),
    [
        ("repeat", 'a=1&a=x y&m={"k":"v","l":[true]}'),
        ("brackets", "a[]=1&a[]=x y&m[k]=v&m[l][]=true"),
        ("indexed", "a[0]=1&a[1]=x y&m[k]=v&m[l][0]=true"),
        ("comma", 'a=1,x y&m={"k":"v","l":[true]}'),
        ("json", 'a=[1,"x y"]&m={"k":"v","l":[true]}'),
    ],
)
def test_lists_and_maps(arrays: Any, text: str) -> None:
    assert Form(arrays=arrays, raw=True)(NESTED) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a b/c+d&e=f~", "a%20b%2Fc%2Bd%26e%3Df~"),
        ("é€", "%C3%A9%E2%82%AC"),
        (True, "true"),
        (0, "0"),
        (Decimal("1E-8"), "0.00000001"),
        (Number("1.50"), "1.50"),
        ("", ""),
    ],
)
def test_values(value: Any, text: str) -> None:
    assert Form()({"k": value}) == f"k={text}"
    assert Form()({"k": value, "l": [value, value]}) == f"k={text}&l={text}&l={text}"


def test_what_is_none_is_absent() -> None:
    assert Form()({"a": None, "b": 1}) == "b=1"


def test_names_are_escaped_too() -> None:
    assert Form()({"a b": 1, "c[]": 2}) == "a%20b=1&c%5B%5D=2"


def test_spaces_safe_characters_separators_and_order() -> None:
    assert Form(space="+")({"a": "b c+"}) == "a=b+c%2B"
    assert Form(safe=",")({"a": "b,c;"}) == "a=b,c%3B"
    assert Form(raw=True, sep=",")({"a": 1, "b": "x y"}) == "a=1,b=x y"
    assert Form(sep=",")({"a": 1, "b": 2}) == "a=1,b=2"
    assert Form(sort=True)({"b": 1, "a": 2}) == "a=2&b=1"
    assert Form(sort="recursive", arrays="json")({"b": [{"d": 1, "c": 2}], "a": 2}) == (
        "a=2&b=%5B%7B%22c%22%3A2%2C%22d%22%3A1%7D%5D"
    )


def test_bytes_that_are_no_text_are_refused_without_showing_them() -> None:
    with pytest.raises(ValueError, match="not text") as caught:
        Form()({"a": b"\xff\xfe"})
    assert "xff" not in str(caught.value)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)


@given(st.dictionaries(TEXT, TEXT | st.lists(TEXT, max_size=3), max_size=6), st.sampled_from(["+", "%20"]))
def test_whoever_reads_the_text_gets_the_fields(fields: dict[str, Any], space: str) -> None:
    pairs = [(k, item) for k, value in fields.items() for item in (value if isinstance(value, list) else [value])]
    assert parse_qsl(Form(space=space)(fields), keep_blank_values=True, strict_parsing=bool(pairs)) == pairs


@given(st.dictionaries(TEXT, TEXT | st.integers() | st.booleans(), max_size=6))
def test_the_fast_way_and_the_long_way_write_the_same(fields: dict[str, Any]) -> None:
    assert Form()(fields) == "&".join(Form()({name: [value]}) for name, value in fields.items())


def test_sorting_keeps_what_is_no_map() -> None:
    assert ordered([{"b": 1, "a": 2}], True) == [{"b": 1, "a": 2}]
    assert list(ordered([{"b": 1, "a": 2}], "recursive")[0]) == ["a", "b"]
    assert ordered("text", "recursive") == "text"
