"""A socket without a network: both ends are in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from declconn.net.transport import SocketClosed
from declconn.simulator.streams.conversation import Conversation

NORMAL: Final = 1000
LOST: Final = 1006
REFUSED: Final = 1008
"""Close codes of RFC 6455."""


class LocalSocket:
    """The connector's end, as `declconn.net.transport.Socket` says.

    Args:
        conversation: the venue's end.
        closed: told when the socket is no more.
    """

    def __init__(self, conversation: Conversation, closed: Callable[[LocalSocket], None]) -> None:
        self.conversation = conversation
        self._told_closed = closed
        self._code: int | None = None

    async def send(self, message: str | bytes) -> None:
        """See `Socket`."""
        self._check()
        self.conversation.hear(message)

    async def receive(self) -> str | bytes:
        """See `Socket`."""
        self._check()
        text = await self.conversation.outbox.take()
        if text is None:
            self._close(REFUSED)
            self._check()
        return text or ""

    async def close(self) -> None:
        """See `Socket`."""
        self._close(NORMAL)

    def drop(self) -> None:
        """The network loses the connection; frames that were on their way are lost with it."""
        self._close(LOST)

    def _close(self, code: int) -> None:
        if self._code is None:
            self._code = code
            self.conversation.outbox.end()
            self._told_closed(self)

    def _check(self) -> None:
        if self._code is not None:
            raise SocketClosed(self._code)
