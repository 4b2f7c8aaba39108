"""Reading a book message straight from its bytes says exactly what the general way says, or leaves it to that one."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declconn.book.float_side import FloatSide
from declconn.book.rows import Precision
from declconn.compile.mapping import Units, Words
from declconn.compile.stream import Event, Stream
from declconn.compile.typed import TypedEvent
from declconn.errors import BookError, MappingError
from declconn.records import OrderBookMessage
from declconn.spec import models
from declconn.types import TimeUnit

WORDS = Words(
    pairs={"BTCUSDT": "BTC-USDT", "ETHUSDT": "ETH-USDT"},
    assets=str,
    sides={},
    states=lambda word: (_ for _ in ()).throw(LookupError(word)),
    position_modes={},
    position_sides={},
    contract_sizes={},
)

PLAIN = {
    "url": "wss://x",
    "accepted": {"id": "{request_id}"},
    "unwrap": "data",
    "events": {
        "trade": {"when": {"data.e": "trade"}, "emit": "trade", "map": {"symbol": "s", "price": "p", "amount": "q"}},
        "depth": {
            "when": {"data.e": "depthUpdate"},
            "emit": "order_book_diff",
            "map": {
                "symbol": "s",
                "first_update_id": "U",
                "update_id": "u",
                "bids": "b",
                "asks": "a",
                "timestamp": "frame().E",
            },
        },
    },
}
PLAIN_FRAME = {
    "E": 1626916403873,
    "data": {
        "e": "depthUpdate",
        "s": "BTCUSDT",
        "U": 5,
        "u": 9,
        "b": [["1.50", "2"], ["1.40", "0.00"]],
        "a": [["1.60", "3"]],
    },
}

ROWS = {
    "url": "wss://x",
    "heartbeat": {"every": "20s", "send": "ping", "answer": "pong"},
    "refused": {"event": "error"},
    "events": {
        "snapshot": {
            "when": {"arg.channel": "books", "arg.instId": "{symbol}", "action": "snapshot"},
            "emit": "order_book_snapshot",
            "each": "data",
            "map": {"update_id": "seq.id", "bids": "bids", "asks": "asks", "timestamp": "ts"},
        },
        "depth": {
            "when": {"arg.channel": "books", "arg.instId": "{symbol}", "action": "update"},
            "emit": "order_book_diff",
            "each": "data",
            "map": {"update_id": "seq.id", "bids": "bids", "asks": "asks", "timestamp": "ts"},
        },
    },
}
ROWS_FRAME = {
    "arg": {"channel": "books", "instId": "ETHUSDT"},
    "action": "update",
    "data": [
        {
            "asks": [["8476.98", "415", "0", "13"]],
            "bids": [["8476.97", "256", "0", "12"]],
            "ts": "15",
            "seq": {"id": 3},
        },
        {"asks": [], "bids": [["8476.96", "1", "0", "1"]], "ts": "16", "seq": {"id": 4}},
    ],
}
BOTH = [(PLAIN, PLAIN_FRAME), (ROWS, ROWS_FRAME)]


def stream(model: Any, precision: Precision = "exact", **units: Any) -> Stream:
    parsed = models.Stream.model_validate(model)
    return Stream(
        "market",
        parsed,
        spelling=lambda rule: rule.symbol,
        words=WORDS,
        units=Units(**{"time": TimeUnit.MS, **units}),
        precision=precision,
    )


def plainly(messages: list[OrderBookMessage]) -> list[dict[str, Any]]:
    """Messages as dicts whose rows are texts."""
    found = []
    for message in messages:
        fields = {name: getattr(message, name) for name in OrderBookMessage.__struct_fields__}
        sides = {side: [(str(row[0]), str(row[1])) for row in fields[side]] for side in ("bids", "asks")}
        found.append({**fields, **sides})
    return found


def typed(of: Stream, raw: bytes | str) -> tuple[Event, list[OrderBookMessage]] | None:
    """What the typed way says, if it is sure."""
    said: list[tuple[Event, OrderBookMessage]] = []
    events = of.typed({}, lambda event: lambda message: said.append((event, message)))
    is_sure = any(event.read(raw) for event in events)
    assert is_sure or not said
    return (said[0][0], [message for _, message in said]) if said else None


def readers(of: Stream) -> tuple[TypedEvent, ...]:
    """The typed events of a stream, whose messages nobody takes."""
    return of.typed({}, lambda event: lambda message: None)


def generally(of: Stream, raw: bytes | str) -> tuple[Event, list[OrderBookMessage]] | None:
    """What the general way says, if it is one event and there is nothing to complain about."""
    try:
        meanings = of.route(of.decode(raw), {})
        if len(meanings) != 1 or not isinstance(meanings[0][0], Event):
            return None
        event, captures = meanings[0]
        assert event.reader is not None
        return event, event.reader.read(of.decode(raw), captures)
    except MappingError:
        return None


def check_that_both_agree(of: Stream, raw: bytes | str) -> bool:
    """Whether the typed way was sure; if it was, the general way says the same."""
    sure, general = typed(of, raw), generally(of, raw)
    if sure is not None:
        assert general is not None, f"only the typed way reads {raw!r}"
        assert sure[0] is general[0]
        assert plainly(sure[1]) == plainly(general[1])
    return sure is not None


@pytest.mark.parametrize(("model", "frame"), BOTH, ids=["plain", "rows"])
@pytest.mark.parametrize("form", [json.dumps, lambda frame: json.dumps(frame, separators=(",", ":")).encode()])
def test_an_ordinary_frame_is_read_straight_from_text_or_bytes(
    model: Any, frame: Any, form: Callable[..., Any]
) -> None:
    assert check_that_both_agree(stream(model), form(frame))


def test_its_messages_are_whole() -> None:
    event, messages = typed(stream(PLAIN), json.dumps(PLAIN_FRAME)) or pytest.fail("it was not sure")
    assert event.name == "depth"
    assert isinstance(messages[0], OrderBookMessage)
    assert plainly(messages) == [
        {
            "trading_pair": "BTC-USDT",
            "bids": [("1.50", "2"), ("1.40", "0.00")],
            "asks": [("1.60", "3")],
            "update_id": 9,
            "first_update_id": 5,
            "previous_update_id": None,
            "checksum": None,
            "timestamp": 1626916403873000000,
        }
    ]


def test_levels_may_be_floats() -> None:
    _, messages = typed(stream(PLAIN, "float"), json.dumps(PLAIN_FRAME)) or pytest.fail("it was not sure")
    assert [(row[0], row[1]) for row in messages[0].bids] == [(1.5, 2.0), (1.4, 0.0)]


@pytest.mark.parametrize("row", ['[{}, "1"]', '["1", {}]'], ids=["price", "size"])
@pytest.mark.parametrize("value", ['"x"', "null", "true", "[]"])
def test_levels_that_are_none_are_never_made_floats(row: str, value: str) -> None:
    raw = json.dumps(PLAIN_FRAME).replace('["1.50", "2"]', row.replace("{}", value))
    assert raw != json.dumps(PLAIN_FRAME)
    assert typed(stream(PLAIN, "float"), raw) is None


@pytest.mark.parametrize("size", ['"NaN"', '"-1"', '"inf"', '"1e999"'])
def test_sizes_that_no_level_has_are_never_made_floats(size: str) -> None:
    row = f'["1", {size}]'
    raw = json.dumps(PLAIN_FRAME).replace('["1.50", "2"]', row)
    assert raw != json.dumps(PLAIN_FRAME)
    assert typed(stream(PLAIN, "float"), raw) is None


@pytest.mark.parametrize("price", ["-37.63", "NaN", "inf"])
def test_a_price_is_for_the_book_to_judge(price: str) -> None:
    read = typed(stream(PLAIN, "float"), json.dumps(PLAIN_FRAME).replace("1.50", price))
    assert read is not None
    with pytest.raises(BookError, match="is not a level"):
        FloatSide(1).apply(read[1][0].bids)


# Mutations: any part of a frame is replaced, removed, or joined by something else.

texts = ["", "7", " 7", "07", "1e3", "x", "trade", "depthUpdate", "books", "snapshot", "update", "error", "XRPUSDT"]
numbers = [0, -1, 7, 10**30, 1.5, 2.0, True, False, None]
lists = [[], [[]], [["1", "2"]], [["1"]], [1, 2], [["1", 2]], [[1.5, "2"]]]
maps = [{}, {"e": "trade"}, {"id": 5}, {"1": ["1", "2"]}]
values = st.sampled_from([*texts, *numbers, *lists, *maps])
keys = st.sampled_from(["E", "data", "e", "s", "U", "u", "b", "a", "id", "arg", "channel", "instId", "action", "event"])


def places(document: Any) -> list[tuple[Any, Any]]:
    """Every container and key or index in it."""
    found: list[tuple[Any, Any]] = []
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in items:
        found.append((document, key))
        if isinstance(value, dict | list):
            found += places(value)
    return found


@pytest.mark.parametrize("precision", ["exact", "float"])
@pytest.mark.parametrize(("model", "frame"), BOTH, ids=["plain", "rows"])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_both_ways_agree_about_mutated_frames(
    model: Any, frame: Any, precision: Precision, data: st.DataObject
) -> None:
    of = stream(model, precision)
    document = json.loads(json.dumps(frame))
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(document)))
        match data.draw(st.sampled_from(["replace", "remove", "add"])):
            case "replace":
                container[key] = deepcopy(data.draw(values))
            case "remove" if isinstance(container, dict):
                container.pop(key, None)
            case _ if isinstance(container, dict):
                container[data.draw(keys)] = deepcopy(data.draw(values))
            case _:
                container.append(deepcopy(data.draw(values)))
        if not places(document):
            break
    raw = json.dumps(document)
    sure, general = typed(of, raw), generally(of, raw)
    if sure is None:
        return
    assert general is not None
    assert sure[0] is general[0]
    if precision == "exact":
        assert plainly(sure[1]) == plainly(general[1])
    else:
        floats = [[[(float(r[0]), float(r[1])) for r in s] for s in (m.bids, m.asks)] for m in (*sure[1], *general[1])]
        assert floats[: len(sure[1])] == floats[len(sure[1]) :]


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_both_ways_agree_about_broken_text(data: st.DataObject) -> None:
    raw = bytearray(json.dumps(PLAIN_FRAME).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.sampled_from(b'{}[]",:019eE-. \\n'))
    check_that_both_agree(stream(PLAIN), bytes(raw))


def test_a_symbol_that_is_not_known_is_left_to_the_way_that_counts_it() -> None:
    of = stream(PLAIN)
    raw = json.dumps(PLAIN_FRAME).replace("BTCUSDT", "XRPUSDT")
    assert typed(of, raw) is None
    assert generally(of, raw) == (of.events[1], [])


def test_a_symbol_may_become_known_later() -> None:
    of, pairs = stream(ROWS), WORDS.pairs
    raw = json.dumps(ROWS_FRAME).replace("ETHUSDT", "NEWUSDT")
    assert typed(of, raw) is None
    pairs["NEWUSDT"] = "NEW-USDT"  # type: ignore[index]
    try:
        assert check_that_both_agree(of, raw)
    finally:
        del pairs["NEWUSDT"]  # type: ignore[attr-defined]


def test_a_frame_that_is_two_things_is_left_to_the_general_way() -> None:
    of = stream(PLAIN)
    event = readers(of)[0]
    raw = json.dumps({"id": "7", **PLAIN_FRAME})
    assert len(of.route(of.decode(raw), {})) == 2
    assert not event.read(raw)
    assert event.read(json.dumps(PLAIN_FRAME))


def test_a_frame_that_is_too_long_is_left_to_the_way_that_complains() -> None:
    of = stream({**PLAIN, "max_frame": "1KiB"})
    raw = json.dumps({**PLAIN_FRAME, "padding": "x" * 2_000})
    assert typed(of, raw) is None
    with pytest.raises(MappingError, match="longer than 1024 bytes"):
        of.decode(raw)


def test_a_venue_that_always_writes_otherwise_is_not_tried_for_ever() -> None:
    event = readers(stream(PLAIN))[0]
    numbers = json.dumps(PLAIN_FRAME).replace('"1.50", "2"', "1.50, 2")
    for _ in range(40):
        assert not event.read(numbers)
    assert not event.read(json.dumps(PLAIN_FRAME))


def test_a_venue_that_sometimes_writes_otherwise_is_always_tried() -> None:
    event = readers(stream(PLAIN))[0]
    ordinary = json.dumps(PLAIN_FRAME)
    assert event.read(ordinary)
    for _ in range(40):
        assert not event.read(json.dumps(PLAIN_FRAME).replace('"1.50", "2"', "1.50, 2"))
    assert event.read(ordinary)


def test_many_words_are_forgotten_rather_than_kept_for_ever() -> None:
    event = readers(stream(ROWS))[1]
    for number in range(5_000):
        assert not event.read(json.dumps(ROWS_FRAME).replace("ETHUSDT", f"X{number}"))
    assert len(event._known) <= 4_096
    assert event.read(json.dumps(ROWS_FRAME))


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": {"path": "n"}},
        {"decode": ["gzip", "json"]},
        {"accepted": {"type(data)": "object"}},
        {"events": {"depth": {**PLAIN["events"]["depth"], "where": "s"}}},  # type: ignore[index]
        {"events": {"depth": {**PLAIN["events"]["depth"], "map": {"symbol": "upper(s)", "bids": "b"}}}},  # type: ignore[index]
        {
            "events": {
                "depth": {**PLAIN["events"]["depth"], "map": {"symbol": "s", "bids": {"path": "b", "price": "p"}}}
            }
        },  # type: ignore[index]
        {"events": {"depth": {**PLAIN["events"]["depth"], "when": {"data.n": 7}}}},  # type: ignore[index]
    ],
    ids=["counter", "gzip", "computed matcher", "chosen rows", "computed field", "shaped levels", "no text"],
)
def test_what_needs_more_than_plain_paths_is_read_the_general_way(change: Any) -> None:
    assert readers(stream({**PLAIN, **change})) == ()


def test_the_text_that_tells_events_apart_is_looked_for() -> None:
    first, second = readers(stream(ROWS))
    raw = json.dumps(ROWS_FRAME)
    assert not first.read(raw)
    assert first.failures == 0  # it did not even decode the other event's frame
    assert second.read(raw)


def test_messages_of_both_ways_are_the_same_record() -> None:
    message = (typed(stream(PLAIN), json.dumps(PLAIN_FRAME)) or pytest.fail("it was not sure"))[1][0]
    assert set(OrderBookMessage.__struct_fields__) <= set(msgspec.structs.asdict(message))


@pytest.mark.parametrize(("model", "frame"), BOTH)
def test_a_message_shows_itself_without_what_the_decoder_read_besides(model: Any, frame: Any) -> None:
    found = typed(stream(model), json.dumps(frame))
    assert found is not None
    fields = ", ".join(f"{name}={getattr(found[1][0], name)!r}" for name in OrderBookMessage.__struct_fields__)
    assert repr(found[1][0]) == f"OrderBookMessage({fields})"
