"""Accounts of a simulated venue: money, orders, fills, positions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from declconn.records import BalanceUpdate, FundingPayment, TradeUpdate
from declconn.simulator.engine.orders import ZERO, Order
from declconn.simulator.engine.positions import Position
from declconn.types import PositionMode, PositionSide


class Account:
    """What one user has.

    Attributes:
        totals: all of each token.
        held: what of it open orders and positions need.
        orders, by_client_id: every order ever, by either id.
        open_orders: those that may still be filled, oldest first.
        fills: every fill ever, oldest first.
        positions: by trading pair and side; an empty one stays, with its leverage.
        payments: every funding payment, oldest first.
    """

    def __init__(self, name: str, balances: Mapping[str, Decimal]) -> None:
        self.name = name
        self.totals: dict[str, Decimal] = dict(balances)
        self.held: dict[str, Decimal] = {}
        self.orders: dict[str, Order] = {}
        self.by_client_id: dict[str, Order] = {}
        self.open_orders: dict[str, Order] = {}
        self.fills: list[TradeUpdate] = []
        self.positions: dict[tuple[str, PositionSide], Position] = {}
        self.payments: list[FundingPayment] = []
        self.position_mode = PositionMode.ONEWAY
        self._changed: set[str] = set()

    def total(self, token: str) -> Decimal:
        """All of a token."""
        return self.totals.get(token, ZERO)

    def available(self, token: str) -> Decimal:
        """What of a token can be used; never negative, also where losses have eaten into what is held."""
        return max(ZERO, self.total(token) - self.held.get(token, ZERO))

    def credit(self, token: str, amount: Decimal) -> None:
        """Add to a balance, or take from it."""
        if amount:
            self.totals[token] = self.total(token) + amount
            self._changed.add(token)

    def hold(self, token: str, amount: Decimal) -> None:
        """Set aside more of a token, or less."""
        if amount:
            self.held[token] = self.held.get(token, ZERO) + amount
            self._changed.add(token)

    def balance(self, token: str) -> BalanceUpdate:
        """What can be told about a token: available and locked are the total."""
        total, available = self.total(token), self.available(token)
        return BalanceUpdate(token, total=total, available=available, locked=total - available)

    def take_changes(self) -> list[BalanceUpdate]:
        """The balances that changed since this was asked last."""
        changed = sorted(self._changed)
        self._changed.clear()
        return [self.balance(token) for token in changed]
