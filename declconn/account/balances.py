"""What an account holds, and how much of it can be used: the venue's word, and what happened since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from declconn.account.events import BalanceEvent, OrderFilledEvent
from declconn.account.exact import exact
from declconn.account.holding import Holding
from declconn.account.holds import ZERO, Holds
from declconn.account.in_flight_order import InFlightOrder
from declconn.clock import Clock
from declconn.records import BalanceUpdate


@dataclass(frozen=True, slots=True)
class Question:
    """That the venue was asked, and when; what is heard afterwards is newer than its answer.

    Attributes:
        number: how many pieces of news had come by then.
        at_ns: nanoseconds since the epoch.
        held: what our orders held of each asset.
    """

    number: int
    at_ns: int
    held: Mapping[str, Decimal]


class Balances:
    """Balances by asset; an asset that is not known counts as 0.

    Where the venue tells every change of what is available (``real_time``), its word stands. Otherwise its last word
    is carried on: what orders held then is given back, what they hold now and what fills changed since is taken into
    account.

    Args:
        orders: the orders that may hold something, all of them.
        holds: how orders and fills use assets.
        real_time: the venue tells available balances as they change.
        clock: when a stream spoke.
        tell: who hears what the venue changed.
    """

    def __init__(
        self,
        orders: Callable[[], Iterable[InFlightOrder]],
        *,
        holds: Holds,
        real_time: bool,
        clock: Clock,
        tell: Callable[[BalanceEvent], None],
    ) -> None:
        self._orders, self._holds = orders, holds
        self._clock, self._tell = clock, tell
        self._holdings: defaultdict[str, Holding] = defaultdict(lambda: Holding(real_time=real_time))
        self._held: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._held_by: dict[str, tuple[str, Decimal]] = {}
        self._filled: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._limits: dict[str, Decimal] = {}
        self._number = self._events = 0
        self.known = False
        """The venue has told all balances once; an account may be empty."""

    @exact
    def get_balance(self, asset: str) -> Decimal:
        """All that there is of an asset."""
        holding = self._holdings.get(asset)
        return ZERO if holding is None else holding.total

    @exact
    def get_available_balance(self, asset: str) -> Decimal:
        """What can be used of an asset: not held by orders, and within its limit; never less than 0."""
        holding = self._holdings.get(asset)
        available = ZERO if holding is None else holding.available(self._held.get(asset, ZERO))
        if asset in self._limits:
            limit = self._limits[asset] - self._held.get(asset, ZERO) + self._filled.get(asset, ZERO)
            available = min(available, limit)
        return max(available, ZERO)

    def get_all_balances(self) -> dict[str, Decimal]:
        """All that there is of every asset that was named."""
        return {asset: self.get_balance(asset) for asset in self._holdings}

    @property
    def available_balances(self) -> dict[str, Decimal]:
        """What can be used of every asset that was named."""
        return {asset: self.get_available_balance(asset) for asset in self._holdings}

    def set_limit(self, asset: str, limit: Decimal | None) -> None:
        """Use no more of an asset than this: what orders hold uses it up, what fills bring or take since the
        start changes it. ``None`` takes the limit away.
        """
        if limit is None:
            self._limits.pop(asset, None)
        else:
            self._limits[asset] = limit

    @exact
    def asking(self) -> Question:
        """The venue is about to be asked for all balances; `replace_all` wants this beside the answer.

        Orders that came or went without a word, as restored ones do, are seen here.
        """
        orders = {order.client_order_id: order for order in self._orders()}
        for gone in self._held_by.keys() - orders.keys():
            asset, held = self._held_by.pop(gone)
            self._held[asset] -= held
        for new in orders.keys() - self._held_by.keys():
            self.on_order(orders[new])
        return Question(self._number, self._clock.time_ns(), dict(self._held))

    @exact
    def replace_all(self, updates: Iterable[BalanceUpdate], question: Question) -> None:
        """Take a whole answer: an asset that it does not name is not held any more.

        Of what a stream told since the question, the answer says nothing new.
        """
        answered = {update.asset: update for update in updates}
        for asset in [*answered, *(asset for asset in self._holdings if asset not in answered)]:
            holding = self._holdings[asset]
            if holding.number <= question.number:
                update = answered.get(asset) or BalanceUpdate(asset, total=ZERO, available=ZERO)
                self._set(asset, update, question.held.get(asset, ZERO), question.at_ns)
        self.known = True

    @exact
    def apply(self, update: BalanceUpdate) -> None:
        """Take what a stream told of one asset: how it stands, or by how much it has changed."""
        asset, known = update.asset, self._holdings.get(update.asset)
        if update.delta is not None and (known is None or not known.is_changed_by(update.timestamp)):
            return
        self._number += 1
        holding = self._holdings[asset]
        holding.number = self._number
        if update.delta is not None:
            holding.add(update.delta)
            self._tell_change(asset)
        else:
            at_ns = self._clock.time_ns() if update.timestamp is None else update.timestamp
            self._set(asset, update, self._held.get(asset, ZERO), at_ns)

    @exact
    def on_order(self, order: InFlightOrder) -> None:
        """An order is new, or it changed: count what it holds now."""
        asset, amount = self._holds.of_order(order)
        _, held = self._held_by.pop(order.client_order_id, (asset, ZERO))
        if amount:
            self._held_by[order.client_order_id] = asset, amount
        self._held[asset] += amount - held

    @exact
    def on_fill(self, fill: OrderFilledEvent) -> None:
        """Count what a fill changed: what of an asset is locked, and how much there is of it.

        A fill from before the venue's last word of either is in that word.
        """
        for change in self._holds.of_fill(fill):
            self._filled[change.asset] += change.total
            self._holdings[change.asset].fill(change, fill.timestamp)

    def _set(self, asset: str, update: BalanceUpdate, held_then: Decimal, at_ns: int) -> None:
        self._holdings[asset].set(update, held_then, at_ns)
        self._tell_change(asset)

    def _tell_change(self, asset: str) -> None:
        holding = self._holdings[asset]
        total, available = holding.total, holding.available(self._held.get(asset, ZERO))
        if (total, available) == holding.told:
            return
        holding.told = total, available
        self._events += 1
        now = self._clock.time_ns()
        event_id = f"balance:{asset}:{now}:{self._events}"
        self._tell(BalanceEvent(event_id=event_id, timestamp=now, asset=asset, total=total, available=available))
