"""Orders that wait outside the book for a price: when they come to the market, in what turn, and what they hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from declconn.records import OrderUpdate, TradingRule
from declconn.simulator.engine.fees import FeeSchedule
from declconn.simulator.engine.market import Market
from declconn.simulator.engine.matching_engine import MatchingEngine
from declconn.simulator.engine.news import News
from declconn.simulator.engine.orders import NewOrder, Order
from declconn.simulator.engine.refusals import RefusedError
from declconn.testing import ManualClock
from declconn.types import OrderState, OrderType, Side, TimeInForce, Trigger

D = Decimal
PAIR = "COINX-USDT"
BUY, SELL = Side.BUY, Side.SELL
STOP, TAKE_PROFIT = Trigger.STOP, Trigger.TAKE_PROFIT
RULE = TradingRule("", "COINX", "USDT", min_price_increment=D("0.5"), min_notional_size=D(1), max_leverage=D(50))


class Traders:
    """Three who are rich enough, in a market whose last price is 100."""

    def __init__(self, *, is_derivative: bool = False, fees: FeeSchedule | None = None) -> None:
        self.engine = MatchingEngine([Market(RULE, is_derivative=is_derivative)], fees or FeeSchedule(), ManualClock())
        for name in ("ann", "bob", "cat"):
            self.engine.open_account(name, {"USDT": D(1000), "COINX": D(10)})
        self.print_at("100")

    def place(
        self, who: str, side: Side, amount: str, price: str | None, trigger_price: str | None = None, **words: Any
    ) -> Order:
        """An order, by default a stop if it has a trigger price."""
        return self.engine.place(
            who,
            NewOrder(
                trading_pair=PAIR,
                side=side,
                amount=D(amount),
                order_type=words.pop("order_type", OrderType.MARKET if price is None else OrderType.LIMIT),
                price=None if price is None else D(price),
                trigger_price=None if trigger_price is None else D(trigger_price),
                **words,
            ),
        )

    def print_at(self, price: str) -> None:
        """Two others trade a little at a price, and nobody else is in their way."""
        self.place("bob", SELL, "0.1", price)
        self.place("cat", BUY, "0.1", price)

    def money(self, who: str, token: str = "USDT") -> tuple[Decimal, Decimal]:
        """Total and available."""
        owner = self.engine.account(who)
        return owner.total(token), owner.available(token)


def refused(kind: str, text: str = "") -> Any:
    return pytest.raises(RefusedError, match=f"^{kind}: .*{text}")


# -- when


@pytest.mark.parametrize(
    ("side", "trigger", "short_of", "reached"),
    [
        (BUY, STOP, "101.5", "102"),
        (SELL, STOP, "98.5", "98"),
        (BUY, TAKE_PROFIT, "98.5", "98"),
        (SELL, TAKE_PROFIT, "101.5", "102"),
    ],
)
@pytest.mark.parametrize("beyond", [False, True])
def test_an_order_is_triggered_when_the_price_reaches_it_or_jumps_beyond(
    side: Side, trigger: Trigger, short_of: str, reached: str, beyond: bool
) -> None:
    traders = Traders()
    order = traders.place("ann", side, "1", "50" if side is BUY else "150", reached, trigger=trigger)
    traders.print_at(short_of)
    assert (order.is_untriggered, order.state) == (True, OrderState.OPEN)
    away = 1 if D(reached) > 100 else -1
    traders.print_at(str(D(reached) + away * 5 * beyond))
    assert (order.is_untriggered, order.state) == (False, OrderState.OPEN)
    assert traders.engine.markets[PAIR].book.best(side) == order.price


@pytest.mark.parametrize(
    ("side", "trigger", "price"),
    [(BUY, STOP, "99"), (BUY, STOP, "100"), (SELL, STOP, "101"), (BUY, TAKE_PROFIT, "101"), (SELL, TAKE_PROFIT, "100")],
)
def test_an_order_that_would_be_triggered_at_once_is_refused(side: Side, trigger: Trigger, price: str) -> None:
    traders = Traders()
    with refused("invalid_order", "would trigger at once: the price is 100"):
        traders.place("ann", side, "1", "90", price, trigger=trigger)
    assert traders.money("ann") == (1000, 1000)


def test_a_market_that_has_no_price_yet_takes_any_trigger_price_and_its_first_trade_decides() -> None:
    traders = Traders()
    traders.engine.markets[PAIR].reference_price = None
    falling = traders.place("ann", SELL, "1", "150", "101")
    rising = traders.place("ann", BUY, "1", "50", "99")
    later = traders.place("ann", BUY, "1", "50", "103")
    traders.print_at("100")
    assert [order.is_untriggered for order in (falling, rising, later)] == [False, False, True]


def test_the_price_of_every_trade_counts_not_only_the_last_of_an_order() -> None:
    """The sweep begins below the last price, and ends above the stop that it has touched."""
    traders = Traders()
    for price in ("98", "101"):
        traders.place("bob", SELL, "1", price)
    touched = traders.place("ann", SELL, "1", "150", "99")
    traders.place("cat", BUY, "2", "101")
    assert traders.engine.markets[PAIR].last_price == 101
    assert not touched.is_untriggered


def test_a_mark_price_triggers_too_and_is_what_new_ones_are_held_against() -> None:
    traders = Traders(is_derivative=True)
    order = traders.place("ann", BUY, "1", "50", "105")
    traders.engine.set_mark_price(PAIR, D(106))
    assert not order.is_untriggered
    with refused("invalid_order", "the price is 106"):
        traders.place("ann", BUY, "1", "50", "105")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ({"trigger_price": "0"}, "must be positive"),
        ({"trigger_price": "105.25"}, "its step is 0.5"),
        ({"trigger_price": "105", "order_type": OrderType.LIMIT_MAKER}, "may be LIMIT or MARKET"),
        ({"trigger_price": "105", "price": None, "amount": "0.001"}, "the least is 1"),
    ],
)
def test_what_makes_no_sense_is_refused(words: Any, text: str) -> None:
    with refused("invalid_order", text):
        Traders().place(**{"who": "ann", "side": BUY, "amount": "1", "price": "50", **words})


# -- whose turn


def test_a_rising_price_comes_to_low_ones_first_and_to_the_oldest_of_a_price() -> None:
    traders = Traders()
    waiting = [traders.place("ann", BUY, "0.1", "50", price) for price in ("103", "101", "102", "101")]
    traders.print_at("104")
    assert sorted(waiting, key=lambda order: order.updated) == [waiting[1], waiting[3], waiting[2], waiting[0]]


def test_a_falling_price_comes_to_high_ones_first() -> None:
    traders = Traders()
    waiting = [traders.place("ann", SELL, "0.1", "150", price) for price in ("97", "99", "98", "99")]
    traders.print_at("96")
    assert sorted(waiting, key=lambda order: order.updated) == [waiting[1], waiting[3], waiting[2], waiting[0]]


def test_whoever_trades_is_served_whole_before_those_whom_he_triggers() -> None:
    traders = Traders()
    traders.place("bob", SELL, "1", "101")
    traders.place("bob", SELL, "1", "102")
    stop = traders.place("ann", BUY, "1", None, "101")
    taker = traders.place("cat", BUY, "2", "102")
    assert (taker.state, stop.state, stop.filled) == (OrderState.FILLED, OrderState.CANCELED, 0)


def test_one_triggers_the_next_and_that_ends() -> None:
    traders = Traders()
    for price in ("98", "97", "96", "95"):
        traders.place("cat", BUY, "1", price)
    stops = [traders.place("ann", SELL, "1", None, price) for price in ("98", "97", "96")]
    traders.place("bob", SELL, "1", "98")
    assert [stop.fills[0].price for stop in stops] == [97, 96, 95]
    assert traders.engine.markets[PAIR].triggers.orders() == []


# -- what becomes of it


def test_a_triggered_market_order_takes_what_there_is_and_its_rest_ends() -> None:
    traders = Traders()
    order = traders.place("ann", BUY, "2", None, "105")
    traders.place("bob", SELL, "0.5", "107")
    traders.print_at("105")
    assert (order.state, order.filled, order.filled_quote) == (OrderState.CANCELED, D("0.5"), D("53.5"))


@pytest.mark.parametrize(
    ("time_in_force", "filled", "state"),
    [
        (TimeInForce.GTC, "0.5", OrderState.PARTIALLY_FILLED),
        (TimeInForce.IOC, "0.5", OrderState.CANCELED),
        (TimeInForce.FOK, "0", OrderState.CANCELED),
    ],
)
def test_a_triggered_limit_order_keeps_its_time_in_force(
    time_in_force: TimeInForce, filled: str, state: OrderState
) -> None:
    traders = Traders()
    order = traders.place("ann", BUY, "2", "107", "105", time_in_force=time_in_force)
    traders.place("bob", SELL, "0.5", "107")
    traders.print_at("105")
    assert (order.filled, order.state) == (D(filled), state)


def test_a_triggered_order_that_meets_one_of_its_own_account_ends() -> None:
    traders = Traders()
    own = traders.place("ann", SELL, "1", "106")
    order = traders.place("ann", BUY, "1", "107", "105")
    traders.print_at("105")
    assert (order.state, own.state) == (OrderState.CANCELED, OrderState.OPEN)
    assert (order.reason or "").startswith("self-trade")


def test_its_owner_is_told_when_it_waits_and_when_it_was_triggered() -> None:
    traders, news = Traders(), list[News]()
    traders.engine.listen(news.append)
    order = traders.place("ann", BUY, "1", "50", "105")
    traders.print_at("105")
    told = [entry.record for entry in news if entry.account == "ann" and isinstance(entry.record, OrderUpdate)]
    assert [(update.state, update.exchange_order_id) for update in told] == [("OPEN", order.exchange_order_id)] * 2
    assert told[1].timestamp == order.updated > order.created == told[0].timestamp


# -- while it waits


def test_an_untriggered_order_is_in_no_book_and_meets_nobody() -> None:
    traders = Traders()
    order = traders.place("ann", BUY, "1", "110", "105")
    seller = traders.place("bob", SELL, "1", "104")
    assert (order.filled, seller.filled, order.is_open) == (0, 0, True)
    assert traders.engine.markets[PAIR].snapshot(0).bids == []
    assert traders.engine.open_orders("ann") == [order]


def test_an_untriggered_order_can_be_cancelled_and_is_then_never_triggered() -> None:
    traders = Traders()
    order = traders.place("ann", BUY, "1", "110", "105", client_order_id="mine")
    assert traders.engine.cancel("ann", PAIR, client_order_id="mine").state is OrderState.CANCELED
    traders.place("bob", SELL, "1", "106")
    traders.print_at("105")
    assert (order.filled, order.state, traders.money("ann")) == (0, OrderState.CANCELED, (1000, 1000))


def test_cancelling_everything_cancels_it_too() -> None:
    traders = Traders()
    orders = [traders.place("ann", BUY, "1", "90"), traders.place("ann", BUY, "1", "90", "105")]
    assert traders.engine.cancel_all("ann") == orders
    assert traders.engine.open_orders("ann") == traders.engine.markets[PAIR].triggers.orders() == []


def test_an_untriggered_order_is_amended_in_all_its_numbers() -> None:
    traders = Traders()
    order = traders.place("ann", BUY, "1", "90", "105")
    words = {"amount": D(2), "price": D(80), "trigger_price": D(103)}
    traders.engine.amend("ann", PAIR, exchange_order_id=order.exchange_order_id, **words)
    assert (order.amount, order.price, order.trigger_price, order.is_untriggered) == (2, 80, 103, True)
    assert traders.money("ann") == (1000, 840)
    traders.print_at("103")
    assert (order.is_untriggered, traders.engine.markets[PAIR].book.best(BUY)) == (False, 80)


def test_an_amendment_that_is_refused_changes_nothing() -> None:
    traders = Traders()
    order = traders.place("ann", BUY, "1", "90", "105")
    ordinary = traders.place("ann", BUY, "1", "80")
    with refused("invalid_order", "would trigger at once"):
        traders.engine.amend("ann", PAIR, exchange_order_id=order.exchange_order_id, trigger_price=D(99))
    with refused("insufficient_funds"):
        traders.engine.amend("ann", PAIR, exchange_order_id=order.exchange_order_id, amount=D(11))
    with refused("invalid_order", "waits for no trigger price"):
        traders.engine.amend("ann", PAIR, exchange_order_id=ordinary.exchange_order_id, trigger_price=D(105))
    traders.print_at("104")
    assert (order.amount, order.trigger_price, traders.money("ann")) == (1, 105, (1000, 830))


def test_an_amended_one_stands_behind_those_of_its_trigger_price() -> None:
    traders = Traders()
    first, second = (traders.place("ann", BUY, "1", "50", "105") for _ in range(2))
    traders.engine.amend("ann", PAIR, exchange_order_id=first.exchange_order_id, amount=D("0.5"))
    traders.print_at("105")
    assert first.updated > second.updated


# -- money


@pytest.mark.parametrize(("price", "held"), [("90", "90.9"), (None, "106.05")])
def test_on_a_spot_market_it_holds_its_value_and_fee_from_the_start(price: str | None, held: str) -> None:
    """A market order's at its trigger price."""
    traders = Traders(fees=FeeSchedule(taker=D("0.01")))
    total = traders.money("ann")[0]
    order = traders.place("ann", BUY, "1", price, "105")
    assert traders.money("ann") == (total, total - D(held))
    traders.place("ann", SELL, "1", None, "95")
    assert traders.money("ann", "COINX") == (10, 9)
    traders.engine.cancel("ann", PAIR, exchange_order_id=order.exchange_order_id)
    assert traders.money("ann") == (total, total)


def test_on_a_spot_market_what_cannot_be_held_is_refused() -> None:
    traders = Traders()
    with refused("insufficient_funds"):
        traders.place("ann", BUY, "10", None, "105")
    with refused("insufficient_funds"):
        traders.place("ann", SELL, "11", None, "95")


def test_a_triggered_market_order_that_costs_more_than_there_is_ends() -> None:
    traders = Traders()
    order = traders.place("ann", BUY, "9", None, "105")
    traders.place("bob", SELL, "9", "120")
    traders.print_at("105")
    assert (order.state, order.filled, traders.money("ann")) == (OrderState.CANCELED, 0, (1000, 1000))
    assert "are needed" in (order.reason or "")


def test_on_a_perpetual_market_it_needs_margin_only_when_it_is_triggered() -> None:
    traders = Traders(is_derivative=True)
    order = traders.place("ann", BUY, "5", "110", "105")
    too_large = traders.place("ann", BUY, "50", "110", "105")
    assert traders.money("ann") == (1000, 1000)
    traders.print_at("105")
    assert (order.state, traders.money("ann")) == (OrderState.OPEN, (1000, 450))
    assert (too_large.state, "are needed" in (too_large.reason or "")) == (OrderState.CANCELED, True)


def test_a_stop_that_only_reduces_closes_the_position_and_no_more() -> None:
    traders = Traders(is_derivative=True)
    with refused("invalid_order", "no position"):
        traders.place("ann", SELL, "1", None, "95", reduce_only=True)
    traders.place("bob", SELL, "2", "100")
    traders.place("ann", BUY, "2", "100")
    stop = traders.place("ann", SELL, "2", None, "95", reduce_only=True)
    target = traders.place("ann", SELL, "2", "110", "105", trigger=TAKE_PROFIT, reduce_only=True)
    traders.place("ann", SELL, "0.5", None)  # nobody buys
    traders.place("cat", BUY, "1", "100")
    traders.place("ann", SELL, "1", "100")
    traders.place("cat", BUY, "5", "95")
    traders.place("bob", SELL, "0.5", "95")
    assert (stop.state, stop.amount, stop.filled) == (OrderState.FILLED, 1, 1)
    assert (target.state, (target.reason or "")[:11]) == (OrderState.CANCELED, "reduce only")
    assert traders.engine.positions("ann") == []


def test_of_two_that_reduce_and_are_triggered_together_the_second_ends_with_the_position() -> None:
    traders = Traders(is_derivative=True)
    traders.place("bob", SELL, "2", "100")
    traders.place("ann", BUY, "2", "100")
    first, second = (traders.place("ann", SELL, "2", None, price, reduce_only=True) for price in ("96", "95"))
    traders.place("cat", BUY, "5", "94")
    traders.print_at("94.5")
    assert (first.state, second.state, second.filled) == (OrderState.FILLED, OrderState.CANCELED, 0)


def test_a_stop_may_save_a_position_from_liquidation() -> None:
    """The mark price triggers it before margins are looked at."""
    traders = Traders(is_derivative=True)
    traders.engine.set_leverage("ann", PAIR, D(50))
    traders.place("bob", SELL, "9", "100")
    traders.place("ann", BUY, "9", "100")
    traders.engine.deposit("ann", "USDT", D(-900))
    traders.place("cat", BUY, "9", "97")
    stop = traders.place("ann", SELL, "9", None, "96", reduce_only=True)
    traders.engine.set_mark_price(PAIR, D(80))
    assert (stop.state, traders.money("ann")) == (OrderState.FILLED, (73, 73))


def test_who_is_liquidated_loses_his_untriggered_orders_too() -> None:
    traders = Traders(is_derivative=True)
    traders.engine.set_leverage("ann", PAIR, D(50))
    traders.place("bob", SELL, "9", "100")
    traders.place("ann", BUY, "9", "100")
    traders.engine.deposit("ann", "USDT", D(-900))
    stop = traders.place("ann", BUY, "1", None, "150")
    traders.engine.set_mark_price(PAIR, D(80))
    assert (stop.state, (stop.reason or "")[:11]) == (OrderState.CANCELED, "liquidation")
    traders.print_at("150")
    assert stop.filled == 0
