"""From a file to a checked spec, with all problems of the whole family at once."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from declconn.errors import SpecError
from declconn.spec.load import load_spec_file, sibling_finder
from declconn.spec.models import Spec

DRAFTS = Path(os.environ.get("DECLCONN_DATA", Path(__file__).parents[3] / "shared/data")).parent / "design/examples"
NO_DRAFTS = "the drafts are not here: shared/design/examples beside this repository, or $DECLCONN_DATA"

VENUE = """\
spec: 1
name: venue
kind: exchange
example_pair: BTC-USDT
environments: {com: {rest: https://api.venue.com, ws: wss://ws.venue.com}}
endpoints:
  trading_rules:
    get: /symbols
    each: "@"
    result: {symbol: s, base: b, quote: q}
  order_book_snapshot:
    get: /depth
    params: {symbol: "{symbol}"}
    result: {update_id: id, bids: bids, asks: asks}
streams:
  market:
    url: "{env.ws}"
    subscribe: {op: subscribe, args: "{channels}"}
    channels: {trades: "trades.{symbol}", depth: "depth.{symbol}"}
    events:
      trade:
        when: {topic: "trades.{symbol}"}
        emit: trade
        map: {price: p, amount: q, side: {path: m, map: {true: SELL, false: BUY}}}
      depth:
        when: {topic: "depth.{symbol}"}
        emit: order_book_diff
        map: {first_update_id: U, update_id: u, bids: b, asks: a}
order_book: {snapshot: rest, rule: range}
"""
CHILD = "spec: 1\nextends: venue\nname: child\n"


class Specs:
    """A directory of specs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str) -> Path:
        path = self.folder / f"{name}.yaml"
        path.write_text(text)
        return path

    def load(self, name: str, *, strict: bool = False) -> Spec:
        path = self.folder / f"{name}.yaml"
        return load_spec_file(path, sibling_finder(path, lambda _: None), strict=strict)

    def problems(self, name: str, *, strict: bool = False) -> list[str]:
        with pytest.raises(SpecError) as raised:
            self.load(name, strict=strict)
        return [str(problem).removeprefix(f"{self.folder}/") for problem in raised.value.problems]


@pytest.fixture
def specs(tmp_path: Path) -> Specs:
    specs = Specs(tmp_path)
    specs.write("venue", VENUE)
    return specs


def test_a_spec_is_loaded(specs: Specs) -> None:
    spec = specs.load("venue")
    assert spec.name == "venue"
    assert spec.requests("order_book_snapshot")[0].get == "/depth"


def test_a_child_is_loaded_over_the_spec_beside_it(specs: Specs) -> None:
    specs.write("child", CHILD + "endpoints: {order_book_snapshot: {get: /book}}\n")
    child = specs.load("child")
    assert (child.name, child.extends) == ("child", "venue")
    (snapshot,) = child.requests("order_book_snapshot")
    assert (snapshot.get, snapshot.params) == ("/book", {"symbol": "{symbol}"})


def test_a_parent_is_looked_for_elsewhere_when_it_is_not_beside_the_child(specs: Specs, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    path = tmp_path / "mine" / "child.yaml"
    path.write_text(CHILD)
    asked: list[str] = []

    def elsewhere(name: str) -> Path:
        asked.append(name)
        return tmp_path / f"{name}.yaml"

    assert load_spec_file(path, sibling_finder(path, elsewhere)).name == "child"
    assert asked == ["venue"]


def test_a_parent_that_is_nowhere_has_a_suggestion(specs: Specs) -> None:
    specs.write("child", CHILD.replace("venue", "vnue"))
    assert specs.problems("child") == [
        "child.yaml:2:10: extends: no spec is called 'vnue'; did you mean 'venue'?",
    ]
    specs.write("child", CHILD.replace("venue", "binance"))
    assert specs.problems("child") == [
        "child.yaml:2:10: extends: no spec is called 'binance'; put binance.yaml beside this file, or install it",
    ]


def test_a_parent_that_may_be_elsewhere_is_not_confused_with_a_file_that_happens_to_be_near(specs: Specs) -> None:
    specs.write("bin", VENUE)
    specs.write("child", CHILD.replace("venue", "binanc"))
    assert specs.problems("child") == [
        "child.yaml:2:10: extends: no spec is called 'binanc'; put binanc.yaml beside this file, or install it",
    ]


def test_names_are_not_looked_at_in_a_text_that_was_misread(specs: Specs) -> None:
    specs.write("venue", VENUE.replace('"trades.{symbol}", depth', "{symbol}, depth"))
    assert specs.problems("venue") == [
        "venue.yaml:19:25: streams.market.channels.trades.symbol: 'symbol' has no value; "
        'a template needs quotes: "{symbol}", a removal needs `null`',
    ]


def test_a_file_that_is_not_there_is_a_problem_too(specs: Specs) -> None:
    assert specs.problems("nothing") == ["nothing.yaml:1:1: the file cannot be read: No such file or directory"]


def test_the_problems_of_parent_and_child_are_reported_together_each_at_its_place(specs: Specs) -> None:
    specs.write("venue", VENUE.replace("each:", "eech:"))
    specs.write("child", CHILD + "kind: spot\nkind: exchange\nendpoints: {order_book_snapshot: {limits: 3}}\n")
    found = [problem.split(": ")[:2] for problem in specs.problems("child")]
    assert found == [
        ["child.yaml:4:7", "kind"],
        ["child.yaml:5:1", "kind"],
        ["child.yaml:6:35", "endpoints.order_book_snapshot.limits"],
        ["venue.yaml:9:5", "endpoints.trading_rules.eech"],
    ]


def test_a_parent_that_is_no_yaml_is_reported_at_its_own_place(specs: Specs) -> None:
    specs.write("venue", "spec: 1\nname: [\n")
    specs.write("child", CHILD)
    (problem,) = specs.problems("child")
    assert problem.startswith("venue.yaml:2:7: name: not valid YAML: ")


def test_a_mistake_that_many_parts_inherit_is_reported_once(specs: Specs) -> None:
    specs.write("venue", VENUE.replace("endpoints:\n", "endpoint_defaults: {unwarp: data}\nendpoints:\n"))
    (problem,) = specs.problems("venue")
    assert problem.startswith("venue.yaml:6:21: endpoint_defaults.unwarp: ")


def test_a_wrong_like_is_one_problem_and_hides_no_other(specs: Specs) -> None:
    text = VENUE.replace("        emit: order_book_diff\n        map: {", "        like: snapshot\n        map: {")
    specs.write("venue", text.replace("retries", "").replace("rule: range", "rule: rnage"))
    found = specs.problems("venue")
    assert [problem.split(": ")[1] for problem in found] == ["streams.market.events.depth.like", "order_book.rule"]


def test_a_cycle_of_parents_is_refused(specs: Specs) -> None:
    specs.write("a", "spec: 1\nname: a\nextends: b\n")
    specs.write("b", "spec: 1\nname: b\nextends: a\n")
    assert specs.problems("a") == ["b.yaml:3:10: extends: a spec cannot extend itself: a -> b -> a"]


DOUBTFUL = VENUE + "fees: {maker_percent_fee_decimal: 0.1}\n"


def test_a_doubt_is_logged(specs: Specs, caplog: pytest.LogCaptureFixture) -> None:
    specs.write("venue", DOUBTFUL)
    with caplog.at_level(logging.WARNING, logger="declconn.spec"):
        assert specs.load("venue").name == "venue"
    assert caplog.messages
    assert all("venue.yaml:" in message and "warning: fees" in message for message in caplog.messages)


def test_a_doubt_is_an_error_when_strict(specs: Specs) -> None:
    specs.write("venue", DOUBTFUL)
    found = specs.problems("venue", strict=True)
    assert found
    assert all("fees" in problem and "warning" not in problem for problem in found)


@pytest.mark.parametrize("path", sorted(DRAFTS.glob("*.yaml")) or [None], ids=lambda path: path and path.stem)
def test_the_spec_of_a_real_venue_is_loaded(path: Path | None) -> None:
    if path is None:
        pytest.skip(NO_DRAFTS)
    assert load_spec_file(path, sibling_finder(path, lambda _: None)).name == path.stem
