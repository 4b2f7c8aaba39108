"""What is known of an order, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from declconn.account.change import Change
from declconn.account.executions import Executions
from declconn.account.order_states import ACCEPTED, FINAL, UNACCEPTED, WORKING
from declconn.account.rates import RateSource
from declconn.records import OrderUpdate, TradeUpdate
from declconn.types import OrderState, OrderType, PositionAction, Side, TimeInForce, Trigger

_ZERO: Final = Decimal(0)


class OrderFacts:
    """One order: what was wanted, and what the venue has told of it.

    Executed amounts are sums of fills that were told, never guesses. What the venue says to have filled is kept beside
    them; while it is more, `is_missing_fills`. An order whose end the venue has told stays open that long.

    Attributes:
        client_order_id: our id; see `has_client_order_id` for orders of others.
        amount: in base units.
        price: quote per base; ``None`` for a market order.
        time_in_force: how long what is not filled waits.
        trigger_price, trigger: where the price has to be before the order is let into the book, and whether that is
            worse (``STOP``) or better; ``None`` for an order that is let in at once.
        creation_timestamp, last_update_timestamp: nanoseconds since the epoch; of its last change the venue's, if told.
        terms_at: the venue's time of the news that told its amount and prices last; ``None`` before. Our own clock is
            never compared with it.
        leverage, position: for derivatives.
        is_external: somebody else placed it.
        fate_unknown: it was sent and the answer was lost: it may live. Any news of it settles that.
        is_lost: it is FAILED because the venue did not find it, too often to be chance.
        is_found_again: it was lost and lives after all.
        is_cancel_wanted: it is to be cancelled as soon as the venue is known to have it.
        is_unconfirmed: its end was told without a word of how much was executed, and the venue is asked for that.
        is_amendment_lost: an amendment's answer was lost: what news do not tell of its amount and prices is unknown.
        told_end: the end that the venue has told first (``FAILED``: it gave the order up); ``None`` before, and of an
            order that ended without the venue's word. While the order is open, it waits for its fills.
        not_found_count: how often the venue did not find it since it last did.
        executions: its fills, their fees and sums.
        told_filled, filled_quote_by_venue: the most that the venue said to be filled, in numbers.
        is_whole_by_word: the venue said FILLED without a number.
    """

    __slots__ = (
        "_change",
        "amount",
        "client_order_id",
        "creation_timestamp",
        "exchange_order_id",
        "executions",
        "fate_unknown",
        "filled_quote_by_venue",
        "is_amendment_lost",
        "is_cancel_wanted",
        "is_external",
        "is_found_again",
        "is_lost",
        "is_unconfirmed",
        "is_whole_by_word",
        "last_update_timestamp",
        "leverage",
        "not_found_count",
        "order_type",
        "position",
        "price",
        "state",
        "terms_at",
        "time_in_force",
        "told_end",
        "told_filled",
        "trade_type",
        "trading_pair",
        "trigger",
        "trigger_price",
    )

    def __init__(
        self,
        *,
        client_order_id: str,
        trading_pair: str,
        order_type: OrderType,
        trade_type: Side,
        amount: Decimal,
        creation_timestamp: int,
        price: Decimal | None = None,
        exchange_order_id: str | None = None,
        leverage: Decimal = Decimal(1),
        position: PositionAction = PositionAction.NIL,
        state: OrderState = OrderState.PENDING_CREATE,
        is_external: bool = False,
        time_in_force: TimeInForce = TimeInForce.GTC,
        trigger_price: Decimal | None = None,
        trigger: Trigger | None = None,
    ) -> None:
        self.client_order_id, self.exchange_order_id = client_order_id, exchange_order_id
        self.trading_pair, self.order_type, self.trade_type = trading_pair, order_type, trade_type
        self.amount, self.price = amount, price
        self.time_in_force, self.trigger_price, self.trigger = time_in_force, trigger_price, trigger
        self.leverage, self.position = leverage, position
        self.creation_timestamp = self.last_update_timestamp = creation_timestamp
        self.state, self.is_external = state, is_external
        self.fate_unknown = self.is_lost = self.is_found_again = self.is_cancel_wanted = False
        self.is_amendment_lost = self.is_unconfirmed = False
        self.told_end: OrderState | None = None
        self.terms_at: int | None = None
        self.not_found_count = 0
        self.executions = Executions()
        self.told_filled = self.filled_quote_by_venue = _ZERO
        self.is_whole_by_word = False
        self._change = Change()

    def __repr__(self) -> str:
        price = "" if self.price is None else f" at {self.price:f}"
        wanted = f"{self.trade_type} {self.amount:f} {self.trading_pair}{price}{self._said_terms}"
        filled = max(self.executed_amount_base, self.filled_by_venue)
        return f"<{self.client_order_id} {self.state}: {wanted}, {filled:f} filled>"

    @property
    def _said_terms(self) -> str:
        """What is not ordinary about it."""
        time = "" if self.time_in_force is TimeInForce.GTC else f" {self.time_in_force}"
        return time if self.trigger_price is None else f"{time} {self.trigger} at {self.trigger_price:f}"

    @property
    def log_fields(self) -> dict[str, str]:
        """What log records about it say, see `declconn.log`."""
        fields = {"trading_pair": self.trading_pair, "client_order_id": self.client_order_id}
        return fields if self.exchange_order_id is None else {**fields, "exchange_order_id": self.exchange_order_id}

    @property
    def base_asset(self) -> str:
        """What is traded."""
        return self.trading_pair.partition("-")[0]

    @property
    def quote_asset(self) -> str:
        """What it is priced in."""
        return self.trading_pair.partition("-")[2]

    @property
    def waits(self) -> bool:
        """It may work for long: in the book, or outside of it until the price is where it has to be."""
        rests = self.order_type is not OrderType.MARKET and self.time_in_force is TimeInForce.GTC
        return rests or self.trigger is not None

    @property
    def is_pending_create(self) -> bool:
        """The venue has not accepted it yet."""
        return self.state in UNACCEPTED

    @property
    def is_working(self) -> bool:
        """The venue has it, and may execute it until somebody cancels it."""
        return self.state in WORKING

    @property
    def is_pending_cancel(self) -> bool:
        """The venue has taken the wish to cancel it, and has not done so yet."""
        return self.state is OrderState.PENDING_CANCEL

    @property
    def is_open(self) -> bool:
        """It is not over: it works, or it may."""
        return self.state not in FINAL

    @property
    def is_done(self) -> bool:
        """It is over."""
        return self.state in FINAL

    @property
    def is_over_by_word(self) -> bool:
        """The venue has told its end; it may wait for its fills still."""
        return self.is_done or self.told_end is not None

    @property
    def awaits_fills(self) -> bool:
        """The venue has told its end, and not all of its fills are here yet."""
        return self.is_open and self.told_end is not None

    @property
    def is_filled(self) -> bool:
        """It was executed whole."""
        return self.state is OrderState.FILLED or self.has_whole_amount

    @property
    def is_cancelled(self) -> bool:
        """It ended before it was executed whole."""
        return self.state is OrderState.CANCELED

    @property
    def is_cut_short(self) -> bool:
        """Nothing more of it will be executed, and it is not filled; fills may still be missing."""
        is_told = self.told_end in (OrderState.CANCELED, OrderState.FAILED)
        return is_told or self.is_cancelled or self.is_failure

    @property
    def is_failure(self) -> bool:
        """It was never accepted, or is lost."""
        return self.state is OrderState.FAILED

    @property
    def is_accepted(self) -> bool:
        """The venue has it, or had it and executed it."""
        return self.state in ACCEPTED

    @property
    def order_fills(self) -> Mapping[str, TradeUpdate]:
        """The known fills by trade id."""
        return self.executions.fills

    @property
    def executed_amount_base(self) -> Decimal:
        """The sum of the known fills."""
        return self.executions.base

    @property
    def executed_amount_quote(self) -> Decimal:
        """What the known fills cost or brought, without fees."""
        return self.executions.quote

    @property
    def average_executed_price(self) -> Decimal | None:
        """Quote per base over the known fills; ``None`` while there are none."""
        return self.executions.average_price

    @property
    def fees_paid(self) -> dict[str, Decimal]:
        """What the known fills cost per token, where the venue told amounts; negative is a rebate."""
        return self.executions.fees_paid

    @property
    def filled_by_venue(self) -> Decimal:
        """What the venue says to be filled; after FILLED without a number the amount, also if that is amended yet."""
        return max(self.told_filled, self.amount) if self.is_whole_by_word else self.told_filled

    @property
    def is_whole_by_venue(self) -> bool:
        """The venue says that the whole amount is filled, or the known fills are."""
        return self.has_whole_amount or (self.amount > 0 and self.told_filled >= self.amount)

    @property
    def has_fills(self) -> bool:
        """Something of it is executed, whether the fills are known or not."""
        return self.executions.base > 0 or self.filled_by_venue > 0

    @property
    def has_whole_amount(self) -> bool:
        """The known fills are the whole amount."""
        return self.amount > 0 and self.executions.reach(self.amount)

    @property
    def is_missing_fills(self) -> bool:
        """The venue has filled more than the known fills."""
        return not self.executions.reach(self.filled_by_venue)

    @property
    def has_client_order_id(self) -> bool:
        """The venue knows `client_order_id`; an order of others without one was given it here."""
        made_up = external_order_id(self.trading_pair, self.exchange_order_id)
        return not self.is_external or self.client_order_id != made_up

    def is_meant_by(self, news: OrderUpdate | TradeUpdate) -> bool:
        """Whether news name this order, by our id or by the venue's."""
        if news.client_order_id is not None and news.client_order_id == self.client_order_id:
            return True
        return news.exchange_order_id is not None and news.exchange_order_id == self.exchange_order_id

    def cumulative_fee_paid(self, token: str, rates: RateSource | None = None) -> Decimal:
        """What the known fills cost, shares of the traded value included, in one token.

        Raises:
            UnknownRateError: a fee was paid in a third token whose rate ``rates`` does not know.
        """
        return self.executions.fees_in(token, self.trading_pair, rates)


def external_order_id(trading_pair: str, exchange_order_id: str | None) -> str:
    """What an order of others is called here if it has no client id; venues' ids are unique per market only."""
    return f"{trading_pair}:{exchange_order_id}"
