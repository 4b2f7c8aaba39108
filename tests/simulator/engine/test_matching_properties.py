"""The matching engine under everything that traders may do: nothing is made or lost, and nobody jumps the queue."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from declconn.records import BalanceUpdate, FundingPayment, Trade, TradingRule
from declconn.simulator.engine.fees import FeeSchedule
from declconn.simulator.engine.market import Market
from declconn.simulator.engine.matching_engine import MatchingEngine
from declconn.simulator.engine.news import News
from declconn.simulator.engine.orders import NewOrder, Order
from declconn.simulator.engine.refusals import RefusedError
from declconn.testing import ManualClock
from declconn.types import OrderState, OrderType, PositionAction, PositionSide, Side, TimeInForce, Trigger

D = Decimal
NAMES = ("ann", "bob", "cat", "venue")
PAIR = "COINX-USDT"

names = st.sampled_from(NAMES[:3])
sides = st.sampled_from(Side)
amounts = st.integers(1, 40).map(lambda count: count * D("0.25"))
prices = st.integers(90, 110).map(lambda count: count * D("0.1"))
rates = st.sampled_from([D("-0.001"), D(0), D("0.0003"), D("0.02")])
schedules = st.builds(
    FeeSchedule,
    maker=rates,
    taker=rates.map(abs),
    token=st.sampled_from([None, "FEE"]),
    token_price=st.just(D("0.7")),
    buy_deducted_from_returns=st.booleans(),
)
styles = st.sampled_from(
    [
        (OrderType.LIMIT, TimeInForce.GTC),
        (OrderType.LIMIT, TimeInForce.GTC),
        (OrderType.LIMIT, TimeInForce.IOC),
        (OrderType.LIMIT, TimeInForce.FOK),
        (OrderType.LIMIT_MAKER, TimeInForce.GTC),
        (OrderType.MARKET, TimeInForce.GTC),
    ]
)


def may_meet(maker: Order, taker: NewOrder) -> bool:
    if taker.price is None or maker.price is None:
        return True
    return maker.price <= taker.price if taker.side is Side.BUY else maker.price >= taker.price


class Traders(RuleBasedStateMachine):
    """Three accounts in one market."""

    is_derivative = False

    @initialize(fees=schedules)
    def open(self, fees: FeeSchedule) -> None:
        rule = TradingRule("COINXUSDT", "COINX", "USDT")
        self.fees = fees
        self.market = Market(rule, is_derivative=self.is_derivative)
        self.engine = MatchingEngine([self.market], fees, ManualClock())
        self.supply: defaultdict[str, Decimal] = defaultdict(Decimal)
        for name in NAMES[:3]:
            self.engine.open_account(name, {})
            for token, amount in (("USDT", 300), ("COINX", 30), ("FEE", 1)):
                self.engine.deposit(name, token, D(amount))
                self.supply[token] += amount
        self.news: list[News] = []
        self.engine.listen(self.news.append)

    @rule(name=names, side=sides, amount=amounts, price=prices, style=styles)
    def place(self, name: str, side: Side, amount: Decimal, price: Decimal, style: Any, **words: Any) -> None:
        order_type, time_in_force = style
        order = NewOrder(
            trading_pair=PAIR,
            side=side,
            amount=amount,
            order_type=order_type,
            price=None if order_type is OrderType.MARKET else price,
            time_in_force=time_in_force,
            **words,
        )
        waiting = list(self.market.book.orders(Side.SELL if side is Side.BUY else Side.BUY))
        before = {maker: (maker.filled, maker.is_open) for maker in waiting}
        position, untriggered = self.position(name), self.market.triggers.orders()
        try:
            placed = self.engine.place(name, order)
        except RefusedError:
            assert {maker: (maker.filled, maker.is_open) for maker in waiting} == before
            return
        self.check_style(placed, order)
        if self.market.triggers.orders() != untriggered:  # others have traded too
            return
        self.check_priority(waiting, before, order)
        if order.reduces:
            assert abs(self.position(name)) <= abs(position)

    def check_style(self, placed: Order, order: NewOrder) -> None:
        if not order.rests:
            assert not placed.is_open
        if order.time_in_force is TimeInForce.FOK:
            assert placed.filled in (0, placed.amount)
        if order.order_type is OrderType.LIMIT_MAKER:
            assert placed.filled == 0
        assert order.price is None or all(
            fill.price <= order.price if order.side is Side.BUY else fill.price >= order.price for fill in placed.fills
        )

    def check_priority(self, waiting: list[Order], before: dict[Order, Any], order: NewOrder) -> None:
        """Whoever was filled stood behind nobody who could have been filled and still waits."""
        touched = [maker for maker in waiting if maker.filled != before[maker][0]]
        for maker in waiting[: waiting.index(touched[-1])] if touched else []:
            assert may_meet(maker, order)
            assert not maker.is_open

    @rule(
        name=names,
        side=sides,
        amount=amounts,
        price=st.none() | prices,
        trigger_price=prices,
        trigger=st.sampled_from(Trigger),
        time_in_force=st.sampled_from(TimeInForce),
    )
    def place_with_a_trigger(self, name: str, price: Decimal | None, time_in_force: TimeInForce, **words: Any) -> None:
        order = NewOrder(
            trading_pair=PAIR,
            order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
            price=price,
            time_in_force=TimeInForce.GTC if price is None else time_in_force,
            **words,
        )
        self.place_to_wait(name, order)

    def place_to_wait(self, name: str, order: NewOrder) -> None:
        traded = len(self.news)
        try:
            placed = self.engine.place(name, order)
        except RefusedError:
            return
        assert placed.is_untriggered
        assert not any(isinstance(news.record, Trade) for news in self.news[traded:])

    @rule(name=names, which=st.integers(0, 50))
    def cancel(self, name: str, which: int) -> None:
        orders = self.engine.open_orders(name)
        if orders:
            order = orders[which % len(orders)]
            self.engine.cancel(name, PAIR, exchange_order_id=order.exchange_order_id)
            assert order.state is OrderState.CANCELED

    @rule(
        name=names,
        which=st.integers(0, 50),
        amount=amounts,
        price=st.none() | prices,
        trigger_price=st.none() | prices,
    )
    def amend(self, name: str, which: int, **changes: Decimal | None) -> None:
        orders = self.engine.open_orders(name)
        if orders:
            order = orders[which % len(orders)]
            before = (order.amount, order.price, order.trigger_price)
            try:
                self.engine.amend(name, PAIR, exchange_order_id=order.exchange_order_id, **changes)
            except RefusedError:
                assert (order.amount, order.price, order.trigger_price) == before

    def position(self, name: str) -> Decimal:
        position = self.engine.account(name).positions.get((PAIR, PositionSide.BOTH))
        return position.amount if position else D(0)

    @invariant()
    def the_book_is_never_crossed(self) -> None:
        bid, ask = self.market.book.best(Side.BUY), self.market.book.best(Side.SELL)
        assert bid is None or ask is None or bid < ask

    @invariant()
    def the_book_is_what_waits(self) -> None:
        listed = {order for name in NAMES for order in self.engine.open_orders(name)}
        untriggered = set(self.market.triggers.orders())
        assert listed - untriggered == {order for side in Side for order in self.market.book.orders(side)}
        assert untriggered == {order for order in listed if order.is_untriggered}
        assert all(order.remaining > 0 for order in listed)

    @invariant()
    def nobody_waits_for_a_price_that_was_reached(self) -> None:
        price = self.market.reference_price
        for order in self.market.triggers.orders():
            above = (order.side is Side.BUY) is (order.asked.trigger is Trigger.STOP)
            assert order.filled == 0
            assert price is None or (order.trigger_price > price if above else order.trigger_price < price)

    @invariant()
    def fills_add_up_to_what_is_executed(self) -> None:
        for name in NAMES:
            for order in self.engine.account(name).orders.values():
                assert order.filled == sum(fill.amount for fill in order.fills) <= order.amount
                assert order.filled_quote == sum(fill.amount * fill.price for fill in order.fills)

    @invariant()
    def what_is_told_is_what_is_so(self) -> None:
        told = [news.record for news in self.news if news.account == "ann" and isinstance(news.record, BalanceUpdate)]
        for token, balance in {balance.asset: balance for balance in told}.items():
            assert balance == self.engine.account("ann").balance(token)
            assert (balance.available or 0) + (balance.locked or 0) == balance.total

    @invariant()
    def nobody_has_less_than_nothing(self) -> None:
        for name in NAMES[:3]:
            account = self.engine.account(name)
            for token in account.totals:
                assert self.is_derivative or 0 <= account.held.get(token, 0) <= account.total(token)


class SpotTraders(Traders):
    """They exchange assets."""

    @invariant()
    def no_asset_is_made_or_lost(self) -> None:
        for token, supply in self.supply.items():
            assert sum(self.engine.account(name).total(token) for name in NAMES) == supply

    @invariant()
    def what_is_held_is_what_open_orders_need(self) -> None:
        for name in NAMES[:3]:
            needed = {"USDT": D(0), "COINX": D(0)}
            reserve = 0 if self.fees.buy_deducted_from_returns else self.fees.highest
            for order in self.engine.open_orders(name):
                if order.side is Side.SELL:
                    needed["COINX"] += order.remaining
                else:
                    needed["USDT"] += order.remaining * (order.price or order.trigger_price or 0) * (1 + reserve)
            assert {token: self.engine.account(name).held.get(token, 0) for token in needed} == needed


class PerpetualTraders(Traders):
    """They exchange risk."""

    is_derivative = True

    @precondition(lambda self: self.market.last_price)
    @rule(name=names, amount=amounts, price=prices)
    def reduce(self, name: str, amount: Decimal, price: Decimal) -> None:
        side = Side.SELL if self.position(name) > 0 else Side.BUY
        self.place(name, side, amount, price, (OrderType.LIMIT, TimeInForce.GTC), reduce_only=True)

    @precondition(lambda self: self.market.last_price)
    @rule(name=names, amount=amounts, price=prices, trigger=st.sampled_from(Trigger))
    def reduce_later(self, name: str, amount: Decimal, price: Decimal, trigger: Trigger) -> None:
        side = Side.SELL if self.position(name) > 0 else Side.BUY
        words = {"side": side, "amount": amount, "trigger_price": price, "trigger": trigger, "reduce_only": True}
        self.place_to_wait(name, NewOrder(trading_pair=PAIR, order_type=OrderType.MARKET, **words))

    @rule(name=names, leverage=st.integers(1, 20).map(Decimal))
    def set_leverage(self, name: str, leverage: Decimal) -> None:
        try:
            self.engine.set_leverage(name, PAIR, leverage)
        except RefusedError:
            return

    @rule(rate=st.integers(-50, 50).map(lambda count: count * D("0.0001")), price=prices)
    def pay_funding(self, rate: Decimal, price: Decimal) -> None:
        heard = len(self.news)
        self.engine.pay_funding(PAIR, rate, price)
        paid = [news.record.amount for news in self.news[heard:] if isinstance(news.record, FundingPayment)]
        assert sum(paid) == 0

    @precondition(lambda self: self.market.last_price)
    @rule(price=prices, factor=st.sampled_from([1, 2, D("0.5")]))
    def set_mark_price(self, price: Decimal, factor: Decimal) -> None:
        self.engine.set_mark_price(PAIR, price * factor)

    @invariant()
    def positions_add_up_to_nothing(self) -> None:
        assert sum(self.position(name) for name in NAMES) == 0

    @invariant()
    def no_money_is_made_or_lost(self) -> None:
        """Whatever the price: what some have gained others have lost, or will when they close."""
        accounts = [self.engine.account(name) for name in NAMES]
        for price in (D(1), D(1000)):
            profits = sum(position.profit(price) for account in accounts for position in account.positions.values())
            assert sum(account.total("USDT") for account in accounts) + profits == self.supply["USDT"]
        assert sum(account.total("FEE") for account in accounts) == self.supply["FEE"]

    @invariant()
    def margin_is_what_positions_and_orders_need(self) -> None:
        for name in NAMES[:3]:
            account, needed = self.engine.account(name), D(0)
            for position in account.positions.values():
                orders = [
                    order
                    for order in self.engine.open_orders(name)
                    if order.asked.position_side is position.side
                    and not order.asked.reduces
                    and not order.is_untriggered
                ]
                waits = {
                    side: sum(order.remaining * (order.price or 0) for order in orders if order.side is side)
                    for side in Side
                }
                assert (position.buys, position.sells) == (waits[Side.BUY], waits[Side.SELL])
                needed += position.margin(self.fees.highest)
            assert account.held.get("USDT", 0) == needed

    @invariant()
    def nobody_owes_more_than_he_has(self) -> None:
        for name in NAMES[:3]:
            account = self.engine.account(name)
            profit = sum(position.profit(self.market.mark_price) for position in account.positions.values())
            assert account.total("USDT") + profit >= 0

    @invariant()
    def what_only_reduces_never_opens_and_ends_with_what_it_reduces(self) -> None:
        for name in NAMES[:3]:
            account = self.engine.account(name)
            for order in account.orders.values():
                if order.asked.reduces:
                    assert {fill.position_action for fill in order.fills} <= {PositionAction.CLOSE}
                    closable = account.positions[PAIR, PositionSide.BOTH].closable(order.side)
                    assert closable or not order.is_open


ENOUGH = settings(max_examples=40, stateful_step_count=30, deadline=None)

TestSpotTraders = SpotTraders.TestCase
TestSpotTraders.settings = ENOUGH
TestPerpetualTraders = PerpetualTraders.TestCase
TestPerpetualTraders.settings = ENOUGH
