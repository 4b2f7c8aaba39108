"""What comes before the first subscription: a login, or the venue's greeting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from declconn.clock import Clock
from declconn.errors import DeclconnError, LostAnswerError
from declconn.net.duties import comes_within

LOGIN_TIME: Final = 10.0
"""Seconds that the venue may take for its good answer, or its greeting."""


class Login:
    """Waits for the good answer on one connection after the other.

    Args:
        where: the stream's place in the spec.
        clock: measures how long it takes.
        quote: a frame as it may be shown.
    """

    def __init__(self, where: str, clock: Clock, quote: Callable[[Any], str]) -> None:
        self._where, self._clock, self._quote = where, clock, quote
        self._answer: asyncio.Future[DeclconnError | None] | None = None
        self._heard = "; nothing came"

    def begin(self) -> None:
        """A connection is about to be opened; its first frame may be the greeting."""
        self._answer = asyncio.get_running_loop().create_future()
        self._heard = "; nothing came"

    @property
    def is_waiting(self) -> bool:
        """Nothing was answered yet."""
        return self._answer is not None and not self._answer.done()

    @property
    def trouble(self) -> str | None:
        """What is waited for, and what came in its place; ``None`` if nothing is waited for."""
        return f"{self._where}.login: no good answer yet{self._heard}" if self.is_waiting else None

    def heard(self, frame: Any) -> None:
        """A frame came; unless it is the good answer, it is shown to whoever looks for what is wrong."""
        self._heard = f"; does `accepted` fit? The last frame: {self._quote(frame)}"

    def answered(self, error: DeclconnError | None) -> None:
        """The venue said yes, or no."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(error)

    async def wait(self) -> None:
        """Wait for the answer.

        Raises:
            VenueError: the venue said no.
            LostAnswerError: it said nothing.
        """
        if self._answer is None:
            return
        if not await comes_within(LOGIN_TIME, self._answer, self._clock):
            raise LostAnswerError(f"{self._where}.login: no good answer within {LOGIN_TIME:g} s{self._heard}")
        error = self._answer.result()
        if error is not None:
            raise error
