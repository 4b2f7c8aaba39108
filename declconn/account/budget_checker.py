"""Whether an account can pay for the orders that somebody thinks of placing, and how much of them if not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Context, Decimal
from typing import Final

from declconn.account.exact import exact, quotient_down
from declconn.account.market import Market
from declconn.account.order_candidate import C, OrderCandidate

_ZERO: Final = Decimal(0)
_A_LITTLE_LESS: Final = 1 - Decimal("1e-15")
_WITHOUT_NOISE: Final = Context(prec=24)
"""Leaves out the last digits of quotients, which are rounded."""


class BudgetChecker:
    """Makes order candidates fit into the balances of an account, one by one or several together."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._locked: dict[str, Decimal] = {}

    def reset_locked_collateral(self) -> None:
        """Forget what the candidates so far would hold."""
        self._locked.clear()

    def adjust_candidates(self, candidates: Iterable[C], all_or_none: bool = True) -> list[C]:
        """The candidates as they fit together, the first ones first; locks that stand are forgotten."""
        self.reset_locked_collateral()
        try:
            return [self.adjust_candidate_and_lock_available_collateral(each, all_or_none) for each in candidates]
        finally:
            self.reset_locked_collateral()

    @exact
    def adjust_candidate_and_lock_available_collateral(self, candidate: C, all_or_none: bool = True) -> C:
        """Like ``adjust_candidate``; what the answer needs is not available to the candidates that come after."""
        adjusted = self.adjust_candidate(candidate, all_or_none)
        for token, amount in adjusted.collateral_dict.items():
            self._locked[token] = self._locked.get(token, _ZERO) + amount
        return adjusted

    @exact
    def adjust_candidate(self, candidate: C, all_or_none: bool = True) -> C:
        """The candidate with everything filled in, made smaller where the account cannot pay for it.

        Args:
            candidate: stays as it is.
            all_or_none: one that does not fit becomes 0; else it becomes the largest one that fits, in the steps that
                the venue takes. One that fits keeps its amount, whatever the steps are.

        Raises:
            UnknownRateError: a fee is paid in a token of which the market knows no price.
        """
        if not candidate.amount:
            return candidate.set_to_zero()
        candidate = candidate.populate_collateral_entries(self._market)
        available = {token: self._available(token, candidate) for token in candidate.collateral_dict}
        if _fits(candidate, available):
            return candidate
        return replace(candidate.set_to_zero() if all_or_none else self._largest(candidate, available), resized=True)

    def _available(self, token: str, candidate: OrderCandidate) -> Decimal:
        balance = self._market.get_balance if candidate.from_total_balances else self._market.get_available_balance
        return balance(token) - self._locked.get(token, _ZERO)

    def _largest(self, candidate: C, available: Mapping[str, Decimal]) -> C:
        affordable = _affordable(candidate, available)
        # Collateral that was rounded up may be too much by its last digit; a little less is surely enough.
        for amount in (_WITHOUT_NOISE.plus(affordable), affordable, affordable * _A_LITTLE_LESS):
            amount = self._market.quantize_order_amount(candidate.trading_pair, amount, candidate.price)
            if amount <= 0:
                break
            smaller = replace(candidate, amount=amount).populate_collateral_entries(self._market)
            if _fits(smaller, available):
                return smaller
        return candidate.set_to_zero()


def _fits(candidate: OrderCandidate, available: Mapping[str, Decimal]) -> bool:
    return all(needed <= available[token] for token, needed in candidate.collateral_dict.items())


def _affordable(candidate: OrderCandidate, available: Mapping[str, Decimal]) -> Decimal:
    """The largest amount for which every token suffices: fixed fees first, the rest in proportion."""
    amount, scaling = candidate.amount, candidate.scaling_dict
    for token, needed in candidate.collateral_dict.items():
        if needed > available[token]:
            grows = scaling.get(token, _ZERO)
            left = available[token] - (needed - grows)
            amount = min(amount, quotient_down(candidate.amount * left, grows) if grows else _ZERO)
    return max(amount, _ZERO)
