"""The command line: `declconn COMMAND`.

Exit codes: 0 all is well, 1 the thing asked about is wrong (a spec with problems, a book that did not sync, a venue
that says no), 2 the command itself was wrong (an unknown spec, operation, argument or option; credentials that are
missing).
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.machinery import PathFinder
from typing import Any, Final

import declconn
from declconn.errors import ConfigurationError, DeclconnError, NotSupportedError, UnknownSpecError

COMMANDS: Final[Mapping[str, str]] = {
    "list": "every spec that can be loaded by name, and what it declares",
    "show": "what one spec says: hosts, operations, streams, book rules",
    "validate": "check specs; every problem with its place",
    "schema": "the JSON Schema of the spec language, for editors",
    "replay": "play recordings against a spec and see what becomes of the books",
    "record": "write what a live venue says to a file that `replay` reads",
    "book": "watch order books of a live venue, a line per book and second",
    "demo": "watch live order books of a local venue: no keys, no network",
    "sign": "show the signed request of an operation, or of any method and path; nothing is sent",
    "call": "ask a venue one operation: the request, the answer, the records",
}
"""Every one is a module here, with `add_arguments(command)` and `run(options)`; only the chosen one is imported."""

WRONG_COMMANDS = (UnknownSpecError, ConfigurationError, NotSupportedError)
"""Errors about what was asked for; all others are about the answer."""


class Doubts(logging.Filter):
    """Lets what is doubtful about a spec be said once, however often a command reads the spec."""

    def __init__(self) -> None:
        super().__init__()
        self._told: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is news."""
        if record.name != "declconn.spec":
            return True
        is_news = record.getMessage() not in self._told
        self._told.add(record.getMessage())
        return is_news


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    chosen = next((text for text in arguments if not text.startswith("-")), "")
    options = parser(chosen).parse_args(arguments)
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Doubts())
    logging.basicConfig(
        level=[logging.WARNING, logging.INFO, logging.DEBUG][min(options.verbose, 2)],
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        handlers=[handler],
    )
    try:
        return int(_module(chosen).run(options))
    except DeclconnError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, WRONG_COMMANDS) else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output has gone; there is nobody left to tell.
        sys.stderr.close()
        return 1


class Version(argparse.Action):
    """Looks the version up when it is asked for: that takes longer than the rest of the start."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        books = "compiled" if _has_compiled_books() else "in Python"
        print(f"declconn {declconn.__version__} (order books {books})")
        parser.exit()


def _has_compiled_books() -> bool:
    """Whether the sides of books were compiled for this Python; looked up, for importing them takes long."""
    found = (PathFinder.find_spec("declconn.book.native_side", [f"{path}/book"]) for path in declconn.__path__)
    return any(found)


def parser(chosen: str) -> argparse.ArgumentParser:
    """The command line; of the commands, the chosen one alone has its arguments."""
    root = argparse.ArgumentParser(
        prog="declconn",
        description="Crypto exchange connectors written as YAML.",
        epilog="`declconn COMMAND --help` explains a command. NAME_OR_PATH is a spec's name (declconn list) or a file.",
    )
    root.add_argument("--version", action=Version, nargs=0, help="show the version and exit")
    root.add_argument("-v", "--verbose", action="count", default=0, help="tell more on stderr; twice: everything")
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, what in COMMANDS.items():
        command = commands.add_parser(name, help=what, description=what)
        if name == chosen:
            _module(name).add_arguments(command)
    return root


def _module(name: str) -> Any:
    return import_module(f"declconn.cli.{name}")
