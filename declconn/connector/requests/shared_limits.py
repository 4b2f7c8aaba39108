"""The rate limits that connectors of one process share."""

from __future__ import annotations

from declconn.clock import Clock, SystemClock
from declconn.net.throttler import AsyncThrottler


class SharedLimits:
    """Hands connectors that speak to the same address the same throttler.

    There they share what a venue counts by address; what it counts by account is shared by those whose key is the
    same, because such a pool bears the fingerprint of the key in its name.

    Args:
        clock: measures; the same that its connectors have.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._throttlers: dict[str, AsyncThrottler] = {}

    def at(self, address: str) -> AsyncThrottler:
        """The throttler of everybody who speaks to an address.

        Args:
            address: the url of a venue's REST interface, path included: under another path is another product, whose
                limits may have the same names.
        """
        return self._throttlers.setdefault(address, AsyncThrottler([], self._clock))
