"""What a simulated venue takes for a fill."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from declconn.compile.functions import QUOTIENT
from declconn.errors import ConfigurationError
from declconn.simulator.engine.orders import ZERO

FINEST = Decimal("1e-12")
"""What quotients are rounded up to, as nobody is paid in fractions of fractions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSchedule:
    """The fees of a venue; 0.001 is 0.1 %, and a negative one is a rebate.

    Attributes:
        token: a token in which fees are paid as long as an account has enough of it; else as without one.
        token_price: what one of that token is worth in quote.
        buy_deducted_from_returns: who buys pays with the base asset that he receives; else quote is added to the cost.
            Who sells always pays with the quote asset that he receives.

    Raises:
        ConfigurationError: a token without a price, or fees of 100 % and more.
    """

    maker: Decimal = ZERO
    taker: Decimal = ZERO
    token: str | None = None
    token_price: Decimal | None = None
    buy_deducted_from_returns: bool = False

    def __post_init__(self) -> None:
        if self.token is not None and not self.token_price:
            raise ConfigurationError(f"fees are paid in {self.token}, so `token_price` must say what it is worth")
        if not (abs(self.maker) < 1 and abs(self.taker) < 1):
            raise ConfigurationError(f"fees of {self.maker} and {self.taker}: 0.001 is 0.1 %")

    def rate(self, *, is_taker: bool) -> Decimal:
        """What is taken of a fill's value."""
        return self.taker if is_taker else self.maker

    @property
    def highest(self) -> Decimal:
        """The most that may be taken of a fill's value."""
        return max(self.maker, self.taker, ZERO)

    def in_token(self, value: Decimal) -> Decimal:
        """A fee that is worth so much quote, in the token."""
        return quotient(value, self.token_price or ZERO)


def quotient(value: Decimal, divisor: Decimal) -> Decimal:
    """One number by another, rounded up to ``FINEST``."""
    return QUOTIENT.divide(value, divisor).quantize(FINEST, ROUND_UP, QUOTIENT)
