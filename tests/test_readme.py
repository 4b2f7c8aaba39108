"""What the README shows is true."""

from __future__ import annotations

import ast
import re
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

import declconn
from declconn.cli import main
from declconn.clock import SystemClock
from declconn.errors import SpecError
from declconn.records import TradingRule
from declconn.simulator import FeeSchedule, InProcessVenue, Market, MatchingEngine
from declconn.types import OrderState

README = Path(__file__).parents[1] / "README.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(), re.DOTALL | re.MULTILINE)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    (text,) = blocks("yaml")
    path = tmp_path / "my_venue.yaml"
    path.write_text(text)
    return path


def test_the_example_spec_is_right_and_has_no_lints(example: Path) -> None:
    assert declconn.load_spec(example, strict=True).name == "my_venue"


def test_the_typing_errors_are_told_as_shown(example: Path) -> None:
    text = example.read_text()
    example.write_text(
        text.replace('{market: "{symbol}"}', '{market: "{symbl}"}').replace("first_update_id", "first_updte_id")
    )
    with pytest.raises(SpecError) as error:
        declconn.load_spec(example)

    told = [str(problem).removeprefix(f"{example.parent}/") for problem in error.value.problems]
    assert len(told) == 2
    assert "\n".join(told) in README.read_text()


def test_the_python_example_uses_only_public_names() -> None:
    text = "\n".join(blocks("python"))
    nodes = list(ast.walk(ast.parse(text)))
    used = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    used &= {name for name in used if re.search(rf"\bdeclconn\.{name}\b", text)}
    used |= {
        name.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == "declconn"
        for name in node.names
    }

    assert used
    assert used <= set(declconn.__all__)


async def test_the_trading_example_trades(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    exec(compile("import declconn\n" + blocks("python")[1], "README.md", "exec"), names)
    rule = TradingRule(symbol="", base="BTC", quote="USDT", min_price_increment=D("0.01"))
    engine = MatchingEngine([Market(rule)], FeeSchedule(), SystemClock())
    engine.open_account("me", {"USDT": D(1000)})
    venue = InProcessVenue(declconn.load_spec("binance"), engine, clock=SystemClock(), accounts=["me"])
    exchange = declconn.connect(
        "binance",
        ["BTC-USDT"],
        credentials=venue.credentials("me"),
        transport=venue.transport,
        trading=declconn.TradingSettings(store=declconn.MemoryStore()),
    )

    async with exchange:
        await exchange.wait_until_ready(5)
        await names["trade"](exchange)
    await venue.close()

    assert capsys.readouterr().out == "1000\n"
    assert [order.state for order in exchange.order_tracker.cached_orders.values()] == [OrderState.CANCELED]


def test_every_command_of_the_table_exists(capsys: pytest.CaptureFixture[str]) -> None:
    commands = re.findall(r"^\| `declconn (\w+)", README.read_text(), re.MULTILINE)

    assert len(commands) == 10
    for command in commands:
        with pytest.raises(SystemExit) as exit_:
            main([command, "--help"])
        assert exit_.value.code == 0
    assert capsys.readouterr().out.count("usage: declconn") == len(commands)


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(((?!https?:)[^)]+)\)", README.read_text())

    assert links
    assert [link for link in links if not (README.parent / link).exists()] == []
