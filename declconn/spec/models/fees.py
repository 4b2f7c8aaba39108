"""`fees`: the fee schedule in Hummingbot's six names; 0.001 is 0.1 %."""

from __future__ import annotations

from decimal import Decimal

from declconn.spec.models.base import Flag, Model, Number, word


class FixedFee(Model):
    """An amount of one token, paid for each trade."""

    token: str = word("The asset.", "USDT")
    amount: Number = word("How much of it.", 0.1)


class Fees(Model):
    """What trading costs unless the venue says otherwise."""

    maker_percent_fee_decimal: Number = word("The maker's share of the amount.", 0.001, Decimal(0))
    taker_percent_fee_decimal: Number = word("The taker's share of the amount.", 0.001, Decimal(0))
    percent_fee_token: str | None = word("The asset that shares are paid in; none: as the trade says.", "USDT", None)
    buy_percent_fee_deducted_from_returns: Flag = word("A buy pays in what it buys.", True, False)
    maker_fixed_fees: tuple[FixedFee, ...] = word("Paid for each maker trade.", [{"token": "USDT", "amount": 0.1}], ())
    taker_fixed_fees: tuple[FixedFee, ...] = word("Paid for each taker trade.", [{"token": "USDT", "amount": 0.1}], ())
