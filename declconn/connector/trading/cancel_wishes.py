"""Wishes to cancel orders that the venue is not known to have: they are kept until it has them, or never had."""

from __future__ import annotations

from itertools import count
from typing import Final

from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.in_flight_order import InFlightOrder
from declconn.clock import Clock, pause
from declconn.connector.trading.background import Background
from declconn.connector.trading.cancel_requests import CancelRequests
from declconn.errors import DeclconnError, VenueError
from declconn.log import get_logger

logger = get_logger("declconn.orders")

RETRY: Final = 1.0
"""Seconds until a wish that came to nothing is tried again; twice as long each time."""

LONGEST: Final = 30.0
"""The most seconds."""


class CancelWishes:
    """Cancels orders one by one; those whose fate is unknown, or whose request is on its way, on first sight.

    Such a wish is kept with the order, so it outlives a restart, and whoever stops waiting.

    Args:
        requests: cancel.
        tracker: keeps the orders.
        background: cancels what is seen.
        clock: paces.
    """

    def __init__(
        self, requests: CancelRequests, *, tracker: ClientOrderTracker, background: Background, clock: Clock
    ) -> None:
        self._requests, self._tracker, self._background, self._clock = requests, tracker, background, clock
        self._busy: set[str] = set()

    async def one(self, order: InFlightOrder) -> None:
        """Cancel an order; as `CancelRequests.one`.

        Raises:
            NotSupportedError: the spec has no operation that cancels, or none that can name this order.
            UnknownOutcomeError: it may be cancelled, or the venue does not know it yet, and it is cancelled then.
            DeclconnError: the venue refused; the order is as it was.
        """
        if self._requests.operation and order.is_pending_create:
            self._tracker.keep_cancel_wish(order, is_wanted=True)
        self._busy.add(order.client_order_id)
        try:
            await self._requests.one(order)
        except VenueError:
            self._tracker.keep_cancel_wish(order, is_wanted=False)
            raise
        finally:
            self._busy.discard(order.client_order_id)
            self.see(order)

    def see(self, order: InFlightOrder) -> None:
        """An order is new, or has changed: cancel it if that is wanted, and the venue has it now."""
        key = order.client_order_id
        if order.is_cancel_wanted and order.is_working and key not in self._busy:
            self._busy.add(key)
            logger.info("%r was to be cancelled, and is now", order, extra=order.log_fields)
            self._background.add(self._grant(order), f"cancel {key}")

    async def _grant(self, order: InFlightOrder) -> None:
        try:
            for attempt in count():
                try:
                    await self._requests.one(order)
                    return
                except DeclconnError as error:
                    logger.warning("%r is not cancelled yet: %s", order, error, extra=order.log_fields)
                await self._clock.sleep(pause(attempt, RETRY, LONGEST))
        finally:
            self._busy.discard(order.client_order_id)
