"""Operations and arguments as people write them: held against the language, and put into the venue's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from declconn.errors import ConfigurationError, NotSupportedError
from declconn.spec import Spec, models
from declconn.spec.operations import ARGUMENTS, FREE_ARGUMENTS
from declconn.suggest import hint
from declconn.types import OrderType, TimeInForce, Trigger

_TYPED: Final = frozenset({"place_order", "amend_order"})
"""Operations that are told the type of an order."""

_OUR_WORDS: Final[Mapping[str, type[StrEnum]]] = {"type": OrderType, "time_in_force": TimeInForce, "trigger": Trigger}
"""Arguments that are words of ours, which `orders.types` reads."""


def declared(spec: Spec, operation: str) -> list[models.Endpoint]:
    """The requests of an operation.

    Raises:
        NotSupportedError: the spec does not declare it; says what is near.
    """
    requests = spec.requests(operation)
    if not requests:
        meant = hint(operation, spec.endpoints, f"it has {', '.join(spec.endpoints)}")
        raise NotSupportedError(f"{spec.name} declares no operation {operation!r}; {meant}")
    return requests


def arguments_of(operation: str) -> frozenset[str]:
    """The names of what an operation can be told. One market of several can be told wherever there are any."""
    names = ARGUMENTS.get(operation, FREE_ARGUMENTS)
    of_markets = {"symbol"} if "symbols" in names else set()
    return names | of_markets | ({"type"} if operation in _TYPED else set())


def check_names(operation: str, given: Iterable[str]) -> None:
    """See that every argument is one of the operation's.

    Raises:
        ConfigurationError: one is not; says what is near.
    """
    known = sorted(arguments_of(operation))
    for name in given:
        if name not in known:
            meant = hint(name, known, f"it takes {', '.join(known) or 'none'}")
            raise ConfigurationError(f"{operation} takes no argument {name!r}; {meant}")


def in_venue_words(spec: Spec, given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments with the venue's word for a side, and our own for an order's terms, all read in any case.

    Raises:
        ConfigurationError: the side is neither a word of ours nor one of the venue's.
    """
    written = dict(given)
    if spec.orders is not None and "side" in given:
        written["side"] = _side(spec.orders, str(given["side"]))
    for argument, words in _OUR_WORDS.items():
        if (term := str(given.get(argument, "")).upper()) in set(words):
            written[argument] = term
    if "trigger_price" in given:
        written.setdefault("trigger", Trigger.STOP)
    return written


def _side(orders: models.Orders, given: str) -> Any:
    """The venue's word for a side, which may be given as it is."""
    words: dict[str, Any] = {str(word): word for word in orders.sides.values()} | dict(orders.sides)
    word = words.get(given, words.get(given.upper()))
    if word is None:
        raise ConfigurationError(f"side: found {given!r}, expected BUY or SELL")
    return word
