"""Every error that declconn raises, in one tree.

DeclconnError
├── SpecError                 a spec cannot be used; carries every Problem, each with its place
├── UnknownSpecError          no spec has that name; says what is near
├── ConfigurationError        arguments, environment or options of a connector do not fit its spec
│   ├── CredentialsError      missing, misshapen, or not allowed to go to these hosts
│   └── MissingValueError     a template names something that has no value; carries its name
├── UnknownPairError          the connector does not trade this pair, or the venue does not list it
├── NotSupportedError         the spec does not declare what this call needs
├── InvalidOrderError         an order that its market does not take; nothing was sent
├── UnknownRateError          (account) nobody knows what one token is worth in another
├── UnknownOrderError         no open order has that client order id
├── MappingError              a message does not have the shape that the spec says
│   └── UnwritableError       (simulator) a record cannot be written backwards through a mapping
├── BookError
│   ├── BookNotLiveError      the book is syncing or stale: its levels may be wrong
│   ├── SequenceGapError      a diff does not follow the last one; carries both ids
│   └── ChecksumError         the book differs from the venue's; carries both checksums
├── NetworkError              the request surely did not take effect (refused, unresolved, TLS)
│   ├── LostAnswerError       sent, but no answer: it may have taken effect
│   │   └── AnswerTooLargeError   (net) the answer is larger than what is read
│   ├── HeldBackError         (net) the venue wants us to wait for longer than anybody waits
│   ├── HandshakeError        (net) a WebSocket was refused with an HTTP answer
│   └── SocketClosed          (net) the WebSocket is closed
├── VenueError                the venue answered with an error; carries its kind, code and text
├── UnknownOutcomeError       a request that changes something may have taken effect, or not: ask, do not resend
├── RefusedError              (simulator) the matching engine says no; carries one of the language's error kinds
└── ReplayError               a recording cannot be read or played
"""

from __future__ import annotations

from copyreg import __newobj__  # type: ignore[attr-defined]
from dataclasses import dataclass
from typing import Any


class DeclconnError(Exception):
    """The root of all errors of this package.

    Attributes:
        attempts: how often a request was sent before it ended with this error.
    """

    attempts: int = 1

    def __str__(self) -> str:
        said = super().__str__()
        return said if self.attempts == 1 else f"{said} (after {self.attempts} attempts)"

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies, and other processes, get the text and the data as they are: ``__init__`` takes other arguments."""
        return __newobj__, (type(self), *self.args), vars(self)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a piece of text stands: a file, and a line and column that count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a spec.

    Attributes:
        place: where it is written (in the parent's file, if the value was inherited).
        path: where it is in the spec, in dots: ``endpoints.place_order.cost``.
        message: what was found, what was expected, what to try.
        warning: a lint; it becomes an error only on request.
    """

    place: Place
    path: str
    message: str
    warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        path = f"{self.path}: " if self.path else ""
        return f"{self.place}: {kind}{path}{self.message}"


class SpecError(DeclconnError):
    """A spec cannot be used; ``problems`` holds all that is wrong, sorted by place."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.place, problem.path))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnknownSpecError(DeclconnError):
    """No spec has that name."""


class ConfigurationError(DeclconnError):
    """What the caller handed in does not fit the spec."""


class CredentialsError(ConfigurationError):
    """Credentials are missing, misshapen, or would go to a host that may not see them."""


class MissingValueError(ConfigurationError):
    """A template names a source that has no value here.

    Attributes:
        source: its name: ``client_order_id``, ``cred.api_key``.
        choices: what it may be, where that is known.
    """

    def __init__(self, message: str, source: str, choices: tuple[str, ...] = ()) -> None:
        self.source, self.choices = source, choices
        super().__init__(message)


class UnknownPairError(DeclconnError):
    """The venue does not list this trading pair, or the connector does not follow it."""


class NotSupportedError(DeclconnError):
    """The spec does not declare what this call needs."""


class InvalidOrderError(DeclconnError):
    """The market's rules do not allow this order, so it was not sent."""


class UnknownOrderError(DeclconnError):
    """No order of this client id is open here."""


class MappingError(DeclconnError):
    """A message does not have the shape that the spec says.

    Attributes:
        where: the operation or event of the spec (``streams.market.events.depth``).
        field: the record's field that failed, or an empty text.
        reason: what was found and what was expected.
        excerpt: the beginning of the message.
        trading_pair: the market that the message is about, if that much could be read.
    """

    trading_pair: str | None = None

    def __init__(self, where: str, field: str, reason: str, excerpt: str = "") -> None:
        self.where, self.field, self.reason, self.excerpt = where, field, reason, excerpt
        path = f"{where}.{field}" if field else where
        super().__init__(f"{path}: {reason}" + (f" (message: {excerpt})" if excerpt else ""))


class BookError(DeclconnError):
    """Something is wrong with an order book."""


class BookNotLiveError(BookError):
    """The book is syncing or stale, so its levels may be wrong."""


class SequenceGapError(BookError):
    """A diff does not follow the last one that was applied.

    Attributes:
        expected: the id that would have followed, in the words of the rule.
        found: the id that came.
    """

    def __init__(self, trading_pair: str, rule: str, expected: int | None, found: int | None) -> None:
        self.trading_pair, self.rule, self.expected, self.found = trading_pair, rule, expected, found
        super().__init__(f"{trading_pair}: gap by rule '{rule}': expected {expected}, found {found}")


class ChecksumError(BookError):
    """The book's checksum is not the one that the venue sent."""

    def __init__(self, trading_pair: str, expected: int, computed: int) -> None:
        self.trading_pair, self.expected, self.computed = trading_pair, expected, computed
        super().__init__(f"{trading_pair}: the venue's checksum is {expected}, the book's is {computed}")


class NetworkError(DeclconnError):
    """The network failed before the request could have taken effect."""


class LostAnswerError(NetworkError):
    """The request was sent and its answer never came: it may have taken effect."""


class VenueError(DeclconnError):
    """The venue answered with an error.

    Attributes:
        kind: one of the language's error kinds (``rate_limited``, ``order_not_found``, ...).
        status: the HTTP status, or ``None`` for an answer on a socket.
        code: the venue's code as text, or ``None``.
        text: the venue's own words.
        retry_after: seconds that the venue asks to wait, or ``None``.
    """

    def __init__(
        self,
        operation: str,
        kind: str,
        text: str,
        *,
        status: int | None = None,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.operation, self.kind, self.text = operation, kind, text
        self.status, self.code, self.retry_after = status, code, retry_after
        told = (f"HTTP {status}" if status else "", f"code {code}" if code else "", "" if text == code else text)
        parts = [part for part in told if part]
        super().__init__(f"{operation}: {kind}: {', '.join(parts)}")


class UnknownOutcomeError(DeclconnError):
    """A request that changes something was sent, and nobody knows whether it took effect: it is never sent again.

    What became of an order is asked by itself; of anything else, such as a leverage, whoever wanted it asks.

    Args:
        operation: what was asked for.
        cause: why it is not known: the answer was lost, says so, or could not be read.
        advice: what to do now.
    """

    def __init__(
        self,
        operation: str,
        cause: DeclconnError,
        advice: str = "the venue is being asked about orders; `await order.wait_until_done()`, "
        "or ask about anything else",
    ) -> None:
        self.operation, self.cause = operation, cause
        super().__init__(f"{operation}: it may have happened, so it is not sent again ({advice}): {cause}")


class ReplayError(DeclconnError):
    """A recording cannot be read or played."""
