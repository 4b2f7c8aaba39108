"""What a WebSocket assistant is told to do: whom to talk to, how to begin, how often to speak."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from declconn.net.pools import RateLimit

Send: TypeAlias = Callable[[str | bytes], Awaitable[None]]
"""Sends one frame, no faster than the venue allows; raises NetworkError when the connection is gone."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a connection goes.

    Attributes:
        url: ``ws://`` or ``wss://``, percent-encoded.
        headers: headers of the handshake.
        heartbeat: seconds between heartbeats, where the venue says so; ``None``: as the settings say.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    heartbeat: float | None = None


class Conversation(Protocol):
    """What is said on a connection, and what becomes of the answers. One conversation outlives many connections."""

    async def address(self) -> Address:
        """Return where to connect; asked anew for each connection, so tokens are fresh.

        Raising a DeclconnError means that this attempt failed.
        """
        ...

    async def opened(self, send: Send) -> None:
        """Log in and subscribe. Frames arrive at `received` meanwhile. Returning means: this connection is in use.

        Raising a DeclconnError means that this connection failed; waiting for an answer needs a limit of its own.
        """
        ...

    async def attend(self, send: Send) -> None:
        """Do what has to be done while the connection is in use; may return early.

        Raising a DeclconnError means that this connection failed.
        """
        ...

    def received(self, raw: str | bytes) -> None:
        """Take one frame. It must not block and must not raise; what it raises is logged and reading goes on."""
        ...

    def closed(self, reason: str) -> None:
        """Learn that the connection, once open, is gone: nothing that depends on it can be trusted any more."""
        ...

    def heartbeat(self) -> str | None:
        """Return the next message that keeps the connection alive, or ``None`` for protocol pings.

        Asked once before each connection, only to see which of both it is, and then at every beat.
        """
        ...


@dataclass(frozen=True, slots=True)
class WSSettings:
    """How one connection is kept.

    Attributes:
        heartbeat: seconds between heartbeats; ``None``: no heartbeat.
        silence: seconds without any frame after which to reconnect. ``None``: twice the heartbeat where it is our own
            message; with protocol pings the pongs decide, because they are not frames.
        max_age: seconds after which to reconnect before the venue does; ``None``: never.
        max_frame: bytes of the largest message, decompressed.
        connect_cost: what one connection costs, in units per limit of the throttler.
        send_limit: how many frames may be sent on one connection; ``None``: any number.
    """

    heartbeat: float | None = None
    silence: float | None = None
    max_age: float | None = None
    max_frame: int = 8 * 1024 * 1024
    connect_cost: Mapping[str, int] = field(default_factory=dict)
    send_limit: RateLimit | None = None
