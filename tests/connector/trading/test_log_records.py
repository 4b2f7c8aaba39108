"""Log records of a connector at work have fields for machines."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

import pytest

from declconn.connector.trading.trading_settings import TradingSettings
from declconn.log import FIELDS
from declconn.types import Side

ONE, HUNDRED = Decimal(1), Decimal(100)


@pytest.fixture
def records(caplog: pytest.LogCaptureFixture) -> Any:
    """What is logged, everything included: the fields of the records whose text has some words."""
    caplog.set_level(logging.DEBUG, "declconn")

    def find(words: str) -> list[dict[str, Any]]:
        return [
            {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
            for record in caplog.records
            if words in record.getMessage()
        ]

    return find


async def test_requests_say_whom_they_ask_and_what(player: Any, records: Any) -> None:
    exchange = await player.start()
    await exchange.parts.operations.call("open_orders")
    assert records("open_orders: ok")[-1] == {"venue": "desk", "operation": "open_orders"}
    assert records("trading_rules: ok") == [{"venue": "desk", "operation": "trading_rules"}]


async def test_a_request_about_an_order_says_which(player: Any, desk: Any, records: Any) -> None:
    exchange = await player.start()
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    ours = {"venue": "desk", "trading_pair": "BTC-USD", "client_order_id": order.client_order_id}
    assert records("place_order: ok") == [{**ours, "operation": "place_order"}]

    await exchange.cancel_order(order.client_order_id)
    theirs = {**ours, "exchange_order_id": order.exchange_order_id}
    assert records("cancel_order: ok") == [{**theirs, "operation": "cancel_order"}]


async def test_what_goes_wrong_with_an_order_says_with_which(player: Any, desk: Any, records: Any, faults: Any) -> None:
    exchange = await player.start()
    desk.script["POST /order"], desk.tells = [faults["lost"]], False
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    ours = {"venue": "desk", "trading_pair": "BTC-USD", "client_order_id": order.client_order_id}
    assert records("may have arrived") == [ours]
    await player.pass_by(2)
    assert records("order_status: ok")[0] == {**ours, "operation": "order_status"}

    desk.script["DELETE /order"] = ["POOR"]
    exchange.cancel("BTC-USD", order.client_order_id)
    await player.settle()
    assert records(f"cancel {order.client_order_id}") == [{"venue": "desk"}]


async def test_streams_and_books_say_which_they_are(player: Any, desk: Any, records: Any) -> None:
    await player.start()
    assert records("BTC-USD: the book is LIVE") == [{"venue": "desk", "stream": "market", "trading_pair": "BTC-USD"}]
    desk.user.drop()
    await player.settle()
    lost = records("desk user: connection lost")
    assert lost == [{"venue": "desk", "stream": "user"}]


async def test_a_pair_that_is_added_later_is_heard_on_a_stream_that_says_its_name(player: Any, records: Any) -> None:
    exchange = await player.start()
    await exchange.add_trading_pair("ETH-USD")
    await player.settle()
    assert records("ETH-USD: the book is LIVE") == [{"venue": "desk", "stream": "market", "trading_pair": "ETH-USD"}]


async def test_two_connectors_do_not_speak_for_each_other(player: Any, records: Any) -> None:
    await player.start()
    other = await player.start(player.spec("fees: {maker_percent_fee_decimal: 0}\n", name="other"))
    assert {fields["venue"] for fields in records("BTC-USD: the book is LIVE")} == {"desk", other.name}


async def test_no_record_holds_a_secret(player: Any, desk: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "declconn")
    exchange = await player.start(credentials={"api_key": "hush-hush-key", "api_secret": "hush-hush-secret"})
    await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    assert "hush" not in "".join(str(vars(record)) for record in caplog.records)


async def test_every_event_of_an_order_is_one_line(player: Any, desk: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "declconn")
    exchange = await player.start()
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    desk.fill(desk.order(order.client_order_id), "1")
    gone = await exchange.place_order("BTC-USD", Side.SELL, ONE, price=HUNDRED)
    await exchange.cancel_order(gone.client_order_id)
    failed = exchange.buy("BTC-USD", Decimal("0.001"), price=HUNDRED)
    await player.settle()
    lines = [record for record in caplog.records if record.name == "declconn.orders"]
    assert {(record.levelname, record.venue) for record in lines} == {("INFO", "desk")}
    assert [record.getMessage().partition(" ")[2] for record in lines] == [
        f"{order.client_order_id} placed: BUY 1.000 BTC-USD at 100.0 (LIMIT)",
        f"{order.client_order_id} filled: BUY 1 BTC-USD at 100",
        f"{order.client_order_id} completed: 1 BTC for 100 USD",
        f"{gone.client_order_id} placed: SELL 1.000 BTC-USD at 100.0 (LIMIT)",
        f"{gone.client_order_id} cancelled",
        f"{failed} failed (invalid_order): BTC-USD: 0.001 BTC is less than the smallest order, 0.01 BTC; order more",
    ]
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


async def test_what_is_taken_up_after_a_restart_is_said_with_its_store(
    player: Any, records: Any, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    kept = {"trading": TradingSettings(store=tmp_path / "orders.db")}
    exchange = await player.start(**kept)
    await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    await exchange.stop()
    await player.start(**kept)
    assert records(f"1 orders taken up from {tmp_path / 'orders.db'}") == [{"venue": "desk"}]


async def test_every_connection_is_said_when_it_comes(player: Any, desk: Any, records: Any) -> None:
    exchange = await player.start()
    desk.user.drop()
    await player.pass_by(2)
    ours = {"venue": "desk", "stream": "user"}
    assert records("streams.user: connected") == [ours, ours]
    await exchange.stop()
    assert records("the venue is STOPPED") == [{"venue": "desk"}]
