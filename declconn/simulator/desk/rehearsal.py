"""Requests written and read once, before somebody sends one: what is not recognised is better refused now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from declconn.compile.filters import Duration, Time
from declconn.compile.holes import word
from declconn.compile.lookup import Sources
from declconn.compile.source_book import FrozenClock
from declconn.errors import ConfigurationError
from declconn.net.transport import Request
from declconn.simulator.desk.members import Members
from declconn.simulator.wire.request_reader import RequestReader
from declconn.spec import Spec

_MOMENT: Final = 1_700_000_000 * 10**9

_ARGUMENTS: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("client_order_id", "exchange_order_id"), "7712"),
    "client_order_ids": ["7", "8"],
    "exchange_order_ids": ["7", "8"],
    **dict.fromkeys(("amount", "quote_amount", "signed_amount", "leverage", "limit"), "3"),
    **dict.fromkeys(("since", "until", "deadline"), Time(_MOMENT)),
    "price": "10",
    "timeout": Duration(60 * 10**9),
    "reduce_only": False,
}
"""What a connector may say, whatever the market."""

_NONCES: Final = {
    **dict.fromkeys(("s", "ms", "us", "ns"), _MOMENT),
    **dict.fromkeys(("uuid", "hex16", "hex32", "digits8"), "12345678"),
}


def examples_of(spec: Spec, market: Sources) -> dict[str, Any]:
    """What requests about a market may be written from, besides what is known of the venue.

    Args:
        spec: the venue's.
        market: what templates may say of it.
    """
    positions, orders = spec.positions, spec.orders
    words: dict[str, Mapping[Any, Any]] = {
        "position_mode": positions.modes if positions else {},
        "position_side": positions.sides if positions else {},
        "side": orders.sides if orders else {},
    }
    return {
        **_ARGUMENTS,
        **market,
        "symbols": [market["symbol"]],
        **{name: next(iter(said.values())) for name, said in words.items() if said},
        **senders_of(spec, "token"),
    }


def senders_of(spec: Spec, token: str) -> dict[str, Any]:
    """What somebody writes from who shows that he is nobody: made-up credentials, a token, a clock and nonces."""
    return {
        "session": dict.fromkeys(spec.session, token),
        "cred": Members(spec.credentials).add("nobody").credentials,
        "clock": FrozenClock(_MOMENT),
        "nonce": _NONCES,
    }


def rehearse(reader: RequestReader, write: Callable[[Sources], Request], sources: Sources) -> None:
    """Write requests as a connector does, and read them.

    Args:
        reader: of one endpoint.
        write: writes and signs its requests.
        sources: what they are written from.

    Raises:
        ValueError: one is not recognised, or would be taken for something else.
    """
    for more in _kinds(reader):
        given = {**sources, **more}
        try:
            request = write(given)
        except ConfigurationError:
            continue  # it needs what only a real request has
        found = reader.read(request)
        address = f"{request.method} {request.url.partition('?')[0]}"
        if found is None:
            raise ValueError(f"its requests cannot be taken apart; nobody would know {address}")
        wrong = [name for name in _ARGUMENTS.keys() & found[1].keys() if not _is_same(found[1][name], given[name])]
        if wrong:
            raise ValueError(f"{', '.join(sorted(wrong))} cannot be read back from {address}")


def _kinds(reader: RequestReader) -> Iterable[Mapping[str, Any]]:
    """What is said of each kind of orders that the requests may be about; once nothing, where they are about none."""
    for kind in reader.kinds:
        yield {**kind.found, "trigger_price": "9"} if kind.terms.trigger else kind.found
    if not reader.kinds:
        yield {}


def _is_same(found: Any, given: Any) -> bool:
    return bool(found == given) or (word(given) is not None and word(found) == word(given))
