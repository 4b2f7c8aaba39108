"""A derivative account: positions, modes, leverage, margin and funding payments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from declconn.account.events import FundingPaymentCompletedEvent, PositionModeChangeEvent, PositionUpdateEvent
from declconn.account.order_store import MemoryStore
from declconn.connector.derivative import Derivative
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.errors import InvalidOrderError, NotSupportedError, VenueError
from declconn.types import OrderType, PositionAction, PositionMode, PositionSide, Side

ONE, HUNDRED = Decimal(1), Decimal(100)

PERPETUAL = """\
kind: derivative
endpoints:
  trading_rules: {result: {collateral_token: "'USD'", max_leverage: "`20`"}}
  place_order: {body: {pos: "{position_side?}", reduce: "{reduce_only?}", lev: "{leverage}"}}
  positions:
    get: /positions
    auth: signed
    each: "@"
    result: &position {symbol: market, side: pos, amount: size, entry_price: entry, unrealized_pnl: profit}
  position_mode: {get: /mode, auth: signed, result: {mode: mode}}
  set_position_mode: {post: /mode, auth: signed, body: {mode: "{position_mode}"}}
  set_leverage:
    post: /leverage
    auth: signed
    body: {market: "{symbol}", lev: "{leverage}"}
    result: {leverage: lev}
  funding_payments:
    get: /payments
    auth: signed
    each: "@"
    result: {symbol: market, amount: paid, rate: rate, timestamp: at}
positions:
  modes: {ONEWAY: one, HEDGE: two}
  sides: {BOTH: both, LONG: long, SHORT: short}
  funding: {poll: 60s}
streams:
  user:
    events:
      position: {when: {t: position}, emit: position_update, map: *position}
"""


class Margins:
    """The derivative side of the venue."""

    def __init__(self, desk: Any) -> None:
        self.positions: list[dict[str, Any]] = []
        self.payments: list[dict[str, Any]] = []
        self.mode = "one"
        desk.answers |= {
            "GET /positions": lambda _fields: self.positions,
            "GET /mode": lambda _fields: {"mode": self.mode},
            "POST /mode": self._set_mode,
            "POST /leverage": lambda fields: fields,
            "GET /payments": lambda _fields: self.payments,
        }

    def _set_mode(self, fields: dict[str, Any]) -> Any:
        self.mode = fields["mode"]
        return {}


def position(size: str, side: str = "both", market: str = "btcusd") -> dict[str, Any]:
    return {"market": market, "pos": side, "size": size, "entry": "100", "profit": "1"}


@pytest.fixture
def margins(desk: Any) -> Margins:
    return Margins(desk)


async def test_positions_are_asked_for_and_then_followed(player: Any, desk: Any, margins: Margins) -> None:
    margins.positions = [position("2")]
    exchange = await player.start(PERPETUAL)
    assert isinstance(exchange, Derivative)
    events = player.hear(exchange, PositionUpdateEvent)
    held = exchange.get_position("BTC-USD")
    assert (held.position_side, held.amount, held.entry_price) == (PositionSide.LONG, 2, HUNDRED)

    desk.user.say({"t": "position", **position("-1")})
    desk.user.say({"t": "position", "market": "btcusd", "size": "-1", "profit": "7"})
    desk.user.say({"t": "position", **position("0"), "profit": "0"})
    await player.settle()
    assert [(event.position_side.value, event.amount, event.unrealized_pnl) for event in events] == [
        ("SHORT", -1, 1),
        ("SHORT", -1, 7),
        ("SHORT", 0, 0),
    ]
    assert exchange.account_positions == {}


async def test_where_no_stream_tells_positions_a_fill_has_them_asked_for(
    player: Any, desk: Any, margins: Margins
) -> None:
    silent = "      balance: null\n"
    exchange = await player.start(PERPETUAL.partition("      position: {when")[0] + silent)
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    await player.pass_by(5)
    margins.positions = [position("1")]
    desk.fill(desk.order(order.client_order_id), "1")
    await player.pass_by(6)
    assert exchange.get_position("BTC-USD").amount == 1


async def test_one_way_orders_say_whether_they_only_reduce(player: Any, desk: Any, margins: Margins) -> None:
    exchange = await player.start(PERPETUAL)
    exchange.buy("BTC-USD", ONE, price=HUNDRED)
    exchange.sell("BTC-USD", ONE, price=HUNDRED, position_action=PositionAction.CLOSE)
    await player.settle()
    assert [(fields["pos"], fields["reduce"]) for fields in desk.fields("POST /order")] == [
        ("both", False),
        ("both", True),
    ]


async def test_hedged_orders_name_the_position(player: Any, desk: Any, margins: Margins) -> None:
    margins.mode = "two"
    margins.positions = [position("1", "long"), position("3", "short")]
    exchange = await player.start(PERPETUAL)
    assert exchange.position_mode is PositionMode.HEDGE
    assert set(exchange.account_positions) == {"BTC-USDLONG", "BTC-USDSHORT"}
    assert exchange.get_position("BTC-USD", PositionSide.SHORT).amount == -3
    exchange.buy("BTC-USD", ONE, price=HUNDRED)
    exchange.buy("BTC-USD", ONE, price=HUNDRED, position_action=PositionAction.CLOSE)
    await player.settle()
    assert [fields["pos"] for fields in desk.fields("POST /order")] == ["long", "short"]
    assert all("reduce" not in fields for fields in desk.fields("POST /order"))


async def test_a_position_mode_is_set_once_and_every_pair_is_told(player: Any, desk: Any, margins: Margins) -> None:
    exchange = await player.start(PERPETUAL, "BTC-USD", "ETH-USD")
    events = player.hear(exchange, PositionModeChangeEvent)
    assert exchange.supported_position_modes() == [PositionMode.ONEWAY, PositionMode.HEDGE]
    await exchange.set_position_mode(PositionMode.HEDGE)
    assert (exchange.position_mode, margins.mode) == (PositionMode.HEDGE, "two")
    assert [(event.trading_pair, event.success) for event in events] == [("BTC-USD", True), ("ETH-USD", True)]
    assert len({event.event_id for event in events}) == 2
    assert desk.count("POST /mode") == 1

    desk.script["POST /mode"] = ["ODD"]
    with pytest.raises(VenueError):
        await exchange.set_position_mode(PositionMode.ONEWAY)
    assert exchange.position_mode is PositionMode.HEDGE
    assert [event.success for event in events[2:]] == [False, False]
    assert "ODD" in events[2].message


async def test_a_mode_that_the_venue_has_not_is_not_asked_for(player: Any, desk: Any, margins: Margins) -> None:
    exchange = await player.start(PERPETUAL.replace("{ONEWAY: one, HEDGE: two}", "{ONEWAY: one}"))
    with pytest.raises(NotSupportedError, match="HEDGE is not offered here; there are ONEWAY"):
        await exchange.set_position_mode(PositionMode.HEDGE)
    assert desk.count("POST /mode") == 0


async def test_leverage_is_set_at_the_venue_and_goes_with_new_orders(player: Any, desk: Any, margins: Margins) -> None:
    exchange = await player.start(PERPETUAL)
    assert exchange.get_leverage("BTC-USD") == 1
    await exchange.set_leverage("BTC-USD", 10)
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    assert (exchange.get_leverage("BTC-USD"), order.leverage) == (10, 10)
    assert desk.fields("POST /leverage") == [{"market": "btcusd", "lev": "10"}]
    assert desk.fields("POST /order")[0]["lev"] == "10"

    with pytest.raises(InvalidOrderError, match="found leverage 21, expected 1 to 20"):
        await exchange.set_leverage("BTC-USD", 21)
    desk.script["POST /leverage"] = ["ODD"]
    with pytest.raises(VenueError):
        await exchange.set_leverage("BTC-USD", 5)
    assert exchange.get_leverage("BTC-USD") == 10
    assert desk.count("POST /leverage") == 2


async def test_an_opening_order_holds_its_margin(player: Any, desk: Any, margins: Margins) -> None:
    exchange = await player.start(
        PERPETUAL.replace("  user:\n    events:\n", "  user:\n    events:\n      balance: null\n")
    )
    await exchange.set_leverage("BTC-USD", 10)
    await exchange.place_order("BTC-USD", Side.SELL, ONE, price=HUNDRED)
    assert exchange.get_available_balance("USD") == Decimal(1000) - 10 - Decimal("0.1")
    await exchange.place_order("BTC-USD", Side.BUY, ONE, OrderType.LIMIT, HUNDRED, position_action=PositionAction.CLOSE)
    assert exchange.get_available_balance("USD") == Decimal(1000) - 10 - Decimal("0.1")


async def test_funding_payments_are_told_once_also_over_a_restart(player: Any, desk: Any, margins: Margins) -> None:
    hour = 3600 * 10**3

    def payment(at: int, paid: str) -> dict[str, Any]:
        return {"market": "btcusd", "paid": paid, "rate": "0.0001", "at": at}

    settings = TradingSettings(store=MemoryStore())
    margins.payments = [payment(hour, "-1")]
    exchange = await player.start(PERPETUAL, trading=settings)
    events = player.hear(exchange, FundingPaymentCompletedEvent)
    await player.pass_by(61)
    margins.payments.append(payment(2 * hour, "-2"))
    await player.pass_by(121, step=1)
    assert [(event.amount, event.timestamp, event.funding_rate) for event in events] == [
        (-2, 2 * hour * 10**6, Decimal("0.0001"))
    ], "what was paid before is no news"
    await exchange.stop()

    margins.payments.append(payment(3 * hour, "3"))
    again = player.connector(PERPETUAL, trading=settings)
    events = player.hear(again, FundingPaymentCompletedEvent)
    await again.start()
    await player.settle()
    assert [event.amount for event in events] == [3]
    await again.stop()


PAID = """\
      paid: {when: {t: paid}, emit: funding_payment, map: {symbol: market, amount: paid, rate: rate, timestamp: at}}
"""


async def test_a_payment_that_a_stream_tells_is_told_at_once_and_by_no_answer_again(
    player: Any, desk: Any, margins: Margins
) -> None:
    exchange = await player.start(PERPETUAL + PAID)
    events = player.hear(exchange, FundingPaymentCompletedEvent)
    now = player.clock.time_ns() // 10**6
    desk.user.say({"t": "paid", "market": "btcusd", "paid": "-1.50", "at": now + 12})
    desk.user.say({"t": "paid", "market": "ethusd", "paid": "-7", "at": now + 12})
    await player.settle()
    assert [(event.trading_pair, event.amount) for event in events] == [("BTC-USD", Decimal("-1.5"))]
    margins.payments = [{"market": "btcusd", "paid": "-1.5", "rate": "0.001", "at": now}]
    await player.pass_by(121, step=1)
    assert len(events) == 1


async def test_where_payments_cannot_be_asked_for_the_stream_alone_tells_them(
    player: Any, desk: Any, margins: Margins
) -> None:
    spec = PERPETUAL.partition("  funding_payments:")[0] + PERPETUAL[PERPETUAL.index("positions:\n  modes") :] + PAID
    settings = TradingSettings(store=MemoryStore())
    payment = {"t": "paid", "market": "btcusd", "paid": "1", "rate": "0.001", "at": 3600_000}
    for told in ([1], []):
        exchange = await player.start(spec, trading=settings)
        events = player.hear(exchange, FundingPaymentCompletedEvent)
        desk.user.say(payment)
        await player.settle()
        assert [event.amount for event in events] == told
        await exchange.stop()


async def test_a_derivative_without_positions_in_its_spec_still_trades(player: Any, desk: Any) -> None:
    exchange = await player.start("kind: derivative\n")
    assert isinstance(exchange, Derivative)
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    assert (order.is_open, order.position) == (True, PositionAction.OPEN)
    with pytest.raises(NotSupportedError, match="no section `positions`"):
        await exchange.set_leverage("BTC-USD", 3)
    with pytest.raises(NotSupportedError, match="no section `positions`"):
        exchange.get_position("BTC-USD")


async def test_a_position_has_the_leverage_that_was_set_until_the_venue_tells_another(
    player: Any, desk: Any, margins: Margins
) -> None:
    margins.positions = [position("2")]
    exchange = await player.start(PERPETUAL, "BTC-USD", "ETH-USD")
    assert exchange.get_position("BTC-USD").leverage is None
    for pair in exchange.trading_pairs:
        await exchange.set_leverage(pair, 10)
    desk.user.say({"t": "position", **position("-1", market="ethusd")})
    await player.settle()
    assert {pair: held.leverage for pair, held in exchange.account_positions.items()} == {"BTC-USD": 10, "ETH-USD": 10}


@pytest.mark.parametrize("leverage", ["ten", 2.5, None, Decimal("NaN"), 0])
async def test_a_leverage_is_an_exact_number_from_1(player: Any, desk: Any, margins: Margins, leverage: Any) -> None:
    exchange = await player.start(PERPETUAL)
    with pytest.raises(InvalidOrderError, match="leverage"):
        await exchange.set_leverage("BTC-USD", leverage)
    assert desk.count("POST /leverage") == 0


async def test_a_mode_may_be_text(player: Any, desk: Any, margins: Margins) -> None:
    exchange = await player.start(PERPETUAL)
    await exchange.set_position_mode("HEDGE")
    assert exchange.position_mode is PositionMode.HEDGE
    with pytest.raises(InvalidOrderError, match=r"expected PositionMode\.ONEWAY or PositionMode\.HEDGE"):
        await exchange.set_position_mode("HEDGED")


async def test_a_fee_is_that_of_an_order_that_opens_unless_it_is_said(player: Any, desk: Any, margins: Margins) -> None:
    exchange = await player.start(PERPETUAL)
    opening = exchange.get_fee("BTC-USD", Side.BUY, is_maker=True)
    assert opening == exchange.get_fee("BTC-USD", Side.BUY, is_maker=True, position_action=PositionAction.OPEN)
    assert opening != exchange.get_fee("BTC-USD", Side.BUY, is_maker=True, position_action=PositionAction.CLOSE)


async def test_payments_are_asked_for_where_the_stream_says_that_funding_was_paid(
    player: Any, desk: Any, margins: Margins
) -> None:
    exchange = await player.start(
        PERPETUAL + "      funding: {when: {t: funding}, emit: poll, operations: [funding_payments]}\n"
    )
    events = player.hear(exchange, FundingPaymentCompletedEvent)
    margins.payments = [{"market": "btcusd", "paid": "-1", "rate": "0.001", "at": player.clock.time_ns() // 10**6}]
    desk.user.say({"t": "funding"})
    await player.settle()
    assert [event.amount for event in events] == [-1]


async def test_where_the_stream_tells_the_wallet_only_a_fill_has_balances_asked_for(
    player: Any, desk: Any, margins: Margins
) -> None:
    wallet = "      balance: {map: {available: null}}\n"
    exchange = await player.start(PERPETUAL + wallet)
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    await player.pass_by(2)
    before, rounds = desk.count("GET /balances"), desk.count("GET /orders")
    desk.balances["USD"]["free"] = "777"
    for _ in range(4):
        desk.fill(desk.order(order.client_order_id), "0.25")
    await player.pass_by(2)
    assert exchange.get_available_balance("USD") == 777
    assert desk.count("GET /balances") == before + 1, "once for fills that follow one another"
    assert desk.count("GET /orders") == rounds
