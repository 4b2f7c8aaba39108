"""`list`, `show`, `validate`, `schema`: looking at specs."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from declconn.cli.output import print_json, print_table
from declconn.errors import ConfigurationError, DeclconnError, Problem, UnknownSpecError
from declconn.registry import available, check_spec, find_spec, load_spec, resolved_spec
from declconn.spec import Spec
from declconn.spec.capabilities import capabilities
from declconn.spec.schema import SCHEMA_FILE, schema_text


def add_commands(commands: Any) -> None:
    """Add these commands to the command line."""
    listing = commands.add_parser("list", help="every spec that can be loaded by name, and what it declares")
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.set_defaults(run=list_specs)

    showing = commands.add_parser("show", help="what one spec says: hosts, operations, streams, book rules")
    showing.add_argument("spec", metavar="NAME_OR_PATH")
    showing.add_argument("--json", action="store_true", help="the whole spec, after `extends` and `like`")
    showing.set_defaults(run=show_spec)

    validating = commands.add_parser(
        "validate",
        help="check specs; every problem with its place",
        description="Check specs and print every problem as file:line:col: path: message. Exit code 1 if there is any.",
    )
    validating.add_argument("specs", metavar="NAME_OR_PATH", nargs="*", help="default: every spec that `list` shows")
    validating.add_argument("--strict", action="store_true", help="lints are errors too")
    validating.add_argument("--json", action="store_true", help="for programs")
    validating.set_defaults(run=validate_specs)

    schema = commands.add_parser("schema", help="the JSON Schema of the spec language, for editors")
    schema.add_argument("--write", action="store_true", help="write schema/ of a checkout instead")
    schema.set_defaults(run=print_schema)


def list_specs(options: argparse.Namespace) -> int:
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


def show_spec(options: argparse.Namespace) -> int:
    """One spec in short, or whole as JSON."""
    if options.json:
        print_json(resolved_spec(options.spec))
        return 0
    spec = load_spec(options.spec)
    for title, text in _lines(spec, find_spec(options.spec)):
        print(f"{title:<16}{text}")
    return 0


def _lines(spec: Spec, path: Path) -> list[tuple[str, str]]:
    lines = [
        ("name", f"{spec.name} ({spec.kind})"),
        ("file", str(path)),
        ("docs", spec.docs or "-"),
        ("declares", ", ".join(capabilities(spec))),
        ("credentials", ", ".join(spec.credentials) or "none: market data only"),
    ]
    for name, urls in spec.environments.items():
        lines.append(("environment", f"{name}: " + ", ".join(f"{key} {url}" for key, url in urls.items())))
    lines.append(("operations", ", ".join(spec.endpoints)))
    for name, stream in spec.streams.items():
        events = ", ".join(f"{event} -> {model.emit}" for event, model in stream.events.items())
        lines.append((f"stream {name}", events))
    book = spec.order_book
    checksum = f", checksum {book.checksum.crc32 or 'hook'}" if book.checksum else ""
    lines.append(("order book", f"snapshot {book.snapshot.from_}, rule {book.rule}{checksum}"))
    return lines


def validate_specs(options: argparse.Namespace) -> int:
    """Check specs, all of them, and tell every problem; doubts count only if they are asked for.

    Returns:
        2 if there is no such spec, 1 if there are problems.
    """
    names = options.specs or [str(file.path) for file in available()]
    found = {name: _problems(name, options.strict) for name in names}
    if options.json:
        print_json({"specs": len(names), "problems": [_document(each) for each in chain(*found.values())]})
    else:
        for name, problems in found.items():
            print(*problems or [f"{name}: ok"], sep="\n")
    problems = list(chain(*found.values()))
    if any(isinstance(each, str) for each in problems):
        return 2
    return int(any(isinstance(each, Problem) and not each.warning for each in problems))


def _problems(name: str, strict: bool) -> list[Problem | str]:
    try:
        problems = check_spec(name)
    except UnknownSpecError as error:
        return [str(error)]
    return [replace(problem, warning=problem.warning and not strict) for problem in problems]


def _document(problem: Problem | str) -> dict[str, Any]:
    if isinstance(problem, str):
        return {"message": problem, "warning": False}
    place = problem.place
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "path": problem.path,
        "message": problem.message,
        "warning": problem.warning,
    }


def print_schema(options: argparse.Namespace) -> int:
    """The JSON Schema, to stdout or to its file."""
    if options.write:
        if not SCHEMA_FILE.parent.is_dir():
            raise ConfigurationError(f"{SCHEMA_FILE.parent} does not exist: --write is for a checkout")
        SCHEMA_FILE.write_text(schema_text())
        print(SCHEMA_FILE, file=sys.stderr)
    else:
        sys.stdout.write(schema_text())
    return 0
