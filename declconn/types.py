"""The words that every floor shares: sides, order types and terms, states, price kinds."""

from __future__ import annotations

from enum import StrEnum


class Side(StrEnum):
    """The side of an order, or the taker's side of a trade (Hummingbot's ``TradeType``)."""

    BUY = "BUY"
    SELL = "SELL"


TradeType = Side


class OrderType(StrEnum):
    """How an order meets the book."""

    LIMIT = "LIMIT"
    LIMIT_MAKER = "LIMIT_MAKER"
    MARKET = "MARKET"


class TimeInForce(StrEnum):
    """How long an order waits: until it is cancelled, not at all, or not at all and never in parts."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"


class Trigger(StrEnum):
    """When an order that waits outside the book is let in.

    ``STOP``: a BUY when the price has risen to the trigger price, a SELL when it has fallen to it. ``TAKE_PROFIT``: the
    other way round.
    """

    STOP = "STOP"
    TAKE_PROFIT = "TAKE_PROFIT"


class OrderState(StrEnum):
    """The life of an order, in Hummingbot's words."""

    PENDING_CREATE = "PENDING_CREATE"
    OPEN = "OPEN"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    PENDING_CANCEL = "PENDING_CANCEL"
    CANCELED = "CANCELED"
    FILLED = "FILLED"
    FAILED = "FAILED"
    PENDING_APPROVAL = "PENDING_APPROVAL"
    APPROVED = "APPROVED"


class PositionMode(StrEnum):
    """One net position per market, or one for each side."""

    ONEWAY = "ONEWAY"
    HEDGE = "HEDGE"


class PositionSide(StrEnum):
    """The side of a position; ``BOTH`` where the sign of the amount decides."""

    BOTH = "BOTH"
    LONG = "LONG"
    SHORT = "SHORT"


class PositionAction(StrEnum):
    """Whether a fill opened or closed a position."""

    OPEN = "OPEN"
    CLOSE = "CLOSE"
    NIL = "NIL"


class FillCause(StrEnum):
    """Why the venue closed a position of ours by a trade that nobody here asked for."""

    LIQUIDATION = "LIQUIDATION"
    ADL = "ADL"


class PriceType(StrEnum):
    """Which price of a market is meant."""

    MID_PRICE = "MID_PRICE"
    BEST_BID = "BEST_BID"
    BEST_ASK = "BEST_ASK"
    LAST_TRADE = "LAST_TRADE"


class BookState(StrEnum):
    """What is known about a book: nothing yet, that it is right, or that it may be wrong."""

    SYNCING = "SYNCING"
    LIVE = "LIVE"
    STALE = "STALE"


class Integrity(StrEnum):
    """What vouches for a live book: a checksum, sequence ids, or nothing but the last snapshot."""

    VERIFIED = "verified"
    SEQUENCED = "sequenced"
    UNVERIFIED = "unverified"


class TimeUnit(StrEnum):
    """How a venue counts time; ``iso`` is ISO 8601 text."""

    S = "s"
    MS = "ms"
    US = "us"
    NS = "ns"
    ISO = "iso"


class AmountUnit(StrEnum):
    """What a venue counts sizes in: base asset, contracts, or quote asset."""

    BASE = "base"
    CONTRACTS = "contracts"
    QUOTE = "quote"
