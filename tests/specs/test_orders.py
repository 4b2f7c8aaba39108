"""What venues answer about orders, written by hand from their documentation, as the shipped specs read it.

An order that somebody else placed can be followed only if its market, side and amount are told; so every spec reads
them, and says nothing where the venue counts in another unit than it usually does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from declconn.account.in_flight_order import InFlightOrder
from declconn.records import OrderUpdate, TradingRule
from declconn.testing import OfflineConnector
from declconn.types import AmountUnit, OrderState, Side

D = Decimal
ROOM = "/".join  # of parts of a made-up path


@dataclass(frozen=True)
class Venue:
    """A spec, one of its markets, and what stands around the rows of an answer."""

    spec: str
    market: TradingRule
    one: str
    many: str
    """Templates of the answers of `order_status` and `open_orders`; ROW and ROWS stand for what they hold."""

    def asked(self, operation: str, *rows: Any) -> list[OrderUpdate]:
        """What an operation about this market's orders answers."""
        venue = OfflineConnector(self.spec)
        venue.exchange.parts.symbols.update([self.market])
        template = self.many if operation == "open_orders" else self.one
        body = template.replace("ROWS", json.dumps(list(rows))).replace("ROW", json.dumps(rows[0]))
        return venue.on_response(operation, body, symbol=self.market.symbol)
