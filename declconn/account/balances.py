"""What an account holds, and how much of it can be used: the venue's word, and what happened since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from declconn.account.events import BalanceEvent, OrderFilledEvent
from declconn.account.exact import exact
from declconn.account.figure import ZERO
from declconn.account.held import Held
from declconn.account.holding import Holding
from declconn.account.holds import Holds
from declconn.account.in_flight_order import InFlightOrder
from declconn.clock import Clock
from declconn.records import BalanceUpdate


@dataclass(frozen=True, slots=True)
class Question:
    """That the venue was asked, and when; what is heard afterwards is newer than its answer.

    Attributes:
        at_ns: nanoseconds since the epoch.
        held: what the venue held of each asset for our orders, as far as it had told that it has them.
    """

    at_ns: int
    held: Mapping[str, Decimal]


class Balances:
    """Balances by asset; an asset that is not known counts as 0.

    Where the venue tells every change of what is available (``real_time``), its word stands. Otherwise its last word
    is carried on: what orders held then is given back, what they hold now and what fills changed since is taken into
    account. Where nobody can know whether the venue's word has something in it, the venue is asked again.

    Args:
        orders: the orders that may hold something, all of them.
        holds: how orders and fills use assets.
        real_time: the venue tells available balances as they change.
        clock: when a stream spoke.
        tell: who hears what the venue changed.
        ask: called when the venue had better be asked soon; one question follows another, never two at a time.
    """

    def __init__(
        self,
        orders: Callable[[], Iterable[InFlightOrder]],
        *,
        holds: Holds,
        real_time: bool,
        clock: Clock,
        tell: Callable[[BalanceEvent], None],
        ask: Callable[[], None],
    ) -> None:
        self._orders, self._holds = orders, holds
        self._clock, self._tell = clock, tell
        self._real_time, self._ask = real_time, ask
        self._holdings: defaultdict[str, Holding] = defaultdict(lambda: Holding(real_time=real_time))
        self._held, self._has_filled = Held(holds), False
        self._early: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._filled: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._limits: dict[str, Decimal] = {}
        self._events = 0
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
        available = ZERO if holding is None else holding.available(self._held.now(asset))
        if asset in self._limits:
            limit = self._limits[asset] - self._held.now(asset) + self._filled.get(asset, ZERO)
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
        held = self._held.ask(self._orders())
        self._has_filled = False
        self._early.clear()
        for holding in self._holdings.values():
            holding.ask()
        return Question(self._clock.time_ns(), held)

    @exact
    def replace_all(self, updates: Iterable[BalanceUpdate], question: Question) -> None:
        """Take a whole answer: an asset that it does not name is not held any more.

        Of what a stream told since the question, the answer says nothing new; by how much something has changed since
        then is added to it.
        """
        answered = {update.asset: update for update in updates}
        now_ns = self._clock.time_ns()
        for asset in {**answered, **self._early, **self._holdings}:
            update = answered.get(asset) or BalanceUpdate(asset, total=ZERO, available=ZERO)
            self._holdings[asset].answer(update, question.held.get(asset, ZERO), question.at_ns, now_ns)
        for asset, delta in self._early.items():
            self._holdings[asset].add(delta, None, now_ns)
        self._early.clear()
        self.known = True
        for asset in list(self._holdings):
            self._tell_change(asset)
        if self._has_filled or self._held.has_moved:
            self._want()

    @exact
    def apply(self, update: BalanceUpdate) -> None:
        """Take what a stream told of one asset: how it stands, or by how much it has changed."""
        if update.delta is not None:
            self._add(update.asset, update.delta, update.timestamp)
            return
        asset = update.asset
        self._holdings[asset].hear(update, self._held.surely(asset), self._clock.time_ns())
        self._tell_change(asset)

    @exact
    def on_order(self, order: InFlightOrder) -> None:
        """An order is new, or it changed: count what it holds now."""
        if self._held.take(order):
            self._want()

    @exact
    def on_fill(self, fill: OrderFilledEvent) -> None:
        """Count what a fill changed: what of an asset is locked, and how much there is of it.

        A fill from before the venue's last word of either is in that word.
        """
        self._has_filled = True
        is_held = self._held.had(fill.order_id)
        for change in self._holds.of_fill(fill):
            self._filled[change.asset] += change.total
            if self._holdings[change.asset].fill(change, fill.timestamp, is_held=is_held):
                self._want()

    def _want(self) -> None:
        if not self._real_time:
            self._ask()

    def _add(self, asset: str, delta: Decimal, timestamp: int | None) -> None:
        """A change of what the venue did not tell yet is kept for the answer that is under way."""
        holding = self._holdings.get(asset)
        if holding is None or not holding.is_told:
            self._early[asset] += delta
        elif holding.add(delta, timestamp, self._clock.time_ns()):
            self._tell_change(asset)

    def _tell_change(self, asset: str) -> None:
        holding = self._holdings[asset]
        total, available = holding.total, holding.available(self._held.now(asset))
        if (total, available) == holding.announced:
            return
        holding.announced = total, available
        self._events += 1
        now = self._clock.time_ns()
        event_id = f"balance:{asset}:{now}:{self._events}"
        self._tell(BalanceEvent(event_id=event_id, timestamp=now, asset=asset, total=total, available=available))
