"""What became of our orders, asked of the venue: the truth where streams are silent, and after every doubt."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.in_flight_order import InFlightOrder
from declconn.clock import Clock
from declconn.connector.trading.doubts import Doubts
from declconn.connector.trading.order_inquiries import OrderInquiries
from declconn.connector.trading.order_news import OrderNews
from declconn.errors import DeclconnError
from declconn.log import about, get_logger
from declconn.net.throttler import Priority
from declconn.records import OrderUpdate, TradeUpdate

logger = get_logger("declconn.orders")


CLOCKS_DIFFER: Final = 5 * 10**9
"""Nanoseconds by which a fill may seem older than its order."""


class Reconciliation:
    """Asks about orders: about some because there is a doubt, about all in regular rounds.

    Args:
        inquiries: asks the venue.
        tracker: keeps the orders.
        news: hears the answers, and the fills among them.
        pairs: the pairs whose open orders are of interest, whoever placed them.
        is_sending: an order whose request is on its way; asking about it says nothing.
        tells_filled: the venue says of an order how much of it is executed.
        missed: told what an answer brought that the user stream should have told.
        clock: paces.

    Attributes:
        doubts: looks at orders until their fate is known.
    """

    def __init__(
        self,
        inquiries: OrderInquiries,
        *,
        tracker: ClientOrderTracker,
        news: OrderNews,
        pairs: Callable[[], Iterable[str]],
        is_sending: Callable[[InFlightOrder], bool],
        tells_filled: bool,
        missed: Callable[[str], None],
        clock: Clock,
    ) -> None:
        self._inquiries, self._tracker, self._news = inquiries, tracker, news
        self._pairs, self._is_sending = pairs, is_sending
        self._tells_filled, self._missed = tells_filled, missed
        self._openings = self._caught_up = 0
        self._untold: set[str] = set()
        self._asking: Counter[str] = Counter()
        self.doubts = Doubts(self._look, clock)

    def start(self) -> None:
        """Look at what is doubtful."""
        self.doubts.start()

    async def stop(self) -> None:
        """Ask nothing more; doubts are kept."""
        await self.doubts.stop()
        await self._inquiries.stop()

    def pairs_of_orders(self) -> set[str]:
        """The markets, as far as the venue still lists them, where orders of ours may change."""
        pairs = {order.trading_pair for order in self._tracker.all_updatable_orders.values()}
        return pairs & self._inquiries.listed

    def streams_opened(self) -> None:
        """The user stream was closed before, so what the next whole round finds it could not tell."""
        self._openings += 1

    async def look_at_all(self) -> None:
        """One round: every order that may have changed, and every open order of our pairs, whoever placed it.

        Raises:
            DeclconnError: the open orders could not be asked for.
        """
        opening = self._openings
        self._tracker.save_again()
        asked = list(self._tracker.all_updatable_orders.values())
        listed = await self._listed()
        missing = [order for order in asked if order.client_order_id not in listed and not self._is_cared_for(order)]
        missing += self._tracker.unconfirmed_orders.values()
        looked_at = {order.client_order_id for order in missing}
        await asyncio.gather(*(self._look(order) for order in missing))
        others = [order for id_, order in self._tracker.all_fillable_orders.items() if id_ not in looked_at]
        await asyncio.gather(*(self._asked(order, self._fills) for order in others if self._may_lack_fills(order)))
        self._caught_up = opening

    def is_asked(self, order: InFlightOrder) -> bool:
        """Whether a question about it is to be answered yet, or waits to be sent."""
        return order.client_order_id in self._asking

    def _is_cared_for(self, order: InFlightOrder) -> bool:
        """Whether it is on its way, or looked at again and again until its fate is known: a round need not ask too."""
        return self._is_sending(order) or (order.fate_unknown and order in self.doubts)

    async def _look(self, order: InFlightOrder, priority: Priority = Priority.NORMAL) -> bool:
        """Ask for its state, and for its fills if there are more than we know; says whether there was an answer."""
        return await self._asked(order, self._state_and_fills, priority)

    async def _asked(
        self,
        order: InFlightOrder,
        question: Callable[[InFlightOrder, Priority], Awaitable[object]],
        priority: Priority = Priority.NORMAL,
    ) -> bool:
        before = _facts(order)
        key = order.client_order_id
        self._asking[key] += 1
        try:
            with about(**order.log_fields):
                await question(order, priority)
        except DeclconnError as error:
            logger.warning("%s: the venue was asked in vain: %s", key, error, extra=order.log_fields)
            return False
        finally:
            self._asking[key] -= 1
            if not self._asking[key]:
                del self._asking[key]
        self._compare(order, before)
        return True

    async def _state_and_fills(self, order: InFlightOrder, priority: Priority) -> None:
        answer = await self._inquiries.state(order, priority)
        if self._is_sending(order):
            return
        self._tracker.confirmed(order)
        if answer is not None:
            await self._answered(order, answer, priority)
            return
        await self._not_found(order, priority)

    async def _answered(self, order: InFlightOrder, answer: OrderUpdate, priority: Priority) -> None:
        had_id = order.exchange_order_id is not None
        self._news.take(answer, order)
        if answer.state is None and not had_id and order.exchange_order_id is not None:
            await self._state_and_fills(order, priority)  # where it waited tells its id; how it stands, that one tells
        elif self._may_lack_fills(order):
            await self._fills(order, priority)

    async def _not_found(self, order: InFlightOrder, priority: Priority) -> None:
        """The venue does not know an order, or it is not among the open ones.

        Venues forget orders sooner than trades, so before one is given up its fills are asked for.
        """
        is_known_alone = self._inquiries.can_ask_for(order)
        is_over = order.is_accepted and not is_known_alone
        if is_over or order.is_over_by_word or (is_known_alone and self._tracker.is_nearly_lost(order)):
            await self._fills(order, priority, is_forgotten=is_known_alone)
        elif not is_known_alone and await self._may_be_filled(order, priority):
            return
        self._tracker.process_order_not_found(order.client_order_id, is_over=is_over)

    async def _may_be_filled(self, order: InFlightOrder, priority: Priority) -> bool:
        """Whether an order that is not among the open ones may have arrived and be over.

        Only the venue's trades can tell: a fill of this market that belongs to no order that we know may be its.
        """
        fills = await self._fills(order, priority)
        may_be = (
            order.has_fills or not self._inquiries.tells_trades or any(self._may_be_of(order, fill) for fill in fills)
        )
        if may_be and order.fate_unknown and order.client_order_id not in self._untold:
            self._untold.add(order.client_order_id)
            logger.warning(
                "%s is not among the open orders, and nothing else tells whether it was executed; it is kept until "
                "somebody does (a spec with find_order, or an order_status by client id, could ask)",
                order,
                extra=order.log_fields,
            )
        return may_be

    def _may_be_of(self, order: InFlightOrder, fill: TradeUpdate) -> bool:
        known = self._tracker.fetch_order(fill.client_order_id, fill.exchange_order_id, fill.trading_pair)
        is_older = fill.timestamp is not None and fill.timestamp < order.creation_timestamp - CLOCKS_DIFFER
        return known is None and fill.trading_pair in (None, order.trading_pair) and not is_older

    async def _fills(
        self, order: InFlightOrder, priority: Priority, *, is_forgotten: bool = False
    ) -> list[TradeUpdate]:
        fills = await self._inquiries.fills(order, priority, is_forgotten=is_forgotten)
        for fill in fills:
            self._news.hear_fill(fill)
        return fills

    async def _listed(self) -> set[str]:
        """Ask for the open orders; returns the ids of those that are ours."""
        seen: set[str] = set()
        for news in await self._inquiries.open_orders(self.pairs_of_orders().union(self._pairs())):
            order = self._tracker.fetch_order(news.client_order_id, news.exchange_order_id, news.trading_pair)
            if order is None:
                order = self._news.hear(news)
            else:
                before = _facts(order)
                self._news.take(news, order)
                self._compare(order, before)
            if order is not None:
                seen.add(order.client_order_id)
        return seen

    def _compare(self, order: InFlightOrder, before: Sequence[Any]) -> None:
        """Say so if an answer changed what was known, which the user stream should have told.

        That an order is given up, no stream tells.
        """
        if not order.is_lost and _facts(order) != before and self._caught_up == self._openings:
            self._missed(f"that {order!r} changed")

    def _may_lack_fills(self, order: InFlightOrder) -> bool:
        """Whether there may be fills that we do not know."""
        return order.is_missing_fills if self._tells_filled else not order.is_pending_create


def _facts(order: InFlightOrder) -> Sequence[Any]:
    """What the user stream tells when it changes."""
    return order.state, order.filled_by_venue, len(order.order_fills)
