"""`call`: ask a venue one operation, and show what went over the wire."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from declconn.cli.arguments import by_name, named
from declconn.cli.output import print_json
from declconn.clock import SystemClock
from declconn.compile.filters import Time
from declconn.connector.exchange import Exchange
from declconn.connector.hosts import is_loopback
from declconn.connector.requests.policies import changes_something
from declconn.connector.settings import choose_environment
from declconn.credentials import Credentials, credentials_for, read_credentials
from declconn.errors import ConfigurationError, DeclconnError
from declconn.net.network import Network
from declconn.net.scrub import REDACTED, redactor
from declconn.net.watching import Exchanged, WatchingTransport
from declconn.registry import connect, load_spec, registered
from declconn.spec import Spec
from declconn.types import Side

_NUMBERS: Final = frozenset({"amount", "price", "quote_amount", "signed_amount", "leverage", "limit"})
_TIMES: Final = frozenset({"since", "until", "deadline"})
_SHOWN_HEADERS: Final = frozenset({"content-type", "accept"})
"""All others may hold a key, a signature or a token."""

_SHORTEST_SECRET: Final = 8
"""Characters; a shorter learnt value is a word like ``spot``, not a token."""


def add_commands(commands: Any) -> None:
    """Add this command to the command line."""
    command = commands.add_parser(
        "call",
        help="ask a venue one operation: the request, the answer, the records",
        description=(
            "Send the request of an OPERATION and print it with secrets starred, the answer, and the records that the "
            "spec makes of it. `--arg symbol=` takes BTC-USDT or the venue's own name; times are milliseconds since "
            "the epoch. What changes something is sent only with --live, or to this machine."
        ),
    )
    command.add_argument("spec", metavar="NAME_OR_PATH")
    command.add_argument("operation", metavar="OPERATION", help="one of the spec's operations")
    command.add_argument("--arg", action="append", type=named, metavar="NAME=VALUE", help="an argument of OPERATION")
    command.add_argument("--credentials", type=Path, metavar="FILE", help="default: looked up as a connector does")
    where = command.add_mutually_exclusive_group()
    where.add_argument("--environment", metavar="NAME", help="one of the spec's environments; default: its first")
    where.add_argument("--base", metavar="URL", help="another scheme and host than the environment's")
    command.add_argument("--option", action="append", type=named, metavar="NAME=VALUE", help="of the spec's options")
    command.add_argument("--live", action="store_true", help="yes, change something at the venue")
    command.add_argument("--json", action="store_true", help="for programs: {requests, records}")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Call and print, also when it fails."""
    spec = load_spec(options.spec)
    environment = _rebased(spec, options.base) if options.base else options.environment
    if changes_something(options.operation) and not options.live:
        _see_that_it_is_here(spec, environment, options.operation)
    given = read_credentials(options.credentials) if options.credentials else None
    return asyncio.run(_call(options, environment, credentials_for(spec, given, registered)))


async def _call(
    options: argparse.Namespace, environment: str | Mapping[str, str] | None, credentials: Credentials
) -> int:
    clock = SystemClock()
    transport = WatchingTransport(Network(), clock)
    exchange = connect(
        options.spec,
        credentials=credentials,
        environment=environment,
        options=by_name(options.option),
        transport=transport,
        clock=clock,
        trading=False,
    )
    records: list[Any] = []
    failure: DeclconnError | None = None
    try:
        arguments = await _written(exchange, by_name(options.arg))
        transport.exchanged.clear()
        records = await exchange.parts.operations.call(options.operation, arguments)
    except DeclconnError as error:
        failure = error
    finally:
        secrets = [*_texts(credentials.values), *_learnt(exchange)]
        await exchange.stop()
    show = _show_json if options.json else _show
    show(transport.exchanged, records, redactor(secrets))
    if failure is not None:
        raise failure
    return 0


async def _written(exchange: Exchange, given: Mapping[str, str]) -> dict[str, Any]:
    """Arguments as the templates take them: markets and sides in the venue's words, numbers as numbers."""
    written: dict[str, Any] = {name: _typed(name, text) for name, text in given.items()}
    if "symbol" in given:
        await exchange.update_trading_rules()
        symbols = exchange.parts.symbols
        pair = symbols.pairs.get(given["symbol"], given["symbol"])
        written = {**symbols.arguments(pair), **written, "symbol": symbols.rule(pair).symbol}
    orders = exchange.spec.orders
    if orders is not None and given.get("side") in set(Side):
        written["side"] = orders.sides[Side(given["side"])]
    return written


def _typed(name: str, text: str) -> Any:
    try:
        if name in _TIMES:
            return Time(int(text) * 1_000_000)
        return Decimal(text) if name in _NUMBERS else text
    except (ValueError, InvalidOperation):
        raise ConfigurationError(f"--arg {name}={text}: expected a number") from None


def _rebased(spec: Spec, base: str) -> dict[str, str]:
    """The urls of the first environment that requests go to, on another host."""
    scheme, host, *_ = urlsplit(base)
    if scheme not in ("http", "https") or not host:
        raise ConfigurationError(f"--base {base}: expected a scheme and a host, like http://127.0.0.1:8080")
    return {
        name: urlsplit(url)._replace(scheme=scheme, netloc=host).geturl()
        for name, url in _rest_urls(spec, None).items()
    }


def _rest_urls(spec: Spec, environment: str | Mapping[str, str] | None) -> dict[str, str]:
    _, urls = choose_environment(spec, environment, has_credentials=False)
    return {name: str(url) for name, url in urls.items() if str(url).startswith("http")}


def _see_that_it_is_here(spec: Spec, environment: str | Mapping[str, str] | None, operation: str) -> None:
    hosts = {urlsplit(url).hostname or "" for url in _rest_urls(spec, environment).values()}
    elsewhere = sorted(host for host in hosts if not is_loopback(host))
    if elsewhere:
        raise ConfigurationError(
            f"{operation} changes something at {', '.join(elsewhere)}; nothing was sent. Add --live if you mean it, "
            "or send it to a venue on this machine with --base"
        )


def _learnt(exchange: Exchange) -> Iterator[str]:
    """Tokens and keys that the venue just told us."""
    for value in exchange.parts.session.sources(market={}).values():
        yield from (text for text in value.values() if isinstance(text, str) and len(text) >= _SHORTEST_SECRET)


def _texts(credentials: Mapping[str, Any]) -> Iterator[str]:
    return (secret.get_secret_value() for secret in credentials.values())


def _show(exchanged: Iterable[Exchanged], records: list[Any], star: Callable[[str], str]) -> None:
    """For people: what went out behind ``>``, what came in behind ``<``."""
    for one in exchanged:
        print(f"> {one.request.method} {star(one.request.url)}")
        for name, value in _headers(one).items():
            print(f"> {name}: {value}")
        if one.request.body:
            print(f"> {star(_text(one.request.body))}")
        if one.response is None:
            print(f"< {star(str(one.failure))}\n")
        else:
            print(f"< HTTP {one.response.status} in {one.seconds * 1000:.0f} ms\n< {star(_text(one.response.body))}\n")
    print_json(msgspec.to_builtins(records, builtin_types=(Decimal,)))


def _show_json(exchanged: Iterable[Exchanged], records: list[Any], star: Callable[[str], str]) -> None:
    requests = [
        {
            "method": one.request.method,
            "url": star(one.request.url),
            "headers": _headers(one),
            "body": star(_text(one.request.body)),
            "status": one.response and one.response.status,
            "answer": one.response and star(_text(one.response.body)),
        }
        for one in exchanged
    ]
    print_json({"requests": requests, "records": records})


def _headers(one: Exchanged) -> dict[str, str]:
    return {name: value if name.lower() in _SHOWN_HEADERS else REDACTED for name, value in one.request.headers.items()}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
