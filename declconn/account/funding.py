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

Ask: TypeAlias = Callable[[], Awaitable[Iterable[FundingPayment]]]
"""Asks the venue for the latest payments of the pairs that are followed."""


_NONE: Final[frozenset[str]] = frozenset()


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
    """Tells every funding payment once; those from before a pair was first looked at are not news.

    A payment is told before its time is saved, so a crash in between tells it again, with the same ``event_id``.

    Args:
        times: which were told.
        tell: who hears of them.
        rate: a pair's funding rate now, for payments that come without one.
    """

    def __init__(
        self,
        times: FundingTimes,
        *,
        tell: Callable[[FundingPaymentCompletedEvent], None],
        rate: Callable[[str], Decimal | None],
    ) -> None:
        self._times, self._tell, self._rate = times, tell, rate
        self._told: dict[str, frozenset[str]] = {}

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
                self.take(payment)

    def take(self, payment: FundingPayment) -> None:
        """Take one payment, as a stream tells it."""
        pair, at = payment.trading_pair, payment.timestamp
        event_id = f"funding:{pair}:{at}:{payment.amount.normalize():f}"
        last = self._times.funding_time(pair) or 0
        of_this_time = self._told.get(pair, _NONE) if at == last else _NONE
        if at < last or (at == last and not of_this_time) or event_id in of_this_time:
            return
        rate = payment.rate if payment.rate is not None else self._rate(pair)
        self._tell(
            FundingPaymentCompletedEvent(
                event_id=event_id, timestamp=at, trading_pair=pair, amount=payment.amount, funding_rate=rate
            )
        )
        self._told[pair] = of_this_time | {event_id}
        if at > last:
            self._times.save_funding_time(pair, at)

    async def keep_asking(
        self, ask: Ask, trading_pairs: Callable[[], Iterable[str]], every: float, clock: Clock
    ) -> None:
        """Ask now, and again as often as that, until this is cancelled; it starts nothing that would outlive it.

        Args:
            ask: asks the venue.
            trading_pairs: who is followed.
            every: seconds.
            clock: measures.
        """
        while True:
            pairs = list(trading_pairs())
            try:
                self.take_all(pairs, await ask())
            except DeclconnError as error:
                logger.warning("funding payments could not be asked for: %s", error)
            await clock.sleep(every)
