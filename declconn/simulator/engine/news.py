"""What happens on a simulated venue, told in the order in which it happens."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from declconn.clock import Clock
from declconn.records import (
    BalanceUpdate,
    FundingPayment,
    Liquidation,
    OrderBookMessage,
    OrderUpdate,
    PositionUpdate,
    Trade,
    TradeUpdate,
)

Happening: TypeAlias = (
    OrderUpdate | TradeUpdate | BalanceUpdate | PositionUpdate | FundingPayment | Liquidation | Trade | OrderBookMessage
)


class News(NamedTuple):
    """Something that happened; ``account`` is who may hear it, ``None`` everybody."""

    account: str | None
    record: Happening


Listener: TypeAlias = Callable[[News], None]


class NewsDesk:
    """Keeps the time, collects what happens, and tells it when it is asked to.

    Attributes:
        time: of what happened last, nanoseconds since the epoch.
    """

    def __init__(self, clock: Clock) -> None:
        self.time = 0
        self._clock = clock
        self._waiting: deque[News] = deque()
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Hear everything from now on."""
        self._listeners.append(listener)

    def next_time(self) -> int:
        """The time now, and always later than the last."""
        self.time = max(self.time + 1, self._clock.time_ns())
        return self.time

    def add(self, account: str | None, record: Happening) -> None:
        """Something happened."""
        self._waiting.append(News(account, record))

    def tell(self) -> None:
        """Tell what was not told yet; a listener may cause more, which is told in its turn."""
        while self._waiting:
            news = self._waiting.popleft()
            for listener in self._listeners:
                listener(news)
