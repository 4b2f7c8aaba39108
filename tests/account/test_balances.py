"""Balances: the venue's word, and what orders and fills make of it until its next one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from declconn.account.balances import Balances
from declconn.account.events import BalanceEvent, OrderFilledEvent
from declconn.account.holds import Holds, PerpetualHolds, SpotHolds
from declconn.account.in_flight_order import InFlightOrder
from declconn.account.trade_fee import AddedToCostTradeFee, TokenAmount
from declconn.records import BalanceUpdate, OrderUpdate, TradeUpdate
from declconn.testing import ManualClock
from declconn.types import OrderState, OrderType, PositionAction, Side, Trigger

NO_FEE: Callable[[str], Decimal] = lambda _pair: Decimal(0)  # noqa: E731
_numbers = count(1)


def update(asset: str, **numbers: str) -> BalanceUpdate:
    return BalanceUpdate(asset, **{name: Decimal(number) for name, number in numbers.items()})


def order(side: Side, amount: str, price: str | None, **more: Any) -> InFlightOrder:
    made = InFlightOrder(
        client_order_id=f"o{next(_numbers)}",
        trading_pair="COINALPHA-HBOT",
        order_type=OrderType.LIMIT,
        trade_type=side,
        amount=Decimal(amount),
        price=None if price is None else Decimal(price),
        creation_timestamp=1,
        **more,
    )
    made.update_with_order_update(OrderUpdate(made.client_order_id, state=OrderState.OPEN))
    return made


def fill(
    side: Side, amount: str, price: str, at: int, *, fees: tuple[TokenAmount, ...] = (), **more: Any
) -> OrderFilledEvent:
    trade_id = str(next(_numbers))
    return OrderFilledEvent(
        event_id=trade_id,
        timestamp=at,
        order_id="o",
        trading_pair="COINALPHA-HBOT",
        trade_type=side,
        order_type=OrderType.LIMIT,
        price=Decimal(price),
        amount=Decimal(amount),
        quote_amount=Decimal(price) * Decimal(amount),
        trade_fee=AddedToCostTradeFee(flat_fees=fees),
        exchange_trade_id=trade_id,
        **more,
    )


class Account:
    """Balances with everything around them in reach."""

    def __init__(self, *, real_time: bool, holds: Holds | None = None) -> None:
        self.orders: list[InFlightOrder] = []
        self.events: list[BalanceEvent] = []
        self.asked: list[int] = []
        self.clock = ManualClock()
        self.balances = Balances(
            lambda: self.orders,
            holds=holds or SpotHolds(NO_FEE),
            real_time=real_time,
            clock=self.clock,
            tell=self.events.append,
            ask=lambda: self.asked.append(self.clock.time_ns()),
        )

    def hold(self, *orders: InFlightOrder) -> None:
        self.orders += orders
        for one in orders:
            self.balances.on_order(one)

    def drop(self) -> None:
        """All orders are cancelled."""
        for one in self.orders:
            one.update_with_order_update(OrderUpdate(one.client_order_id, state=OrderState.CANCELED))
            self.balances.on_order(one)
        self.orders.clear()

    def answer(self, *updates: BalanceUpdate) -> None:
        """The venue is asked, and answers at once."""
        self.balances.replace_all(updates, self.balances.asking())

    def of(self, asset: str) -> tuple[Decimal, Decimal]:
        return self.balances.get_balance(asset), self.balances.get_available_balance(asset)


@pytest.fixture
def told() -> Account:
    """An account whose venue tells available balances as they change."""
    return Account(real_time=True)


@pytest.fixture
def asked() -> Account:
    """An account whose venue has to be asked."""
    return Account(real_time=False)


def test_an_asset_that_nobody_named_counts_as_nothing(told: Account) -> None:
    assert told.of("HBOT") == (0, 0)
    assert told.balances.get_all_balances() == {}


@pytest.mark.parametrize(
    "numbers",
    [
        {"total": "10", "available": "7"},
        {"total": "10", "locked": "3"},
        {"available": "7", "locked": "3"},
        {"total": "10", "available": "7", "locked": "3"},
    ],
)
def test_two_of_total_available_and_locked_give_the_third(told: Account, numbers: dict[str, str]) -> None:
    told.answer(update("HBOT", **numbers))
    assert told.of("HBOT") == (10, 7)


def test_a_lone_number_leaves_the_others_as_they_were(told: Account) -> None:
    told.answer(update("HBOT", total="10", available="7"))
    told.balances.apply(update("HBOT", total="20"))
    assert told.of("HBOT") == (20, 17), "what is locked stays locked"
    told.balances.apply(update("HBOT", available="4"))
    assert told.of("HBOT") == (7, 4)
    told.balances.apply(update("HBOT", locked="5"))
    assert told.of("HBOT") == (7, 2)


def test_a_lone_total_keeps_what_our_orders_hold_by_now(asked: Account) -> None:
    asked.hold(order(Side.BUY, "1", "100"))
    asked.answer(update("HBOT", total="1000", available="900"))
    asked.hold(order(Side.BUY, "2", "100"))
    asked.balances.apply(update("HBOT", total="950"))
    assert asked.of("HBOT") == (950, 650)
    asked.drop()
    assert asked.of("HBOT") == (950, 950)


def test_a_whole_answer_forgets_what_it_does_not_name(told: Account) -> None:
    assert not told.balances.known
    told.answer(update("HBOT", total="10", available="10"), update("BTC", total="1", available="1"))
    told.answer(update("BTC", total="1", available="1"))
    assert told.of("HBOT") == (0, 0)
    assert told.of("BTC") == (1, 1)


def test_an_account_may_be_empty(told: Account) -> None:
    told.answer()
    assert told.balances.known


def test_an_answer_does_not_overwrite_what_a_stream_told_since_the_question(told: Account) -> None:
    told.answer(update("HBOT", total="10", available="10"), update("BTC", total="1", available="1"))
    question = told.balances.asking()
    told.balances.apply(update("HBOT", total="5", available="5"))
    told.balances.replace_all(
        [update("HBOT", total="10", available="10"), update("BTC", total="2", available="2")], question
    )
    assert told.of("HBOT") == (5, 5)
    assert told.of("BTC") == (2, 2)
    told.answer(update("HBOT", total="4", available="4"))
    assert told.of("HBOT") == (4, 4), "the next question is newer than the stream"


def test_an_asset_that_a_stream_brought_since_the_question_is_not_forgotten(told: Account) -> None:
    question = told.balances.asking()
    told.balances.apply(update("NEW", total="5", available="5"))
    told.balances.replace_all([], question)
    assert told.of("NEW") == (5, 5)


def test_without_a_stream_answers_alone_keep_the_balances_right(asked: Account) -> None:
    asked.answer(update("HBOT", total="10", available="10"))
    asked.answer(update("HBOT", total="3", available="2"))
    assert asked.of("HBOT") == (3, 2)


def test_orders_that_held_something_at_the_snapshot_give_it_back_when_they_are_gone(asked: Account) -> None:
    asked.hold(order(Side.BUY, "1", "900"), order(Side.SELL, "0.5", "1100"))
    asked.answer(update("COINALPHA", total="10.5", available="10"), update("HBOT", total="100900", available="100000"))
    assert (asked.of("COINALPHA")[1], asked.of("HBOT")[1]) == (10, 100000)
    asked.drop()
    assert (asked.of("COINALPHA")[1], asked.of("HBOT")[1]) == (Decimal("10.5"), 100900)


def test_a_fill_since_the_snapshot_counts_and_one_from_before_does_not(asked: Account) -> None:
    asked.answer(update("COINALPHA", total="10", available="10"), update("HBOT", total="100000", available="100000"))
    now = asked.clock.time_ns()
    asked.balances.on_fill(fill(Side.BUY, "2", "1050", now - 1))
    assert (asked.of("COINALPHA"), asked.of("HBOT")) == ((10, 10), (100000, 100000))
    asked.balances.on_fill(fill(Side.BUY, "2", "1050", now + 1))
    assert (asked.of("COINALPHA"), asked.of("HBOT")) == ((12, 12), (97900, 97900))
    asked.balances.on_fill(fill(Side.SELL, "1", "1000", now + 1))
    assert (asked.of("COINALPHA"), asked.of("HBOT")) == ((11, 11), (98900, 98900))


def test_fees_that_the_venue_told_count(asked: Account) -> None:
    asked.answer(update("HBOT", total="100", available="100"), update("BNB", total="1", available="1"))
    asked.clock.advance(1)
    asked.balances.on_fill(fill(Side.BUY, "1", "10", asked.clock.time_ns(), fees=(TokenAmount("BNB", Decimal("0.1")),)))
    assert asked.of("BNB") == (Decimal("0.9"), Decimal("0.9"))


def test_what_a_venue_tells_as_it_changes_needs_no_help(told: Account) -> None:
    told.answer(update("HBOT", total="1000", available="1000"))
    told.hold(order(Side.BUY, "1", "100"))
    told.clock.advance(1)
    told.balances.on_fill(fill(Side.BUY, "1", "100", told.clock.time_ns()))
    assert told.of("HBOT") == (1000, 1000)


def test_a_purchase_holds_its_maker_fee_too() -> None:
    account = Account(real_time=False, holds=SpotHolds(lambda _pair: Decimal("0.01")))
    account.answer(update("HBOT", total="1000", available="1000"))
    account.hold(order(Side.BUY, "1", "100"))
    assert account.of("HBOT") == (1000, 899)


def test_a_market_order_holds_what_it_will_cost_at_the_price_that_it_waits_for(asked: Account) -> None:
    asked.answer(update("HBOT", total="1000", available="1000"))
    asked.hold(order(Side.BUY, "2", None))
    assert asked.of("HBOT") == (1000, 1000)
    asked.hold(order(Side.BUY, "2", None, trigger_price=Decimal(110), trigger=Trigger.STOP))
    assert asked.of("HBOT") == (1000, 780)


def test_what_is_filled_and_not_told_as_a_fill_stays_held(asked: Account) -> None:
    asked.answer(update("HBOT", total="1000", available="1000"))
    placed = order(Side.BUY, "2", "100")
    asked.hold(placed)
    placed.update_with_order_update(OrderUpdate(placed.client_order_id, state=OrderState.CANCELED, filled=Decimal(1)))
    asked.balances.on_order(placed)
    assert asked.of("HBOT") == (1000, 900)
    trade = TradeUpdate("t", Decimal(100), Decimal(1), client_order_id=placed.client_order_id)
    placed.update_with_trade_update(trade)
    asked.balances.on_order(placed)
    asked.clock.advance(1)
    asked.balances.on_fill(fill(Side.BUY, "1", "100", asked.clock.time_ns()))
    assert asked.of("HBOT") == (900, 900)


def test_a_question_sees_orders_that_came_without_a_word(asked: Account) -> None:
    asked.orders.append(order(Side.BUY, "1", "100"))
    asked.answer(update("HBOT", total="1000", available="900"))
    asked.drop()
    assert asked.of("HBOT") == (1000, 1000)


def test_a_question_sees_orders_that_went_without_a_word(told: Account) -> None:
    told.answer(update("HBOT", total="1000", available="900"))
    told.balances.set_limit("HBOT", Decimal(300))
    told.hold(order(Side.BUY, "1", "100"))
    told.orders.clear()
    assert told.of("HBOT") == (1000, 200)
    told.answer(update("HBOT", total="1000", available="1000"))
    assert told.of("HBOT") == (1000, 300)


def test_an_asset_limit_shrinks_with_orders_and_grows_with_fills(told: Account) -> None:
    told.answer(update("HBOT", total="1000", available="1000"))
    told.balances.set_limit("HBOT", Decimal(100))
    assert told.of("HBOT") == (1000, 100)
    told.hold(order(Side.BUY, "1", "30"))
    assert told.of("HBOT") == (1000, 70)
    told.balances.on_fill(fill(Side.SELL, "1", "20", 1))
    assert told.of("HBOT") == (1000, 90)
    told.balances.on_fill(fill(Side.BUY, "1", "200", 1))
    assert told.of("HBOT") == (1000, 0)
    told.balances.set_limit("HBOT", None)
    assert told.of("HBOT") == (1000, 1000)


def test_an_open_position_keeps_the_margin_that_its_order_held() -> None:
    holds = PerpetualHolds(lambda _pair: Decimal("0.001"), lambda _pair: "USDT")
    account = Account(real_time=False, holds=holds)
    account.answer(update("USDT", total="1000", available="1000"))
    placed = order(Side.BUY, "10", "100", leverage=Decimal(10), position=PositionAction.OPEN)
    account.hold(placed, order(Side.SELL, "10", "100", leverage=Decimal(10), position=PositionAction.CLOSE))
    assert account.of("USDT") == (1000, 899), "a margin of 100 and a fee of 1; what closes holds nothing"
    account.drop()
    account.clock.advance(1)
    opened = {"leverage": Decimal(10), "position": PositionAction.OPEN}
    account.balances.on_fill(fill(Side.BUY, "10", "100", account.clock.time_ns(), **opened))
    assert account.of("USDT") == (1000, 900)
    account.balances.apply(update("USDT", total="1001"))
    assert account.of("USDT") == (1001, 901), "a lone total keeps the margin of the position"


def test_a_closing_fill_gives_margin_back_also_when_the_wallet_was_told_before_it() -> None:
    account = Account(real_time=False, holds=PerpetualHolds(NO_FEE, lambda _pair: "USDT"))
    account.answer(update("USDT", total="1000", available="1000"))
    for action, available in [(PositionAction.OPEN, 899), (PositionAction.CLOSE, 998)]:
        account.clock.advance(1)
        at = account.clock.time_ns()
        account.clock.advance(1)
        wallet = 999 if action is PositionAction.OPEN else 998
        account.balances.apply(update("USDT", total=str(wallet)))
        fee = (TokenAmount("USDT", Decimal(1)),)
        filled = fill(Side.BUY, "10", "100", at, fees=fee, leverage=Decimal(10), position=action)
        account.balances.on_fill(filled)
        assert account.of("USDT") == (wallet, available), "the fee is in the wallet, the margin is not"


def test_a_fill_from_before_an_answer_that_tells_both_is_in_it() -> None:
    account = Account(real_time=False, holds=PerpetualHolds(NO_FEE, lambda _pair: "USDT"))
    account.clock.advance(1)
    at = account.clock.time_ns()
    account.clock.advance(1)
    account.answer(update("USDT", total="1000", available="900"))
    opened = {"leverage": Decimal(10), "position": PositionAction.OPEN}
    account.balances.on_fill(fill(Side.BUY, "10", "100", at, **opened))
    assert account.of("USDT") == (1000, 900)


def test_a_change_adds_to_what_was_told_and_is_told(told: Account, asked: Account) -> None:
    for account in (told, asked):
        account.answer(update("HBOT", total="100", available="60"))
        account.balances.apply(update("HBOT", delta="5"))
        account.balances.apply(update("HBOT", delta="-25.5"))
        assert account.of("HBOT") == (Decimal("79.5"), Decimal("39.5"))
        assert [(event.total, event.available) for event in account.events[1:]] == [
            (105, 65),
            (Decimal("79.5"), Decimal("39.5")),
        ]


def test_a_change_of_what_nobody_told_is_not_made_up(asked: Account) -> None:
    asked.balances.apply(update("HBOT", delta="5"))
    assert asked.balances.get_all_balances() == {}
    asked.balances.on_fill(fill(Side.BUY, "1", "10", asked.clock.time_ns()))
    asked.balances.apply(update("COINALPHA", delta="5"))
    assert asked.balances.get_balance("COINALPHA") == 1
    assert asked.events == []


def test_a_change_from_before_the_last_word_is_in_that_word(told: Account) -> None:
    told.balances.apply(update("HBOT", total="100", available="60"))
    then = told.clock.time_ns()
    told.clock.advance(1)
    told.answer(update("HBOT", total="105", available="65"))
    for at in (then, told.clock.time_ns()):
        told.balances.apply(BalanceUpdate("HBOT", delta=Decimal(5), timestamp=at))
    assert told.of("HBOT") == (105, 65)
    told.balances.apply(BalanceUpdate("HBOT", delta=Decimal(5), timestamp=told.clock.time_ns() + 1))
    assert told.of("HBOT") == (110, 70)


def test_a_word_of_a_stream_is_as_old_as_the_venue_says(told: Account) -> None:
    now = told.clock.time_ns()
    told.balances.apply(BalanceUpdate("HBOT", Decimal(100), Decimal(60), timestamp=now - 10))
    told.balances.apply(BalanceUpdate("HBOT", delta=Decimal(5), timestamp=now - 5))
    assert told.of("HBOT") == (105, 65)


def test_an_answer_does_not_undo_a_change_since_the_question(told: Account) -> None:
    told.answer(update("HBOT", total="100", available="60"))
    question = told.balances.asking()
    told.balances.apply(update("HBOT", delta="5"))
    told.balances.replace_all([update("HBOT", total="100", available="60")], question)
    assert told.of("HBOT") == (105, 65)
    told.answer(update("HBOT", total="104", available="64"))
    assert told.of("HBOT") == (104, 64)


def test_fills_count_beside_changes(asked: Account) -> None:
    asked.answer(update("HBOT", total="100", available="100"))
    asked.balances.apply(update("HBOT", delta="5"))
    asked.balances.on_fill(fill(Side.BUY, "1", "10", asked.clock.time_ns() + 1))
    asked.balances.apply(update("HBOT", delta="5"))
    assert asked.of("HBOT") == (100, 100)


def test_a_change_is_told_and_the_same_again_is_not(told: Account) -> None:
    told.answer(update("HBOT", total="10", available="7"))
    told.answer(update("HBOT", total="10.0", locked="3"))
    told.balances.apply(update("HBOT", total="10", available="6"))
    assert [(event.asset, event.total, event.available) for event in told.events] == [("HBOT", 10, 7), ("HBOT", 10, 6)]
    assert len({event.event_id for event in told.events}) == 2


class _Venue:
    """The truth: what orders hold and fills move, exactly."""

    def __init__(self) -> None:
        self.total = defaultdict(Decimal, {"COINALPHA": Decimal(10**6), "HBOT": Decimal(10**9)})

    def updates(self, orders: list[InFlightOrder]) -> list[BalanceUpdate]:
        held: defaultdict[str, Decimal] = defaultdict(Decimal)
        for one in orders:
            left = one.amount - one.executed_amount_base
            assert one.price is not None
            held["COINALPHA" if one.trade_type is Side.SELL else "HBOT"] += (
                left if one.trade_type is Side.SELL else left * one.price
            )
        return [BalanceUpdate(asset, total=total, locked=held[asset]) for asset, total in self.total.items()]

    def fill(self, filled: OrderFilledEvent) -> None:
        sign = 1 if filled.trade_type is Side.BUY else -1
        self.total["COINALPHA"] += sign * filled.amount
        self.total["HBOT"] -= sign * filled.quote_amount


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["place", "fill", "cancel", "answer", "stream", "deposit"]),
        st.integers(0, 5),
        st.sampled_from(list(Side)),
        st.decimals("0.0001", "50", places=4),
        st.decimals("0.01", "90", places=2),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(ACTIONS)
def test_between_two_answers_the_balances_are_what_the_venue_would_answer(actions: list[Any]) -> None:
    account, venue = Account(real_time=False), _Venue()
    account.answer(*venue.updates([]))
    for what, which, side, amount, price in actions:
        account.clock.advance(1)
        orders = account.orders
        if what == "place":
            account.hold(order(side, str(amount), str(price)))
        elif what == "answer":
            account.answer(*venue.updates(orders))
        elif what == "stream":
            for one in venue.updates(orders):
                account.balances.apply(one)
        elif what == "deposit":
            venue.total["HBOT"] += price
            account.balances.apply(BalanceUpdate("HBOT", delta=price, timestamp=account.clock.time_ns()))
        elif orders:
            chosen = orders[which % len(orders)]
            left = chosen.amount - chosen.executed_amount_base
            if what == "cancel" or amount >= left:
                chosen.update_with_order_update(OrderUpdate(chosen.client_order_id, state=OrderState.CANCELED))
                orders.remove(chosen)
            else:
                event = fill(chosen.trade_type, str(amount), str(chosen.price), account.clock.time_ns())
                chosen.update_with_trade_update(TradeUpdate(event.exchange_trade_id, event.price, event.amount))
                venue.fill(event)
                account.balances.on_fill(event)
            account.balances.on_order(chosen)
        for expected in venue.updates(orders):
            assert expected.total is not None
            assert expected.locked is not None
            assert account.of(expected.asset) == (expected.total, expected.total - expected.locked)


def test_the_hold_of_an_order_that_never_arrived_is_not_given_back_on_top(asked: Account) -> None:
    asked.answer(update("HBOT", total="1000", available="1000"))
    lost = InFlightOrder(
        client_order_id="lost",
        trading_pair="COINALPHA-HBOT",
        order_type=OrderType.LIMIT,
        trade_type=Side.BUY,
        amount=Decimal(8),
        price=Decimal(50),
        creation_timestamp=1,
    )
    lost.fate_unknown = True
    asked.hold(lost)
    other = order(Side.BUY, "1", "300")
    asked.hold(other)
    asked.answer(update("HBOT", total="1000", available="700"))
    assert asked.of("HBOT") == (1000, 300), "it may arrive yet"
    lost.is_lost = True
    lost.finish(OrderState.FAILED)
    asked.balances.on_order(lost)
    assert asked.of("HBOT") == (1000, 700)
    assert asked.asked, "what the venue held for it was a guess"


def test_an_order_that_was_in_doubt_and_lives_has_balances_asked_for(asked: Account, told: Account) -> None:
    for account in (asked, told):
        doubtful = order(Side.BUY, "8", "50")
        doubtful.fate_unknown = True
        account.hold(doubtful)
        account.answer(update("HBOT", total="1000", available="600"))
        doubtful.update_with_order_update(OrderUpdate(doubtful.client_order_id, state=OrderState.OPEN))
        account.balances.on_order(doubtful)
        account.balances.on_order(doubtful)
    assert len(asked.asked) == 1
    assert told.asked == [], "its word stands"


def test_an_order_that_moved_while_the_venue_was_asked_has_it_asked_again(asked: Account) -> None:
    asked.answer(update("HBOT", total="1000", available="1000"))
    question = asked.balances.asking()
    asked.hold(order(Side.BUY, "1", "300"))
    asked.balances.replace_all([update("HBOT", total="1000", available="700")], question)
    assert asked.of("HBOT") == (1000, 400), "nobody knows whether the answer has it"
    assert len(asked.asked) == 1
    asked.answer(update("HBOT", total="1000", available="700"))
    assert asked.of("HBOT") == (1000, 700)
    assert len(asked.asked) == 1


def test_an_end_that_is_heard_late_gives_nothing_back_twice(asked: Account) -> None:
    asked.answer(update("HBOT", total="1000", available="1000"))
    one, two = order(Side.BUY, "1", "300"), order(Side.BUY, "1", "200")
    asked.hold(one, two)
    asked.answer(update("HBOT", total="1000", available="800"))  # the first was cancelled before
    one.update_with_order_update(OrderUpdate(one.client_order_id, state=OrderState.CANCELED))
    asked.balances.on_order(one)
    assert asked.of("HBOT") == (1000, 800)


def test_a_fill_while_the_venue_is_asked_is_not_forgotten(asked: Account) -> None:
    asked.answer(update("HBOT", total="1000", available="1000"))
    question = asked.balances.asking()
    asked.clock.advance(1)
    asked.balances.on_fill(fill(Side.BUY, "1", "100", asked.clock.time_ns()))
    asked.balances.replace_all([update("HBOT", total="1000", available="1000")], question)
    assert asked.of("HBOT") == (900, 900)


def test_a_fill_that_may_be_in_the_answer_has_balances_asked_for(asked: Account) -> None:
    asked.answer(update("HBOT", total="900", available="900"))
    asked.balances.on_fill(fill(Side.BUY, "1", "100", asked.clock.time_ns() - 1))
    assert asked.of("HBOT") == (900, 900)
    assert asked.asked


def test_a_fill_moves_the_margin_that_its_order_held_whatever_the_clocks_say() -> None:
    account = Account(real_time=False, holds=PerpetualHolds(NO_FEE, lambda _pair: "USDT"))
    opened = {"leverage": Decimal(10), "position": PositionAction.OPEN}
    placed = order(Side.BUY, "10", "100", **opened)
    account.hold(placed)
    account.answer(update("USDT", total="1000", available="900"))
    filled = fill(Side.BUY, "10", "100", account.clock.time_ns() - 10**9, **opened)
    placed.update_with_order_update(OrderUpdate(placed.client_order_id, state=OrderState.FILLED))
    placed.update_with_trade_update(TradeUpdate("t", Decimal(100), Decimal(10), client_order_id=placed.client_order_id))
    account.balances.on_order(placed)
    event = replace(filled, order_id=placed.client_order_id)
    account.balances.on_fill(event)
    assert account.of("USDT") == (1000, 900)


def test_a_fill_of_the_very_moment_of_the_question_counts_when_it_is_heard_later() -> None:
    account = Account(real_time=False, holds=PerpetualHolds(NO_FEE, lambda _pair: "USDT"))
    account.answer(update("USDT", total="1000", available="1000"))
    opened = {"leverage": Decimal(10), "position": PositionAction.OPEN}
    account.balances.on_fill(fill(Side.BUY, "10", "100", account.clock.time_ns(), **opened))
    assert account.of("USDT") == (1000, 900)


def test_an_opening_order_of_a_derivative_holds_no_margin_before_it_is_triggered() -> None:
    account = Account(real_time=False, holds=PerpetualHolds(NO_FEE, lambda _pair: "USDT"))
    account.answer(update("USDT", total="1000", available="1000"))
    opened = {"leverage": Decimal(10), "position": PositionAction.OPEN}
    stop = order(Side.BUY, "10", "101", trigger_price=Decimal(100), trigger=Trigger.STOP, **opened)
    account.hold(stop)
    assert account.of("USDT") == (1000, 1000)
    account.drop()
    assert account.of("USDT") == (1000, 1000)
    assert account.asked, "it may have been triggered, and nobody told"


def test_a_stream_tells_of_what_is_locked_no_more_than_it_says(asked: Account) -> None:
    asked.answer(update("HBOT", total="1000", available="1000"))
    question = asked.balances.asking()
    asked.balances.apply(update("HBOT", total="950"))
    asked.balances.replace_all([update("HBOT", total="1000", available="800")], question)
    assert asked.of("HBOT") == (950, 750), "the total is the stream's, what is locked the answer's"


def test_a_change_between_the_first_question_and_its_answer_is_added_to_it(told: Account) -> None:
    question = told.balances.asking()
    told.clock.advance(1)
    told.balances.apply(BalanceUpdate("HBOT", delta=Decimal(50), timestamp=told.clock.time_ns()))
    told.balances.replace_all([update("HBOT", total="100", available="100")], question)
    assert told.of("HBOT") == (150, 150)
    told.answer(update("HBOT", total="150", available="150"))
    assert told.of("HBOT") == (150, 150)


def test_changes_while_the_venue_is_asked_leave_the_answer_its_word(told: Account) -> None:
    told.answer(update("HBOT", total="100", available="100"))
    question = told.balances.asking()
    told.balances.apply(update("HBOT", delta="1"))
    told.balances.replace_all([update("HBOT", total="20", available="20")], question)
    assert told.of("HBOT") == (21, 21)


def test_a_change_that_is_in_the_answer_and_heard_right_after_it_counts_once(told: Account) -> None:
    question = told.balances.asking()
    told.clock.advance(1)
    happened = told.clock.time_ns()
    told.clock.advance(1)
    told.balances.replace_all([update("HBOT", total="150", available="150")], question)
    told.balances.apply(BalanceUpdate("HBOT", delta=Decimal(50), timestamp=happened))
    assert told.of("HBOT") == (150, 150)


def test_a_change_counts_though_our_clock_is_ahead_of_the_venues(told: Account) -> None:
    told.answer(update("HBOT", total="100", available="100"))
    told.clock.advance(1.5)
    told.balances.apply(BalanceUpdate("HBOT", delta=Decimal(50), timestamp=told.clock.time_ns() - 3 * 10**9))
    assert told.of("HBOT") == (150, 150)


def test_a_word_of_a_stream_that_is_older_than_its_last_one_is_no_news(told: Account) -> None:
    now = told.clock.time_ns()
    told.balances.apply(BalanceUpdate("HBOT", Decimal(100), Decimal(60), timestamp=now + 5))
    told.balances.apply(BalanceUpdate("HBOT", Decimal(70), Decimal(70), timestamp=now + 1))
    assert told.of("HBOT") == (100, 60)
    told.balances.apply(BalanceUpdate("HBOT", Decimal(80), Decimal(80), timestamp=now + 5))
    assert told.of("HBOT") == (80, 80), "venues round their times: of two equal ones the last counts"


def test_a_change_of_an_asset_that_the_answer_does_not_name_is_all_there_is_of_it(told: Account) -> None:
    question = told.balances.asking()
    told.balances.apply(update("HBOT", delta="5"))
    told.balances.replace_all([], question)
    assert told.of("HBOT") == (5, 5)
