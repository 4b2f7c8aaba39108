"""Documents, and what stands in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def blocks() -> Callable[[str, str], list[str]]:
    """The examples of a document, by the language after their fence."""

    def read(document: str, language: str) -> list[str]:
        text = (ROOT / document).read_text()
        return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)

    return read
