"""What became of our orders, asked of the venue: the truth where streams are silent, and after every doubt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import count
from typing import Any, Final

import msgspec

from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.in_flight_order import InFlightOrder
from declconn.clock import Clock
from declconn.compile.template import Time
from declconn.connector.operations import Operations
from declconn.connector.order_arguments import OrderArguments
from declconn.connector.symbols import Symbols
from declconn.errors import DeclconnError, VenueError
from declconn.records import OrderUpdate
from declconn.types import OrderState

logger = logging.getLogger("declconn.orders")

AT_ONCE: Final = 8
"""Orders that are asked about at the same time; the throttler paces them further."""

MARGIN: Final = 60 * 10**9
"""Nanoseconds before an order's creation from which recent trades are asked: clocks differ."""

RETRY: Final = 1.0
"""Seconds until a doubt is looked at again; twice as long each time, at most `LONGEST`."""

LONGEST: Final = 30.0

FILLS_TIME: Final = 1.0
"""Seconds that the user stream has for a fill that the venue counts already, before it is asked for."""

LIVING: Final = frozenset({OrderState.OPEN, OrderState.PARTIALLY_FILLED})

TRIES_FOR_FILLS: Final = 5
"""So often fills that the venue counts but does not show are asked for at once; regular rounds go on."""


class Reconciliation:
    """Asks about orders: about some because there is a doubt, about all in regular rounds.

    A doubt is an order whose request was not answered, whose cancel was not answered, or of which the venue has
    executed more than the fills that we know. It is looked at until it is resolved.

    Args:
        operations: how the venue is asked.
        tracker: hears the answers.
        arguments: orders in the venue's words.
        symbols: the venue's markets.
        pairs: the pairs whose open orders are of interest, whoever placed them.
        is_sending: an order whose request is on its way; asking about it would say nothing.
        tells_filled: the venue says of an order how much of it is executed.
        missed: told what a round found that the user stream should have told.
        clock: paces.
    """

    def __init__(
        self,
        *,
        operations: Operations,
        tracker: ClientOrderTracker,
        arguments: OrderArguments,
        symbols: Symbols,
        pairs: Callable[[], Iterable[str]],
        is_sending: Callable[[InFlightOrder], bool],
        tells_filled: bool,
        missed: Callable[[str], None],
        clock: Clock,
    ) -> None:
        self._operations, self._tracker, self._arguments = operations, tracker, arguments
        self._symbols, self._pairs, self._is_sending, self._clock = symbols, pairs, is_sending, clock
        self._tells_filled, self._missed = tells_filled, missed
        self._doubts: dict[str, asyncio.Task[None] | None] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._running = False

    def start(self) -> None:
        """Begin to ask; doubts that came before are looked at now."""
        self._running = True
        for client_order_id in list(self._doubts):
            self._begin(client_order_id, 0)

    async def stop(self) -> None:
        """Ask nothing more; doubts are kept."""
        self._running = False
        tasks = [task for task in self._doubts.values() if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def look_at(self, order: InFlightOrder, after: float = 0) -> None:
        """Ask what became of this order, now or after some seconds."""
        if self._doubts.get(order.client_order_id) is None:
            self._doubts[order.client_order_id] = None
            if self._running:
                self._begin(order.client_order_id, after)

    def want_fills(self, order: InFlightOrder) -> None:
        """Fills of this order did not come; they may be on their way."""
        self.look_at(order, FILLS_TIME)

    def hear(self, news: OrderUpdate) -> InFlightOrder | None:
        """Take news of any order; returns the order if it is known. One that somebody else placed is known from now."""
        order = self._tracker.fetch_order(news.client_order_id, news.exchange_order_id, news.trading_pair)
        if order is not None:
            self._take(news, order)
        elif news.state in LIVING and not self._may_be_ours(news):
            order = self._tracker.start_tracking_external(news)
        else:
            self._tracker.process_order_update(news)
        return order

    async def look_at_all(self) -> None:
        """One round: every order that may have changed, and every open order of our pairs, whoever placed it.

        Raises:
            DeclconnError: the open orders could not be asked for.
        """
        asked = list(self._tracker.all_updatable_orders.values())
        before = [(order, order.state, order.filled_by_venue) for order in asked]
        listed = await self._open_orders()
        missing = [order for order in asked if order.client_order_id not in listed and not self._is_sending(order)]
        await asyncio.gather(*(self._look(order) for order in missing))
        incomplete = [order for order in asked if order.client_order_id in listed and self._may_lack_fills(order)]
        await asyncio.gather(*(self._look_for_fills(order) for order in incomplete))
        for order, state, filled in before:
            if (order.state, order.filled_by_venue) != (state, filled):
                self._missed(f"that {order} changed")

    def _begin(self, client_order_id: str, after: float) -> None:
        task = asyncio.create_task(self._settle(client_order_id, after), name=f"order {client_order_id}")
        self._doubts[client_order_id] = task
        task.add_done_callback(lambda _task: self._doubts.pop(client_order_id, None) if self._running else None)

    async def _settle(self, client_order_id: str, delay: float) -> None:
        if delay:
            await self._clock.sleep(delay)
        for attempt in count():
            order = self._tracker.fetch_order(client_order_id)
            if order is None or (delay and not attempt and not order.is_missing_fills):
                return
            answered = await self._look(order)
            if answered and not order.fate_unknown and not (order.is_missing_fills and attempt < TRIES_FOR_FILLS):
                return
            await self._clock.sleep(min(RETRY * 2**attempt, LONGEST))

    async def _look(self, order: InFlightOrder) -> bool:
        """Ask for its state, and for its fills if there are more than we know; says whether there was an answer."""
        return await self._asked(order, self._state, self._fills)

    async def _look_for_fills(self, order: InFlightOrder) -> None:
        await self._asked(order, self._fills)

    async def _asked(self, order: InFlightOrder, *questions: Callable[[InFlightOrder], Awaitable[None]]) -> bool:
        async with self._turn:
            try:
                for ask in questions:
                    await ask(order)
            except DeclconnError as error:
                logger.warning("%s: the venue was asked in vain: %s", order.client_order_id, error)
                return False
            return True

    async def _state(self, order: InFlightOrder) -> None:
        try:
            answers = await self._ask_for(order)
        except VenueError as error:
            if error.kind != "order_not_found":
                raise
            answers = []
        answer = next((answer for answer in answers if names(answer, order)), None)
        if self._is_sending(order):
            return
        if answer is None:
            self._tracker.process_order_not_found(order.client_order_id)
        else:
            self._take(answer, order)

    async def _ask_for(self, order: InFlightOrder) -> list[OrderUpdate]:
        """What the venue says of one order, by whichever operation can name it."""
        for operation in ("order_status", "find_order"):
            if operation in self._operations and self._arguments.can_name(operation, order):
                return await self._operations.call(operation, self._arguments.naming(order))
        return await self._operations.call("open_orders", self._symbols.arguments(order.trading_pair))

    async def _fills(self, order: InFlightOrder) -> None:
        """Ask for the fills of an order, if there may be more than we know."""
        if not self._may_lack_fills(order):
            return
        if "order_trades" in self._operations and self._arguments.can_name("order_trades", order):
            fills = await self._operations.call("order_trades", self._arguments.naming(order))
        elif "recent_trades" in self._operations:
            since = Time(order.creation_timestamp - MARGIN)
            market = self._symbols.arguments(order.trading_pair)
            fills = await self._operations.call("recent_trades", {**market, "since": since})
        else:
            return
        for fill in fills:
            self._tracker.process_trade_update(fill)

    async def _open_orders(self) -> set[str]:
        """Ask for the open orders; returns the ids of those that are ours."""
        if "open_orders" not in self._operations:
            return set()
        seen: set[str] = set()
        for arguments in self._questions():
            for answer in await self._operations.call("open_orders", arguments):
                order = self.hear(answer)
                if order is not None:
                    seen.add(order.client_order_id)
        return seen

    def _questions(self) -> list[Mapping[str, Any]]:
        if not self._operations.is_about_one_market("open_orders"):
            return [{}]
        ours = {order.trading_pair for order in self._tracker.all_updatable_orders.values()}
        return [self._symbols.arguments(pair) for pair in sorted(ours.union(self._pairs()))]

    def _may_be_ours(self, news: OrderUpdate) -> bool:
        """Whether it may be an order of ours whose id at the venue is not known yet."""
        return news.client_order_id is None and any(
            order.exchange_order_id is None and news.trading_pair in (None, order.trading_pair)
            for order in self._tracker.active_orders.values()
        )

    def _may_lack_fills(self, order: InFlightOrder) -> bool:
        """Whether there may be fills that we do not know."""
        return order.is_missing_fills if self._tells_filled else not order.is_pending_create

    def _take(self, answer: OrderUpdate, order: InFlightOrder) -> None:
        """A good answer; the venue knows the order."""
        self._tracker.found(order.client_order_id)
        self._tracker.process_order_update(msgspec.structs.replace(answer, client_order_id=order.client_order_id))


def names(answer: OrderUpdate, order: InFlightOrder) -> bool:
    """Whether an answer is about this order."""
    if answer.client_order_id is not None and answer.client_order_id == order.client_order_id:
        return True
    return answer.exchange_order_id is not None and answer.exchange_order_id == order.exchange_order_id
