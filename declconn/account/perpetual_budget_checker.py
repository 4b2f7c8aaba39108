"""Whether an account has the margin for the orders that somebody thinks of placing."""

from __future__ import annotations

from declconn.account.budget_checker import BudgetChecker
from declconn.account.order_candidate import C
from declconn.account.perpetual_order_candidate import PerpetualOrderCandidate
from declconn.errors import ConfigurationError


class PerpetualBudgetChecker(BudgetChecker):
    """A budget checker of a derivative: orders that close a position are never made smaller, and lock nothing."""

    def adjust_candidate(self, candidate: C, all_or_none: bool = True) -> C:
        """Like ``BudgetChecker.adjust_candidate``.

        Raises:
            ConfigurationError: the candidate does not say whether it opens or closes a position.
        """
        if not isinstance(candidate, PerpetualOrderCandidate):
            raise ConfigurationError(
                f"{candidate.trading_pair}: found an {type(candidate).__name__}, expected a PerpetualOrderCandidate: "
                "on a derivative an order opens a position or closes one"
            )
        return super().adjust_candidate(candidate, all_or_none)
