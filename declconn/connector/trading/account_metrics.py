"""What the account of a connector counts, as samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from declconn.clock import Clock
from declconn.connector.metrics import of_streams
from declconn.connector.trading.account import Account
from declconn.metrics import Metric, Sample

ORDERS: Final = Metric(
    "declconn_orders", "gauge", "Orders that are active; that are lost; whose fate is unknown, which are active too."
)
ORDER_EVENTS: Final = Metric("declconn_order_events_total", "counter", "Events about orders that were told, by class.")
ORDER_DOUBTS: Final = Metric("declconn_order_doubts", "gauge", "Orders that the venue is being asked about.")
USER_STREAM_CONNECTED: Final = Metric(
    "declconn_user_stream_connected", "gauge", "Whether every private stream is open, logged in and subscribed."
)
USER_STREAM_SILENCE: Final = Metric(
    "declconn_user_stream_silence_seconds", "gauge", "Since the last news of the account on a private stream."
)
UPKEEP_TROUBLES: Final = Metric(
    "declconn_upkeep_troubles", "gauge", "Things asked for in rounds (balances, orders, ...) that cannot be asked now."
)


def of_account(venue: str, account: Account, clock: Clock) -> Iterator[Sample]:
    """Orders, the user stream, and what is asked in rounds."""
    yield from _of_orders(venue, account)
    stream = account.user_stream
    if stream is not None:
        yield from of_streams(venue, stream.data_source.lines, clock)
        yield USER_STREAM_CONNECTED.sample(stream.connected, venue=venue)
        yield USER_STREAM_SILENCE.sample(stream.silent_for(), venue=venue)
    yield UPKEEP_TROUBLES.sample(len(account.upkeep.troubles), venue=venue)


def _of_orders(venue: str, account: Account) -> Iterator[Sample]:
    active = account.tracker.active_orders
    counts = {
        "active": len(active),
        "lost": len(account.tracker.lost_orders),
        "fate_unknown": sum(order.fate_unknown for order in active.values()),
    }
    for state, count in counts.items():
        yield ORDERS.sample(count, venue=venue, state=state)
    for event, count in list(account.told.items()):
        yield ORDER_EVENTS.sample(count, venue=venue, event=event)
    yield ORDER_DOUBTS.sample(len(account.reconciliation.doubts), venue=venue)
