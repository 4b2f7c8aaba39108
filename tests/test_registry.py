"""Names to specs: where they are looked for, and what a found spec may not do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import declconn
from declconn.errors import ConfigurationError, CredentialsError, SpecError, UnknownSpecError
from declconn.registry import connect
from declconn.spec_files import BUILT_IN, find_spec

TOY = """\
spec: 1
name: {name}
kind: exchange
environments: {{main: {{rest: https://toy.example}}}}
endpoints:
  trading_rules: {{get: /m, each: "@", result: {{symbol: id, base: b, quote: q}}}}
  order_book_snapshot: {{get: /b, params: {{m: "{{symbol}}"}}, result: {{bids: bids, asks: asks}}}}
order_book: {{snapshot: rest, rule: none}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that DECLCONN_PATH names."""
    monkeypatch.setenv("DECLCONN_PATH", str(tmp_path))
    return tmp_path


def put(folder: Path, name: str, text: str = TOY) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text.format(name=name))
    return path


def test_built_in_specs_are_available_by_name() -> None:
    names = {file.name: file.origin for file in declconn.available()}

    assert names["binance"] == names["kraken"] == BUILT_IN


def test_a_directory_of_declconn_path_adds_specs(folder: Path) -> None:
    put(folder, "toy")

    assert declconn.load_spec("toy").name == "toy"
    assert "toy" in [file.name for file in declconn.available()]


def test_a_found_spec_never_takes_a_built_in_name(folder: Path) -> None:
    put(folder, "binance")

    assert find_spec("binance").parent != folder
    assert [file.origin for file in declconn.available() if file.name == "binance"] == [BUILT_IN]


def test_the_built_in_parent_is_extended_even_if_a_file_beside_the_child_has_its_name(folder: Path) -> None:
    put(folder, "binance")
    child = folder / "child.yaml"
    child.write_text("spec: 1\nextends: binance\nname: child\n")

    assert "place_order" in declconn.load_spec(child).endpoints


def test_a_parent_beside_the_child_is_found(tmp_path: Path) -> None:
    put(tmp_path, "toy")
    child = tmp_path / "child.yaml"
    child.write_text("spec: 1\nextends: toy\nname: child\ndocs: https://child.example\n")

    assert declconn.load_spec(child).environments == declconn.load_spec(tmp_path / "toy.yaml").environments


def test_a_mistyped_parent_is_told_which_built_in_spec_is_near(tmp_path: Path) -> None:
    child = tmp_path / "child.yaml"
    child.write_text("spec: 1\nextends: binanc\nname: child\n")
    with pytest.raises(SpecError, match=r"extends: no spec is called 'binanc'; did you mean 'binance'\?"):
        declconn.load_spec(child)


def test_an_unknown_name_is_an_error_that_says_what_is_near() -> None:
    with pytest.raises(UnknownSpecError, match="no spec is called 'binanse'; did you mean binance"):
        declconn.load_spec("binanse")


def test_a_missing_file_is_an_error_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(UnknownSpecError, match=r"there is no file '.*nothing\.yaml'"):
        declconn.load_spec(tmp_path / "nothing.yaml")


def test_a_spec_with_problems_raises_all_of_them(tmp_path: Path) -> None:
    path = put(tmp_path, "toy", TOY.replace("kind: exchange", "kind: exchang").replace("rule: none", "rule: nine"))

    with pytest.raises(SpecError) as error:
        declconn.load_spec(path)
    assert [problem.path for problem in error.value.problems] == ["kind", "order_book.rule"]


def test_connect_makes_an_exchange_and_sends_nothing(tmp_path: Path) -> None:
    exchange = declconn.connect(put(tmp_path, "toy"), ["BTC-USD"])

    assert isinstance(exchange, declconn.Exchange)
    assert not exchange.ready
    assert exchange.trading_pairs == ["BTC-USD"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"environment": "com.au"}, r"toy has no environment 'com.au'; it has main"),
        ({"environment": "man"}, r"did you mean 'main'\?"),
        ({"environment": {"ress": "http://x"}}, r"an environment has no 'ress'; it has rest"),
        ({"options": {"depth": 3}}, r"toy has no option 'depth'; it has none"),
        ({"credentials": {"api_key": "x"}}, r"toy: unknown credential 'api_key'; it takes none"),
    ],
)
def test_arguments_that_do_not_fit_the_spec_are_refused(tmp_path: Path, arguments: dict, message: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(ConfigurationError, match=message):
        declconn.connect(put(tmp_path, "toy"), **arguments)


def test_an_option_is_checked_against_its_choices() -> None:
    with pytest.raises(ConfigurationError, match="kraken: option 'depth' may be 10, 25, 100, 500, 1000; found 11"):
        declconn.connect("kraken", options={"depth": 11})


@pytest.mark.parametrize("trading", [True, declconn.TradingSettings(store=declconn.MemoryStore())])
def test_who_asks_for_trading_without_credentials_hears_it_at_once(trading: Any) -> None:
    message = (
        r"binance: `trading` asks for an account, and there is none: give connect\(\) credentials=.*leave `trading`"
    )
    with pytest.raises(CredentialsError, match=message):
        connect("binance", trading=trading)
    assert connect("binance") is not None, "market data need none"


@pytest.mark.parametrize("trading", ["orders.db", 1])
def test_trading_is_a_choice_or_settings(trading: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"trading: found .*, expected True, False or settings"):
        connect("binance", trading=trading)
