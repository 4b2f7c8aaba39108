"""What orders hold and what fills change: of the two assets of a spot market, or of a derivative's collateral."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from declconn.account.events import OrderFilledEvent
from declconn.account.exact import exact, quotient_down, quotient_up
from declconn.account.figure import ZERO
from declconn.account.in_flight_order import InFlightOrder
from declconn.account.tokens import split_trading_pair
from declconn.types import PositionAction, Side


@dataclass(frozen=True, slots=True)
class AssetChange:
    """What a fill does to an asset."""

    asset: str
    total: Decimal
    available: Decimal


class Holds(Protocol):
    """How a kind of market uses an account's assets."""

    def of_order(self, order: InFlightOrder) -> tuple[str, Decimal]:
        """The asset that an order holds, and how much of it still; 0 when it is over and all its fills are known."""
        ...

    def of_fill(self, fill: OrderFilledEvent) -> list[AssetChange]:
        """What a fill changes; the fees among it are those that the venue told as amounts."""
        ...


class SpotHolds:
    """A purchase holds quote, with the fee that it may cost; a sale holds base (Hummingbot's formulas).

    Args:
        maker_fee: the share of a pair's price that a resting order pays; 0.001 is 0.1 %.
    """

    def __init__(self, maker_fee: Callable[[str], Decimal]) -> None:
        self._maker_fee = maker_fee

    @exact
    def of_order(self, order: InFlightOrder) -> tuple[str, Decimal]:
        base, quote = split_trading_pair(order.trading_pair)
        if order.trade_type is Side.SELL:
            return base, _unsettled(order)
        return quote, _worth(order) * (1 + self._maker_fee(order.trading_pair))

    @exact
    def of_fill(self, fill: OrderFilledEvent) -> list[AssetChange]:
        base, quote = split_trading_pair(fill.trading_pair)
        sign = 1 if fill.trade_type is Side.BUY else -1
        bought, paid = sign * fill.amount, -sign * fill.quote_amount
        return [AssetChange(base, bought, bought), AssetChange(quote, paid, paid), *_fees(fill)]


class PerpetualHolds:
    """An opening order holds its margin and the fee on its whole worth; a closing one holds nothing, and one that waits
    for its trigger holds nothing yet. Not every venue tells when an order was triggered, but its fills do.

    An opening fill moves margin from its order to a position, and a closing one gives it back. Both are counted at the
    fill's price and its order's leverage; what the venue makes of it is known when it tells.

    Args:
        maker_fee: as for `SpotHolds`.
        collateral: the token that a pair's margin is paid in.
    """

    def __init__(self, maker_fee: Callable[[str], Decimal], collateral: Callable[[str], str]) -> None:
        self._maker_fee, self._collateral = maker_fee, collateral

    @exact
    def of_order(self, order: InFlightOrder) -> tuple[str, Decimal]:
        token = self._collateral(order.trading_pair)
        waits_for_trigger = order.trigger is not None and not order.has_fills
        if order.position is PositionAction.CLOSE or waits_for_trigger:
            return token, ZERO
        worth = _worth(order)
        return token, quotient_up(worth, order.leverage) + worth * self._maker_fee(order.trading_pair)

    @exact
    def of_fill(self, fill: OrderFilledEvent) -> list[AssetChange]:
        if fill.position is PositionAction.CLOSE:
            freed = quotient_down(fill.quote_amount, fill.leverage)
        else:
            freed = -quotient_up(fill.quote_amount, fill.leverage)
        return [AssetChange(self._collateral(fill.trading_pair), ZERO, freed), *_fees(fill)]


def _unsettled(order: InFlightOrder) -> Decimal:
    """How much may still be executed, or was executed and is not among the fills that we know."""
    expected = order.filled_by_venue if order.is_cut_short else order.amount
    return max(expected - order.executed_amount_base, ZERO)


def _worth(order: InFlightOrder) -> Decimal:
    """The same at the order's price; one that has none does not wait, so it holds nothing for long."""
    at = order.trigger_price if order.price is None else order.price
    return ZERO if at is None else _unsettled(order) * at


def _fees(fill: OrderFilledEvent) -> list[AssetChange]:
    return [AssetChange(fee.token, -fee.amount, -fee.amount) for fee in fill.trade_fee.flat_fees]
