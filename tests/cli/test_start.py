"""A command imports what it needs and no more: that is what makes it start fast."""

from __future__ import annotations

import subprocess
import sys

import pytest

LIBRARIES = {"aiohttp", "asyncio", "cryptography", "jmespath", "jsonpath_ng", "msgspec", "pydantic", "rich", "yaml"}

COMMAND = """
import sys
from declconn.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""


def imported(*arguments: str) -> set[str]:
    """The modules that a Python of its own has imported after a command."""
    run = subprocess.run([sys.executable, "-c", COMMAND, *arguments], capture_output=True, text=True, check=False)
    return set(run.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["nonsense"], []])
def test_help_imports_no_library(arguments: list[str]) -> None:
    modules = imported(*arguments)
    assert "declconn.cli.main" in modules
    assert modules & {*LIBRARIES, "declconn.spec", "declconn.connector"} == set()


@pytest.mark.parametrize("command", ["validate", "show", "list"])
def test_what_looks_at_specs_imports_no_network_and_no_runtime(command: str) -> None:
    modules = imported(command, *(["kraken"] if command != "list" else []))
    assert "declconn.spec_files" in modules
    assert modules & {*LIBRARIES, "declconn.connector", "declconn.compile", "declconn.net"} <= {
        *("jmespath", "msgspec", "pydantic", "yaml")
    }


def test_drawing_is_imported_by_the_demo_alone() -> None:
    assert "rich" in imported("demo", "--help")
    assert "rich" not in imported("book", "--help")
