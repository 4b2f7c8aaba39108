"""What a connector with credentials is made of, besides market data: from top to bottom, an account."""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import Any

from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.events import OrderFilledEvent
from declconn.account.forced_closes import ForcedCloses
from declconn.account.in_flight_order import InFlightOrder
from declconn.account.trade_fee import TradeFeeBase
from declconn.connector.market_prices import MarketPrices
from declconn.connector.settings import how_to_give_credentials
from declconn.connector.trading.account import Account
from declconn.connector.trading.account_rooms import (
    Around,
    ask_funding,
    ask_holdings,
    ask_seldom,
    new_balances,
    new_fees,
    new_ids,
    new_perpetual,
    new_switch,
    new_terms,
    new_user_stream,
)
from declconn.connector.trading.background import Background
from declconn.connector.trading.cancel_requests import CancelRequests
from declconn.connector.trading.cancel_wishes import CancelWishes
from declconn.connector.trading.cancels import Cancels
from declconn.connector.trading.doubts import Doubts
from declconn.connector.trading.inquiries import Inquiries
from declconn.connector.trading.order_arguments import OrderArguments
from declconn.connector.trading.order_inquiries import OrderInquiries
from declconn.connector.trading.orders import Orders
from declconn.connector.trading.reconciliation import Reconciliation
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.connector.trading.upkeep import Upkeep
from declconn.connector.trading.venue_tells import emits, tells_filled, tells_holdings
from declconn.credentials import Credentials
from declconn.records import TradeUpdate
from declconn.spec import Spec
from declconn.types import PositionMode


def why_no_account(spec: Spec, credentials: Credentials, settings: TradingSettings | None) -> str | None:
    """Why a connector has no account, for its user; ``None`` if it has one."""
    if "place_order" not in spec.endpoints or spec.orders is None:
        return "its spec is for market data: it does not say how orders are placed"
    if not credentials:
        return how_to_give_credentials(spec)
    return "it was connected with trading=False" if settings is None else None


def build_account(around: Around) -> Account:
    """The account of a connector whose spec has trading and whose user has credentials.

    Raises:
        ConfigurationError: the user wants what the spec does not offer.
    """
    parts, settings = around.parts, around.settings
    spec, clock, operations = parts.spec, parts.clock, parts.operations
    prices = MarketPrices(lambda: parts.order_book_tracker.order_books)
    perpetual = new_perpetual(parts)
    arguments = OrderArguments(
        spec,
        parts.symbols,
        around.assets,
        position_mode=lambda: perpetual.position_mode if perpetual else PositionMode.ONEWAY,
        through_book=prices.through,
    )
    fees = new_fees(parts, settings)
    balances = new_balances(parts, fees, lambda: tracker.active_orders.values())

    told: Counter[str] = Counter()

    def tell(event: Any) -> None:
        told[type(event).__name__] += 1
        if isinstance(event, OrderFilledEvent):
            balances.on_fill(event)
            upkeep.hear_fill()
        parts.listeners.publish(event)

    def hear_change(order: InFlightOrder) -> None:
        balances.on_order(order)
        cancel_wishes.see(order)

    def fee_of(order: InFlightOrder, fill: TradeUpdate) -> TradeFeeBase:
        return fees.fee_of_fill(fill, order.trading_pair, order.trade_type, order.position)

    background = Background(spec.name)
    tracker = ClientOrderTracker(
        clock=clock,
        store=around.store,
        trigger_event=tell,
        fee_of=fee_of,
        want_fills=lambda order: reconciliation.want_fills(order),
        on_change=hear_change,
    )
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
    cancel_requests = CancelRequests(
        operations=operations,
        tracker=tracker,
        arguments=arguments,
        ends_at_once=spec.orders is not None and spec.orders.cancel == "sync",
        until_sent=orders.until_sent,
        look_at=lambda order: reconciliation.look_at(order),
        confirm=lambda order: reconciliation.confirm(order),
        clock=clock,
    )
    cancel_wishes = CancelWishes(cancel_requests, tracker=tracker, background=background, clock=clock)
    cancels = Cancels(
        cancel_requests,
        cancel_wishes,
        operations=operations,
        tracker=tracker,
        symbols=parts.symbols,
        clock=clock,
    )
    forced_closes = ForcedCloses(find=tracker.fetch_order, clock=clock, tell=tell)

    def hear_fill(fill: TradeUpdate) -> None:
        tracker.process_trade_update(fill)
        forced_closes.hear(fill)

    reconciliation = Reconciliation(
        OrderInquiries(operations, arguments, parts.symbols, clock),
        tracker=tracker,
        hear_fill=hear_fill,
        pairs=lambda: parts.order_book_tracker.order_books,
        is_sending=orders.is_sending,
        tells_filled=tells_filled(spec),
        missed=lambda what: user_stream.missed(what) if user_stream and "order_update" in emits(spec) else None,
        doubts=lambda look: Doubts(look, clock),
    )
    inquiries = Inquiries(operations, balances=balances, fees=fees, perpetual=perpetual)

    def streams_opened() -> None:
        reconciliation.streams_opened()
        upkeep.want()

    user_stream = new_user_stream(around, streams_opened)
    holdings = ask_holdings(parts, inquiries)
    upkeep = Upkeep(
        spec.name,
        rounds={"orders": reconciliation.look_at_all, **holdings},
        seldom=ask_seldom(parts, inquiries),
        after_fills=() if tells_holdings(spec) else holdings,
        silent_for=user_stream.silent_for if user_stream else lambda: inf,
        progress=parts.progress,
        clock=clock,
    )
    parts.dispatch.hand("order_update", reconciliation.hear)
    parts.dispatch.hand("trade_update", hear_fill)
    parts.dispatch.hand("balance_update", balances.apply)
    if perpetual is not None:
        parts.dispatch.hand("position_update", perpetual.apply)
        parts.polls.hand("positions", inquiries.positions)
    parts.polls.hand("balances", inquiries.balances)
    for operation in ("open_orders", "recent_trades"):
        parts.polls.hand(operation, reconciliation.look_at_all)
    for asset, limit in settings.asset_limits.items():
        balances.set_limit(asset, limit)
    return Account(
        settings=settings,
        store=around.store,
        tracker=tracker,
        orders=orders,
        cancels=cancels,
        reconciliation=reconciliation,
        balances=balances,
        fees=fees,
        perpetual=perpetual,
        terms=new_terms(around, perpetual),
        inquiries=inquiries,
        user_stream=user_stream,
        upkeep=upkeep,
        funding=ask_funding(around),
        switch=new_switch(parts, settings),
        background=background,
        told=told,
    )
