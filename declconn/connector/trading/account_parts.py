"""The parts of an account, each made from what its spec says and its user chose."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any, Final

from declconn.account.balances import Balances
from declconn.account.client_order_ids import ClientOrderIds
from declconn.account.fee_schedule import FeeSchedule
from declconn.account.funding import FundingPayments, keep_asking
from declconn.account.holds import Holds, PerpetualHolds, SpotHolds
from declconn.account.order_store import AccountStore
from declconn.account.positions import PerpetualTrading
from declconn.account.trade_fee import TokenAmount, TradeFeeSchema
from declconn.account.user_stream_tracker import UserStreamTracker
from declconn.compile.assets import Assets
from declconn.connector.feed.lines import Dial
from declconn.connector.feed.streams import Streams
from declconn.connector.feed.user_stream_data_source import UserStreamDataSource
from declconn.connector.market_data import Parts
from declconn.connector.shared import Shared
from declconn.connector.trading.dead_mans_switch import DeadMansSwitch
from declconn.connector.trading.inquiries import Inquiries
from declconn.connector.trading.position_terms import PositionTerms
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.connector.trading.upkeep import Ask
from declconn.connector.trading.venue_tells import tells_available
from declconn.connector.venue_words import VenueWords
from declconn.errors import ConfigurationError
from declconn.records import FundingPayment
from declconn.spec import models
from declconn.types import Side

FUNDING_POLL: Final = 120.0
"""Seconds between two looks at funding payments where the spec does not say (what most of Hummingbot's use)."""


def new_perpetual(parts: Parts) -> PerpetualTrading | None:
    spec = parts.spec
    if spec.kind != "derivative" or spec.positions is None:
        return None
    return PerpetualTrading(list(spec.positions.modes), clock=parts.clock, tell=parts.listeners.publish)


def new_terms(parts: Parts, assets: Assets, perpetual: PerpetualTrading | None) -> PositionTerms | None:
    if perpetual is None:
        return None
    return PositionTerms(
        parts.operations,
        symbols=parts.symbols,
        words=VenueWords(parts.spec, parts.symbols, assets),
        perpetual=perpetual,
        pairs=lambda: parts.order_book_tracker.order_books,
        clock=parts.clock,
        tell=parts.listeners.publish,
    )


def new_fees(parts: Parts, settings: TradingSettings) -> FeeSchedule:
    fees = parts.spec.fees
    schema = TradeFeeSchema(
        percent_fee_token=fees.percent_fee_token,
        maker_percent_fee_decimal=fees.maker_percent_fee_decimal,
        taker_percent_fee_decimal=fees.taker_percent_fee_decimal,
        buy_percent_fee_deducted_from_returns=fees.buy_percent_fee_deducted_from_returns,
        maker_fixed_fees=_amounts(fees.maker_fixed_fees),
        taker_fixed_fees=_amounts(fees.taker_fixed_fees),
    )
    return FeeSchedule(schema, settings.fees, _collateral(parts) if parts.spec.kind == "derivative" else None)


def _amounts(fees: tuple[models.FixedFee, ...]) -> tuple[TokenAmount, ...]:
    return tuple(TokenAmount(fee.token, fee.amount) for fee in fees)


def _collateral(parts: Parts) -> Callable[[str], str]:
    def token(trading_pair: str) -> str:
        rule = parts.symbols.rule(trading_pair)
        return rule.collateral_token or rule.quote

    return token


def new_balances(parts: Parts, fees: FeeSchedule, orders: Callable[[], Any], ask: Callable[[], None]) -> Balances:
    def maker_fee(trading_pair: str) -> Decimal:
        return max(fees.get_fee(trading_pair, Side.BUY, is_maker=True).percent, Decimal(0))  # a rebate holds nothing

    is_spot = parts.spec.kind == "exchange"
    holds: Holds = SpotHolds(maker_fee) if is_spot else PerpetualHolds(maker_fee, _collateral(parts))
    return Balances(
        orders,
        holds=holds,
        real_time=tells_available(parts.spec),
        clock=parts.clock,
        tell=parts.listeners.publish,
        ask=ask,
    )


def new_ids(parts: Parts) -> ClientOrderIds:
    model = parts.spec.orders.client_order_id if parts.spec.orders else models.ClientOrderId()
    return ClientOrderIds(
        prefix=model.prefix,
        length=model.length,
        format=model.format,
        bits=model.bits,
        clock=parts.clock,
        random=parts.random,
    )


def new_user_stream(
    parts: Parts, streams: Streams, shared: Shared, dial: Dial | None, reconnected: Callable[[], None]
) -> UserStreamTracker[UserStreamDataSource] | None:
    private = streams.private()
    if not private:
        return None
    source = UserStreamDataSource(
        private,
        symbols=parts.symbols,
        shared=shared,
        dial=dial,
        news=parts.dispatch,
        reconnected=reconnected,
    )
    return UserStreamTracker(source, parts.clock)


def ask_holdings(parts: Parts, inquiries: Inquiries) -> dict[str, Ask]:
    """What is held and changes with every fill, each under Hummingbot's name of what it makes ready."""
    asks = {"balances": ("account_balance", inquiries.balances), "positions": ("positions", inquiries.positions)}
    return dict(ask for operation, ask in asks.items() if operation in parts.operations)


def ask_seldom(parts: Parts, inquiries: Inquiries) -> dict[str, Ask]:
    """What hardly ever changes."""
    asks = {
        "position_mode": ("position_mode", inquiries.position_mode),
        "trading_fees": ("trading_fees_initialized", inquiries.fees),
    }
    return dict(ask for operation, ask in asks.items() if operation in parts.operations)


def ask_funding(parts: Parts, store: AccountStore) -> Callable[[], Coroutine[Any, Any, None]] | None:
    """Asks for funding payments, and hears of them where a stream tells."""
    positions, followed, operations = parts.spec.positions, parts.order_book_tracker, parts.operations
    is_asked = positions is not None and "funding_payments" in operations

    def rate(trading_pair: str) -> Decimal | None:
        info = parts.funding.get(trading_pair)
        return None if info is None else info.rate

    payments = FundingPayments(store, tell=parts.listeners.publish, rate=rate, is_asked=is_asked)

    def hear(payment: FundingPayment) -> None:
        if payment.trading_pair in followed.order_books:
            payments.take(payment)

    async def ask() -> None:
        pairs = list(followed.order_books)
        payments.take_all(pairs, await operations.call("funding_payments"))

    parts.dispatch.hand("funding_payment", hear)
    if positions is None or not is_asked:
        return None
    parts.polls.hand("funding_payments", ask)
    every = FUNDING_POLL if positions.funding.poll is None else float(positions.funding.poll)
    return lambda: keep_asking(ask, every, parts.clock)


def new_switch(parts: Parts, settings: TradingSettings) -> DeadMansSwitch | None:
    if settings.cancel_all_after is None:
        return None
    if "cancel_all_after" not in parts.operations:
        raise ConfigurationError(
            f"cancel_all_after: the spec of {parts.spec.name} has no dead man's switch (operation `cancel_all_after`); "
            "leave it out, and consider cancel_on_stop=True"
        )
    return DeadMansSwitch(parts.operations, settings.cancel_all_after, clock=parts.clock)
