"""`call`: ask a venue one operation, and show what went over the wire."""

from __future__ import annotations

import argparse
import asyncio
import shlex
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from declconn.cli.arguments import add_proxy, by_name, environment, network
from declconn.cli.asking import ARGUMENTS_HELP, add_account, credentials_needed, told_here, typed
from declconn.cli.wire import Wire
from declconn.clock import SystemClock
from declconn.compile.channels import roots
from declconn.connector.exchange import Exchange
from declconn.connector.hosts import is_loopback
from declconn.connector.requests.by_hand import check_names, declared, in_venue_words
from declconn.connector.requests.orders_by_hand import check_terms, order_doubts
from declconn.connector.requests.policies import changes_something
from declconn.connector.requests.spreading import TOKEN
from declconn.connector.settings import choose_environment
from declconn.credentials import Credentials, credentials_for, read_credentials
from declconn.errors import ConfigurationError, DeclconnError, UnknownOutcomeError
from declconn.net.scrub import redactor
from declconn.net.watching import WatchingTransport
from declconn.registry import connect
from declconn.spec import Spec
from declconn.spec.checks.requests import LISTS
from declconn.spec.order_ids import IDS
from declconn.spec_files import load_spec, registered

Where: TypeAlias = str | Mapping[str, str] | None

_SHORTEST_SECRET: Final = 8
"""Characters; a shorter learnt value is a word like ``spot``, not a token."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    command.description = (
        "Send the request of an OPERATION and print it with secrets starred, the answer, and the records that the "
        "spec makes of it. `--arg symbol=` takes BTC-USDT or the venue's own name. "
        f"{ARGUMENTS_HELP} What changes something is sent only with --live, or to this machine; an order that its "
        "market would refuse is told and sent as it is. Exit code 1 if the venue says no, or if its answer is not as "
        "the spec says."
    )
    command.add_argument("spec", metavar="NAME_OR_PATH")
    command.add_argument("operation", metavar="OPERATION", help="one of the spec's operations")
    add_account(command)
    add_proxy(command)
    command.add_argument("--live", action="store_true", help="yes, change something at the venue")
    command.add_argument("--json", action="store_true", help="for programs: {requests, records, error}")


def run(options: argparse.Namespace) -> int:
    """Call and print, also when it fails."""
    spec, where = load_spec(options.spec), environment(options)
    requests = declared(spec, options.operation)
    check_names(options.operation, by_name(options.arg))
    if changes_something(options.operation) and not options.live:
        _see_that_it_is_here(spec, where, options.operation)
    secrets = read_credentials(options.credentials) if options.credentials else None
    credentials = credentials_for(spec, secrets, registered)
    if not credentials and any(request.auth not in (None, "none") for request in requests):
        raise credentials_needed(spec, options.operation)
    return asyncio.run(_call(options, spec, where, credentials, typed(by_name(options.arg))))


async def _call(
    options: argparse.Namespace, spec: Spec, where: Where, credentials: Credentials, given: Mapping[str, Any]
) -> int:
    clock = SystemClock()
    transport = WatchingTransport(network(options), clock)
    exchange = connect(
        options.spec,
        credentials=credentials,
        environment=where,
        options=by_name(options.option),
        transport=transport,
        clock=clock,
        trading=False,
    )
    records: list[Any] | None = None
    failure: DeclconnError | None = None
    try:
        arguments = await _written(exchange, options.operation, given)
        transport.exchanged.clear()
        with told_here(spec, options.operation):
            records = await exchange.parts.operations.call(options.operation, arguments)
        if not (records or transport.exchanged):
            records, failure = None, _nothing_asked(exchange, options.operation)
    except UnknownOutcomeError as error:
        failure = UnknownOutcomeError(error.operation, error.cause, _how_to_find_out(spec, options))
    except DeclconnError as error:
        failure = error
    finally:
        secrets = [*_texts(credentials.values), *_learnt(exchange)]
        await exchange.stop()
    wire = Wire(spec, redactor(secrets))
    if options.json:
        wire.show_json(transport.exchanged, records, failure)
    else:
        wire.show(transport.exchanged, records)
    if failure is not None:
        raise failure
    return int(_is_doubted(exchange, options.operation))


async def _written(exchange: Exchange, operation: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as the venue takes them: markets, sides and types in its words.

    An order that its market would refuse is told and sent all the same: its refusal may be what somebody wants to see.
    """
    written = in_venue_words(exchange.spec, given)
    check_terms(exchange.spec, operation, written)
    if "symbol" in given:
        await exchange.update_trading_rules()
        symbols = exchange.parts.symbols
        pair = symbols.pairs.get(given["symbol"], given["symbol"])
        rule = symbols.rule(pair)
        written = {**symbols.arguments(pair), **written, "symbol": rule.symbol}
        for doubt in order_doubts(exchange.spec, rule, written) if operation == "place_order" else ():
            print(f"{doubt}; it is sent as it is", file=sys.stderr)
    return written


def _is_doubted(exchange: Exchange, operation: str) -> bool:
    """Whether something about the answer was complained of."""
    return any(kind.startswith(f"endpoints.{operation}.") for kind in exchange.parts.complaints.counts)


def _how_to_find_out(spec: Spec, options: argparse.Namespace) -> str:
    """What to do where nobody knows whether something happened: nobody asks by himself here."""
    named = {name: text for name, text in by_name(options.arg).items() if name in {"symbol", *IDS}}
    if "order_status" not in spec.endpoints or not named.keys() & {*IDS}:
        return "ask the venue what became of it"
    words = [part for name, text in named.items() for part in ("--arg", f"{name}={text}")]
    command = shlex.join(["declconn", "call", options.spec, "order_status", *words])
    return f"`{command}` asks the venue what became of it"


def _nothing_asked(exchange: Exchange, operation: str) -> ConfigurationError:
    """The error about an operation that is asked once for each of something, where there is none."""
    named = roots([[one.path, one.params, one.body] for one in exchange.spec.requests(operation)])
    of_markets = ["symbol"] if exchange.parts.operations.is_about_one_market(operation) else []
    needed = of_markets or [name for name in (TOKEN, *LISTS) if name in named]
    needs = " and ".join(f"--arg {name}=" for name in needed)
    return ConfigurationError(f"{operation} needs {needs or 'rows to go through'}; nothing was sent")


def _see_that_it_is_here(spec: Spec, where: Where, operation: str) -> None:
    _, urls = choose_environment(spec, where, has_credentials=False)
    hosts = {urlsplit(str(url)).hostname or "" for url in urls.values() if str(url).startswith("http")}
    elsewhere = sorted(host for host in hosts if not is_loopback(host))
    if elsewhere:
        raise ConfigurationError(
            f"{operation} changes something at {', '.join(elsewhere)}; nothing was sent. Add --live if you mean it, "
            "or send it to a venue on this machine with --base; `declconn sign` shows it"
        )


def _learnt(exchange: Exchange) -> Iterator[str]:
    """Tokens and keys that the venue just told us."""
    for value in exchange.parts.session.sources(market={}).values():
        yield from (text for text in value.values() if isinstance(text, str) and len(text) >= _SHORTEST_SECRET)


def _texts(credentials: Mapping[str, Any]) -> Iterator[str]:
    return (secret.get_secret_value() for secret in credentials.values())
