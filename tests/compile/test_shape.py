"""A shape says what of a document is read; its class decodes just that."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import msgspec
import pytest

from declconn.compile.shape import REQUIRED, Shape, UnclearError, frame_keys, plain_keys


def decoded(shape: Shape, text: str) -> Any:
    return msgspec.json.decode(text, type=shape.struct())


def read(document: Any, attributes: str) -> Any:
    return attrgetter(attributes.removeprefix("."))(document)


def test_values_are_read_where_they_stand_and_all_else_is_skipped() -> None:
    shape = Shape()
    deep, flat = shape.value(("data", "book", "u"), int), shape.value(("ts",), int | None, None)
    document = decoded(shape, '{"x": [1], "data": {"book": {"u": 7, "y": {}}, "z": 1}, "ts": 3}')
    assert (read(document, deep), read(document, flat)) == (7, 3)


def test_a_required_value_that_is_absent_is_refused_also_deep_within() -> None:
    shape = Shape()
    shape.value(("data", "u"), int, REQUIRED)
    for text in ("{}", '{"data": {}}', '{"data": null}'):
        with pytest.raises(msgspec.ValidationError):
            decoded(shape, text)


def test_a_word_tells_null_from_absent_even_where_its_object_is_absent() -> None:
    shape = Shape()
    word = shape.word(("arg", "channel"))
    texts = ['{"arg": {"channel": "books"}}', '{"arg": {"channel": null}}', '{"arg": {}}', "{}"]
    assert [read(decoded(shape, text), word) for text in texts] == ["books", None, msgspec.UNSET, msgspec.UNSET]


@pytest.mark.parametrize("value", ["7", "true", "1.5", "[]", "{}"])
def test_a_word_is_nothing_but_text(value: str) -> None:
    shape = Shape()
    shape.word(("e",))
    with pytest.raises(msgspec.ValidationError):
        decoded(shape, f'{{"e": {value}}}')


def test_a_word_may_be_a_required_text_that_is_read_anyway() -> None:
    shape = Shape()
    symbol = shape.value(("s",), str)
    assert shape.word(("s",)) == symbol


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ((("u",), int), (("u",), str)),
        ((("data",), str), (("data", "u"), int)),
        ((("data", "u"), int), (("data",), str)),
        ((("u",), int), ((), int)),
    ],
)
def test_what_is_read_in_two_ways_is_unclear(first: Any, then: Any) -> None:
    shape = Shape()
    shape.value(*first)
    with pytest.raises(UnclearError):
        shape.value(*then)


class Message(msgspec.Struct):
    """What is to be made."""

    pair: str = ""
    ids: list[int] = msgspec.field(default_factory=list)
    note: str | None = None


def test_an_object_may_be_decoded_into_a_class_of_ours_and_no_key_fills_what_is_not_read() -> None:
    shape = Shape(Message)
    assert shape.value(("i",), list[int], REQUIRED, "ids") == ".ids"
    document = decoded(shape, '{"i": [1, 2], "pair": "x", "note": "y", "ids": [9]}')
    assert isinstance(document, Message)
    assert (document.pair, document.ids, document.note) == ("", [1, 2], None)


@pytest.mark.parametrize(
    ("path", "keys"),
    [(None, ()), ("@", ()), ("e", ("e",)), ("data.e", ("data", "e")), ('a."b-c".d', ("a", "b-c", "d"))],
)
def test_a_plain_path_is_its_keys(path: str | None, keys: tuple[str, ...]) -> None:
    assert plain_keys(path) == keys


@pytest.mark.parametrize("path", ["data[0]", "[1]", "a || b", "upper(a)", "a.*", "'text'", 7])
def test_any_other_path_is_unclear(path: Any) -> None:
    with pytest.raises(UnclearError):
        plain_keys(path)


def test_a_path_may_begin_at_the_whole_message() -> None:
    assert frame_keys("frame().data.ts") == ("data", "ts")
    assert frame_keys("data.ts") is None
    with pytest.raises(UnclearError):
        frame_keys("frame().data[0]")
