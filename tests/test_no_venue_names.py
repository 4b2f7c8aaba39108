"""A venue is data: no venue's name stands in the code of the package, outside of docstrings and comments."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import declconn

PACKAGE = Path(declconn.__file__).parent
FAMILIES = {name for file in declconn.available() for name in file.name.split("_")}
VENUES = (FAMILIES | {"okx", "bybit", "bitget", "coinbase", "gate", "htx", "huobi", "kucoin", "deribit"}) - {
    *("perpetual", "advanced", "trade", "coin", "io", "spot")
}


def words(tree: ast.Module) -> Iterator[str]:
    """Every identifier and text of a module, but no docstrings and no `examples` of the language's models."""
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    documentation |= {
        id(part)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("word", "Field")
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]
        for part in ast.walk(argument)
    }
    for node in ast.walk(tree):
        if id(node) in documentation:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Name | ast.FunctionDef | ast.ClassDef):
            yield node.id if isinstance(node, ast.Name) else node.name
        elif isinstance(node, ast.Attribute):
            yield node.attr


def named(text: str) -> set[str]:
    return VENUES & set(re.split(r"[^a-z0-9]+", text.lower()))


def test_the_search_finds_names_in_code_and_passes_over_documentation() -> None:
    found = list(words(ast.parse('"""Kraken, in a docstring."""\nif name == "kraken":\n    okx()')))
    assert [name for text in found for name in named(text)] == ["kraken", "okx"]


def test_no_venue_decides_anything_in_the_package() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}: {text[:60]!r}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for text in words(ast.parse(path.read_text()))
        if named(text)
    ]
    assert found == []
