"""An account that is watched beside whoever trades with it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from declconn.connector.trading.trading_settings import TradingSettings
from declconn.errors import ConfigurationError
from declconn.types import Side

ONE, HUNDRED = Decimal(1), Decimal(100)
WATCHING = TradingSettings(read_only=True)


async def test_balances_and_orders_are_known_beside_a_connector_that_trades(
    player: Any, desk: Any, tmp_path: Path
) -> None:
    trader = await player.start(trading=TradingSettings(store=tmp_path / "orders.db"))
    watcher = await player.start(trading=WATCHING)
    order = await trader.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    await player.settle()
    assert watcher.get_balance("BTC") == 10
    assert watcher.in_flight_orders[order.client_order_id].is_external


async def test_nothing_is_placed_cancelled_or_changed(player: Any, desk: Any) -> None:
    desk.put(tag="theirs")
    watcher = await player.start(trading=WATCHING)
    asked = len(desk.asked)
    with pytest.raises(ConfigurationError, match="only watched"):
        await watcher.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    with pytest.raises(ConfigurationError, match="only watched"):
        watcher.buy("BTC-USD", ONE, price=HUNDRED)
    for change in (watcher.cancel_order("theirs"), watcher.amend_order("theirs", price=ONE), watcher.cancel_all()):
        with pytest.raises(ConfigurationError, match="only watched"):
            await change
    assert len(desk.asked) == asked


@pytest.mark.parametrize("more", [{"store": "orders.db"}, {"cancel_on_stop": True}, {"cancel_all_after": 60}])
def test_whoever_watches_keeps_and_cancels_nothing(more: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"{next(iter(more))}: nothing is kept or cancelled"):
        TradingSettings(read_only=True, **more)
