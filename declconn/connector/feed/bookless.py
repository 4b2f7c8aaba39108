"""A connection that should bring books and brings none: its spec is doubted, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from declconn.clock import Clock
from declconn.log import get_logger

logger = get_logger("declconn.feed")

PATIENCE: Final = 5.0
"""Seconds of other frames without a book event: venues that send anything send what moved a book."""

STRANGE: Final = 50
"""So many frames that are no event are enough, however soon they come."""


class Bookless:
    """Watches the frames of a connection that has not brought a book event yet.

    Args:
        where: the stream's place in the spec.
        clock: measures.
        quote: a frame as it may be shown.
    """

    def __init__(self, where: str, clock: Clock, quote: Callable[[Any], str]) -> None:
        self._where, self._clock, self._quote = where, clock, quote
        self._since: float | None = None
        self._strange = 0
        self._example: Any = None
        self._is_told = False

    def begin(self) -> None:
        """Everything was asked for: from now on books should come."""
        self._since = self._clock.monotonic()

    def strange(self, frame: Any) -> None:
        """A frame came that is nothing the spec speaks of."""
        self._strange, self._example = self._strange + 1, frame
        self.other()

    def other(self) -> None:
        """A frame came that is not about a book."""
        now = self._clock.monotonic()
        if self._since is None:
            self._since = now
        if not self._is_told and (self._strange >= STRANGE or now - self._since >= PATIENCE):
            self._is_told = True
            self._tell(now - self._since)

    def _tell(self, seconds: float) -> None:
        if self._strange:
            logger.warning(
                "%s: %d frames are no event of the spec, and no book event ever came; does its `when` fit? "
                "The last frame: %s",
                *(self._where, self._strange, self._quote(self._example)),
            )
        else:
            logger.warning(
                "%s: no book event came in %.0f s, though other frames do; is the channel of the books the right one?",
                *(self._where, seconds),
            )
