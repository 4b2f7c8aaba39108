"""`sign`: the request that a spec would make, without sending it."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import msgspec

from declconn.cli.arguments import by_name, environment
from declconn.cli.asking import ARGUMENTS_HELP, add_account, told_here, typed
from declconn.cli.output import print_json
from declconn.connector.requests.by_hand import check_names, declared
from declconn.credentials import read_credentials
from declconn.errors import ConfigurationError
from declconn.net.transport import Request
from declconn.signing import Signed, Signer


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    command.description = (
        "Print the request that a spec would make, with clock and nonces held still by --at (random nonces are "
        "zeros). Name an OPERATION of the spec with its --arg, or a --method and --path with --param. "
        "`--arg symbol=` is written as it is given, so give the venue's own name: nobody is asked for its markets. "
        f"{ARGUMENTS_HELP} "
        "FILE holds the credentials by the spec's names, as JSON or YAML; only its owner may read it (chmod 600)."
    )
    command.add_argument("spec", metavar="NAME_OR_PATH")
    command.add_argument("operation", metavar="OPERATION", nargs="?", help="one of the spec's operations")
    command.add_argument("--method", metavar="M", default="GET", help="default: GET")
    command.add_argument("--path", metavar="P", help="the whole path, as the venue prints it: /api/v3/order")
    command.add_argument("--param", action="append", type=_param, metavar="NAME=VALUE", help="a text; NAME:=JSON: any")
    command.add_argument("--recipe", metavar="R", help="default: the one that the signed endpoints all use")
    command.add_argument("--at", type=int, metavar="MS", help="the time, milliseconds since the epoch; default: now")
    add_account(command)
    command.add_argument("--explain", action="store_true", help="every named value that led to it, secrets starred")
    command.add_argument("--json", action="store_true", help="for programs: {method, url, headers, body}")


def run(options: argparse.Namespace) -> int:
    """Sign and print."""
    signer = Signer(
        options.spec,
        at_ms=int(time.time() * 1000) if options.at is None else options.at,
        credentials=read_credentials(options.credentials) if options.credentials else None,
        environment=environment(options),
        options=by_name(options.option),
    )
    with told_here(signer.spec, options.operation or "this request"):
        signed = _signed(signer, options)
    request = signed.request
    if options.explain and options.json:
        print_json([{"name": name, "value": value} for name, value in signed.explain()])
    elif options.explain:
        for name, value in signed.explain():
            print(f"{name:<24} {value}")
    elif options.json:
        print_json(_document(request))
    else:
        print(f"{request.method} {request.url}")
        for name, value in request.headers.items():
            print(f"{name}: {value}")
        if request.body:
            print(f"\n{request.body.decode('utf-8', 'backslashreplace')}")
    return 0


def _signed(signer: Signer, options: argparse.Namespace) -> Signed:
    if options.operation:
        declared(signer.spec, options.operation)
        check_names(options.operation, by_name(options.arg))
        return signer.operation(options.operation, typed(by_name(options.arg)))
    if not options.path:
        raise ConfigurationError("name an operation of the spec, or a --path")
    if not urlsplit(options.path).path.startswith(f"{signer.prefix}/"):
        print(
            f"--path {options.path} is signed as it stands; the spec appends its paths to {signer.prefix} of env.rest, "
            f"so its own {options.path} would be --path {signer.prefix}{options.path}",
            file=sys.stderr,
        )
    return signer.request(options.method, options.path, dict(options.param or ()), recipe=options.recipe)


def _document(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "body": request.body.decode("utf-8", "backslashreplace"),
    }


def _param(text: str) -> tuple[str, Any]:
    """``NAME=VALUE`` is text, ``NAME:=JSON`` any value."""
    name, mark, value = text.partition("=")
    if name.endswith(":"):
        try:
            return name[:-1], msgspec.json.decode(value)
        except msgspec.MsgspecError:
            raise argparse.ArgumentTypeError(f"{value!r} is not JSON") from None
    if not (name and mark):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
