"""The matching engine: whom an order meets, and what that costs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from declconn.errors import ConfigurationError
from declconn.records import (
    BalanceUpdate,
    Fee,
    FundingPayment,
    Liquidation,
    OrderBookMessage,
    OrderUpdate,
    Trade,
    TradeUpdate,
    TradingRule,
)
from declconn.simulator.engine.fees import FeeSchedule
from declconn.simulator.engine.market import Market
from declconn.simulator.engine.matching_engine import MatchingEngine
from declconn.simulator.engine.news import News
from declconn.simulator.engine.orders import NewOrder, Order
from declconn.simulator.engine.refusals import RefusedError
from declconn.testing import ManualClock
from declconn.types import OrderState, OrderType, PositionAction, PositionMode, PositionSide, Side, TimeInForce

D = Decimal
PAIR = "COINX-USDT"
BUY, SELL = Side.BUY, Side.SELL
MAKER, MARKET = OrderType.LIMIT_MAKER, OrderType.MARKET
IOC, FOK = TimeInForce.IOC, TimeInForce.FOK
RULE = TradingRule(
    "COINXUSDT",
    "COINX",
    "USDT",
    min_price_increment=D("0.01"),
    min_base_amount_increment=D("0.001"),
    min_order_size=D("0.01"),
    min_notional_size=D(1),
    max_leverage=D(50),
)


def engine(fees: FeeSchedule | None = None, *, is_derivative: bool = False, rich: str = "10000") -> MatchingEngine:
    made = MatchingEngine([Market(RULE, is_derivative=is_derivative)], fees or FeeSchedule(), ManualClock())
    for name in ("ann", "bob", "cat"):
        made.open_account(name, {"USDT": D(rich), "COINX": D(100)})
    return made


def place(of: MatchingEngine, account: str, side: Side, amount: str, price: str | None = None, **words: Any) -> Order:
    kind = words.pop("order_type", MARKET if price is None else OrderType.LIMIT)
    limit = None if price is None else D(price)
    order = NewOrder(trading_pair=PAIR, side=side, amount=D(amount), price=limit, order_type=kind, **words)
    return of.place(account, order)


def refused(kind: str) -> Any:
    return pytest.raises(RefusedError, match=f"^{kind}: ")


def money(of: MatchingEngine, account: str, token: str = "USDT") -> tuple[Decimal, Decimal]:
    owner = of.account(account)
    return owner.total(token), owner.available(token)


# -- matching


def test_the_best_price_comes_first_and_then_the_oldest_order() -> None:
    venue = engine()
    dear, cheap, later = (place(venue, "ann", SELL, "1", price) for price in ("11", "10", "10"))
    taker = place(venue, "bob", BUY, "2.5", "11")
    assert [order.filled for order in (dear, cheap, later)] == [D("0.5"), 1, 1]
    assert [(fill.price, fill.amount) for fill in taker.fills] == [(10, 1), (10, 1), (11, D("0.5"))]
    assert (taker.state, dear.state) == (OrderState.FILLED, OrderState.PARTIALLY_FILLED)


def test_the_price_is_that_of_the_order_that_waited() -> None:
    venue = engine()
    place(venue, "ann", SELL, "1", "10")
    assert place(venue, "bob", BUY, "1", "12").filled_quote == 10
    assert money(venue, "bob") == (9990, 9990)


def test_what_is_not_filled_waits() -> None:
    venue = engine()
    place(venue, "ann", SELL, "1", "10")
    taker = place(venue, "bob", BUY, "3", "10")
    assert (taker.state, taker.remaining) == (OrderState.PARTIALLY_FILLED, 2)
    book = venue.markets[PAIR].snapshot(0)
    assert (book.bids, book.asks) == ([(D("10.00"), D("2.000"))], [])


def test_a_market_order_takes_what_there_is_and_its_rest_ends() -> None:
    venue = engine()
    place(venue, "ann", SELL, "1", "10")
    taker = place(venue, "bob", BUY, "3")
    assert (taker.state, taker.filled) == (OrderState.CANCELED, 1)


def test_ioc_leaves_nothing_behind() -> None:
    venue = engine()
    place(venue, "ann", SELL, "1", "10")
    taker = place(venue, "bob", BUY, "3", "10", time_in_force=IOC)
    assert (taker.state, taker.filled) == (OrderState.CANCELED, 1)
    assert venue.open_orders("bob") == []


def test_fok_is_all_or_nothing() -> None:
    venue = engine()
    place(venue, "ann", SELL, "1", "10")
    assert place(venue, "bob", BUY, "1.5", "10", time_in_force=FOK).filled == 0
    assert place(venue, "bob", BUY, "1", "10", time_in_force=FOK).state is OrderState.FILLED


def test_limit_maker_never_takes() -> None:
    venue = engine()
    place(venue, "ann", SELL, "1", "10")
    with refused("post_only_rejected"):
        place(venue, "bob", BUY, "1", "10", order_type=MAKER)
    assert place(venue, "bob", BUY, "1", "9.99", order_type=MAKER).state is OrderState.OPEN


def test_nobody_trades_with_himself() -> None:
    venue = engine()
    own = place(venue, "ann", SELL, "1", "10")
    place(venue, "bob", SELL, "1", "9")
    taker = place(venue, "ann", BUY, "3", "10")
    assert (taker.state, taker.filled) == (OrderState.CANCELED, 1)
    assert own.state is OrderState.OPEN


def test_an_order_that_the_venue_ends_has_a_reason_and_one_that_its_owner_ends_has_none() -> None:
    venue = engine(is_derivative=True)
    own = place(venue, "ann", SELL, "1", "10")
    assert (place(venue, "ann", BUY, "1", "10").reason or "").startswith("self-trade")
    assert (place(venue, "bob", BUY, "2").reason or "").startswith("what could not be filled")
    idle = place(venue, "bob", SELL, "1", "20", reduce_only=True)
    place(venue, "cat", BUY, "1", "9")
    place(venue, "bob", SELL, "1", "9")
    assert (idle.state, (idle.reason or "")[:11]) == (OrderState.CANCELED, "reduce only")
    assert own.reason is None
    assert (
        venue.cancel("ann", PAIR, exchange_order_id=place(venue, "ann", BUY, "1", "8").exchange_order_id).reason is None
    )


def test_a_market_can_be_made_of_its_steps() -> None:
    spot = Market.of("COINX-USDT", tick=D("0.1"), step=D("0.01"))
    rule = spot.rule
    assert (rule.base, rule.quote, rule.min_price_increment, rule.min_base_amount_increment, rule.min_order_size) == (
        "COINX",
        "USDT",
        D("0.1"),
        D("0.01"),
        D("0.01"),
    )
    perpetual = Market.of("COINX-USDT", tick=D("0.1"), step=D("0.01"), max_leverage=D(20))
    assert (spot.is_derivative, perpetual.is_derivative, perpetual.collateral) == (False, True, "USDT")
    assert perpetual.rule.max_leverage == 20


# -- cancelling and amending


def test_a_cancelled_order_gives_back_what_it_held() -> None:
    venue = engine()
    order = place(venue, "ann", BUY, "10", "9")
    assert money(venue, "ann") == (10000, 9910)
    assert venue.cancel("ann", PAIR, exchange_order_id=order.exchange_order_id).state is OrderState.CANCELED
    assert money(venue, "ann") == (10000, 10000)


def test_an_order_that_ended_or_never_was_cannot_be_cancelled() -> None:
    venue = engine()
    place(venue, "ann", BUY, "10", "9", client_order_id="mine")
    venue.cancel("ann", PAIR, client_order_id="mine")
    with refused("order_done"):
        venue.cancel("ann", PAIR, client_order_id="mine")
    with refused("order_not_found"):
        venue.cancel("ann", PAIR, client_order_id="another")
    with refused("order_not_found"):
        venue.cancel("bob", PAIR, client_order_id="mine")


def test_a_client_order_id_is_used_once() -> None:
    venue = engine()
    place(venue, "ann", BUY, "1", "9", client_order_id="mine")
    venue.cancel_all("ann")
    with refused("duplicate_order"):
        place(venue, "ann", BUY, "1", "9", client_order_id="mine")
    assert place(venue, "bob", BUY, "1", "9", client_order_id="mine").state is OrderState.OPEN


def test_an_amended_order_keeps_its_place_only_if_it_asks_for_less() -> None:
    venue = engine()
    first, second = place(venue, "ann", SELL, "2", "10"), place(venue, "bob", SELL, "2", "10")
    venue.amend("ann", PAIR, exchange_order_id=first.exchange_order_id, amount=D(1))
    place(venue, "cat", BUY, "1", "10")
    assert (first.filled, second.filled) == (1, 0)
    venue.amend("bob", PAIR, exchange_order_id=second.exchange_order_id, amount=D(3))
    assert money(venue, "bob", "COINX") == (100, 97)


def test_an_amended_order_may_take() -> None:
    venue = engine()
    place(venue, "ann", SELL, "1", "10")
    order = place(venue, "bob", BUY, "2", "9")
    venue.amend("bob", PAIR, exchange_order_id=order.exchange_order_id, price=D(10))
    assert (order.filled, order.price) == (1, 10)
    assert money(venue, "bob") == (9990, 9980)


def test_an_amendment_that_is_refused_changes_nothing() -> None:
    venue = engine()
    place(venue, "ann", SELL, "1", "10")
    order = place(venue, "bob", BUY, "2", "9", order_type=MAKER)
    with refused("post_only_rejected"):
        venue.amend("bob", PAIR, exchange_order_id=order.exchange_order_id, price=D(10))
    with refused("insufficient_funds"):
        venue.amend("bob", PAIR, exchange_order_id=order.exchange_order_id, amount=D(5000))
    assert (order.price, order.amount, money(venue, "bob")) == (9, 2, (10000, 9982))


# -- money


@pytest.mark.parametrize(
    ("amount", "price", "text"),
    [
        ("0", "10", "must be positive"),
        ("1.0001", "10", "its step is 0.001"),
        ("1", "10.001", "its step is 0.01"),
        ("0.001", "10", "the least is 0.01"),
        ("0.01", "10", "the least is 1"),
    ],
)
def test_an_order_that_the_rule_does_not_allow_is_refused(amount: str, price: str, text: str) -> None:
    with pytest.raises(RefusedError, match=f"invalid_order: .*{text}"):
        place(engine(), "ann", BUY, amount, price)


def test_nobody_spends_what_he_does_not_have() -> None:
    venue = engine(FeeSchedule(taker=D("0.01"), maker=D("0.01")), rich="100")
    with refused("insufficient_funds"):
        place(venue, "ann", BUY, "10", "10")  # 100, and 1 for the fee
    place(venue, "ann", BUY, "9", "10")
    assert money(venue, "ann") == (100, D("9.1"))
    with refused("insufficient_funds"):
        place(venue, "ann", SELL, "101", "10")
    place(venue, "bob", SELL, "100", "20")
    with refused("insufficient_funds"):
        place(venue, "cat", BUY, "10")


def test_fees_are_added_to_the_cost_or_deducted_from_the_returns() -> None:
    """The seed's own numbers: 10 COINX at 9 USDT with 1 %."""
    added = engine(FeeSchedule(taker=D("0.01")))
    place(added, "bob", SELL, "10", "9")
    place(added, "ann", BUY, "10")
    assert (money(added, "ann")[0], money(added, "ann", "COINX")[0]) == (D("9909.1"), 110)
    deducted = engine(FeeSchedule(taker=D("0.01"), buy_deducted_from_returns=True))
    place(deducted, "bob", SELL, "10", "9")
    place(deducted, "ann", BUY, "10")
    assert (money(deducted, "ann")[0], money(deducted, "ann", "COINX")[0]) == (9910, D("109.9"))


def test_a_fee_token_pays_while_there_is_enough_of_it() -> None:
    venue = engine(FeeSchedule(taker=D("0.01"), token="FEE", token_price=D(2)))
    venue.deposit("ann", "FEE", D("0.5"))
    place(venue, "bob", SELL, "20", "9")
    first, second = place(venue, "ann", BUY, "10"), place(venue, "ann", BUY, "10")
    assert first.fills[0].fee == (Fee(D("0.45"), "FEE"),)
    assert second.fills[0].fee == (Fee(D("0.90"), "USDT"),)
    assert venue.account("venue").total("FEE") == D("0.45")


def test_a_maker_may_be_paid_a_rebate() -> None:
    venue = engine(FeeSchedule(maker=D("-0.01"), taker=D("0.02")))
    place(venue, "bob", SELL, "10", "9")
    place(venue, "ann", BUY, "10")
    assert (money(venue, "bob")[0], money(venue, "venue")[0]) == (D("10090.9"), D("0.9"))


def test_a_fee_token_without_a_price_and_two_markets_of_a_pair_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="token_price"):
        FeeSchedule(token="FEE")
    with pytest.raises(ConfigurationError, match=f"two markets of {PAIR}"):
        MatchingEngine([Market(RULE), Market(RULE)], FeeSchedule(), ManualClock())


# -- news


def test_everything_is_told_in_order_and_times_only_rise() -> None:
    venue, news = engine(), list[News]()
    place(venue, "ann", SELL, "1", "10")
    venue.listen(news.append)
    place(venue, "bob", BUY, "1", "10")
    told = [(entry.account, type(entry.record)) for entry in news]
    assert told == [
        ("bob", OrderUpdate),
        (None, Trade),
        ("bob", TradeUpdate),
        ("bob", OrderUpdate),
        ("ann", TradeUpdate),
        ("ann", OrderUpdate),
        ("ann", BalanceUpdate),
        ("ann", BalanceUpdate),
        ("bob", BalanceUpdate),
        ("bob", BalanceUpdate),
        (None, OrderBookMessage),
    ]
    times = [entry.record.timestamp for entry in news if isinstance(entry.record, OrderUpdate)]
    assert times == sorted(times)


def test_a_listener_may_trade_too() -> None:
    venue, orders = engine(), list[OrderUpdate]()

    def hedge(news: News) -> None:
        if isinstance(news.record, OrderUpdate):
            orders.append(news.record)
            if len(orders) == 1:
                place(venue, "cat", BUY, "1", "10")

    venue.listen(hedge)
    place(venue, "ann", SELL, "1", "10")
    assert [order.state for order in orders] == ["OPEN", "OPEN", "FILLED", "FILLED"]


def test_a_snapshot_and_its_diffs_are_the_book() -> None:
    venue, diffs = engine(), list[OrderBookMessage]()
    venue.listen(lambda news: diffs.append(news.record) if isinstance(news.record, OrderBookMessage) else None)
    place(venue, "ann", SELL, "1", "10")
    place(venue, "bob", BUY, "0.4", "10")
    venue.cancel_all("ann")
    assert [diff.asks for diff in diffs] == [
        [(D("10.00"), D("1.000"))],
        [(D("10.00"), D("0.600"))],
        [(D("10.00"), D("0.000"))],
    ]
    assert [(diff.first_update_id, diff.update_id, diff.previous_update_id) for diff in diffs] == [
        (1, 1, 0),
        (2, 2, 1),
        (3, 3, 2),
    ]


# -- derivatives


def perpetual(fees: FeeSchedule | None = None) -> MatchingEngine:
    venue = engine(fees, is_derivative=True, rich="1000")
    for name in ("ann", "bob", "cat"):
        venue.set_leverage(name, PAIR, D(10))
    return venue


def test_a_position_needs_margin_and_pays_its_profit_when_it_is_closed() -> None:
    venue = perpetual()
    place(venue, "ann", BUY, "10", "100")
    assert money(venue, "ann") == (1000, 900)
    place(venue, "bob", SELL, "10", "100")
    assert money(venue, "ann") == money(venue, "bob") == (1000, 900)
    place(venue, "cat", BUY, "4", "110")
    place(venue, "ann", SELL, "4", "110")
    position = venue.positions("ann")[0]
    assert (position.amount, position.entry_price, position.unrealized_pnl) == (6, 100, 60)
    assert money(venue, "ann") == (1040, 980)


def test_a_closing_order_needs_no_margin() -> None:
    venue = perpetual()
    place(venue, "bob", SELL, "90", "100")
    place(venue, "ann", BUY, "90", "100")
    assert money(venue, "ann") == (1000, 100)
    place(venue, "ann", SELL, "90", "100")
    assert money(venue, "ann") == (1000, 100)


def test_a_fill_says_whether_it_opened_or_closed() -> None:
    venue = perpetual()
    place(venue, "bob", SELL, "4", "100")
    opening = place(venue, "ann", BUY, "4", "100")
    place(venue, "cat", BUY, "10", "100")
    closing, turning = (place(venue, "ann", SELL, amount, "100") for amount in ("2", "4"))
    actions = [order.fills[0].position_action for order in (opening, closing, turning)]
    assert actions == [PositionAction.OPEN, PositionAction.CLOSE, None]


def test_reduce_only_is_cut_to_the_position_and_ends_with_it() -> None:
    venue = perpetual()
    with refused("invalid_order"):
        place(venue, "ann", SELL, "1", "100", reduce_only=True)
    place(venue, "bob", SELL, "2", "100")
    place(venue, "ann", BUY, "2", "100")
    waiting = place(venue, "ann", SELL, "5", "120", reduce_only=True)
    assert waiting.amount == 2
    place(venue, "cat", BUY, "2", "100")
    place(venue, "ann", SELL, "2", "100", reduce_only=True)
    assert (venue.positions("ann"), waiting.state) == ([], OrderState.CANCELED)


def test_a_waiting_order_that_only_reduces_is_not_filled_beyond_the_position() -> None:
    venue = perpetual()
    place(venue, "bob", SELL, "3", "100")
    place(venue, "ann", BUY, "3", "100")
    place(venue, "ann", SELL, "2", "101")
    waiting = place(venue, "ann", SELL, "3", "102", reduce_only=True)
    assert place(venue, "cat", BUY, "5", "102", time_in_force=FOK).filled == 0
    place(venue, "cat", BUY, "5", "102")
    assert (waiting.filled, waiting.state, venue.positions("ann")) == (1, OrderState.CANCELED, [])


def test_hedge_mode_has_a_position_on_each_side() -> None:
    venue = perpetual()
    venue.set_position_mode("ann", PositionMode.HEDGE)
    with refused("not_modified"):
        venue.set_position_mode("ann", PositionMode.HEDGE)
    with refused("invalid_order"):
        place(venue, "ann", BUY, "1", "100")
    for side in (BUY, SELL):
        place(venue, "bob", side, "3", "100" if side is SELL else "99")
    place(venue, "ann", BUY, "1", "100", position_side=PositionSide.LONG)
    place(venue, "ann", SELL, "2", "99", position_side=PositionSide.SHORT)
    assert [(held.side, held.amount) for held in venue.positions("ann")] == [("LONG", 1), ("SHORT", -2)]
    with refused("invalid_order"):
        venue.set_position_mode("ann", PositionMode.ONEWAY)


def test_leverage_has_a_most_and_needs_its_margin() -> None:
    venue = perpetual()
    with refused("invalid_order"):
        venue.set_leverage("ann", PAIR, D(51))
    place(venue, "ann", BUY, "50", "100")
    assert money(venue, "ann") == (1000, 500)
    with refused("insufficient_funds"):
        venue.set_leverage("ann", PAIR, D(4))
    venue.set_leverage("ann", PAIR, D(50))
    assert (money(venue, "ann"), venue.leverage("ann", PAIR)) == ((1000, 900), 50)


def test_funding_goes_from_long_to_short() -> None:
    venue, paid = perpetual(), list[FundingPayment]()
    place(venue, "bob", SELL, "10", "100")
    place(venue, "ann", BUY, "10", "100")
    venue.listen(lambda news: paid.append(news.record) if isinstance(news.record, FundingPayment) else None)
    venue.pay_funding(PAIR, D("0.0001"), D(200))
    assert [payment.amount for payment in paid] == [D("-0.2"), D("0.2")]
    assert money(venue, "ann")[0] == D("999.8")


def test_who_cannot_bear_his_losses_is_liquidated_and_owes_nothing() -> None:
    venue, notices = perpetual(), list[Liquidation]()
    venue.listen(lambda news: notices.append(news.record) if isinstance(news.record, Liquidation) else None)
    place(venue, "bob", SELL, "50", "100")
    place(venue, "ann", BUY, "50", "100")
    waiting = place(venue, "ann", BUY, "1", "50")
    venue.set_mark_price(PAIR, D(85))
    assert notices == []
    venue.set_mark_price(PAIR, D(79))
    assert (venue.positions("ann"), money(venue, "ann")) == ([], (0, 0))
    assert waiting.state is OrderState.CANCELED
    assert [(notice.side, notice.price, notice.amount) for notice in notices] == [(SELL, 79, 50)]
    forced = venue.order("ann", exchange_order_id=venue.fills("ann")[-1].exchange_order_id)
    assert (forced.state, forced.asked.client_order_id) == (OrderState.FILLED, "autoclose-4")
    assert venue.account("venue").total("USDT") == -50
