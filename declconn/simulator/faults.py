"""What goes wrong between a connector and a simulated venue, as somebody plans it."""

from __future__ import annotations

from collections import defaultdict, deque
from enum import StrEnum
from typing import Final, TypeVar

_Planned = TypeVar("_Planned")

ANY: Final = "*"
"""Any operation, or any event."""


class RequestFault(StrEnum):
    """What becomes of a request; only the ones that say so have an effect."""

    UNREACHABLE = "unreachable"
    """The venue cannot be reached: nothing was sent."""
    LOST = "lost"
    """It was sent, never arrived, and nobody answers."""
    ANSWER_LOST = "answer_lost"
    """It takes effect, and the answer never arrives."""
    FAILED = "failed"
    """The venue answers that something is wrong with itself, and does nothing."""
    FAILED_AFTERWARDS = "failed_afterwards"
    """It takes effect, and the venue answers that something is wrong with itself."""
    RATE_LIMITED = "rate_limited"
    """The venue answers that this is too fast."""
    CLOSED = "closed"
    """The venue answers that it is closed for now; one without a word for it says that this is too fast."""


class FrameFault(StrEnum):
    """What becomes of a frame with news."""

    LOST = "lost"
    TWICE = "twice"
    LATE = "late"
    """It comes after the next frame on its socket."""


class Faults:
    """Plans faults, and hands them out once each, in the order of their planning.

    Attributes:
        is_closed: every request is answered with the spec's `maintenance`, or with `rate_limited` where the spec has
            no such kind: both mean that nothing happened. No socket is opened, and those that are open stay so.
    """

    def __init__(self) -> None:
        self.is_closed = False
        self._requests: defaultdict[str, deque[RequestFault]] = defaultdict(deque)
        self._delays: defaultdict[str, deque[float]] = defaultdict(deque)
        self._frames: defaultdict[str, deque[FrameFault]] = defaultdict(deque)

    def plan(self, fault: RequestFault, operation: str = ANY, *, times: int = 1) -> None:
        """Let the next requests of an operation suffer."""
        self._requests[operation].extend([fault] * times)

    def delay(self, seconds: float, operation: str = ANY) -> None:
        """Let the answer to the next request of an operation come late; it takes effect at once."""
        self._delays[operation].append(seconds)

    def plan_frame(self, fault: FrameFault, emit: str = ANY, *, times: int = 1) -> None:
        """Let the next frames with this kind of news suffer, each on every socket."""
        self._frames[emit].extend([fault] * times)

    def clear(self) -> None:
        """Let nothing more go wrong."""
        self.is_closed = False
        for planned in (self._requests, self._delays, self._frames):
            planned.clear()

    def of_request(self, operation: str) -> RequestFault | None:
        """What becomes of this request."""
        if self.is_closed:
            return RequestFault.CLOSED
        return _next(self._requests, operation)

    def delay_of(self, operation: str) -> float:
        """Seconds that the answer takes."""
        return _next(self._delays, operation) or 0.0

    def of_frame(self, emit: str) -> FrameFault | None:
        """What becomes of this frame."""
        return _next(self._frames, emit)


def _next(planned: defaultdict[str, deque[_Planned]], name: str) -> _Planned | None:
    waiting = next((queue for queue in (planned[name], planned[ANY]) if queue), None)
    return waiting.popleft() if waiting else None
