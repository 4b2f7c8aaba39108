"""`demo`: live order books without keys and without a network: the connector against a venue on localhost."""

from __future__ import annotations

import argparse
import asyncio

from declconn.cli.arguments import seconds, trading_pair
from declconn.cli.watching import watch
from declconn.spec_files import available, load_spec


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    command.description = (
        "Play a spec as a venue on localhost, and connect to it with the real connector through real sockets. "
        "Exit code 1 if a book never became live, never changed, or ever crossed."
    )
    command.add_argument("spec", metavar="NAME_OR_PATH", nargs="?", help="default: the first of `declconn list`")
    command.add_argument(
        "--pair",
        metavar="BASE-QUOTE",
        type=trading_pair,
        action="append",
        help="may be repeated; default: the example_pair of the spec that is named",
    )
    command.add_argument("--seconds", type=seconds, default=30.0, metavar="N", help="end after that time; default: 30")


def run(options: argparse.Namespace) -> int:
    """Show the books until the time is over or Ctrl-C is pressed."""
    name = options.spec or available()[0].name
    example = load_spec(name).example_pair if options.spec else None
    pairs = options.pair or [example or "BTC-USDT"]
    return asyncio.run(watch(name, options.seconds, list(dict.fromkeys(pairs))))
