"""The JSON Schema that editors use says the same as the models."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from declconn.records import OPERATIONS
from declconn.spec import schema
from declconn.spec.node import Node
from declconn.spec.source import read_spec_file

ROOT = Path(__file__).parents[2]
DRAFTS = Path(os.environ.get("DECLCONN_DATA", ROOT.parent / "shared" / "data")).parent / "design" / "examples"
VALIDATOR = jsonschema.Draft202012Validator(schema.current())


def document(node: Node) -> Any:
    """A spec's text as an editor sees it, removals included."""
    if node.is_map:
        return {key: document(child) for key, child in node.map.items()}
    if isinstance(node.value, list):
        return [document(child) for child in node.value]
    return node.value


def test_the_file_is_current() -> None:
    assert schema.SCHEMA_FILE.read_text() == schema.schema_text(), "run `declconn schema --write`"


def test_it_is_a_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema.schema_text()))


def test_every_word_is_explained_with_an_example() -> None:
    whole = schema.current()
    for model in (whole, *whole["$defs"].values()):
        for name, key in model.get("properties", {}).items():
            assert {"description", "examples"} <= key.keys(), name


def test_operations_and_the_fields_of_their_records_can_be_completed() -> None:
    endpoints = schema.current()["properties"]["endpoints"]["properties"]
    assert set(endpoints) == set(OPERATIONS)
    assert "min_order_size" in endpoints["trading_rules"]["properties"]["result"]["properties"]


@pytest.mark.parametrize("name", ["market_data", "trading"])
def test_whole_specs_fit(name: str) -> None:
    VALIDATOR.validate(document(read_spec_file(ROOT / "tests" / "spec" / "good" / f"{name}.yaml")))


@pytest.mark.parametrize("name", ["typo_section", "typo_slot_word", "typo_stream_word", "wrong_kind", "wrong_emit"])
def test_typos_do_not_fit(name: str) -> None:
    broken = document(read_spec_file(ROOT / "tests" / "spec" / "broken" / f"{name}.yaml"))
    assert not VALIDATOR.is_valid(broken)


def test_a_spec_that_extends_nothing_says_everything_itself() -> None:
    assert not VALIDATOR.is_valid({"spec": 1, "name": "lonely"})
    assert VALIDATOR.is_valid({"spec": 1, "name": "child", "extends": "parent"})


def test_the_drafts_fit() -> None:
    drafts = sorted(DRAFTS.glob("*.yaml"))
    if not drafts:
        pytest.skip(f"the drafts are not in {DRAFTS}")
    for draft in drafts:
        problems = [
            f"{draft.stem}: {error.json_path}" for error in VALIDATOR.iter_errors(document(read_spec_file(draft)))
        ]
        assert not problems
