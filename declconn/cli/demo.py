"""`demo`: a live order book without keys and without a network: the connector against a venue on localhost."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from typing import Any

from declconn.cli.arguments import seconds, trading_pair
from declconn.registry import available


def add_commands(commands: Any) -> None:
    """Add this command to the command line."""
    command = commands.add_parser(
        "demo",
        help="watch live order books of a local venue: no keys, no network",
        description=(
            "Play a spec as a venue on localhost, and connect to it with the real connector through real sockets. "
            "Exit code 1 if a book never became live, or ever crossed."
        ),
    )
    command.add_argument("spec", metavar="NAME_OR_PATH", nargs="?", help="default: the first of `declconn list`")
    command.add_argument(
        "--pair", metavar="BASE-QUOTE", type=trading_pair, action="append", help="may be repeated; default: BTC-USDT"
    )
    command.add_argument("--seconds", type=seconds, default=30.0, metavar="N", help="end after that time; default: 30")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    return run(options.spec or available()[0].name, options.seconds, options.pair or ["BTC-USDT"])


def run(name: str, seconds: float = 30.0, trading_pairs: Sequence[str] = ("BTC-USDT",)) -> int:
    """Show the books until the time is over or Ctrl-C is pressed.

    Args:
        name: a spec's name or file.
        seconds: how long to watch.
        trading_pairs: which books.

    Returns:
        0 if every book became live and none ever crossed, else 1.

    Raises:
        DeclconnError: the spec cannot be loaded, or cannot be played.
    """
    from declconn.cli.watching import watch  # a simulator and what draws: other commands start without them

    return asyncio.run(watch(name, seconds, list(dict.fromkeys(trading_pairs))))
