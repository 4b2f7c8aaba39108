"""Rows that are looked for where a message has nothing are told from rows that are not there."""

from __future__ import annotations

from typing import Any

import pytest

from declconn.compile.misplaced import leading_keys, misplaced
from declconn.compile.plan import Source


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("a", ("a",)),
        ("a.b.c", ("a", "b", "c")),
        ("@.a", ("a",)),
        ("a.b[0].c", ("a", "b")),
        ("a[].b", ("a",)),
        ("a[?b].c", ("a",)),
        ("a | b", ("a", "b")),
        ("a.*.b", ("a",)),
        ("@", ()),
        ("[0].a", ()),
        ("a || b", ()),
        ("items(a)", ()),
        ("[a, b][]", ()),
        (0, ()),
    ],
)
def test_a_path_surely_reads_its_leading_keys(path: Any, keys: tuple[str, ...]) -> None:
    assert leading_keys(path) == keys


@pytest.mark.parametrize(
    ("source", "message", "told"),
    [
        (Source(each="balance"), {"balances": [], "time": 1}, "'balance', and there is only 'balances', 'time'"),
        (Source(each="data.list"), {"data": {"rows": []}}, "`each: data.list` looks for 'list'"),
        (Source(each="data[].rows[]"), {"dat": []}, "`each: data[].rows[]` looks for 'data'"),
        (Source("result", "list"), {"results": {}}, "`unwrap: result` looks for 'result'"),
        (Source("result", "list"), {"result": {"lists": []}}, "`each: list` looks for 'list'"),
        (Source(each={"coin": "coins", "row": "rows"}), {"coin": []}, "looks for 'coins'"),
        (
            Source(each="balances"),
            [{"asset": "BTC"}],
            "looks for 'balances' in a list; write `each: \"@\"` if its items are the rows",
        ),
        (Source(each="data.rows"), {"data": [{"id": 1}]}, "looks for 'rows' in a list; write `each: \"data\"`"),
        (Source("data", "rows"), {"data": [{"id": 1}]}, "looks for 'rows' in a list; write `each: \"@\"`"),
        (Source("data", "@"), [{"data": []}], "`unwrap: data` looks for 'data' in a list"),
    ],
)
def test_a_key_that_is_not_among_others_is_doubtful(source: Source, message: Any, told: str) -> None:
    assert told in (misplaced(source, message) or "nothing")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Source(each="list"), {"list": []}),
        (Source(each="list"), {"list": None, "more": False}),
        (Source(each="list"), {}),
        (Source(each="list"), []),
        (Source(each="list"), None),
        (Source(each="data.list"), {"data": None}),
        (Source(each="data.list"), {"data": {}}),
        (Source("result", "list"), {"result": {}}),
        (Source(each="a || b"), {"c": []}),
        (Source(), {"c": []}),
    ],
)
def test_an_empty_answer_is_no_doubt(source: Source, message: Any) -> None:
    assert misplaced(source, message) is None


def test_only_the_first_of_many_keys_are_quoted() -> None:
    assert "'k7'" in (told := misplaced(Source(each="rows"), {f"k{number}": 0 for number in range(1000)}) or "")
    assert "'k8'" not in told
