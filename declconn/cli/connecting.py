"""What the commands that connect to a venue have in common."""

from __future__ import annotations

import argparse
from typing import Any


def add_connection(command: Any) -> None:
    """Add the arguments that choose a venue and its markets."""
    command.add_argument("spec", metavar="NAME_OR_PATH")
    command.add_argument("pairs", metavar="BASE-QUOTE", nargs="+", help="the markets to follow")
    command.add_argument("--environment", metavar="NAME", help="one of the spec's environments; default: its first")
    command.add_argument(
        "--url",
        action="append",
        default=[],
        metavar="NAME=URL",
        help="replace a url of the environment, for a venue that runs elsewhere: --url rest=http://127.0.0.1:8080",
    )
    command.add_argument("--seconds", type=float, metavar="N", help="end after that time; default: at Ctrl-C")


def environment(options: argparse.Namespace) -> str | dict[str, str] | None:
    """The environment that the arguments ask for."""
    if not options.url:
        return options.environment  # type: ignore[no-any-return]
    return dict(text.split("=", 1) for text in options.url)
