"""What is said on one open socket of a simulated venue, by all streams that are reached at its url."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from declconn.simulator.streams.outbox import Outbox

logger = logging.getLogger("declconn.simulator")


class Reply(NamedTuple):
    """What a stream makes of a message that it understands.

    Attributes:
        texts: the frames that answer it.
        is_refusal: what it asks for is not granted.
    """

    texts: Sequence[str] = ()
    is_refusal: bool = False


class Voice(Protocol):
    """What one stream says on a socket; its news go to the outbox of the conversation."""

    def opened(self) -> None:
        """The socket is open."""
        ...

    def hear(self, raw: str | bytes) -> Reply | None:
        """Take a message of the connector; ``None``: it is not for this stream."""
        ...


class Conversation:
    """A socket from the venue's side: every stream hears everything, and one of them answers.

    Args:
        voices: the streams; of two that understand a message the earlier one answers, granting before refusing.
        outbox: the frames on their way to the connector.
    """

    def __init__(self, voices: Sequence[Voice], outbox: Outbox) -> None:
        self.voices, self.outbox = voices, outbox

    def opened(self) -> None:
        """The socket is open."""
        for voice in self.voices:
            voice.opened()

    def hear(self, raw: str | bytes) -> None:
        """Take a message of the connector, and answer it; who is refused without a word is cut off."""
        replies = [reply for voice in self.voices if (reply := voice.hear(raw)) is not None]
        if not replies:
            logger.warning("the simulated venue does not understand %s", str(raw)[:200])
            return
        said = next((reply for reply in replies if not reply.is_refusal), replies[0])
        for text in said.texts:
            self.outbox.put(text)
        if said.is_refusal and not said.texts:
            self.outbox.end()
