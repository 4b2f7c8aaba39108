"""The frames on their way to a connector."""

from __future__ import annotations

import asyncio
from typing import Final

from declconn.simulator.faults import Faults, FrameFault

_END: Final = None


class Outbox:
    """Frames in order, unless faults are planned for them."""

    def __init__(self) -> None:
        self.faults: Faults | None = None
        self._frames: asyncio.Queue[str | None] = asyncio.Queue()
        self._late: list[str] = []

    def put(self, text: str, emit: str = "") -> None:
        """Send a frame soon.

        Args:
            text: the frame.
            emit: the kind of its news; answers have none, and suffer nothing.
        """
        fault = self.faults.of_frame(emit) if self.faults is not None and emit else None
        if fault is FrameFault.LOST:
            return
        if fault is FrameFault.LATE:
            self._late.append(text)
            return
        for frame in (text, text) if fault is FrameFault.TWICE else (text,):
            self._frames.put_nowait(frame)
        while self._late:
            self._frames.put_nowait(self._late.pop(0))

    def end(self) -> None:
        """There are no more frames."""
        self._frames.put_nowait(_END)

    async def take(self) -> str | None:
        """The next frame; ``None`` after the last."""
        return await self._frames.get()
