"""Arguments that several commands take, and their types: a wrong one is told before anything runs."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from typing import Any


def add_connection(command: Any) -> None:
    """Add the arguments that choose a venue and its markets."""
    command.add_argument("spec", metavar="NAME_OR_PATH")
    command.add_argument("pairs", metavar="BASE-QUOTE", type=trading_pair, nargs="+", help="the markets to follow")
    command.add_argument("--environment", metavar="NAME", help="one of the spec's environments; default: its first")
    command.add_argument(
        "--url",
        action="append",
        type=named,
        default=[],
        metavar="NAME=URL",
        help="replace a url of the environment, for a venue that runs elsewhere: --url rest=http://127.0.0.1:8080",
    )
    command.add_argument("--seconds", type=seconds, metavar="N", help="end after that time; default: at Ctrl-C")


def environment(options: argparse.Namespace) -> str | dict[str, str] | None:
    """The environment that the arguments ask for."""
    return dict(options.url) or options.environment


def seconds(text: str) -> float:
    """A time above zero that ends."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return number


def trading_pair(text: str) -> str:
    """A market in our spelling."""
    base, dash, quote = text.partition("-")
    if not (base and dash and quote) or text != text.upper():
        raise argparse.ArgumentTypeError(f"{text!r} is not a trading pair; write BASE-QUOTE, like BTC-USDT")
    return text


def named(text: str) -> tuple[str, str]:
    """``NAME=VALUE``."""
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def by_name(given: Sequence[tuple[str, str]] | None) -> dict[str, str]:
    """What a repeated ``NAME=VALUE`` argument gave."""
    return dict(given or ())
