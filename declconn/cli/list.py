"""`list`: the specs that can be loaded by name."""

from __future__ import annotations

import argparse
from typing import Any

from declconn.cli.output import print_json, print_table
from declconn.errors import DeclconnError
from declconn.spec.capabilities import capabilities
from declconn.spec_files import available, load_spec


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    command.add_argument("--json", action="store_true", help="for programs")


def run(options: argparse.Namespace) -> int:
    """Every spec; one that is broken is listed with its first problem and makes the exit code 1."""
    rows: list[dict[str, Any]] = []
    for file in available():
        row: dict[str, Any] = {"name": file.name, "origin": file.origin, "file": str(file.path)}
        try:
            spec = load_spec(file.path)
        except DeclconnError as error:
            rows.append({**row, "problem": str(error).splitlines()[0]})
        else:
            rows.append({**row, "kind": spec.kind, "capabilities": list(capabilities(spec))})
    if options.json:
        print_json(rows)
    else:
        columns = ["NAME", "KIND", "FROM", "DECLARES"]
        print_table(
            columns,
            [
                [row["name"], row.get("kind", "-"), row["origin"], row.get("problem") or ", ".join(row["capabilities"])]
                for row in rows
            ],
        )
    return int(any("problem" in row for row in rows))
