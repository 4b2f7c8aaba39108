"""A market that wanders: a plausible order book and its trades, out of nothing but a source of randomness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from random import Random

from declconn.records import OrderBookMessage, Trade, TradingRule
from declconn.types import Side

Levels = dict[int, int]
"""Size in steps by price in ticks."""

SPREAD = Decimal("0.00002")
"""How far apart levels are, as a part of the price; the fair price wanders about as far in one move."""

NOTIONAL = 2000
"""About how much a level is worth, in quote."""

RESIZED = 6
"""How many levels of each side change their size in one move."""

TRADES = 0.4
"""How often a move is a trade."""


class RandomMarket:
    """The book of one pair. Bids are always below asks, and a snapshot plus all later diffs is the book.

    Args:
        trading_pair: our name of the market.
        random: the only source of what happens here.
        price: where it begins, quote per base.
        tick: the step of prices; every price has as many decimals as it has.
        step: the step of sizes; every size has as many decimals as it has.
        depth: levels of each side.
        largest_jump: how far ids may jump from one diff to the next; 1: they count.

    Raises:
        ValueError: the price is too small for the tick.
    """

    def __init__(
        self,
        trading_pair: str,
        *,
        random: Random,
        price: Decimal,
        tick: Decimal,
        step: Decimal,
        depth: int = 50,
        largest_jump: int = 9,
    ) -> None:
        if price < tick * 4:
            raise ValueError(f"{trading_pair}: a price of {price} leaves no room for levels at a tick of {tick}")
        self.trading_pair, self.tick, self.step, self.depth = trading_pair, tick, step, depth
        self._random, self._largest_jump = random, largest_jump
        self._fair = int(price / tick)
        self._spacing = max(1, int(price * SPREAD / tick))
        self._typical_size = max(1, int(NOTIONAL / price / step))
        self._bids: Levels = {}
        self._asks: Levels = {}
        self._update_id = random.randrange(10**6, 10**9)
        self._trade_id = random.randrange(10**6, 10**8)
        self._settle(self._bids, -1)
        self._settle(self._asks, 1)
        self.last_price = self.best_bid

    @property
    def rule(self) -> TradingRule:
        """What an order would have to fit; its symbol is still to be spelled."""
        base, quote = self.trading_pair.split("-", 1)
        return TradingRule(
            "",
            base,
            quote,
            min_order_size=self.step,
            max_order_size=self.step * 10**9,
            min_base_amount_increment=self.step,
            min_price_increment=self.tick,
            min_notional_size=self.tick,
        )

    @property
    def best_bid(self) -> Decimal:
        """The highest price that somebody pays."""
        return _times(max(self._bids), self.tick)

    @property
    def best_ask(self) -> Decimal:
        """The lowest price that somebody asks."""
        return _times(min(self._asks), self.tick)

    def snapshot(self, timestamp: int) -> OrderBookMessage:
        """The whole book, best levels first.

        Args:
            timestamp: the time now, nanoseconds since the epoch.
        """
        bids = self._rows(sorted(self._bids, reverse=True), self._bids)
        asks = self._rows(sorted(self._asks), self._asks)
        return OrderBookMessage(self.trading_pair, bids, asks, update_id=self._update_id, timestamp=timestamp)

    def move(self, timestamp: int) -> tuple[OrderBookMessage, Trade | None]:
        """Let something happen.

        Args:
            timestamp: the time now, nanoseconds since the epoch.

        Returns:
            what changed in the book (size 0 deletes), and the trade, if there was one.
        """
        bids, asks = dict(self._bids), dict(self._asks)
        trade = self._trade(timestamp) if self._random.random() < TRADES else None
        self._fair = max(3, self._fair + round(self._random.gauss(0, self._spacing)))
        for side, sign in ((self._bids, -1), (self._asks, 1)):
            self._settle(side, sign)
            self._resize(side)
        previous = self._update_id
        self._update_id += self._random.randint(1, self._largest_jump)
        diff = OrderBookMessage(
            self.trading_pair,
            self._rows(_changed(bids, self._bids), self._bids),
            self._rows(_changed(asks, self._asks), self._asks),
            update_id=self._update_id,
            first_update_id=previous + 1,
            previous_update_id=previous,
            timestamp=timestamp,
        )
        return diff, trade

    def _settle(self, side: Levels, sign: int) -> None:
        """Bring a side next to the fair price and nowhere beyond it, and as many levels deep as it shall be."""
        for price in [price for price in side if (price - self._fair) * sign <= 0]:
            del side[price]
        best = min((price * sign for price in side), default=None)
        price = self._fair
        while True:
            reach = 2 * self._spacing if sign > 0 else min(2 * self._spacing, price - 1)
            if reach < 1:
                break  # no price is below one tick
            price += sign * self._random.randint(1, reach)
            if len(side) >= self.depth and (best is None or price * sign >= best):
                break
            side.setdefault(price, self._size(price))
        for price in sorted(side, key=lambda price: price * sign)[self.depth :]:
            del side[price]

    def _resize(self, side: Levels) -> None:
        for price in self._random.sample(sorted(side), min(RESIZED, len(side))):
            side[price] = self._size(price)

    def _size(self, price: int) -> int:
        """Sizes are skewed, and larger away from the fair price."""
        distance = 1 + abs(price - self._fair) / self._spacing / 10
        return 1 + int(self._random.lognormvariate(0, 1) * distance * self._typical_size)

    def _trade(self, timestamp: int) -> Trade:
        side = self._random.choice([Side.BUY, Side.SELL])
        levels, best = (self._asks, min(self._asks)) if side is Side.BUY else (self._bids, max(self._bids))
        taken = self._random.randint(1, levels[best])
        levels[best] -= taken
        if not levels[best]:
            del levels[best]
        self._trade_id += 1
        self.last_price = _times(best, self.tick)
        amount = _times(taken, self.step)
        return Trade(self.trading_pair, self.last_price, amount, side, str(self._trade_id), timestamp)

    def _rows(self, prices: Iterable[int], sizes: Mapping[int, int]) -> list[tuple[Decimal, Decimal]]:
        return [(_times(price, self.tick), _times(sizes.get(price, 0), self.step)) for price in prices]


def _changed(before: Levels, after: Levels) -> list[int]:
    return sorted(price for price in before.keys() | after.keys() if before.get(price) != after.get(price))


def _times(count: int, unit: Decimal) -> Decimal:
    """Exact, with the decimals of the unit: 30 times 0.10 is 3.00."""
    return (count * unit).quantize(unit)
