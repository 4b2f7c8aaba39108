"""What is done about an error before the same request is sent again, and how often it is sent at most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from declconn.errors import DeclconnError, LostAnswerError, MappingError, NetworkError, VenueError
from declconn.net.throttler import HeldBackError
from declconn.net.transport import AnswerTooLargeError
from declconn.spec.operations import COMMANDS

NOT_SENT: Final = "not_sent"
"""Nothing left, so nothing happened: neither the venue's kinds of errors nor an answer."""

UNKNOWN_OUTCOME: Final = "unknown_outcome"
HELD_BACK: Final = "held_back"
UNREADABLE: Final = "unreadable"
"""A good answer that says nothing we can read: cut off, or the page of somebody between us and the venue."""

TOO_LARGE: Final = "too_large"
"""A good answer that nobody reads to its end; the next one would be as long."""


class Remedy(Enum):
    """What makes a second attempt worth while."""

    WAIT = auto()
    """Some time, longer after every attempt."""
    BACK_OFF = auto()
    """Nothing leaves through the pools that were drawn from for as long as the venue asks."""
    SYNCHRONIZE = auto()
    """The venue's time, asked for anew."""
    LOG_IN = auto()
    """New values of `session`."""
    NOTHING = auto()
    """A next attempt differs by itself."""


@dataclass(frozen=True, slots=True)
class Policy:
    """
    Attributes:
        remedy: what is done before the next attempt.
        tries: how many errors of the kind end it.
    """

    remedy: Remedy
    tries: int


_NOTHING_HAPPENED: Final = {
    "rate_limited": Policy(Remedy.BACK_OFF, 3),
    "maintenance": Policy(Remedy.WAIT, 3),
    "clock_skew": Policy(Remedy.SYNCHRONIZE, 2),
    "nonce": Policy(Remedy.NOTHING, 2),
    "authentication": Policy(Remedy.LOG_IN, 2),
    NOT_SENT: Policy(Remedy.WAIT, 3),
}

UNCERTAIN: Final = frozenset({UNKNOWN_OUTCOME, UNREADABLE, TOO_LARGE})
"""What leaves open whether a request that changes something took effect."""

WRITING: Final[Mapping[str, Policy]] = MappingProxyType(_NOTHING_HAPPENED)
"""A request that changes something is sent again only after an error which says that nothing happened."""

READING: Final[Mapping[str, Policy]] = MappingProxyType(
    {**_NOTHING_HAPPENED, UNKNOWN_OUTCOME: Policy(Remedy.WAIT, 3), UNREADABLE: Policy(Remedy.WAIT, 3)}
)
"""A request that only asks may be sent again whatever became of it."""


def changes_something(operation: str) -> bool:
    """Whether a request that is sent twice may happen twice."""
    return operation in COMMANDS


def kind_of(error: DeclconnError) -> str:
    """The kind of any error that a request ends with: the venue's, or what the network makes of it."""
    if isinstance(error, VenueError):
        return error.kind
    if isinstance(error, MappingError):
        return UNREADABLE
    if isinstance(error, AnswerTooLargeError):
        return TOO_LARGE
    if isinstance(error, HeldBackError):
        return HELD_BACK
    if isinstance(error, LostAnswerError):
        return UNKNOWN_OUTCOME
    return NOT_SENT if isinstance(error, NetworkError) else ""
