"""Routing finds exactly the matchers that hold, in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from declconn.compile.matcher import Matcher
from declconn.compile.router import Router

EVENTS = [
    {"topic": "publicTrade.{symbol}"},
    {"topic": "orderbook.200.{symbol}", "type": "snapshot"},
    {"topic": "orderbook.200.{symbol}", "type": "delta"},
    {"topic": ["position", "wallet"]},
    {"topic": "position"},
    {"success": False},
]


def route(frame, known=None, matchers=EVENTS):
    return Router([Matcher(matcher) for matcher in matchers]).route(frame, known or {})


def test_a_frame_finds_its_event_and_what_it_captures():
    assert route({"topic": "orderbook.200.BTCUSDT", "type": "delta"}) == [(2, {"symbol": "BTCUSDT"})]


def test_several_events_of_one_frame_come_in_order():
    assert route({"topic": "position"}) == [(3, {}), (4, {})]


def test_a_matcher_that_does_not_look_at_the_chosen_path_is_always_asked():
    assert route({"success": False}) == [(5, {})]
    assert route({"topic": "wallet", "success": "false"}) == [(3, {}), (5, {})]


def test_a_frame_that_nothing_matches_gives_nothing():
    assert route({"topic": "kline"}) == []
    assert route("pong") == []
    assert route({"topic": {"not": "text"}}) == []


def test_without_any_text_to_compare_every_matcher_is_asked():
    assert route({"ping": 5}, matchers=[{"ping": "{ping}"}, {}, {"x": {"absent": True}}]) == [
        (0, {"ping": 5}),
        (1, {}),
        (2, {}),
    ]
    assert route({}, matchers=[]) == []


def test_holes_that_become_known_change_the_answer_although_the_word_is_remembered():
    router = Router([Matcher({"ch": "book.{opt.depth}"})])
    frame = {"ch": "book.20"}
    assert router.route(frame, {"opt": {"depth": 10}}) == []
    assert router.route(frame, {"opt": {"depth": 20}}) == [(0, {})]


def test_more_words_than_are_remembered_are_still_routed():
    router = Router([Matcher({"topic": "t.{symbol}"}), Matcher({"topic": "t.7"})])
    for _ in range(2):
        for number in range(5000):
            found = router.route({"topic": f"t.{number}"}, {})
            assert found[0] == (0, {"symbol": str(number)})
            assert len(found) == (2 if number == 7 else 1)


paths = st.sampled_from(["a", "b", "a.c", "b[0]", "length(b)"])
scalars = st.one_of(st.sampled_from(["", "x", "x.1", "1", "true", 1, True]), st.none())
values = st.one_of(
    st.sampled_from(["x", "1", "", True, 1, "x.{h}", "{h}", "{k}", "{o.k}.{h}", "x.{o.k}"]),
    st.lists(st.sampled_from(["x", "x.{h}", 1]), min_size=1, max_size=3),
    st.sampled_from([{"absent": True}]),
)
matchers = st.lists(st.dictionaries(paths, values, max_size=3), max_size=6)
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
)
knowns = st.fixed_dictionaries({}, optional={"k": st.sampled_from(["x", 1]), "o": st.just({"k": "x"})})


@given(matchers, st.lists(documents, max_size=5), knowns)
def test_the_router_finds_what_asking_every_matcher_finds(wanted, frames, known):
    compiled = [Matcher(matcher) for matcher in wanted]
    router = Router(compiled)
    for frame in frames:
        asked = ((index, matcher.match(frame, known)) for index, matcher in enumerate(compiled))
        assert router.route(frame, known) == [(index, found) for index, found in asked if found is not None]
