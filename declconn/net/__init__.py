"""The network floor: transports, the throttler, REST and WebSocket assistants, recordings.

`Network` and `AiohttpTransport` are what `declconn.connect(transport=...)` takes.
"""

from __future__ import annotations

from declconn.net.aiohttp_transport import AiohttpTransport
from declconn.net.network import Network

__all__ = ["AiohttpTransport", "Network"]
