"""The command line: `declconn COMMAND`.

Exit codes: 0 all is well, 1 the thing asked about is wrong (a spec with problems, a book that did not sync),
2 the command itself was wrong.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence

from declconn import __version__
from declconn.cli import book, call, demo, record, replay, sign, specs
from declconn.errors import DeclconnError

Run = Callable[[argparse.Namespace], int]

COMMANDS = (specs, replay, record, book, demo, sign, call)
"""The modules that add commands, in the order of the help text."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = parser().parse_args(arguments)
    logging.basicConfig(
        level=[logging.WARNING, logging.INFO, logging.DEBUG][min(options.verbose, 2)],
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    run: Run = options.run
    try:
        return run(options)
    except DeclconnError as error:
        print(error, file=sys.stderr)
        return 1
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
