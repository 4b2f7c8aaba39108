"""What a connector with credentials is made of, besides market data: from top to bottom, an account."""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import Any

from declconn.account.events import OrderFilledEvent
from declconn.account.order_store import AccountStore
from declconn.compile.assets import Assets
from declconn.connector.feed.lines import Dial
from declconn.connector.feed.streams import Streams
from declconn.connector.market_data import Parts
from declconn.connector.settings import how_to_give_credentials
from declconn.connector.shared import Shared
from declconn.connector.trading.account import Account
from declconn.connector.trading.account_parts import (
    ask_funding,
    ask_holdings,
    ask_seldom,
    new_balances,
    new_fees,
    new_perpetual,
    new_switch,
    new_terms,
    new_user_stream,
)
from declconn.connector.trading.background import Background
from declconn.connector.trading.build_orders import build_orders
from declconn.connector.trading.inquiries import Inquiries
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.connector.trading.upkeep import Upkeep
from declconn.connector.trading.venue_tells import emits, tells_holdings
from declconn.credentials import Credentials
from declconn.records import BalanceUpdate
from declconn.spec import Spec


def why_no_account(spec: Spec, credentials: Credentials, settings: TradingSettings | None) -> str | None:
    """Why a connector has no account, for its user; ``None`` if it has one."""
    if "place_order" not in spec.endpoints or spec.orders is None:
        return "its spec is for market data: it does not say how orders are placed"
    if not credentials:
        return how_to_give_credentials(spec)
    return "it was connected with trading=False" if settings is None else None


def build_account(
    parts: Parts,
    *,
    settings: TradingSettings,
    store: AccountStore,
    assets: Assets,
    streams: Streams,
    shared: Shared,
    dial: Dial | None,
) -> Account:
    """The account of a connector whose spec has trading and whose user has credentials.

    Args:
        parts: the connector's.
        settings: what the user chose.
        store: where orders and fills are kept.
        assets: the venue's names of them.
        streams: the venue's.
        shared: what their connections share.
        dial: puts them on sockets; ``None`` offline.

    Raises:
        ConfigurationError: the user wants what the spec does not offer.
    """
    spec, clock, operations = parts.spec, parts.clock, parts.operations
    perpetual = new_perpetual(parts)
    fees = new_fees(parts, settings)
    balances = new_balances(
        parts,
        fees,
        orders=lambda: order_parts.tracker.active_orders.values(),
        ask=lambda: upkeep.changed(["account_balance"]),
    )
    told: Counter[str] = Counter()

    def tell(event: Any) -> None:
        told[type(event).__name__] += 1
        if isinstance(event, OrderFilledEvent):
            balances.on_fill(event)
            upkeep.changed(moved_by_fills)
        parts.listeners.publish(event)

    def hear_balance(update: BalanceUpdate) -> None:
        balances.apply(update)
        if update.delta is not None:  # changes add up to the truth only as long as none is missed
            upkeep.changed(["account_balance"])

    def missed(what: str) -> None:
        if user_stream is not None and "order_update" in emits(spec):
            user_stream.missed(what)

    background = Background(spec.name)
    order_parts = build_orders(
        parts,
        store=store,
        assets=assets,
        balances=balances,
        fees=fees,
        perpetual=perpetual,
        background=background,
        tell=tell,
        missed=missed,
    )
    reconciliation = order_parts.reconciliation
    inquiries = Inquiries(operations, balances=balances, fees=fees, perpetual=perpetual)

    def streams_opened() -> None:
        reconciliation.streams_opened()
        upkeep.want()

    def silent_for() -> float:
        return user_stream.silent_for() if user_stream is not None and user_stream.connected else inf

    user_stream = new_user_stream(parts, streams, shared, dial, streams_opened)
    holdings = ask_holdings(parts, inquiries)
    moved_by_fills = () if tells_holdings(spec) else tuple(holdings)
    upkeep = Upkeep(
        spec.name,
        rounds={"orders": reconciliation.look_at_all, **holdings},
        seldom=ask_seldom(parts, inquiries),
        silent_for=silent_for,
        progress=parts.progress,
        clock=clock,
    )
    parts.dispatch.hand("order_update", order_parts.news.hear)
    parts.dispatch.hand("trade_update", order_parts.news.hear_fill)
    parts.dispatch.hand("balance_update", hear_balance)
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
        store=store,
        tracker=order_parts.tracker,
        new_orders=order_parts.new_orders,
        orders=order_parts.orders,
        cancels=order_parts.cancels,
        reconciliation=reconciliation,
        balances=balances,
        fees=fees,
        perpetual=perpetual,
        terms=new_terms(parts, assets, perpetual),
        inquiries=inquiries,
        user_stream=user_stream,
        upkeep=upkeep,
        funding=ask_funding(parts, store),
        switch=new_switch(parts, settings),
        background=background,
        told=told,
    )
