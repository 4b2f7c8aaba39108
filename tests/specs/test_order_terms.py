"""What venues tell of orders that wait for a price, and of such as do not wait at all, as the shipped specs read it.

The payloads are written by hand from the documentation of each venue; ids and numbers are made up.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from declconn.errors import VenueError
from declconn.records import OrderUpdate, TradingRule
from declconn.registry import load_spec
from declconn.spec.order_terms import times_in_force, triggers
from declconn.testing import OfflineConnector
from declconn.types import OrderState, OrderType, Side, TimeInForce, Trigger

D = Decimal
OPEN, PARTIALLY_FILLED, CANCELED, FAILED = (
    OrderState.OPEN,
    OrderState.PARTIALLY_FILLED,
    OrderState.CANCELED,
    OrderState.FAILED,
)
ALL = ("GTC", "IOC", "FOK"), ("STOP", "TAKE_PROFIT")

OFFERED: dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "binance": {"LIMIT": ALL, "LIMIT_MAKER": (("GTC",), ()), "MARKET": (("GTC",), ALL[1])},
    "binance_perpetual": {"LIMIT": ALL, "LIMIT_MAKER": (("GTC",), ()), "MARKET": (("GTC",), ALL[1])},
    "bybit": {"LIMIT": (ALL[0], ()), "LIMIT_MAKER": (("GTC",), ()), "MARKET": (("GTC",), ())},
    "bybit_perpetual": {"LIMIT": ALL, "LIMIT_MAKER": (("GTC",), ()), "MARKET": (("GTC",), ALL[1])},
    "coinbase_advanced_trade": {"LIMIT": ALL, "LIMIT_MAKER": (("GTC",), ()), "MARKET": (("GTC",), ())},
    "hyperliquid_perpetual": {
        "LIMIT": (("GTC", "IOC"), ALL[1]),
        "LIMIT_MAKER": (("GTC",), ()),
        "MARKET": (("GTC",), ALL[1]),
    },
    "kraken": {"LIMIT": (("GTC", "IOC"), ALL[1]), "LIMIT_MAKER": (("GTC",), ()), "MARKET": (("GTC",), ALL[1])},
    "okx": {"LIMIT": (ALL[0], ()), "LIMIT_MAKER": (("GTC",), ()), "MARKET": (("GTC",), ())},
    "okx_perpetual": {"LIMIT": ALL, "LIMIT_MAKER": (("GTC",), ()), "MARKET": (("GTC",), ALL[1])},
    "gate_io": {"LIMIT": (ALL[0], ()), "LIMIT_MAKER": (("GTC",), ()), "MARKET": (("GTC",), ())},
    "gate_io_perpetual": {"LIMIT": (ALL[0], ()), "LIMIT_MAKER": (("GTC",), ()), "MARKET": (("GTC",), ())},
    "kucoin": {"LIMIT": (ALL[0], ()), "LIMIT_MAKER": (("GTC",), ()), "MARKET": (("GTC",), ())},
    "kucoin_perpetual": {
        "LIMIT": (("GTC", "IOC"), ALL[1]),
        "LIMIT_MAKER": (("GTC",), ()),
        "MARKET": (("GTC",), ALL[1]),
    },
    "htx": {"LIMIT": ALL, "LIMIT_MAKER": (("GTC",), ()), "MARKET": (("GTC",), ())},
}
"""By venue and type: times in force and triggers."""


@pytest.mark.parametrize("name", OFFERED)
def test_what_a_venue_takes_is_what_its_spec_offers(name: str) -> None:
    orders = load_spec(name).orders
    assert orders is not None
    found = {kind: (times_in_force(fields), triggers(fields)) for kind, fields in orders.types.items()}
    assert found == {
        OrderType(kind): (frozenset(map(TimeInForce, times)), frozenset(map(Trigger, waits)))
        for kind, (times, waits) in OFFERED[name].items()
    }


@dataclass(frozen=True)
class Venue:
    """A spec, one of its markets, and the frames of the user stream in which it tells of an order."""

    spec: str
    market: TradingRule
    row: dict[str, Any]
    frame: Any

    def told(self, **changes: Any) -> OrderUpdate:
        """What the stream tells of an order."""
        venue = OfflineConnector(self.spec)
        venue.exchange.parts.symbols.update([self.market])
        venue.on_frame("user", json.dumps(self.frame({**self.row, **changes})))
        assert not venue.exchange.parts.complaints.counts
        (update,) = [event for event in venue.events if isinstance(event, OrderUpdate)]
        return update


BINANCE = Venue(
    "binance",
    TradingRule("BTCUSDT", "BTC", "USDT"),
    {
        "e": "executionReport", "E": 1499405658658, "s": "BTCUSDT", "c": "dc-1", "S": "SELL", "o": "STOP_LOSS_LIMIT",
        "f": "GTC", "q": "1.00000000", "p": "290.00000000", "P": "291.00000000", "F": "0.00000000", "g": -1, "C": "",
        "x": "NEW", "X": "NEW", "r": "NONE", "i": 4293153, "l": "0.00000000", "z": "0.00000000", "L": "0.00000000",
        "n": "0", "N": None, "T": 1499405658657, "t": -1, "w": False, "m": False, "O": 1499405658657,
        "Z": "0.00000000", "Y": "0.00000000", "Q": "0.00000000",
    },
    lambda row: {"subscriptionId": 0, "event": row},
)  # fmt: skip
BINANCE_ALGO = Venue(
    "binance_perpetual",
    TradingRule("BTCUSDT", "BTC", "USDT", collateral_token="USDT"),
    {
        "caid": "dc-1", "aid": 2148719, "at": "CONDITIONAL", "o": "STOP", "s": "BTCUSDT", "S": "SELL", "ps": "BOTH",
        "f": "GTC", "q": "1", "X": "NEW", "ai": "", "tp": "291", "p": "290", "V": "EXPIRE_MAKER",
        "wt": "CONTRACT_PRICE", "pm": "NONE", "cp": False, "pP": False, "R": False, "tt": 0, "gtd": 0,
    },
    lambda row: {"e": "ALGO_UPDATE", "T": 1750515742297, "E": 1750515742303, "o": row},
)  # fmt: skip
BYBIT = Venue(
    "bybit_perpetual",
    TradingRule("BTCUSDT", "BTC", "USDT"),
    {
        "orderId": "5cf98598", "orderLinkId": "dc-1", "symbol": "BTCUSDT", "category": "linear", "side": "Sell",
        "orderType": "Limit", "price": "290", "qty": "1", "cumExecQty": "0", "cumExecValue": "0", "leavesQty": "1",
        "orderStatus": "Untriggered", "stopOrderType": "Stop", "triggerPrice": "291", "triggerDirection": 2,
        "triggerBy": "LastPrice", "timeInForce": "GTC", "reduceOnly": False, "updatedTime": "1672364262457",
    },
    lambda row: {"id": "1", "topic": "order", "creationTime": 1672364262474, "data": [row]},
)  # fmt: skip
COINBASE = Venue(
    "coinbase_advanced_trade",
    TradingRule("BTC-USD", "BTC", "USD"),
    {
        "order_id": "a1", "client_order_id": "dc-1", "product_id": "BTC-USD", "order_side": "SELL", "status": "OPEN",
        "cumulative_quantity": "0", "leaves_quantity": "1", "limit_price": "290", "stop_price": "291",
        "order_type": "Stop Limit", "time_in_force": "GOOD_UNTIL_CANCELLED", "trigger_status": "STOP_PENDING",
    },
    lambda row: {
        "channel": "user", "client_id": "", "timestamp": "2026-04-07T14:30:06.000000Z", "sequence_num": 0,
        "events": [{"type": "update", "orders": [row]}],
    },
)  # fmt: skip
HYPERLIQUID = Venue(
    "hyperliquid_perpetual",
    TradingRule("BTC", "BTC", "USD"),
    {"status": "open", "statusTimestamp": 1681247412573},
    lambda row: {
        "channel": "orderUpdates",
        "data": [
            {
                "order": {
                    "coin": "BTC", "side": "A", "limitPx": "290", "sz": "1", "origSz": "1", "oid": 91490942,
                    "timestamp": 1681247412573, "cloid": "0x" + "12" * 16,
                },
                **row,
            }
        ],
    },
)  # fmt: skip

TOLD: list[tuple[Venue, dict[str, Any], OrderState | None, str | None]] = [
    (BINANCE, {}, OPEN, "0"),
    (BINANCE, {"w": True}, OPEN, "0"),  # triggered: it works in the book
    (BINANCE, {"x": "EXPIRED", "X": "EXPIRED", "f": "FOK", "o": "LIMIT"}, CANCELED, "0"),
    (BINANCE, {"x": "EXPIRED", "X": "EXPIRED", "f": "IOC", "o": "LIMIT", "z": "0.4"}, CANCELED, "0.4"),
    (BINANCE_ALGO, {}, OPEN, None),
    (BINANCE_ALGO, {"X": "TRIGGERING"}, OPEN, None),
    (BINANCE_ALGO, {"X": "TRIGGERED", "ai": "88937381063"}, OPEN, None),
    (BINANCE_ALGO, {"X": "FINISHED", "ai": "88937381063"}, None, None),  # the triggered order tells how
    (BINANCE_ALGO, {"X": "CANCELED"}, CANCELED, None),
    (BINANCE_ALGO, {"X": "EXPIRED"}, CANCELED, None),
    (BINANCE_ALGO, {"X": "REJECTED", "rm": "Margin is insufficient."}, FAILED, None),
    (BYBIT, {}, OPEN, "0"),
    (BYBIT, {"orderStatus": "Triggered"}, OPEN, "0"),
    (BYBIT, {"orderStatus": "Deactivated"}, CANCELED, "0"),
    (BYBIT, {"orderStatus": "Cancelled", "timeInForce": "IOC", "cumExecQty": "0.4"}, CANCELED, "0.4"),
    (BYBIT, {"orderStatus": "PartiallyFilledCanceled", "timeInForce": "IOC", "cumExecQty": "0.4"}, CANCELED, "0.4"),
    (COINBASE, {}, OPEN, "0"),
    (COINBASE, {"trigger_status": "STOP_TRIGGERED"}, OPEN, "0"),
    (COINBASE, {"status": "CANCELLED", "time_in_force": "FILL_OR_KILL"}, CANCELED, "0"),
    (COINBASE, {"status": "EXPIRED", "cumulative_quantity": "0.4"}, CANCELED, "0.4"),
    (HYPERLIQUID, {}, OPEN, None),
    (HYPERLIQUID, {"status": "triggered"}, OPEN, None),
    (HYPERLIQUID, {"status": "reduceOnlyCanceled"}, CANCELED, None),
    (HYPERLIQUID, {"status": "scheduledCancel"}, CANCELED, None),
    (HYPERLIQUID, {"status": "badTriggerPxRejected"}, FAILED, None),
    (HYPERLIQUID, {"status": "iocCancelRejected"}, FAILED, None),
]


@pytest.mark.parametrize(("venue", "changes", "state", "filled"), TOLD, ids=lambda one: getattr(one, "spec", None))
def test_the_states_of_an_order(
    venue: Venue, changes: dict[str, Any], state: OrderState | None, filled: str | None
) -> None:
    update = venue.told(**changes)
    assert (update.state, update.filled) == (state, None if filled is None else D(filled))


@pytest.mark.parametrize("venue", [BINANCE, BYBIT, COINBASE, HYPERLIQUID], ids=lambda venue: venue.spec)
def test_an_order_that_waits_has_the_terms_that_it_will_have(venue: Venue) -> None:
    update = venue.told()
    assert (update.amount, update.price) == (D(1), D(290))


@pytest.mark.parametrize("venue", [BINANCE, BINANCE_ALGO, BYBIT], ids=lambda venue: venue.spec)
def test_an_order_that_waits_says_for_which_price(venue: Venue) -> None:
    assert (venue.told().trigger, venue.told().trigger_price) == (Trigger.STOP, D(291))


def test_the_side_and_the_direction_say_which_price_an_order_waits_for() -> None:
    """Coinbase's stream has no direction, so it tells the price alone."""
    assert BYBIT.told(triggerDirection=1).trigger is Trigger.TAKE_PROFIT
    assert BYBIT.told(triggerDirection=1, side="Buy").trigger is Trigger.STOP
    ordinary = BYBIT.told(triggerDirection=0, triggerPrice="")
    assert (ordinary.trigger, ordinary.trigger_price) == (None, None)
    assert (COINBASE.told().trigger, COINBASE.told().trigger_price) == (None, D(291))


ASKED: dict[str, Any] = {
    "binance": [
        {
            "symbol": "BTCUSDT", "orderId": 1, "clientOrderId": "web", "price": "290.00", "origQty": "1.00",
            "executedQty": "0.00", "status": "NEW", "timeInForce": "GTC", "type": "STOP_LOSS_LIMIT", "side": "SELL",
            "stopPrice": "291.00", "updateTime": 1499827319559, "isWorking": False,
        }
    ],
    "coinbase_advanced_trade": {
        "orders": [
            {
                "order_id": "a1", "client_order_id": "web", "product_id": "BTC-USD", "side": "SELL", "status": "OPEN",
                "filled_size": "0", "order_configuration": {
                    "stop_limit_stop_limit_gtc": {
                        "base_size": "1", "limit_price": "290", "stop_price": "291",
                        "stop_direction": "STOP_DIRECTION_STOP_DOWN",
                    }
                },
            }
        ]
    },
    "hyperliquid_perpetual": [
        {
            "coin": "BTC", "side": "A", "limitPx": "290", "sz": "1", "origSz": "1", "oid": 9, "cloid": "0x12",
            "timestamp": 1681247412573, "isTrigger": True, "triggerPx": "291", "orderType": "Stop Limit",
            "triggerCondition": "Price below 291", "reduceOnly": False, "isPositionTpsl": False, "tif": None,
        }
    ],
}  # fmt: skip
"""What venues answer who asks for the open orders."""


@pytest.mark.parametrize("venue", [BINANCE, COINBASE, HYPERLIQUID], ids=lambda venue: venue.spec)
def test_an_order_that_waits_is_told_with_its_price_to_who_asks_for_open_orders(venue: Venue) -> None:
    connector = OfflineConnector(venue.spec)
    connector.exchange.parts.symbols.update([venue.market])
    (update,) = connector.on_response("open_orders", json.dumps(ASKED[venue.spec]))
    assert (update.amount, update.price, update.side) == (D(1), D(290), Side.SELL)
    assert (update.trigger, update.trigger_price) == (Trigger.STOP, D(291))


def test_what_waits_elsewhere_has_our_id_and_gets_one_of_the_venues_when_it_is_triggered() -> None:
    assert (BINANCE_ALGO.told().client_order_id, BINANCE_ALGO.told().exchange_order_id) == ("dc-1", None)
    triggered = BINANCE_ALGO.told(X="TRIGGERED", ai="88937381063")
    assert (triggered.client_order_id, triggered.exchange_order_id) == ("dc-1", "88937381063")


def test_what_waits_elsewhere_says_enough_to_be_followed_whose_ever_it_is() -> None:
    waits = BINANCE_ALGO.told(o="TAKE_PROFIT_MARKET", p="0")
    assert (waits.side, waits.amount, waits.price) == (Side.SELL, D(1), None)
    assert (waits.trigger, waits.trigger_price) == (Trigger.TAKE_PROFIT, D(291))


@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("binance", 400, {"code": -2010, "msg": "Stop price would trigger immediately."}),
        ("binance_perpetual", 400, {"code": -2021, "msg": "Order would immediately trigger."}),
        ("bybit_perpetual", 200, {"retCode": 110093, "retMsg": "expect Falling, but trigger_price[3] >= current[2]"}),
        (
            "coinbase_advanced_trade",
            200,
            {
                "success": False,
                "error_response": {
                    "error": "INVALID_ORDER_CONFIG",
                    "preview_failure_reason": "PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE",
                },
            },
        ),
        (
            "hyperliquid_perpetual",
            200,
            {
                "status": "ok",
                "response": {"type": "order", "data": {"statuses": [{"error": "Invalid TP/SL price. asset=0"}]}},
            },
        ),
    ],
)
def test_a_price_that_is_there_already_makes_an_order_invalid(name: str, status: int, body: dict[str, Any]) -> None:
    venue = OfflineConnector(name)
    with pytest.raises(VenueError) as caught:
        venue.on_response("place_order", json.dumps(body), status=status)
    assert caught.value.kind == "invalid_order"
