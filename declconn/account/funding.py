"""Funding of perpetuals: what it stands at, and what was paid."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

import msgspec

from declconn.account.events import FundingPaymentCompletedEvent
from declconn.clock import Clock
from declconn.errors import DeclconnError
from declconn.log import get_logger
from declconn.records import FundingInfo, FundingPayment

logger = get_logger("declconn.funding")

Ask: TypeAlias = Callable[[], Awaitable[None]]
"""Asks the venue for the latest payments of the pairs that are followed."""

_MINUTE: Final = 60 * 10**9
"""Nanoseconds; no venue pays twice in one."""


class FundingTimes(Protocol):
    """Remembers, over restarts, which payments were told."""

    def funding_time(self, trading_pair: str) -> int | None:
        """When the last payment was that was told; ``None``: the pair was never looked at."""
        ...

    def save_funding_time(self, trading_pair: str, ns: int) -> None:
        """Payments up to this time are told."""
        ...


class FundingInfos:
    """What funding stands at, by pair.

    Args:
        interval: seconds between two payments, counted from midnight UTC; it gives the next time where the venue tells
            none. ``None``: the venue tells, or nobody does.
        clock: what is next.
    """

    def __init__(self, interval: float | None, clock: Clock) -> None:
        self._interval = None if interval is None else round(interval * 1e9)
        self._clock = clock
        self._known: dict[str, FundingInfo] = {}

    @property
    def known(self) -> Mapping[str, FundingInfo]:
        """What the venue has told of every pair."""
        return MappingProxyType(self._known)

    def get(self, trading_pair: str) -> FundingInfo | None:
        """What funding of a pair stands at; ``None`` if nothing was heard of it."""
        info = self._known.get(trading_pair)
        if info is None or info.next_funding_time is not None or self._interval is None:
            return info
        periods = self._clock.time_ns() // self._interval + 1
        return msgspec.structs.replace(info, next_funding_time=periods * self._interval)

    def apply(self, news: FundingInfo) -> None:
        """Take what the venue told; what it lacks stays as it was."""
        known = self._known.get(news.trading_pair)
        if known is not None:
            told = {name: value for name, value in msgspec.structs.asdict(news).items() if value is not None}
            news = msgspec.structs.replace(known, **told)
        self._known[news.trading_pair] = news

    def forget(self, trading_pair: str) -> None:
        """Nobody follows this pair any more."""
        self._known.pop(trading_pair, None)


class FundingPayments:
    """Tells every funding payment once, whether a stream tells it, an answer of the venue, or both.

    Two of a pair that are worth the same and fall into the same minute are one: a stream may stamp a payment a little
    earlier or later than the venue's list of them does. A payment is told before its time is saved, so a crash in
    between tells it again, with the same ``event_id``. Those from before a pair was first looked at are not news.

    Args:
        times: until when they were told.
        tell: who hears of them.
        rate: a pair's funding rate now, for payments that come without one.
        is_asked: the venue is asked for payments, too. What a stream tells then leaves the time as it is, since the
            stream may have missed one before, which the next answer brings.
    """

    def __init__(
        self,
        times: FundingTimes,
        *,
        tell: Callable[[FundingPaymentCompletedEvent], None],
        rate: Callable[[str], Decimal | None],
        is_asked: bool,
    ) -> None:
        self._times, self._tell, self._rate, self._is_asked = times, tell, rate, is_asked
        self._told: dict[str, set[tuple[int, Decimal]]] = {}

    def take_all(self, trading_pairs: Iterable[str], payments: Iterable[FundingPayment]) -> None:
        """Take an answer of the venue: the latest payments of these pairs, in any order; those of others are left."""
        by_pair: dict[str, list[FundingPayment]] = {pair: [] for pair in trading_pairs}
        for payment in payments:
            if payment.trading_pair in by_pair:
                by_pair[payment.trading_pair].append(payment)
        for pair, of_pair in by_pair.items():
            if self._times.funding_time(pair) is None:
                self._times.save_funding_time(pair, max((payment.timestamp for payment in of_pair), default=0))
            for payment in sorted(of_pair, key=lambda payment: payment.timestamp):
                self._take(payment)
                self._save_time(payment)

    def take(self, payment: FundingPayment) -> None:
        """Take one payment, as a stream tells it."""
        self._take(payment)
        if not self._is_asked:
            self._save_time(payment)

    def _take(self, payment: FundingPayment) -> None:
        pair, minute = payment.trading_pair, _minute(payment.timestamp)
        told, known = self._told.setdefault(pair, set()), (minute, payment.amount)
        last = _minute(self._times.funding_time(pair) or 0)
        is_of_last_process = minute == last and all(of != last for of, _ in told)
        if minute < last or is_of_last_process or known in told:
            return
        rate = payment.rate if payment.rate is not None else self._rate(pair)
        self._tell(
            FundingPaymentCompletedEvent(
                event_id=f"funding:{pair}:{minute * _MINUTE}:{payment.amount.normalize():f}",
                timestamp=payment.timestamp,
                trading_pair=pair,
                amount=payment.amount,
                funding_rate=rate,
            )
        )
        told.add(known)

    def _save_time(self, payment: FundingPayment) -> None:
        """All payments up to this one are told."""
        pair = payment.trading_pair
        if payment.timestamp > (self._times.funding_time(pair) or 0):
            self._times.save_funding_time(pair, payment.timestamp)
            last = _minute(payment.timestamp)
            self._told[pair] = {known for known in self._told[pair] if known[0] >= last}


async def keep_asking(ask: Ask, every: float, clock: Clock) -> None:
    """Ask now, and again as often as that, until this is cancelled; it starts nothing that would outlive it.

    Args:
        ask: asks the venue for payments.
        every: seconds.
        clock: measures.
    """
    while True:
        try:
            await ask()
        except DeclconnError as error:
            logger.warning("funding payments could not be asked for: %s", error)
        await clock.sleep(every)


def _minute(ns: int) -> int:
    """The nearest minute: funding is due on one, and stamped a moment before or after."""
    return (ns + _MINUTE // 2) // _MINUTE
