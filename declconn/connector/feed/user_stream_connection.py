"""A connection of a private stream: it says when it begins, and what it was opened with is used once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from declconn.compile.stream import Stream
from declconn.connector.feed.connection import StreamConnection
from declconn.connector.feed.strange_frames import StrangeFrames
from declconn.connector.session import session_names
from declconn.connector.shared import News, Shared
from declconn.net.conversation import Send


class UserStreamConnection(StreamConnection):
    """A conversation about an account.

    Args:
        stream: what is heard.
        shared: what all connections share.
        news: who hears it.
        opened: told whenever everything was asked for on a new socket; what happened before was not heard here.
    """

    def __init__(self, stream: Stream, shared: Shared, news: News, opened: Callable[[], None]) -> None:
        super().__init__(stream, shared, news)
        self._told_opened = opened
        self._strange_frames = StrangeFrames(self._where)
        self._session = shared.session
        self._learns = session_names(*stream.templates)

    async def opened(self, send: Send) -> None:
        """Log in, ask for everything, and say so."""
        await super().opened(send)
        self._told_opened()

    def closed(self, reason: str) -> None:
        """The socket is gone. A listen key or token may be the reason, so the next one is opened with a new one."""
        super().closed(reason)
        learnt = self._session.sources(market={})
        self._session.drop({name: value for name, value in learnt.items() if name in self._learns})

    def _wonder(self, frame: Any) -> None:
        super()._wonder(frame)
        if self.trouble is None and self._strange_frames.is_news(frame):
            self._strange_frames.tell(self._quoted(frame))
