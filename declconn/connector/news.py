"""What listeners hear besides the records of the venue."""

from __future__ import annotations

import msgspec

from declconn.errors import DeclconnError, NetworkError


class StreamTrouble(msgspec.Struct, frozen=True):
    """Something went wrong on a stream; the runtime mends it by itself.

    Attributes:
        stream: the spec's name of the stream.
        trading_pairs: whom it concerns; none, where it concerns no market or the venue did not say which.
        error: what happened: `VenueError` (the venue said no), `LostAnswerError` (it said nothing), `FrameGapError`.
    """

    stream: str
    trading_pairs: tuple[str, ...]
    error: DeclconnError


class PollEvent(msgspec.Struct, frozen=True):
    """The venue told that something changed, but not what it is now: these operations are asked again."""

    stream: str
    operations: tuple[str, ...]


class FrameGapError(NetworkError):
    """Frames of a connection were lost on the way: its counter jumped.

    Attributes:
        expected: the number that would have followed.
        found: the number that came.
    """

    def __init__(self, where: str, counter: str, expected: int, found: int) -> None:
        self.expected, self.found = expected, found
        of = f" of {counter}" if counter else ""
        super().__init__(f"{where}: frames{of} were lost: expected number {expected}, found {found}")
