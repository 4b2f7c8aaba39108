"""Recordings and payloads of real venues, which are never part of the project."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("DECLCONN_DATA") or ROOT.parent / "shared" / "data")


@pytest.fixture
def data() -> Callable[[str], Path]:
    """Finds a file among the recordings; a test that misses it is skipped."""

    def find(name: str) -> Path:
        path = DATA / name
        if not path.exists():
            pytest.skip(f"there is no {path}; DECLCONN_DATA names the folder of recordings")
        return path

    return find


@pytest.fixture
def read_json(data: Callable[[str], Path]) -> Callable[[str], Any]:
    """Reads one of those files as JSON."""
    return lambda name: json.loads(data(name).read_bytes())
