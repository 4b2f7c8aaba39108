"""What an account's orders are made of: who keeps them, who places and cancels them, who asks what became of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from declconn.account.balances import Balances
from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.fee_schedule import FeeSchedule
from declconn.account.forced_closes import ForcedCloses
from declconn.account.in_flight_order import InFlightOrder
from declconn.account.positions import PerpetualTrading
from declconn.account.trade_fee import TradeFeeBase
from declconn.connector.market_prices import MarketPrices
from declconn.connector.trading.account_rooms import Around, new_ids
from declconn.connector.trading.background import Background
from declconn.connector.trading.cancel_requests import CancelRequests
from declconn.connector.trading.cancel_wishes import CancelWishes
from declconn.connector.trading.cancels import Cancels
from declconn.connector.trading.doubts import Doubts
from declconn.connector.trading.order_arguments import OrderArguments
from declconn.connector.trading.order_inquiries import OrderInquiries
from declconn.connector.trading.orders import Orders
from declconn.connector.trading.reconciliation import Reconciliation
from declconn.connector.trading.venue_tells import tells_filled
from declconn.records import TradeUpdate
from declconn.types import PositionMode


@dataclass(frozen=True, slots=True)
class OrderRooms:
    """Everything about orders.

    Attributes:
        tracker: keeps them.
        orders: places and amends them.
        cancels: cancels them.
        reconciliation: asks what became of them; hears what streams tell of them.
        hear_fill: hears every fill of the account.
    """

    tracker: ClientOrderTracker
    orders: Orders
    cancels: Cancels
    reconciliation: Reconciliation
    hear_fill: Callable[[TradeUpdate], None]


def build_orders(
    around: Around,
    *,
    balances: Balances,
    fees: FeeSchedule,
    perpetual: PerpetualTrading | None,
    background: Background,
    tell: Callable[[Any], None],
    missed: Callable[[str], None],
) -> OrderRooms:
    """The rooms of orders.

    Args:
        around: what the account stands on.
        balances: hear how orders use them.
        fees: what fills cost.
        perpetual: the account's position mode; ``None`` on a spot venue.
        background: owns what nobody waits for.
        tell: hears every event.
        missed: told what the user stream should have told.
    """
    parts = around.parts
    spec, clock, operations = parts.spec, parts.clock, parts.operations
    prices = MarketPrices(lambda: parts.order_book_tracker.order_books)
    arguments = OrderArguments(
        spec,
        parts.symbols,
        around.assets,
        position_mode=lambda: perpetual.position_mode if perpetual else PositionMode.ONEWAY,
        through_book=prices.through,
    )

    def hear_change(order: InFlightOrder) -> None:
        balances.on_order(order)
        wishes.see(order)

    def fee_of(order: InFlightOrder, fill: TradeUpdate) -> TradeFeeBase:
        return fees.fee_of_fill(fill, order.trading_pair, order.trade_type, order.position)

    tracker = ClientOrderTracker(
        clock=clock,
        store=around.store,
        trigger_event=tell,
        fee_of=fee_of,
        want_fills=lambda order: reconciliation.want_fills(order),
        on_change=hear_change,
    )
    forced_closes = ForcedCloses(find=tracker.fetch_order, clock=clock, tell=tell)

    def hear_fill(fill: TradeUpdate) -> None:
        tracker.process_trade_update(fill)
        forced_closes.hear(fill)

    orders = Orders(
        operations=operations,
        tracker=tracker,
        arguments=arguments,
        ids=new_ids(parts),
        symbols=parts.symbols,
        types=frozenset(spec.orders.types if spec.orders else ()),
        clock=clock,
        prices=prices,
        look_at=lambda order: reconciliation.look_at(order),
        want_end=lambda order: reconciliation.want_end(order),
        background=background,
    )
    requests = CancelRequests(
        operations=operations,
        tracker=tracker,
        arguments=arguments,
        ends_at_once=spec.orders is not None and spec.orders.cancel == "sync",
        until_sent=orders.until_sent,
        look_at=lambda order: reconciliation.look_at(order),
        confirm=lambda order: reconciliation.confirm(order),
        clock=clock,
    )
    wishes = CancelWishes(requests, tracker=tracker, background=background, clock=clock)
    cancels = Cancels(requests, wishes, operations=operations, tracker=tracker, symbols=parts.symbols, clock=clock)
    reconciliation = Reconciliation(
        OrderInquiries(operations, arguments, parts.symbols, clock),
        tracker=tracker,
        hear_fill=hear_fill,
        pairs=lambda: parts.order_book_tracker.order_books,
        is_sending=orders.is_sending,
        tells_filled=tells_filled(spec),
        missed=missed,
        doubts=lambda look: Doubts(look, clock),
    )
    return OrderRooms(tracker, orders, cancels, reconciliation, hear_fill)
