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
from declconn.account.order_store import AccountStore
from declconn.account.positions import PerpetualTrading
from declconn.account.trade_fee import TradeFeeBase
from declconn.compile.assets import Assets
from declconn.connector.market_data import Parts
from declconn.connector.market_prices import MarketPrices
from declconn.connector.trading.account_parts import new_ids
from declconn.connector.trading.background import Background
from declconn.connector.trading.cancel_requests import CancelRequests
from declconn.connector.trading.cancel_wishes import CancelWishes
from declconn.connector.trading.cancels import Cancels
from declconn.connector.trading.new_orders import NewOrders
from declconn.connector.trading.order_arguments import OrderArguments
from declconn.connector.trading.order_inquiries import OrderInquiries
from declconn.connector.trading.order_news import OrderNews
from declconn.connector.trading.orders import Orders
from declconn.connector.trading.reconciliation import Reconciliation
from declconn.connector.trading.venue_tells import tells_filled
from declconn.records import TradeUpdate
from declconn.types import PositionMode


@dataclass(frozen=True, slots=True)
class OrderParts:
    """Everything about orders.

    Attributes:
        tracker: keeps them.
        new_orders: makes them.
        orders: places and amends them.
        cancels: cancels them.
        reconciliation: asks what became of them.
        news: hears what is told of them, and every fill of the account.
    """

    tracker: ClientOrderTracker
    new_orders: NewOrders
    orders: Orders
    cancels: Cancels
    reconciliation: Reconciliation
    news: OrderNews


def build_orders(
    parts: Parts,
    *,
    store: AccountStore,
    assets: Assets,
    balances: Balances,
    fees: FeeSchedule,
    perpetual: PerpetualTrading | None,
    background: Background,
    tell: Callable[[Any], None],
    missed: Callable[[str], None],
) -> OrderParts:
    """What becomes of orders, from their making to their end.

    Args:
        parts: the connector's.
        store: where orders and fills are kept.
        assets: the venue's names of them.
        balances: hear how orders use them.
        fees: what fills cost.
        perpetual: the account's position mode; ``None`` on a spot venue.
        background: owns what nobody waits for.
        tell: hears every event.
        missed: told what the user stream should have told.
    """
    spec, clock, operations = parts.spec, parts.clock, parts.operations
    prices = MarketPrices(lambda: parts.order_book_tracker.order_books)
    arguments = OrderArguments(
        spec,
        parts.symbols,
        assets,
        position_mode=lambda: perpetual.position_mode if perpetual else PositionMode.ONEWAY,
        through_book=prices.through,
    )

    def hear_change(order: InFlightOrder) -> None:
        balances.on_order(order)
        wishes.see(order)
        news.see(order)

    def fee_of(order: InFlightOrder, fill: TradeUpdate) -> TradeFeeBase:
        return fees.fee_of_fill(fill, order.trading_pair, order.trade_type, order.position)

    tracker = ClientOrderTracker(
        clock=clock,
        store=store,
        trigger_event=tell,
        fee_of=fee_of,
        want_fills=lambda order: reconciliation.doubts.add_unless_filled(order),
        is_asked=lambda order: reconciliation.is_asked(order),
        on_change=hear_change,
    )
    news = OrderNews(tracker, ForcedCloses(find=tracker.fetch_order, clock=clock, tell=tell))
    new_orders = NewOrders(
        spec.orders,
        symbols=parts.symbols,
        prices=prices,
        ids=new_ids(parts),
        is_used=lambda client_order_id: tracker.fetch_order(client_order_id) is not None,
        clock=clock,
    )
    orders = Orders(
        operations=operations,
        tracker=tracker,
        new=new_orders,
        arguments=arguments,
        symbols=parts.symbols,
        look_at=lambda order: reconciliation.doubts.add(order),
        want_end=lambda order: reconciliation.doubts.add_unless_over(order),
        background=background,
    )
    requests = CancelRequests(
        operations=operations,
        tracker=tracker,
        arguments=arguments,
        ends_at_once=spec.orders is not None and spec.orders.cancel == "sync",
        until_sent=orders.until_sent,
        look_at=lambda order: reconciliation.doubts.add(order),
    )
    wishes = CancelWishes(requests, tracker=tracker, background=background, clock=clock)
    cancels = Cancels(requests, wishes, operations=operations, tracker=tracker, symbols=parts.symbols, clock=clock)
    reconciliation = Reconciliation(
        OrderInquiries(operations, arguments, parts.symbols, clock),
        tracker=tracker,
        news=news,
        pairs=lambda: parts.order_book_tracker.order_books,
        is_sending=orders.is_sending,
        tells_filled=tells_filled(spec),
        missed=missed,
        clock=clock,
    )
    return OrderParts(tracker, new_orders, orders, cancels, reconciliation, news)
