"""Whether the venue answers, looked at again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, Final

import msgspec

from declconn.clock import Clock
from declconn.log import get_logger
from declconn.net.duties import comes_within

logger = get_logger("declconn.connector")

CHECK_NETWORK_INTERVAL: Final = 10.0
CHECK_NETWORK_TIMEOUT: Final = 5.0
"""Seconds between two looks, and that one may take (Hummingbot's values)."""


class NetworkStatus(StrEnum):
    """What is known of the way to the venue."""

    STOPPED = "STOPPED"
    NOT_CONNECTED = "NOT_CONNECTED"
    CONNECTED = "CONNECTED"


class NetworkStatusEvent(msgspec.Struct, frozen=True):
    """The way to the venue opened or closed; streams and requests mend themselves."""

    status: NetworkStatus
    timestamp: int


class NetworkCheck:
    """Looks whether the venue answers.

    Args:
        check: asks it.
        clock: paces.
        tell: who hears of a change.

    Attributes:
        status: what was found last.
    """

    def __init__(self, check: Callable[[], Awaitable[bool]], clock: Clock, tell: Callable[[Any], None]) -> None:
        self._check, self._clock, self._tell = check, clock, tell
        self.status = NetworkStatus.STOPPED

    async def run(self) -> None:
        """Look for ever; the connector has just loaded its rules, so it is connected to begin with."""
        self._is(NetworkStatus.CONNECTED)
        while True:
            await self._clock.sleep(CHECK_NETWORK_INTERVAL)
            self._is(NetworkStatus.CONNECTED if await self._answers() else NetworkStatus.NOT_CONNECTED)

    def stopped(self) -> None:
        """Nobody looks any more."""
        self._is(NetworkStatus.STOPPED)

    async def _answers(self) -> bool:
        asked = asyncio.ensure_future(self._check())
        try:
            return await comes_within(CHECK_NETWORK_TIMEOUT, asked, self._clock) and asked.result()
        finally:
            asked.cancel()

    def _is(self, status: NetworkStatus) -> None:
        if status is not self.status:
            self.status = status
            logger.info("the venue is %s", status)
            self._tell(NetworkStatusEvent(status, self._clock.time_ns()))
