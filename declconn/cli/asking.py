"""What `sign` and `call` share: an operation, its arguments as people write them, and whose account it is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from declconn.cli.arguments import add_environment, named
from declconn.compile.filters import Duration, Time
from declconn.connector.requests.by_hand import arguments_of
from declconn.connector.settings import credential_variables
from declconn.errors import ConfigurationError, CredentialsError, MissingValueError
from declconn.spec import Spec
from declconn.spec.checks.requests import LISTS

ARGUMENTS_HELP: Final = (
    "Orders also take `--arg type=` (LIMIT, LIMIT_MAKER, MARKET), `side=` (BUY, SELL), `time_in_force=` (GTC, IOC, "
    "FOK) and `trigger=` (STOP, TAKE_PROFIT), in any case; times are milliseconds since the epoch, `timeout` is "
    "seconds, and several ids are written with commas between them."
)
_NUMBERS: Final = frozenset({"amount", "price", "trigger_price", "quote_amount", "signed_amount", "leverage", "limit"})
_OF_EITHER_SIGN: Final = frozenset({"signed_amount"})
_TIMES: Final = frozenset({"since", "until", "deadline"})
_FLAGS: Final[Mapping[str, bool]] = {"true": True, "false": False}


def add_account(command: argparse.ArgumentParser) -> None:
    """Add the arguments that say what is asked, of whom, and for whom."""
    command.add_argument("--arg", action="append", type=named, metavar="NAME=VALUE", help="an argument of OPERATION")
    command.add_argument("--credentials", type=Path, metavar="FILE", help="default: looked up as a connector does")
    add_environment(command)
    command.add_argument("--option", action="append", type=named, metavar="NAME=VALUE", help="of the spec's options")


def typed(given: Mapping[str, str]) -> dict[str, Any]:
    """Arguments as templates take them: numbers, times, lists and flags are no texts.

    Raises:
        ConfigurationError: one is not written as its name wants it.
    """
    return {name: _typed(name, text) for name, text in given.items()}


def _typed(name: str, text: str) -> Any:
    try:
        if name in _TIMES:
            return Time(int(text) * 1_000_000)
        if name == "timeout":
            return Duration(int(Decimal(text) * 1_000_000_000))
        if name in LISTS:
            return text.split(",")
        if name == "reduce_only":
            return _FLAGS[text]
        return _number(name, text) if name in _NUMBERS else text
    except (ValueError, InvalidOperation):
        raise ConfigurationError(f"--arg {name}={text}: expected a number") from None
    except KeyError:
        raise ConfigurationError(f"--arg {name}={text}: expected true or false") from None


def _number(name: str, text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or not (number > 0 or (number and name in _OF_EITHER_SIGN)):
        raise ConfigurationError(f"--arg {name}={text}: expected a number above 0")
    return number


@contextmanager
def told_here(spec: Spec, operation: str) -> Iterator[None]:
    """What has no value is told in the words of the command line.

    Raises:
        ConfigurationError: an argument or option has to be given.
        CredentialsError: credentials have to be.
    """
    try:
        yield
    except MissingValueError as error:
        root, _, name = error.source.partition(".")
        choices = f", which may be {' or '.join(error.choices)}" if error.choices else ""
        if root == "cred":
            raise credentials_needed(spec, operation) from error
        if root == "opt":
            raise ConfigurationError(f"{operation} needs --option {name}={choices}") from error
        if error.source in arguments_of(operation):
            raise ConfigurationError(f"{operation} needs --arg {error.source}={choices}") from error
        raise


def credentials_needed(spec: Spec, operation: str) -> CredentialsError:
    """The error about an operation that nobody signs, with what to give."""
    names = ", ".join(spec.credentials)
    return CredentialsError(
        f"{operation} has to be signed: give --credentials FILE with {names}, or set {credential_variables(spec)}"
        if names
        else f"{operation} has to be signed, and the spec of {spec.name} declares no `credentials`"
    )
