"""For tests, backtests and replays: a clock that is set by hand, connectors without network, recordings.

from declconn.testing import OfflineConnector

venue = OfflineConnector("binance", ["BTC-USDT"])
venue.on_response("trading_rules", exchange_info)
venue.on_response("order_book_snapshot", depth, symbol="BTCUSDT")
venue.on_frame("market", frame)
venue.order_book("BTC-USDT").best_bid
"""

from __future__ import annotations

from declconn.testing.clock import ManualClock
from declconn.testing.offline import NoNetwork, OfflineConnector
from declconn.testing.recordings import Recording, read_recording
from declconn.testing.replay import BookSummary, ReplaySummary, replay

__all__ = [
    "BookSummary",
    "ManualClock",
    "NoNetwork",
    "OfflineConnector",
    "Recording",
    "ReplaySummary",
    "read_recording",
    "replay",
]
