"""What the tracker asks of whoever owns the connections."""

from __future__ import annotations

from typing import Protocol

from declconn.records import OrderBookMessage


class OrderBookTrackerDataSource(Protocol):
    """The connections' side of the tracker. Any method may raise; the tracker then asks again later."""

    async def request_snapshot(self, trading_pair: str) -> OrderBookMessage | None:
        """Ask for a whole book; ``None``: it will come in the stream."""
        ...

    async def subscribe(self, trading_pair: str) -> None:
        """Begin to receive this pair."""
        ...

    async def unsubscribe(self, trading_pair: str) -> None:
        """Stop receiving this pair."""
        ...

    async def resubscribe(self, trading_pair: str) -> None:
        """Stop and begin again, so that a new snapshot comes."""
        ...

    async def reconnect(self, trading_pair: str) -> None:
        """Drop the connection that carries this pair, and tell the tracker ``on_disconnect`` and ``on_connect``."""
        ...
