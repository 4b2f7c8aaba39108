"""The command line: `declconn COMMAND`.

Exit codes: 0 all is well, 1 the thing asked about is wrong (a spec with problems, a book that did not sync, a venue
that says no), 2 the command itself was wrong (an unknown spec, operation, argument or option; credentials that are
missing).
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence

from declconn import __version__
from declconn.cli import book, call, demo, record, replay, sign, specs
from declconn.errors import ConfigurationError, DeclconnError, NotSupportedError, UnknownSpecError

Run = Callable[[argparse.Namespace], int]

COMMANDS = (specs, replay, record, book, demo, sign, call)
"""The modules that add commands, in the order of the help text."""

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
    options = parser().parse_args(arguments)
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Doubts())
    logging.basicConfig(
        level=[logging.WARNING, logging.INFO, logging.DEBUG][min(options.verbose, 2)],
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        handlers=[handler],
    )
    run: Run = options.run
    try:
        return run(options)
    except DeclconnError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, WRONG_COMMANDS) else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output has gone; there is nobody left to tell.
        sys.stderr.close()
        return 1


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    root = argparse.ArgumentParser(
        prog="declconn",
        description="Crypto exchange connectors written as YAML.",
        epilog="`declconn COMMAND --help` explains a command. NAME_OR_PATH is a spec's name (declconn list) or a file.",
    )
    root.add_argument("--version", action="version", version=f"declconn {__version__}")
    root.add_argument("-v", "--verbose", action="count", default=0, help="tell more on stderr; twice: everything")
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        module.add_commands(commands)
    return root
