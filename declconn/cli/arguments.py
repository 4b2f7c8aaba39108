"""Arguments that several commands take, and their types: a wrong one is told before anything runs."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from declconn.connector.settings import choose_environment
from declconn.errors import ConfigurationError
from declconn.net.network import Network
from declconn.spec_files import load_spec

_SCHEMES: Final = {"http": {"http": "http", "ws": "ws"}, "https": {"http": "https", "ws": "wss"}}
"""What a base's scheme means for urls of requests and of sockets."""


def add_connection(command: argparse.ArgumentParser) -> None:
    """Add the arguments that choose a venue and its markets."""
    command.add_argument("spec", metavar="NAME_OR_PATH")
    command.add_argument("pairs", metavar="BASE-QUOTE", type=trading_pair, nargs="+", help="the markets to follow")
    add_environment(command)
    add_proxy(command)
    command.add_argument("--seconds", type=seconds, metavar="N", help="end after that time; default: at Ctrl-C")


def add_environment(command: argparse.ArgumentParser) -> None:
    """Add the arguments that say where the venue is."""
    where = command.add_mutually_exclusive_group()
    where.add_argument("--environment", metavar="NAME", help="one of the spec's environments; default: its first")
    where.add_argument(
        "--base", metavar="URL", help="another scheme and host for all urls of the first: http://127.0.0.1:8080"
    )
    where.add_argument(
        "--url",
        action="append",
        type=named,
        default=[],
        metavar="NAME=URL",
        help="replace one url of the first: --url rest=http://127.0.0.1:8080/v1; may be repeated",
    )


def add_proxy(command: argparse.ArgumentParser) -> None:
    """Add the argument that says how to get there."""
    command.add_argument(
        "--proxy", metavar="URL", help="what everything goes through, sockets too: http://127.0.0.1:3128"
    )


def network(options: argparse.Namespace) -> Network:
    """The way to the venue that the arguments ask for.

    Raises:
        ConfigurationError: that is not the url of a proxy.
    """
    return Network(proxy=options.proxy)


def environment(options: argparse.Namespace) -> str | dict[str, str] | None:
    """The environment that the arguments ask for.

    Raises:
        ConfigurationError: the base is no scheme and host.
    """
    return _rebased(options.spec, options.base) if options.base else dict(options.url) or options.environment


def _rebased(name_or_path: str, base: str) -> dict[str, str]:
    """The urls of a spec's first environment on another host; a url that the venue tells stays as it is."""
    scheme, host, *_ = urlsplit(base)
    if scheme not in _SCHEMES or not host:
        raise ConfigurationError(f"--base {base}: expected a scheme and a host, like http://127.0.0.1:8080")
    _, urls = choose_environment(load_spec(name_or_path), None, has_credentials=False)
    parts = {name: urlsplit(str(url)) for name, url in urls.items() if "://" in str(url)}
    return {
        name: url._replace(scheme=_SCHEMES[scheme][url.scheme.removesuffix("s")], netloc=host).geturl()
        for name, url in parts.items()
    }


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


def existing_file(text: str) -> Path:
    """A file that is there."""
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text!r}")
    return Path(text)


def named(text: str) -> tuple[str, str]:
    """``NAME=VALUE``."""
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def by_name(given: Sequence[tuple[str, str]] | None) -> dict[str, str]:
    """What a repeated ``NAME=VALUE`` argument gave."""
    return dict(given or ())
