"""Orders in user streams whose terms take more than a plain path, as the shipped specs read them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from declconn.records import OrderUpdate, TradingRule
from declconn.testing import OfflineConnector
from declconn.types import OrderState, Side

D = Decimal


def news(spec: str, rule: TradingRule, frame: Any) -> list[OrderUpdate]:
    """What a frame of the user stream tells of orders."""
    venue = OfflineConnector(spec)
    venue.exchange.parts.symbols.update([rule])
    venue.on_frame("user", json.dumps(frame))
    assert not venue.exchange.parts.complaints.counts
    return [event for event in venue.events if isinstance(event, OrderUpdate)]


def coinbase(**changes: Any) -> OrderUpdate:
    row = {
        "order_id": "a1", "client_order_id": "11111-1", "product_id": "BTC-USD", "order_side": "BUY", "status": "OPEN",
        "cumulative_quantity": "0.1", "leaves_quantity": "0.3", "limit_price": "68900.5", "order_type": "Limit",
        **changes,
    }  # fmt: skip
    frame = {
        "channel": "user", "client_id": "", "timestamp": "2026-04-07T14:30:06.000000Z", "sequence_num": 0,
        "events": [{"type": "snapshot", "orders": [row]}],
    }  # fmt: skip
    (update,) = news("coinbase_advanced_trade", TradingRule("BTC-USD", "BTC", "USD"), frame)
    return update


def test_what_is_filled_and_what_is_left_make_the_amount_of_an_open_order() -> None:
    update = coinbase()
    assert (update.side, update.amount, update.filled, update.price) == (Side.BUY, D("0.4"), D("0.1"), D("68900.5"))


def test_nothing_is_left_of_an_order_that_was_cancelled_and_its_amount_is_not_what_was_filled() -> None:
    update = coinbase(status="CANCELLED", leaves_quantity="0")
    assert (update.state, update.amount, update.filled) == (OrderState.CANCELED, None, D("0.1"))


@pytest.mark.parametrize(("size", "side"), [(3, Side.BUY), (-3, Side.SELL)])
def test_the_sign_of_a_size_is_a_side(size: int, side: Side) -> None:
    row = {
        "id": 4872460, "contract": "BTC_USDT", "create_time_ms": 1628736847325, "finish_as": "_new", "status": "open",
        "size": size, "left": size, "price": "40000.4", "text": "web", "tif": "gtc", "is_reduce_only": False,
    }  # fmt: skip
    frame = {"time": 1628736847, "channel": "futures.orders", "event": "update", "error": None, "result": [row]}
    (update,) = news("gate_io_perpetual", TradingRule("BTC_USDT", "BTC", "USDT", contract_size=D("0.0001")), frame)
    assert (update.side, update.amount, update.price) == (side, D("0.0003"), D("40000.4"))


@pytest.mark.parametrize(("word", "side"), [("A", Side.SELL), ("B", Side.BUY)])
def test_the_letters_of_the_two_sides(word: str, side: Side) -> None:
    order = {
        "coin": "BTC", "side": word, "limitPx": "95000.0", "sz": "0.01", "oid": 1, "timestamp": 1681247412573,
        "origSz": "0.02", "cloid": None,
    }  # fmt: skip
    row = {"order": order, "status": "open", "statusTimestamp": 1681247412573}
    (update,) = news(
        "hyperliquid_perpetual", TradingRule("BTC", "BTC", "USD"), {"channel": "orderUpdates", "data": [row]}
    )
    assert (update.client_order_id, update.side, update.amount, update.price) == (None, side, D("0.02"), D(95000))


def test_orders_without_an_id_of_their_owner_do_not_share_one() -> None:
    rows = [
        {
            "order_id": order_id, "order_userref": 0, "symbol": "BTC/USD", "order_qty": 0.5, "cum_qty": 0,
            "limit_price": 26500.0, "side": "buy", "order_status": "new", "timestamp": "2023-09-22T10:33:05.709950Z",
        }
        for order_id in ("OK4GJX", "OYEQF4")
    ]  # fmt: skip
    frame = {"channel": "executions", "type": "snapshot", "data": rows, "sequence": 1}
    found = news("kraken", TradingRule("XBTUSD", "BTC", "USD", aliases=("XBT/USD",)), frame)
    assert [(order.client_order_id, order.exchange_order_id) for order in found] == [(None, "OK4GJX"), (None, "OYEQF4")]
