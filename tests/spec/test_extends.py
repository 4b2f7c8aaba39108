"""A spec over its parent, its defaults, and what its parts take from each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.errors import Place, Problem, SpecError
from declconn.spec.extends import MAX_LEVELS, inherit, resolve
from declconn.spec.follow import MAX_CHAIN, MAX_VALUES
from declconn.spec.merge import merge
from declconn.spec.node import Node, place_of
from declconn.spec.plain import plain
from declconn.spec.shorthand import PLAIN, SPEC, expand
from declconn.spec.source import read_spec_text


def resolved_node(text: str, **parents: str) -> Node:
    """A spec's tree; its parents are given by name."""

    def find(name: str, place: Place) -> Node:
        if name not in parents:
            raise SpecError([Problem(place, "extends", f"no {name}")])
        return read_spec_text(parents[name].encode(), f"{name}.yaml")

    return resolve(read_spec_text(text.encode(), "child.yaml"), find)


def resolved(text: str, **parents: str) -> Any:
    return plain(resolved_node(text, **parents))


def over(parent: str, child: str) -> Any:
    """What a child makes of its parent, without the word `extends`."""
    result = resolved(f"extends: parent\n{child}", parent=parent)
    del result["extends"]
    return result


def problems(text: str, **parents: str) -> list[str]:
    with pytest.raises(SpecError) as raised:
        resolved(text, **parents)
    return [str(problem) for problem in raised.value.problems]


# extends


def test_maps_merge_with_the_keys_of_the_parent_first() -> None:
    merged = over("hosts: {a: 1, b: {x: 1, y: 2}, c: 3}", "hosts: {d: 4, b: {y: 5, z: 6}, a: 7}")
    assert merged == {"hosts": {"a": 7, "b": {"x": 1, "y": 5, "z": 6}, "c": 3, "d": 4}}
    assert list(merged["hosts"]) == ["a", "b", "c", "d"]


def test_scalars_and_lists_replace() -> None:
    assert over("a: 1\nb: [1, 2]\nc: {x: 1}\nd: 1", "a: 2\nb: [3]\nc: 4\nd: {y: 5}") == {
        "a": 2,
        "b": [3],
        "c": 4,
        "d": {"y": 5},
    }


def test_null_removes_what_is_inherited_and_is_no_value_of_its_own() -> None:
    assert over("a: 1\nb: {c: 2, d: 3}", "a: null\nb: {c: null}\nz: null") == {"b": {"d": 3}}


def test_a_grandchild_may_set_again_what_its_parent_removed() -> None:
    base = "name: base\ncost: {x: 1, y: 2}\nurl: u\n"
    middle = "extends: base\ncost: null\nurl: null\n"
    assert resolved("extends: middle\ncost: {z: 3}", middle=middle, base=base) == {
        "extends": "middle",
        "name": "base",
        "cost": {"z": 3},
    }


def test_a_choice_replaces_and_is_replaced_whole() -> None:
    choice = "cost: {by: auth, of: {none: {public: 1}, signed: {private: 1}}}"
    assert over(choice, "cost: {orders: 1}") == {"cost": {"orders": 1}}
    assert over("cost: {orders: 1}", choice)["cost"] == {
        "by": "auth",
        "of": {"none": {"public": 1}, "signed": {"private": 1}},
    }
    assert over(choice, "cost: {by: req.method, of: {GET: {get: 1}}}")["cost"] == {
        "by": "req.method",
        "of": {"GET": {"get": 1}},
    }


def test_a_field_that_happens_to_be_called_by_is_no_choice() -> None:
    assert over("body: {symbol: s}", "body: {by: price}") == {"body": {"symbol": "s", "by": "price"}}


def test_every_value_keeps_the_place_of_the_file_it_is_written_in() -> None:
    tree = resolved_node(
        "extends: parent\nendpoints:\n  ping: {auth: x}\n", parent="endpoints:\n  ping: {get: /p}\n  time: {get: /t}\n"
    )
    assert str(place_of(tree, ("endpoints", "ping", "get"))) == "parent.yaml:2:15"
    assert str(place_of(tree, ("endpoints", "ping", "auth"))) == "child.yaml:3:16"
    assert str(place_of(tree, ("endpoints", "time"))) == "parent.yaml:3:9"
    assert str(place_of(tree, ("endpoints", "ping"), key=True)) == "child.yaml:3:3"
    assert str(place_of(tree, ("endpoints", "time"), key=True)) == "parent.yaml:3:3"


def test_several_levels_are_merged_from_the_oldest_on() -> None:
    levels = {"a": "name: a\nv: {a: 1, x: a}", "b": "extends: a\nname: b\nv: {b: 1, x: b}"}
    assert resolved("extends: b\nname: c\nv: {c: 1}", **levels) == {
        "extends": "b",
        "name": "c",
        "v": {"a": 1, "x": "b", "b": 1, "c": 1},
    }


@pytest.mark.parametrize(
    ("text", "parents", "expected"),
    [
        (
            "name: child\nextends: child\n",
            {"child": "name: child\nextends: child\n"},
            ["child.yaml:2:10: extends: a spec cannot extend itself: child -> child"],
        ),
        (
            "extends: a\n",
            {"a": "name: a\nextends: b", "b": "extends: a"},
            ["b.yaml:1:10: extends: a spec cannot extend itself: child -> a -> b -> a"],
        ),
        ("extends: nobody\n", {}, ["child.yaml:1:10: extends: no nobody"]),
        (
            "extends: [a, b]\n",
            {},
            ["child.yaml:1:10: extends: expected the name of one spec, like `extends: other`, found a list"],
        ),
        (
            "extends: ../../etc/passwd\n",
            {},
            [
                "child.yaml:1:10: extends: expected the name of one spec, like `extends: other`, "
                "found '../../etc/passwd'"
            ],
        ),
    ],
)
def test_a_parent_that_cannot_be_is_refused(text: str, parents: dict[str, str], expected: list[str]) -> None:
    assert problems(text, **parents) == expected


def test_the_levels_are_bounded() -> None:
    parents = {f"s{n}": f"extends: s{n + 1}" for n in range(MAX_LEVELS + 1)}
    (problem,) = problems("extends: s0", **parents)
    assert f"more than {MAX_LEVELS} levels of `extends`: child -> s0 -> " in problem


# Shorthands


@pytest.mark.parametrize(
    ("parent", "child", "expected"),
    [
        ("heartbeat: {every: 20s, send: ping}", "heartbeat: 30s", {"every": "30s", "send": "ping"}),
        ("heartbeat: 30s", "heartbeat: {timeout: 60s}", {"every": "30s", "timeout": "60s"}),
        (
            "subscribe: {op: subscribe, args: x}",
            "subscribe: {auth: ws}",
            {"send": {"op": "subscribe", "args": "x"}, "auth": "ws"},
        ),
        (
            "subscribe: {send: {op: a}, auth: ws}",
            "subscribe: {op: b, auth: null}",
            {"send": {"op": "b"}, "auth": "ws"},
        ),
        ("subscribe: hello", "subscribe: {auth: ws?}", {"send": "hello", "auth": "ws?"}),
        ("accepted: {type: ack}", "accepted: {id: 7}", {"when": {"type": "ack", "id": 7}}),
        (
            "refused: {type: error}",
            "refused: {when: {id: 7}, code: c}",
            {"when": {"type": "error", "id": 7}, "code": "c"},
        ),
        ("login: {accepted: {a: 1}}", "login: {accepted: {b: 2}}", {"accepted": {"when": {"a": 1, "b": 2}}}),
        ("accepted: {a: {absent: true}}", "accepted: {a: {is: x}}", {"when": {"a": {"is": "x"}}}),
        ("login: {send: x}", "login: null", None),
    ],
)
def test_a_word_of_a_stream_becomes_its_long_form_before_it_merges(parent: str, child: str, expected: Any) -> None:
    merged = over(f"streams: {{s: {{{parent}}}}}", f"streams: {{s: {{{child}}}}}")
    assert merged["streams"]["s"].get(parent.partition(":")[0]) == expected


def test_an_allowance_becomes_its_long_form_wherever_it_stands() -> None:
    merged = over(
        "rate_limits: {ip: {allow: 10/1s, per: ip}, tier: {by: opt.t, of: {a: 1/1s}}}\n"
        "endpoints: {ping: {rate: {allow: 60/2s, per: symbol}}, both: [{rate: 1/1s}], more: {then: {rate: 2/1s}}}",
        "rate_limits: {ip: 20/1s}\nendpoints: {ping: {rate: 1/1s}}",
    )
    assert merged["rate_limits"] == {
        "ip": {"allow": "20/1s", "per": "ip"},
        "tier": {"by": "opt.t", "of": {"a": "1/1s"}},
    }
    assert merged["endpoints"] == {
        "ping": {"rate": {"allow": "1/1s", "per": "symbol"}},
        "both": [{"rate": {"allow": "1/1s"}}],
        "more": {"then": {"rate": {"allow": "2/1s"}}},
    }


def test_the_kind_of_snapshot_becomes_its_long_form() -> None:
    assert over("order_book: {snapshot: rest}", "order_book: {snapshot: {after: {diffs: 2}}}") == {
        "order_book": {"snapshot": {"from": "rest", "after": {"diffs": 2}}}
    }


def test_a_long_form_has_the_place_of_the_short_one() -> None:
    tree = resolved_node("streams:\n  s: {heartbeat: 30s}\n")
    assert str(place_of(tree, ("streams", "s", "heartbeat", "every"), key=True)) == "child.yaml:2:18"


@pytest.mark.parametrize("shorthand", ["heartbeat", "subscribe", "accepted", "refused"])
def test_the_removal_of_a_shorthand_is_a_removal(shorthand: str) -> None:
    assert over(f"streams: {{s: {{{shorthand}: {{x: 1}}}}}}", f"streams: {{s: {{{shorthand}: null}}}}") == {
        "streams": {"s": {}}
    }


SLOTS = [
    ("{path: isMaker, map: {true: false}}", "{path: maker}", {"path": "maker", "map": {"true": False}}),
    ("{path: isMaker, map: {true: false}}", "maker", "maker"),
    ("isMaker", "{map: {true: false}}", {"path": "isMaker", "map": {"true": False}}),
    ("time", "{unit: ns}", {"path": "time", "unit": "ns"}),
    ("time", "{path: ts, unit: ns}", {"path": "ts", "unit": "ns"}),
    ("[wsname, key()]", "{path: x}", {"path": "x"}),
    (
        "{path: c, side: s}",
        "{side: {map: {b: BUY}}}",
        {"path": "c", "side": {"path": "s", "map": {"b": "BUY"}}},
    ),
    ("{amount: fee, token: coin}", "{token: null}", {"amount": "fee"}),
    ("null", "{unit: ns}", {"unit": "ns"}),
]


@pytest.mark.parametrize(("parent", "child", "expected"), SLOTS)
@pytest.mark.parametrize(
    "around",
    [
        "endpoints: {x: {result: {f: SLOT}}}",
        "endpoints: {x: {market: {f: SLOT}}}",
        "streams: {s: {events: {e: {map: {f: SLOT}}}}}",
    ],
    ids=["result", "market", "map"],
)
def test_a_path_replaces_a_long_form_and_a_long_form_merges_over_a_path(
    around: str, parent: str, child: str, expected: Any
) -> None:
    merged: Any = over(around.replace("SLOT", parent), around.replace("SLOT", child))
    while "f" not in merged:
        (merged,) = merged.values()
    assert merged == {"f": expected}


def test_a_map_over_a_scalar_anywhere_else_replaces_it() -> None:
    assert over("endpoints: {x: {each: data}}", "endpoints: {x: {each: {a: '@'}}}") == {
        "endpoints": {"x": {"each": {"a": "@"}}}
    }


# Methods and endpoint_defaults


def test_an_own_method_replaces_the_other() -> None:
    assert over("endpoints: {x: {get: /a, auth: s}}", "endpoints: {x: {post: /b}}")["endpoints"] == {
        "x": {"auth": "s", "post": "/b"}
    }


def test_the_same_method_keeps_its_place_and_a_removed_one_replaces_nothing() -> None:
    assert over("endpoints: {x: {get: /a}}", "endpoints: {x: {get: /b}}")["endpoints"] == {"x": {"get": "/b"}}
    assert over("endpoints: {x: {get: /a}}", "endpoints: {x: {post: null}}")["endpoints"] == {"x": {"get": "/a"}}


def test_a_field_of_a_body_may_be_called_like_a_method() -> None:
    assert over("endpoints: {x: {body: {get: 1}}}", "endpoints: {x: {body: {post: 2}}}")["endpoints"] == {
        "x": {"body": {"get": 1, "post": 2}}
    }


def test_the_defaults_lie_under_every_endpoint_list_item_and_further_request() -> None:
    assert resolved(
        "endpoint_defaults: {unwrap: data, cost: {w: 1}}\n"
        "endpoints:\n"
        "  one: {get: /1, cost: {w: 2}, then: {get: /2}}\n"
        "  both: [{get: /3}, {get: /4, unwrap: x}]\n"
    )["endpoints"] == {
        "one": {
            "unwrap": "data",
            "cost": {"w": 2},
            "get": "/1",
            "then": {"unwrap": "data", "cost": {"w": 1}, "get": "/2"},
        },
        "both": [
            {"unwrap": "data", "cost": {"w": 1}, "get": "/3"},
            {"unwrap": "x", "cost": {"w": 1}, "get": "/4"},
        ],
    }


def test_a_removal_holds_against_the_defaults_also_when_a_parent_wrote_it() -> None:
    parent = "endpoint_defaults: {unwrap: data}\nendpoints: {a: {get: /a, unwrap: null}}"
    assert over(parent, "endpoints: {b: {get: /b}}")["endpoints"] == {
        "a": {"get": "/a"},
        "b": {"unwrap": "data", "get": "/b"},
    }


def test_a_removed_endpoint_gets_no_defaults() -> None:
    parent = "endpoint_defaults: {unwrap: data}\nendpoints: {a: {get: /a}}"
    assert over(parent, "endpoints: {a: null}")["endpoints"] == {}


# like


def test_an_endpoint_is_a_copy_of_another_with_its_own_words_over_it() -> None:
    assert resolved(
        "endpoints:\n"
        "  trades: {get: /trades, params: {symbol: s, id: i}, result: {price: p}}\n"
        "  recent: {like: trades, post: /recent, params: {id: null, since: t}}\n"
    )["endpoints"]["recent"] == {"post": "/recent", "params": {"symbol": "s", "since": "t"}, "result": {"price": "p"}}


def test_a_copy_takes_the_defaults_from_what_it_copies() -> None:
    endpoints = resolved(
        "endpoint_defaults: {cost: {w: 20}, unwrap: data}\n"
        "endpoints: {place: {post: /x, cost: {w: 1}, unwrap: null}, amend: {like: place, body: {a: 1}}}\n"
    )["endpoints"]
    assert endpoints["amend"] == {"post": "/x", "cost": {"w": 1}, "body": {"a": 1}}


def test_a_childs_change_reaches_every_copy() -> None:
    parent = (
        "endpoint_defaults: {auth: none}\n"
        "endpoints: {a: {get: /a}, b: {like: a, params: {x: 1}}, c: {like: b}}\n"
        "streams: {m: {url: u, events: {e: {like: a}}}, n: {like: m}}\n"
    )
    child = over(parent, "endpoint_defaults: {auth: s}\nendpoints: {a: {each: list}}\nstreams: {m: {unwrap: data}}")
    assert [endpoint["each"] for endpoint in child["endpoints"].values()] == ["list", "list", "list"]
    assert [endpoint["auth"] for endpoint in child["endpoints"].values()] == ["s", "s", "s"]
    assert child["streams"]["m"]["events"]["e"] == {"each": "list"}
    assert child["streams"]["n"] == {"url": "u", "unwrap": "data"}


def test_a_further_request_and_a_list_item_may_be_copies_too() -> None:
    endpoints = resolved(
        "endpoint_defaults: {unwrap: d}\n"
        "endpoints:\n"
        "  a: {get: /a, then: {get: /t, each: x}}\n"
        "  b: {like: a, then: {each: y}}\n"
        "  c: [{like: a, when: {env.x: 1}}, {get: /c, then: {like: d}}]\n"
        "  d: {get: /d}\n"
    )["endpoints"]
    assert endpoints["b"]["then"] == {"unwrap": "d", "get": "/t", "each": "y"}
    assert endpoints["c"][0]["get"] == "/a"
    assert endpoints["c"][1]["then"] == {"unwrap": "d", "get": "/d"}


def test_a_stream_takes_all_words_of_another_but_its_channels_and_events() -> None:
    streams = resolved(
        "streams:\n"
        "  user: {like: book, limits: {login: 1/15s}}\n"
        "  book: {like: market, url: b}\n"
        "  market: {url: m, decode: [gzip], limits: {send: 1/1s}, channels: {t: x}, events: {t: {emit: trade}}}\n"
    )["streams"]
    assert streams["user"] == {"url": "b", "decode": ["gzip"], "limits": {"send": "1/1s", "login": "1/15s"}}


def test_a_removed_like_copies_nothing() -> None:
    assert over("streams: {a: {url: u}, b: {like: a}}", "streams: {b: {like: null, url: v}}")["streams"]["b"] == {
        "url": "v"
    }


def test_unsubscribe_is_merged_over_subscribe_after_everything_else() -> None:
    streams = resolved(
        "streams:\n"
        "  market:\n"
        "    subscribe: {send: {op: subscribe, args: x}, auth: ws?}\n"
        "    unsubscribe: {op: unsubscribe}\n"
        "  user: {like: market, subscribe: {private: true}, unsubscribe: {args: null, auth: null}}\n"
        "  other: {like: market, unsubscribe: null}\n"
    )["streams"]
    assert streams["market"]["unsubscribe"] == {"send": {"op": "unsubscribe", "args": "x"}, "auth": "ws?"}
    assert streams["user"]["unsubscribe"] == {"send": {"op": "unsubscribe", "private": True}, "auth": "ws?"}
    assert "unsubscribe" not in streams["other"]


def test_an_event_is_a_copy_of_another_of_its_stream() -> None:
    events = resolved(
        "streams: {s: {events: {\n"
        "  depth: {like: snapshot, when: {type: update}, emit: order_book_diff},\n"
        "  snapshot: {when: {channel: book, type: snapshot}, emit: order_book_snapshot, map: {bids: b}}}}}\n"
    )["streams"]["s"]["events"]
    assert events["depth"] == {
        "when": {"channel": "book", "type": "update"},
        "emit": "order_book_diff",
        "map": {"bids": "b"},
    }


def test_an_event_takes_each_where_and_result_of_an_operation_and_nothing_else() -> None:
    event = resolved(
        "endpoint_defaults: {each: data}\n"
        "endpoints: {trades: {get: /t, unwrap: x, where: id, result: {price: p, timestamp: t}}}\n"
        "streams: {s: {events: {fill: {emit: trade_update, like: trades, map: {timestamp: {unit: ns}}}}}}\n"
    )["streams"]["s"]["events"]["fill"]
    assert event == {
        "emit": "trade_update",
        "each": "data",
        "where": "id",
        "map": {"price": "p", "timestamp": {"path": "t", "unit": "ns"}},
    }


def test_an_event_may_have_the_name_of_the_operation_that_it_is_like() -> None:
    events = resolved(
        "endpoints: {positions: {get: /p, result: {amount: a}}}\n"
        "streams: {s: {events: {positions: {like: positions, emit: position_update}, more: {like: positions}}}}\n"
    )["streams"]["s"]["events"]
    assert events["positions"] == {"map": {"amount": "a"}, "emit": "position_update"}
    assert events["more"] == events["positions"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "endpoints: {order_status: {get: /o}, find_order: {like: ordr_status}}",
            "1:57: endpoints.find_order.like: 'ordr_status' is not here to be like; did you mean 'order_status'?",
        ),
        (
            "endpoints: {a: {like: b}, b: {like: c}, c: {like: b}}",
            "1:51: endpoints.c.like: `like` goes in a circle: a -> b -> c -> b",
        ),
        (
            "endpoints: {a: {get: /a, then: {like: a}}}",
            "1:39: endpoints.a.then.like: `like` goes in a circle: a -> a",
        ),
        (
            "endpoints: {a: [{get: /a}], b: {like: a}}",
            "1:39: endpoints.b.like: 'a' is a list of requests; only a single one can be copied",
        ),
        ("endpoints: {a: {like: [b]}}", "1:23: endpoints.a.like: `like` takes one name, as in `like: order_status`"),
        (
            "endpoint_defaults: {like: a}\nendpoints: {a: {get: /a}}",
            "1:27: endpoint_defaults.like: the defaults copy nothing; say it in the endpoints",
        ),
        ("streams: {a: {like: a}}", "1:21: streams.a.like: `like` goes in a circle: a -> a"),
        ("streams: {a: {like: x}}", "1:21: streams.a.like: 'x' is not here to be like; there are: a"),
        (
            "streams: {s: {events: {e: {like: e}}}}",
            "1:34: streams.s.events.e.like: `like` goes in a circle: e -> e",
        ),
        (
            "endpoints: {op: {get: /o}}\nstreams: {s: {events: {e: {like: x}}}}",
            "2:34: streams.s.events.e.like: 'x' is not here to be like; there are: e, op",
        ),
        (
            "endpoints: {op: [{get: /o}]}\nstreams: {s: {events: {op: {like: op}}}}",
            "2:35: streams.s.events.op.like: 'op' is a list of requests; only a single one can be copied",
        ),
    ],
)
def test_a_like_that_cannot_be_followed_says_why(text: str, expected: str) -> None:
    assert problems(text) == [f"child.yaml:{expected}"]


def test_a_removed_part_cannot_be_copied() -> None:
    (problem,) = problems("extends: p\nendpoints: {a: null}", p="endpoints: {a: {get: /a}, b: {like: a}}")
    assert problem == "p.yaml:1:37: endpoints.b.like: 'a' is not here to be like; there are: b"


def test_all_wrong_likes_are_reported_at_once() -> None:
    assert (
        len(problems("endpoints: {a: {like: x}, b: {like: y}}\nstreams: {s: {like: z, events: {e: {like: w}}}}")) == 4
    )


def test_a_chain_of_copies_is_bounded() -> None:
    chain = ", ".join(f"e{n}: {{like: e{n + 1}}}" for n in range(5000))
    found = problems(f"endpoints: {{{chain}, e5000: {{get: /x}}}}")
    assert all(f"more than {MAX_CHAIN} `like` in a chain" in problem for problem in found)


@pytest.mark.parametrize(
    "multiplied",
    ["endpoint_defaults: {DATA}\nendpoints: {COPIES}", "endpoints: {big: {DATA}, COPIES}"],
    ids=["defaults", "like"],
)
def test_copies_cannot_fill_the_memory(multiplied: str) -> None:
    data = ", ".join(f"k{n}: 1" for n in range(10_000))
    like = "like: big" if "big" in multiplied else "get: /x"
    copies = ", ".join(f"e{n}: {{{like}}}" for n in range(5_000))
    (problem,) = problems(multiplied.replace("DATA", data).replace("COPIES", copies))
    assert f"more than {MAX_VALUES:,} values once" in problem


# Laws of merging

scalars = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b"])
words = st.sampled_from(["a", "b", "c", "d"])
trees = st.recursive(scalars, lambda inner: st.dictionaries(words, inner, max_size=3) | st.lists(inner, max_size=2))
maps = st.dictionaries(words, trees, max_size=4)
HERE = Place("law.yaml", 1, 1)


def node(tree: Any) -> Node:
    if isinstance(tree, dict):
        return Node({key: node(child) for key, child in tree.items()}, HERE, dict.fromkeys(tree, HERE))
    return Node([node(child) for child in tree] if isinstance(tree, list) else tree, HERE)


def leaves(tree: Any, loc: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not isinstance(tree, dict) or not tree:
        yield loc, tree
        return
    for key, child in tree.items():
        yield from leaves(child, (*loc, key))


def at(tree: Node, loc: tuple[str, ...]) -> Node:
    for step in loc:
        tree = tree.map[step]
    return tree


@given(maps, maps)
def test_what_the_child_says_holds(parent: Any, child: Any) -> None:
    merged = merge(node(parent), node(child), PLAIN)
    for loc, value in leaves(child):
        assert at(merged, loc) == node(value) or value == {}


@given(maps, maps)
def test_what_the_child_does_not_mention_stays_in_its_order(parent: Any, child: Any) -> None:
    merged = merge(node(parent), node(child), PLAIN)
    assert list(merged.map)[: len(parent)] == list(parent)
    assert all(merged.map[key] == node(parent[key]) for key in parent.keys() - child.keys())


@given(maps)
def test_merging_with_nothing_or_with_itself_changes_nothing(tree: Any) -> None:
    assert merge(node({}), node(tree), PLAIN) == node(tree)
    assert merge(node(tree), node({}), PLAIN) == node(tree)
    assert merge(node(tree), node(tree), PLAIN) == node(tree)


sections = st.sampled_from(["endpoints", "streams", "rate_limits", "order_book", "endpoint_defaults"])
deep_words = st.sampled_from(
    [
        "a",
        "rate",
        "result",
        "then",
        "get",
        "post",
        "events",
        "map",
        "when",
        "heartbeat",
        "subscribe",
        "accepted",
        "snapshot",
    ]
)
deep_trees = st.recursive(
    scalars, lambda inner: st.dictionaries(deep_words, inner, max_size=3) | st.lists(inner, max_size=2)
)


@given(st.dictionaries(sections, deep_trees))
def test_expanding_shorthands_twice_is_expanding_them_once(tree: Any) -> None:
    once = expand(node(tree), SPEC)
    assert expand(once, SPEC) == once


@given(st.dictionaries(sections, deep_trees), st.dictionaries(sections, deep_trees))
def test_a_child_and_its_parent_are_not_changed_by_their_merging(parent: Any, child: Any) -> None:
    base, over = node(parent), node({**child, "extends": "p"})
    inherit(over, lambda name, place: Node(base.value, Place("p.yaml", 1, 1), base.keys))
    assert (base, over) == (node(parent), node({**child, "extends": "p"}))


# What the documentation says


def test_the_example_in_the_documentation_is_true() -> None:
    text = (Path(__file__).parents[2] / "docs/extends.md").read_text()
    parent, child, result = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    merged = resolved(child, venue=parent)
    assert merged == plain(read_spec_text(result.encode(), "result.yaml"))
