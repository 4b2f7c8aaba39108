"""The code of docs/trading.md works."""

from __future__ import annotations

import asyncio
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import declconn

PAGE = (Path(__file__).parents[3] / "docs" / "trading.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


async def test_the_example_trades(player: Any, desk: Any, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    exec(compile(BLOCKS[0], "docs/trading.md", "exec"), names)
    exchange = await player.start()

    def fill_at_once(handle: Any, fields: dict[str, Any]) -> Any:
        order = handle(fields)
        desk.fill(order, "0.5", "101")
        return order

    desk.script["POST /order"] = [None, fill_at_once]
    await asyncio.wait_for(names["trade"](exchange), 5)
    assert capsys.readouterr().out.splitlines() == ["OPEN 1", "BUY 0.5 101", "0.5 101 {'USD': Decimal('0.1')}"]


OFFERS = """\
orders:
  types:
    LIMIT: {tif: gtc, IOC: {tif: ioc}}
    MARKET: {STOP: {kind: stop, stop: "{trigger_price}"}}
"""


async def test_the_example_of_terms_enters_and_protects(
    player: Any, desk: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = (block for block in BLOCKS if "async def enter" in block)
    names: dict[str, Any] = {}
    exec(compile(example, "docs/trading.md", "exec"), names)
    exchange = await player.start(OFFERS)

    def fill_a_part(handle: Any, fields: dict[str, Any]) -> Any:
        order = handle(fields)
        desk.fill(order, "0.4", "100")
        desk.end(order)
        return order

    desk.script["POST /order"] = [fill_a_part]
    await asyncio.wait_for(names["enter"](exchange, "BTC-USD", Decimal(1), Decimal(100)), 5)
    assert capsys.readouterr().out.splitlines() == ["OPEN STOP 90.0"]
    told = [(one["size"], one["kind"], one.get("stop")) for one in desk.fields("POST /order")]
    assert told == [("1", "limit", None), ("0.4", "stop", "90")]


def test_the_page_speaks_of_names_that_there_are() -> None:
    named = set(re.findall(r"`([A-Z][A-Za-z]+(?:Event|Error|Store|Settings|Order))`", PAGE))
    assert named <= set(declconn.__all__)
    called = set(re.findall(r"`(?:await )?([a-z_]+)\(", PAGE)) - {"connect", "wait_until_done"}
    assert {name for name in called if not hasattr(declconn.Derivative, name)} <= {"order"}
