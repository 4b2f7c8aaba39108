"""`validate`: every problem of specs, with its place."""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import chain
from typing import Any

from declconn.cli.output import print_json
from declconn.errors import Problem, UnknownSpecError
from declconn.spec_files import available, check_spec


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    command.description = (
        "Check specs and print every problem as file:line:col: path: message. Exit code 1 if there is any."
    )
    command.add_argument("specs", metavar="NAME_OR_PATH", nargs="*", help="default: every spec that `list` shows")
    command.add_argument("--strict", action="store_true", help="lints are errors too")
    command.add_argument("--json", action="store_true", help="for programs")


def run(options: argparse.Namespace) -> int:
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
