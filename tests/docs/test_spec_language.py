"""Every example of docs/spec-language.md is loaded or played."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from declconn.compile.decode import encode
from declconn.compile.matcher import Matcher
from declconn.compile.path import compile_path
from declconn.compile.template import compile_template
from declconn.spec.load import check_spec_file
from declconn.types import TimeUnit

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "spec-language.md").read_text()
GOOD = ROOT / "tests" / "spec" / "good"
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)

GIVEN = {"symbol": "BTC-USDT", "amount": Decimal("1.50"), "limit": 5, "interval": "1h"}
FRAME = {"topic": "trades.BTC-USDT", "code": 0, "data": None}


def rows(head: str) -> list[tuple[str, ...]]:
    """The cells of the table below a head, without their marks of code."""
    table = TEXT[TEXT.index(head) :].partition("\n\n")[0]
    cells = ([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()[2:])
    return [tuple(cell.replace("\\|", "|").strip("`") for cell in row) for row in cells]


def decoded(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def good(name: str) -> Path | None:
    path = GOOD / f"{name}.yaml"
    return path if path.is_file() else None


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.partition(":")[0])
def test_a_block_is_right_in_a_spec(tmp_path: Path, block: str) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(f"spec: 1\nextends: trading\nname: example\n{block}")
    _, problems = check_spec_file(path, good)
    assert [str(problem) for problem in problems if not problem.warning] == []


@pytest.mark.parametrize(("path", "message", "found"), rows("| path | of the message | finds |"))
def test_a_path_finds_what_is_shown(path: str, message: str, found: str) -> None:
    assert compile_path(path)(decoded(message)) == decoded(found)


@pytest.mark.parametrize(("template", "written"), rows("| template | writes |"))
def test_a_template_writes_what_is_shown(template: str, written: str) -> None:
    value = compile_template(yaml.safe_load(template), TimeUnit.MS)(GIVEN)
    assert encode(value) == written.replace(": ", ":").replace(", ", ",")


@pytest.mark.parametrize(("matcher", "captured"), rows("| matcher | captures |"))
def test_a_matcher_captures_what_is_shown(matcher: str, captured: str) -> None:
    found = Matcher(yaml.safe_load(matcher)).match(FRAME, {"request_id": 7})
    assert found == (None if captured == "does not match" else decoded(captured))


def test_every_heading_that_is_linked_is_there() -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in TEXT.splitlines()
        if line.startswith("#")
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= headings
