"""What docs/simulator.md shows is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import declconn.simulator
from declconn.simulator import FrameFault, RequestFault
from declconn.simulator.faults import Faults

TEXT = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text()
IN_PROCESS, ON_LOCALHOST = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


async def test_the_account_in_process_trades_though_an_answer_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    exec(compile(IN_PROCESS.replace("asyncio.run(main())", ""), "simulator.md", "exec"), names)
    await names["main"]()  # type: ignore[operator]
    assert re.fullmatch(r"filled 1(\.0+)? at 1000(\.0+)?\n", capsys.readouterr().out)


async def test_the_venue_on_localhost_is_reached() -> None:
    body = "".join(f"    {line}\n" for line in ON_LOCALHOST.splitlines())
    names: dict[str, object] = {}
    exec(compile(f"async def main():\n{body}", "simulator.md", "exec"), names)
    await names["main"]()  # type: ignore[operator]


def test_every_public_name_and_every_fault_is_explained() -> None:
    names = {*declconn.simulator.__all__, *(fault.name for fault in (*RequestFault, *FrameFault))}
    names |= {name for name in vars(Faults) if name in ("plan", "delay", "plan_frame", "clear")}
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", TEXT)] == []
