"""What commands print: JSON for programs, tables for people."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import msgspec


def _plain(value: Any) -> Any:
    """Maps that cannot be changed, such as what a trading rule says of its market, as JSON objects."""
    if isinstance(value, Mapping):
        return dict(value)
    raise NotImplementedError(f"{type(value).__name__} is no JSON")


_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=_plain)


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(msgspec.json.format(_ENCODER.encode(value), indent=2).decode() + "\n")


def print_table(columns: list[str], rows: list[list[str]]) -> None:
    """Columns that are as wide as their widest cell; nothing is cut off."""
    lines = [columns, *rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
