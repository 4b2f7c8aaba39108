"""What a venue answers to each operation: the matching engine, asked in our words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

from declconn.records import (
    FundingInfo,
    FundingPayment,
    LeverageReply,
    ModeReply,
    PositionUpdate,
    ServerTime,
    Ticker,
    TradeUpdate,
    TradingFee,
    TradingRule,
)
from declconn.simulator.desk.counters import Counter
from declconn.simulator.desk.given import Given
from declconn.simulator.desk.order_clerk import OrderClerk
from declconn.simulator.engine.market import Market
from declconn.simulator.engine.matching_engine import MatchingEngine
from declconn.types import Side

Do: TypeAlias = Callable[[str, Given], Sequence[Any]]
"""Takes an account (empty for a stranger) and arguments, and answers records."""

Later: TypeAlias = Callable[[str, str | None, float], None]
"""Cancels an account's orders of a pair (or all) after some seconds; 0: never mind."""

NO_PRICE: Final = Decimal(1)
"""What a market is said to cost where nobody has traded or bids."""


class Clerk:
    """Serves everybody who asks, or refuses.

    Args:
        engine: what happens.
        now: the time, nanoseconds since the epoch.
        cancel_later: see ``Later``.

    Attributes:
        rules: the trading rules, in the venue's spelling.
        funding: what is known of each market's funding, by trading pair.
        operations: what can be asked.
    """

    def __init__(self, engine: MatchingEngine, now: Callable[[], int], cancel_later: Later) -> None:
        self._engine, self._now, self._cancel_later = engine, now, cancel_later
        self.rules: list[TradingRule] = []
        self.funding: dict[str, FundingInfo] = {}
        self._of_orders: Mapping[Counter, Mapping[str, Do]] = {
            counter: OrderClerk(engine, counter).operations for counter in Counter
        }
        self.operations: Mapping[str, Do] = {
            "server_time": lambda _account, _given: [ServerTime(now())],
            "trading_rules": lambda _account, _given: self.rules,
            "order_book_snapshot": lambda _account, given: [self._market(given).snapshot(now())],
            "last_price": lambda _account, given: [self._ticker(self._market(given))],
            "tickers": lambda _account, _given: [self._ticker(market) for market in engine.markets.values()],
            "funding_info": lambda _account, given: [self.funding_of(given.one_market)],
            **self._of_orders[Counter.EVERY_ORDER],
            "cancel_all_after": self._cancel_all_after,
            "recent_trades": self._recent_trades,
            "balances": lambda account, _given: engine.balances(account),
            "trading_fees": lambda _account, given: [self._fees(given)],
            "positions": self._positions,
            "funding_payments": self._funding_payments,
            "set_leverage": self._set_leverage,
            "position_mode": lambda account, _given: [ModeReply(engine.account(account).position_mode)],
            "set_position_mode": self._set_position_mode,
            "ping": lambda _account, _given: [],  # the last: where it is the same request as another, the other wins
        }

    def at(self, counter: Counter, operation: str) -> Do:
        """Who serves an operation at a counter."""
        return self._of_orders[counter].get(operation) or self.operations[operation]

    def funding_of(self, trading_pair: str) -> FundingInfo:
        """What is known of a market's funding; without any news the mark price and no rate."""
        mark = self._engine.markets[trading_pair].mark_price or NO_PRICE
        return self.funding.get(trading_pair) or FundingInfo(trading_pair, mark, mark, Decimal(0), self._now())

    def _fees(self, given: Given) -> TradingFee:
        return TradingFee(self._engine.fees.maker, self._engine.fees.taker, given.market)

    def _market(self, given: Given) -> Market:
        return self._engine.markets[given.one_market]

    def _ticker(self, market: Market) -> Ticker:
        bid, ask = market.book.best(Side.BUY), market.book.best(Side.SELL)
        price = market.last_price or bid or ask or NO_PRICE
        return Ticker(market.trading_pair, price, bid or price, ask or price, Decimal(0), Decimal(0), self._now())

    def _cancel_all_after(self, account: str, given: Given) -> Sequence[Any]:
        self._cancel_later(account, given.market, given.timeout)
        return []

    def _recent_trades(self, account: str, given: Given) -> Sequence[TradeUpdate]:
        return self._engine.fills(account, given.market, since=given.since)

    def _positions(self, account: str, given: Given) -> Sequence[PositionUpdate]:
        return self._engine.positions(account, given.market)

    def _funding_payments(self, account: str, given: Given) -> Sequence[FundingPayment]:
        payments, pair = self._engine.account(account).payments, given.market
        return [paid for paid in payments if pair in (None, paid.trading_pair) and paid.timestamp >= given.since]

    def _set_leverage(self, account: str, given: Given) -> Sequence[LeverageReply]:
        self._engine.set_leverage(account, given.one_market, given.leverage)
        return [LeverageReply(self._engine.leverage(account, given.one_market))]

    def _set_position_mode(self, account: str, given: Given) -> Sequence[ModeReply]:
        self._engine.set_position_mode(account, given.position_mode)
        return [ModeReply(given.position_mode)]
