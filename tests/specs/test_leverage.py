"""What venues answer about leverage, as the shipped specs read it."""

from __future__ import annotations

import json
from decimal import Decimal

from declconn.records import LeverageReply, TradingRule
from declconn.testing import OfflineConnector


def test_where_nothing_is_set_the_highest_of_all_tiers_may_be_used() -> None:
    venue = OfflineConnector("kucoin_perpetual")
    venue.exchange.parts.symbols.update([TradingRule("XBTUSDTM", "BTC", "USDT", contract_size=Decimal("0.001"))])
    tiers = [
        {"symbol": "XBTUSDTM", "level": 1, "maxRiskLimit": 100000, "minRiskLimit": 0, "maxLeverage": 100},
        {"symbol": "XBTUSDTM", "level": 2, "maxRiskLimit": 500000, "minRiskLimit": 100000, "maxLeverage": 50},
    ]
    body = json.dumps({"code": "200000", "data": tiers})
    assert venue.on_response("set_leverage", body, symbol="XBTUSDTM") == [LeverageReply(max_leverage=Decimal(100))]
