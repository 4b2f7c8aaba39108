"""One order book: what the venue last said about one market, and whether that may be believed."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from declconn.book.queries import BookQueries
from declconn.book.rows import Precision, Row, as_decimal
from declconn.book.side import BookSide, differences
from declconn.book.sides import FASTEST, Sides
from declconn.errors import BookError, BookNotLiveError
from declconn.records import OrderBookMessage, Trade
from declconn.types import AmountUnit, BookState, Integrity

_LIVE: Final = BookState.LIVE
"""Looking up a member of an enum takes longer than all else that a read does."""


class OrderBook(BookQueries):
    """The book of one trading pair.

    Reading it while it is not live raises ``BookNotLiveError``, because its levels may be wrong;
    ``book.unchecked`` reads them all the same. Whoever applies messages decides about ``state`` (see
    ``BookSynchronizer``): a book alone cannot know whether a diff was lost.

    Attributes:
        trading_pair: our name of the market.
        contract_size: units per contract, where sizes are counted in contracts: base units, or quote units where the
            amount unit is quote (inverse contracts).
        state: nothing known yet, live, or possibly wrong.
        integrity: what vouches for it while it is live.
        reason: why it is not live, in words.
        snapshot_uid: the id of the last snapshot.
        last_diff_uid: the id of the last message that was applied, the snapshot's included.
        last_trade_time: when the last trade happened, nanoseconds since the epoch.

    Args:
        amount_unit: what the venue counts sizes in; they are converted when they are read.
        negative_prices: the venue may quote prices of 0 and below.
        precision: ``exact`` keeps every digit of the venue's; ``float`` keeps floats, and its ``Decimal``s are the
            shortest that are the same float: exact up to 15 digits, but without the zeros at the end.
        sides: what it is made of; default: whatever is fastest here.
    """

    __slots__ = (
        "_amount_unit",
        "_asks",
        "_bids",
        "_last_trade_price",
        "_negative_prices",
        "_precision",
        "_sides",
        "contract_size",
        "integrity",
        "last_diff_uid",
        "last_trade_time",
        "reason",
        "snapshot_uid",
        "state",
        "trading_pair",
    )

    def __init__(
        self,
        trading_pair: str,
        *,
        amount_unit: AmountUnit = AmountUnit.BASE,
        contract_size: Decimal | None = None,
        negative_prices: bool = False,
        precision: Precision = "exact",
        sides: Sides = FASTEST,
    ) -> None:
        self.trading_pair = trading_pair
        self.contract_size = contract_size
        self.state = BookState.SYNCING
        self.integrity = Integrity.UNVERIFIED
        self.reason = "no snapshot yet"
        self.snapshot_uid: int | None = None
        self.last_diff_uid: int | None = None
        self.last_trade_time: int | None = None
        self._last_trade_price: Decimal | None = None
        self._amount_unit = amount_unit
        self._negative_prices = negative_prices
        self._precision: Precision = precision
        self._sides = sides
        self._bids = sides[precision](1, negative_prices)
        self._asks = sides[precision](-1, negative_prices)

    def __repr__(self) -> str:
        size = f"{len(self._bids)} bids, {len(self._asks)} asks"
        return f"<OrderBook {self.trading_pair} {self.state} {self.integrity} uid={self.last_diff_uid} {size}>"

    def apply_snapshot(self, message: OrderBookMessage) -> None:
        """Forget all levels and take these.

        Raises:
            BookError: a row is not a level; see ``apply_diff``.
        """
        self._bids.replace(message.bids)
        self._asks.replace(message.asks)
        self.snapshot_uid = self.last_diff_uid = message.update_id

    def apply_diff(self, message: OrderBookMessage) -> bool:
        """Set the levels that the message names; whether it follows the last one is not asked here.

        Returns:
            whether the book is crossed now.

        Raises:
            BookError: a row is not a level; the message is applied in part, so the book must not be believed until its
                next snapshot. (To check all rows first would cost every good message, and the remedy is the same.)
        """
        bids, asks = self._bids, self._asks
        bids.apply(message.bids)
        asks.apply(message.asks)
        self.last_diff_uid = message.update_id
        bid, ask = bids.best, asks.best
        return bid is not None and ask is not None and bid >= ask

    def truncate(self, depth: int) -> None:
        """Drop what lies beyond ``depth`` levels per side: some venues never delete what left the subscribed depth."""
        self._bids.truncate(depth)
        self._asks.truncate(depth)

    def apply_trade(self, trade: Trade) -> None:
        """Remember the last price."""
        self._last_trade_price, self.last_trade_time = trade.price, trade.timestamp

    def adopt(self, other: OrderBook) -> None:
        """Take the levels and ids of another book of the same pair, which is given up."""
        self._bids, self._asks = other._bids, other._asks
        self.snapshot_uid, self.last_diff_uid = other.snapshot_uid, other.last_diff_uid

    def empty_copy(self) -> OrderBook:
        """A book of the same pair and the same units that knows nothing yet."""
        return OrderBook(
            self.trading_pair,
            amount_unit=self._amount_unit,
            contract_size=self.contract_size,
            negative_prices=self._negative_prices,
            precision=self._precision,
            sides=self._sides,
        )

    def differences(self, other: OrderBook) -> int:
        """How many levels differ, as deep as ``other`` reaches."""
        return differences(self._bids, other._bids, 1) + differences(self._asks, other._asks, -1)

    @property
    def best(self) -> tuple[float | None, float | None]:
        """The best bid and ask as floats: fast, and not for money."""
        if self.state is not _LIVE:
            raise self._not_live()
        return self._bids.best, self._asks.best

    @property
    def is_crossed(self) -> bool:
        """The best bid is not below the best ask."""
        bid, ask = self._bids.best, self._asks.best
        return bid is not None and ask is not None and bid >= ask

    @property
    def unchecked(self) -> BookQueries:
        """The same levels without the question whether they are right."""
        return _Unchecked(self)

    @property
    def bids(self) -> BookSide:
        if self.state is not _LIVE:
            raise self._not_live()
        return self._bids

    @property
    def asks(self) -> BookSide:
        if self.state is not _LIVE:
            raise self._not_live()
        return self._asks

    @property
    def last_trade_price(self) -> Decimal | None:
        return self._last_trade_price

    def amount_of(self, row: Row) -> Decimal:
        size = as_decimal(row[1])
        match self._amount_unit:
            case AmountUnit.BASE:
                return size
            case AmountUnit.QUOTE:
                return size * (self.contract_size or 1) / as_decimal(row[0])
            case AmountUnit.CONTRACTS:
                return size * self._known_contract_size()

    def _known_contract_size(self) -> Decimal:
        if self.contract_size is None:
            raise BookError(
                f"{self.trading_pair}: sizes are in contracts and the size of a contract is unknown; "
                "expected contract_size from the trading rule; read rows() for the venue's own numbers"
            )
        return self.contract_size

    def _not_live(self) -> BookNotLiveError:
        return BookNotLiveError(
            f"{self.trading_pair}: the book is {self.state}, expected LIVE: {self.reason}; "
            "wait until it is live, or read book.unchecked and expect wrong levels"
        )


class _Unchecked(BookQueries):
    """A book that is read whatever its state."""

    __slots__ = ("_book",)

    def __init__(self, book: OrderBook) -> None:
        self._book = book

    @property
    def bids(self) -> BookSide:
        return self._book._bids

    @property
    def asks(self) -> BookSide:
        return self._book._asks

    @property
    def last_trade_price(self) -> Decimal | None:
        return self._book.last_trade_price

    def amount_of(self, row: Row) -> Decimal:
        return self._book.amount_of(row)
