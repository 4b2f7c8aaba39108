"""What our orders hold, in sums by asset, and for which of them the venue can have held something when it was asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from declconn.account.figure import ZERO
from declconn.account.holds import Holds
from declconn.account.in_flight_order import InFlightOrder


@dataclass(frozen=True, slots=True)
class _Hold:
    """What an order holds; ``is_sure``: the venue has told that it has the order."""

    asset: str
    amount: Decimal
    is_sure: bool


class Held:
    """Running sums, so that a question costs the same with one open order and with ten thousand.

    Args:
        holds: how orders use assets.

    Attributes:
        has_moved: since the venue was asked last, an order holds more, or less, or is sure.
    """

    def __init__(self, holds: Holds) -> None:
        self._holds = holds
        self._by_order: dict[str, _Hold] = {}
        self._sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._sure_sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._sure_then: frozenset[str] = frozenset()
        self._doubtful_then: set[str] = set()
        self.has_moved = False

    def now(self, asset: str) -> Decimal:
        """What orders hold of an asset."""
        return self._sums.get(asset, ZERO)

    def surely(self, asset: str) -> Decimal:
        """What the venue has told to hold: without orders that are on their way or in doubt."""
        return self._sure_sums.get(asset, ZERO)

    def ask(self, orders: Iterable[InFlightOrder]) -> dict[str, Decimal]:
        """The venue is about to be asked, while these orders live; what it surely holds by asset.

        Orders that came or went without a word, as restored ones do, are seen here.
        """
        living = {order.client_order_id: order for order in orders}
        for gone in self._by_order.keys() - living.keys():
            self._set(gone, None)
        for new in living.keys() - self._by_order.keys():
            self.take(living[new])
        self._sure_then = frozenset(order_id for order_id, hold in self._by_order.items() if hold.is_sure)
        self._doubtful_then = set(self._by_order.keys() - self._sure_then)
        self.has_moved = False
        return dict(self._sure_sums)

    def had(self, client_order_id: str) -> bool:
        """Whether the venue surely held something for an order when it was asked."""
        return client_order_id in self._sure_then

    def take(self, order: InFlightOrder) -> bool:
        """Count what an order holds now.

        Returns:
            whether the venue should be asked: what it held for the order was a guess.
        """
        asset, amount = self._holds.of_order(order)
        is_sure = order.is_accepted and not order.fate_unknown
        self._set(order.client_order_id, _Hold(asset, amount, is_sure) if amount else None)
        if order.client_order_id not in self._doubtful_then:
            return order.is_done and (order.is_lost or order.trigger is not None)
        is_settled = is_sure or order.is_done
        if is_settled:
            self._doubtful_then.discard(order.client_order_id)
        return is_settled

    def _set(self, client_order_id: str, hold: _Hold | None) -> None:
        before = self._by_order.pop(client_order_id, None)
        if hold is not None:
            self._by_order[client_order_id] = hold
        for one, sign in ((before, -1), (hold, 1)):
            if one is not None:
                self._sums[one.asset] += sign * one.amount
                self._sure_sums[one.asset] += sign * one.amount if one.is_sure else ZERO
        self.has_moved = self.has_moved or before != hold
