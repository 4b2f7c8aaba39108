"""What an account holds, and how much of it can be used: the venue's word, and what happened since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from declconn.account.events import BalanceEvent, OrderFilledEvent
from declconn.account.exact import exact
from declconn.account.figure import ZERO
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


@dataclass(frozen=True, slots=True)
class _Hold:
    """What an order holds; ``is_sure``: the venue has told that it has the order."""

    asset: str
    amount: Decimal
    is_sure: bool


class Balances:
    """Balances by asset; an asset that is not known counts as 0.

    Where the venue tells every change of what is available (``real_time``), its word stands. Otherwise its last word
    is carried on: what orders held then is given back, what they hold now and what fills changed since is taken into
    account. Where nobody can know whether the venue's word has something in it, it counts as what leaves less to use,
    and the venue is asked again.

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
        self._held: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._surely_held: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._held_by: dict[str, _Hold] = {}
        self._held_then_by: frozenset[str] = frozenset()
        self._doubtful_then: set[str] = set()
        self._has_moved = False
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
            self._hold(gone, None)
        for new in orders.keys() - self._held_by.keys():
            self.on_order(orders[new])
        self._held_then_by = frozenset(order_id for order_id, hold in self._held_by.items() if hold.is_sure)
        self._doubtful_then = set(self._held_by.keys() - self._held_then_by)
        self._has_moved = False
        self._early.clear()
        for holding in self._holdings.values():
            holding.ask()
        return Question(self._clock.time_ns(), dict(self._surely_held))

    @exact
    def replace_all(self, updates: Iterable[BalanceUpdate], question: Question) -> None:
        """Take a whole answer: an asset that it does not name is not held any more.

        Of what a stream told since the question, the answer says nothing new; by how much something has changed since
        then is added to it.
        """
        answered = {update.asset: update for update in updates}
        now_ns = self._clock.time_ns()
        for asset in [*answered, *(asset for asset in self._holdings if asset not in answered)]:
            update = answered.get(asset) or BalanceUpdate(asset, total=ZERO, available=ZERO)
            self._holdings[asset].answer(update, question.held.get(asset, ZERO), question.at_ns, now_ns)
        for asset, delta in self._early.items():
            self._holdings[asset].add(delta, None, now_ns)
        for asset in {**answered, **self._holdings}:
            self._tell_change(asset)
        self._early.clear()
        self.known = True
        if self._has_moved:
            self._want()

    @exact
    def apply(self, update: BalanceUpdate) -> None:
        """Take what a stream told of one asset: how it stands, or by how much it has changed."""
        if update.delta is not None:
            self._add(update.asset, update.delta, update.timestamp)
            return
        asset = update.asset
        self._holdings[asset].hear(update, self._surely_held.get(asset, ZERO), self._clock.time_ns())
        self._tell_change(asset)

    @exact
    def on_order(self, order: InFlightOrder) -> None:
        """An order is new, or it changed: count what it holds now."""
        asset, amount = self._holds.of_order(order)
        is_sure = order.is_accepted and not order.fate_unknown
        self._hold(order.client_order_id, _Hold(asset, amount, is_sure) if amount else None)
        if order.client_order_id in self._doubtful_then and (is_sure or order.is_done):
            self._doubtful_then.discard(order.client_order_id)
            self._want()
        elif order.is_done and (order.is_lost or order.trigger is not None):
            self._want()  # nobody told whether the venue held something for it

    @exact
    def on_fill(self, fill: OrderFilledEvent) -> None:
        """Count what a fill changed: what of an asset is locked, and how much there is of it.

        A fill from before the venue's last word of either is in that word.
        """
        self._has_moved = True
        is_held = fill.order_id in self._held_then_by
        for change in self._holds.of_fill(fill):
            self._filled[change.asset] += change.total
            if self._holdings[change.asset].fill(change, fill.timestamp, is_held=is_held):
                self._want()

    def _want(self) -> None:
        if not self._real_time:
            self._ask()

    def _hold(self, client_order_id: str, hold: _Hold | None) -> None:
        """An order holds this now."""
        before = self._held_by.pop(client_order_id, None)
        if hold is not None:
            self._held_by[client_order_id] = hold
        for one, sign in ((before, -1), (hold, 1)):
            if one is not None:
                self._held[one.asset] += sign * one.amount
                self._surely_held[one.asset] += sign * one.amount if one.is_sure else ZERO
        self._has_moved = self._has_moved or before != hold

    def _add(self, asset: str, delta: Decimal, timestamp: int | None) -> None:
        """A change of what the venue did not tell yet is kept for the answer that is under way."""
        holding = self._holdings.get(asset)
        if holding is None or not holding.is_told:
            self._early[asset] += delta
        elif holding.add(delta, timestamp, self._clock.time_ns()):
            self._tell_change(asset)

    def _tell_change(self, asset: str) -> None:
        holding = self._holdings[asset]
        total, available = holding.total, holding.available(self._held.get(asset, ZERO))
        if (total, available) == holding.announced:
            return
        holding.announced = total, available
        self._events += 1
        now = self._clock.time_ns()
        event_id = f"balance:{asset}:{now}:{self._events}"
        self._tell(BalanceEvent(event_id=event_id, timestamp=now, asset=asset, total=total, available=available))
