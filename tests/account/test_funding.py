"""Funding: what it stands at, part by part; and every payment told once."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from declconn.account.events import FundingPaymentCompletedEvent
from declconn.account.funding import FundingInfos, FundingPayments, keep_asking
from declconn.errors import NetworkError
from declconn.records import FundingInfo, FundingPayment
from declconn.testing import ManualClock

BTC, ETH = "BTC-USDT", "ETH-USDT"
HOUR = 3600 * 10**9


class Times(dict[str, int]):
    """What a store remembers."""

    def funding_time(self, trading_pair: str) -> int | None:
        return self.get(trading_pair)

    def save_funding_time(self, trading_pair: str, ns: int) -> None:
        self[trading_pair] = ns


class Account:
    """Payments with their events in reach; a restart keeps the times."""

    def __init__(self, times: Times | None = None, *, is_asked: bool = True) -> None:
        self.times = Times() if times is None else times
        self.events: list[FundingPaymentCompletedEvent] = []
        self.payments = FundingPayments(
            self.times, tell=self.events.append, rate=lambda _pair: Decimal("0.0001"), is_asked=is_asked
        )

    def told(self) -> list[tuple[str, Decimal, float]]:
        return [(event.trading_pair, event.amount, event.timestamp / HOUR) for event in self.events]


def payment(pair: str, amount: str, at: float, rate: str | None = None) -> FundingPayment:
    """A payment at an hour."""
    return FundingPayment(pair, Decimal(amount), round(at * HOUR), None if rate is None else Decimal(rate))


@pytest.fixture
def account() -> Account:
    return Account()


def test_what_was_paid_before_the_first_look_is_not_news(account: Account) -> None:
    account.payments.take_all([BTC], [payment(BTC, "1", 10), payment(BTC, "2", 30), payment(BTC, "3", 20)])
    assert account.events == []
    account.payments.take_all([BTC], [payment(BTC, "2", 30), payment(BTC, "4", 40)])
    assert account.told() == [(BTC, 4, 40)]


def test_the_first_payment_of_a_pair_that_had_none_is_news(account: Account) -> None:
    account.payments.take_all([BTC], [])
    account.payments.take_all([BTC], [payment(BTC, "1", 10)])
    assert account.told() == [(BTC, 1, 10)]


def test_every_payment_of_an_answer_is_told_in_its_order(account: Account) -> None:
    account.payments.take_all([BTC, ETH], [])
    account.payments.take_all([BTC, ETH], [payment(BTC, "2", 20), payment(ETH, "5", 15), payment(BTC, "1", 10)])
    assert account.told() == [(BTC, 1, 10), (BTC, 2, 20), (ETH, 5, 15)]


def test_payments_of_pairs_that_nobody_follows_are_left(account: Account) -> None:
    account.payments.take_all([BTC], [])
    account.payments.take_all([BTC], [payment(ETH, "1", 10)])
    assert account.told() == []
    assert ETH not in account.times


def test_both_sides_of_a_hedged_position_are_paid_at_once(account: Account) -> None:
    account.payments.take_all([BTC], [])
    account.payments.take(payment(BTC, "1", 10))
    account.payments.take(payment(BTC, "-1", 10))
    account.payments.take_all([BTC], [payment(BTC, "1.0", 10), payment(BTC, "-1", 10)])
    assert account.told() == [(BTC, 1, 10), (BTC, -1, 10)]
    assert len({event.event_id for event in account.events}) == 2


def test_what_a_stream_told_no_answer_tells_again_although_their_times_differ_a_little(account: Account) -> None:
    account.payments.take_all([BTC], [])
    later, second = payment(BTC, "2", 20), 1 / 3600
    account.payments.take(payment(BTC, "1", 10 + 0.01 * second))
    account.payments.take_all([BTC], [payment(BTC, "1.0", 10), later])
    account.payments.take(payment(BTC, "2", 20 - 0.01 * second))
    account.payments.take_all([BTC], [payment(BTC, "1", 10), later])
    assert [amount for _, amount, _ in account.told()] == [1, 2]


def test_what_a_stream_missed_before_it_told_another_payment_the_next_answer_tells(account: Account) -> None:
    account.payments.take_all([BTC], [])
    account.payments.take(payment(BTC, "2", 20))
    account.payments.take_all([BTC], [payment(BTC, "1", 10), payment(BTC, "2", 20)])
    assert account.told() == [(BTC, 2, 20), (BTC, 1, 10)]


def test_an_answer_that_lacks_what_the_stream_told_already_has_it_told_no_second_time(account: Account) -> None:
    account.payments.take_all([BTC], [payment(BTC, "1", 10)])
    account.payments.take(payment(BTC, "2", 20))
    account.payments.take_all([BTC], [payment(BTC, "1", 10)])
    account.payments.take_all([BTC], [payment(BTC, "1", 10), payment(BTC, "2", 20)])
    assert account.told() == [(BTC, 2, 20)]


def test_a_restart_tells_what_was_paid_meanwhile_and_nothing_twice(account: Account) -> None:
    account.payments.take_all([BTC], [])
    account.payments.take_all([BTC], [payment(BTC, "1", 10)])
    again = Account(account.times)
    again.payments.take_all([BTC], [payment(BTC, "1", 10), payment(BTC, "2", 20)])
    assert again.told() == [(BTC, 2, 20)]


def test_where_only_a_stream_tells_a_restart_tells_nothing_twice() -> None:
    account = Account(is_asked=False)
    account.payments.take(payment(BTC, "1", 10))
    again = Account(account.times, is_asked=False)
    again.payments.take(payment(BTC, "1", 10))
    again.payments.take(payment(BTC, "2", 20))
    assert again.told() == [(BTC, 2, 20)]


def test_a_payment_that_was_told_but_not_saved_comes_again_under_its_id(account: Account) -> None:
    account.payments.take_all([BTC], [])
    account.payments.take(payment(BTC, "1.50", 10))
    again = Account(account.times)
    again.payments.take_all([BTC], [payment(BTC, "1.5", 10)])
    assert [event.event_id for event in again.events] == [event.event_id for event in account.events]
    assert len(again.events) == 1


def test_a_payment_without_a_rate_takes_the_rate_of_its_pair(account: Account) -> None:
    account.payments.take(payment(BTC, "1", 10))
    account.payments.take(payment(BTC, "1", 20, rate="0.5"))
    assert [event.funding_rate for event in account.events] == [Decimal("0.0001"), Decimal("0.5")]


async def test_payments_are_asked_for_again_and_again_until_it_is_cancelled(account: Account) -> None:
    clock, answers = ManualClock(), [[], NetworkError("down"), [payment(BTC, "1", 10)]]

    async def ask() -> None:
        answer = answers.pop(0)
        if isinstance(answer, NetworkError):
            raise answer
        account.payments.take_all([BTC], answer)

    task = asyncio.create_task(keep_asking(ask, 120.0, clock))
    for _ in range(3):
        await asyncio.sleep(0)
        clock.advance(120)
        await asyncio.sleep(0)
    assert answers == []
    assert account.told() == [(BTC, 1, 10)]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_what_a_message_lacks_stays_as_it_was() -> None:
    infos = FundingInfos(None, ManualClock())
    infos.apply(FundingInfo(BTC, rate=Decimal("0.1"), mark_price=Decimal(100)))
    infos.apply(FundingInfo(BTC, index_price=Decimal(99)))
    assert infos.get(BTC) == FundingInfo(BTC, Decimal(99), Decimal(100), Decimal("0.1"))
    assert infos.get(ETH) is None
    infos.forget(BTC)
    assert infos.known == {}


def test_the_interval_gives_the_next_time_where_the_venue_does_not() -> None:
    clock = ManualClock(10 * HOUR)
    infos = FundingInfos(8 * 3600.0, clock)
    infos.apply(FundingInfo(BTC, rate=Decimal("0.1")))
    infos.apply(FundingInfo(ETH, next_funding_time=11 * HOUR))
    next_times = [info.next_funding_time for info in (infos.get(BTC), infos.get(ETH)) if info is not None]
    assert next_times == [16 * HOUR, 11 * HOUR]
    clock.advance(6 * 3600)
    info = infos.get(BTC)
    assert info is not None
    assert info.next_funding_time == 24 * HOUR
