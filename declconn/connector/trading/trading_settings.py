"""How an account is traded: what the user of a connector may choose."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from declconn.account.fee_schedule import NO_OVERRIDES, FeeOverrides
from declconn.account.order_store import AccountStore
from declconn.account.rates import RateSource
from declconn.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class TradingSettings:
    """Choices for an account; each has a default that loses nothing.

    Attributes:
        store: where orders, fills and nonces are kept: a file, or a store of your own (`MemoryStore()` forgets);
            default: a file for this account in the user's state directory.
        read_only: watch the account, beside whoever trades with it: balances, positions and orders are known, and
            nothing is placed, changed or kept.
        cancel_on_stop: cancel every order of ours when the connector stops.
        cancel_all_after: seconds after which the venue cancels everything unless this connector is still there (its
            dead man's switch); ``None``: never.
        fees: what the user knows better than the spec and the venue.
        asset_limits: use no more of an asset than this.
        rates: what third tokens are worth, for fees that are paid in them; by default what books that are followed say.

    Raises:
        ConfigurationError: choices contradict each other.
    """

    store: str | os.PathLike[str] | AccountStore | None = None
    cancel_on_stop: bool = False
    cancel_all_after: float | None = None
    fees: FeeOverrides = NO_OVERRIDES
    asset_limits: Mapping[str, Decimal] = field(default_factory=dict)
    rates: RateSource | None = None
    read_only: bool = False

    def __post_init__(self) -> None:
        for name in ("store", "cancel_on_stop", "cancel_all_after"):
            if self.read_only and getattr(self, name):
                raise ConfigurationError(
                    f"{name}: nothing is kept or cancelled with read_only=True; leave one of them out"
                )
