"""What a connector with credentials is made of, besides market data: from top to bottom, an account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import Any, Final

from declconn.account.balances import Balances
from declconn.account.client_order_ids import ClientOrderIds
from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.events import OrderFilledEvent
from declconn.account.fee_schedule import FeeSchedule
from declconn.account.funding import FundingPayments
from declconn.account.holds import Holds, PerpetualHolds, SpotHolds
from declconn.account.in_flight_order import InFlightOrder
from declconn.account.order_store import AccountStore
from declconn.account.positions import PerpetualTrading
from declconn.account.trade_fee import TokenAmount, TradeFeeBase, TradeFeeSchema
from declconn.account.user_stream_tracker import UserStreamTracker
from declconn.compile.assets import Assets
from declconn.connector.account import Account
from declconn.connector.background import Background
from declconn.connector.cancel_requests import CancelRequests
from declconn.connector.cancels import Cancels
from declconn.connector.dead_mans_switch import DeadMansSwitch
from declconn.connector.doubts import Doubts
from declconn.connector.inquiries import Inquiries
from declconn.connector.lines import Dial
from declconn.connector.market_data import Parts
from declconn.connector.market_prices import MarketPrices
from declconn.connector.order_arguments import OrderArguments
from declconn.connector.order_inquiries import OrderInquiries
from declconn.connector.orders import Orders
from declconn.connector.position_terms import PositionTerms
from declconn.connector.reconciliation import Reconciliation
from declconn.connector.settings import how_to_give_credentials
from declconn.connector.shared import Shared
from declconn.connector.streams import Streams
from declconn.connector.trading_settings import TradingSettings
from declconn.connector.upkeep import Ask, Upkeep
from declconn.connector.user_stream_data_source import UserStreamDataSource
from declconn.connector.venue_words import VenueWords
from declconn.credentials import Credentials
from declconn.errors import ConfigurationError
from declconn.records import TradeUpdate
from declconn.spec import Spec, models
from declconn.types import PositionMode, Side

FUNDING_POLL: Final = 120.0
"""Seconds between two looks at funding payments where the spec does not say (what most of Hummingbot's use)."""


@dataclass(frozen=True, slots=True)
class Around:
    """What an account stands on.

    Attributes:
        parts: its connector's.
        settings: what the user chose.
        store: where orders and fills are kept.
        assets: the venue's names of them.
        streams: the venue's.
        shared: what their connections share.
        dial: puts them on sockets; ``None`` offline.
    """

    parts: Parts
    settings: TradingSettings
    store: AccountStore
    assets: Assets
    streams: Streams
    shared: Shared
    dial: Dial | None


def why_no_account(spec: Spec, credentials: Credentials, settings: TradingSettings | None) -> str | None:
    """Why a connector has no account, for its user; ``None`` if it has one."""
    if "place_order" not in spec.endpoints or spec.orders is None:
        return "its spec is for market data: it does not say how orders are placed"
    if not credentials:
        return how_to_give_credentials(spec)
    return "it was connected with trading=False" if settings is None else None


def build_account(around: Around) -> Account:
    """The account of a connector whose spec has trading and whose user has credentials.

    Raises:
        ConfigurationError: the user wants what the spec does not offer.
    """
    parts, settings = around.parts, around.settings
    spec, clock, operations = parts.spec, parts.clock, parts.operations
    prices = MarketPrices(lambda: parts.order_book_tracker.order_books)
    perpetual = _perpetual(parts)
    arguments = OrderArguments(
        spec,
        parts.symbols,
        around.assets,
        position_mode=lambda: perpetual.position_mode if perpetual else PositionMode.ONEWAY,
        through_book=prices.through,
    )
    fees = _fees(parts, settings)
    balances = _balances(parts, fees, lambda: tracker.active_orders.values())

    told: Counter[str] = Counter()

    def tell(event: Any) -> None:
        told[type(event).__name__] += 1
        if isinstance(event, OrderFilledEvent):
            balances.on_fill(event)
            if not tells_holdings:
                upkeep.want_soon()
        parts.listeners.publish(event)

    def fee_of(order: InFlightOrder, fill: TradeUpdate) -> TradeFeeBase:
        return fees.fee_of_fill(fill, order.trading_pair, order.trade_type, order.position)

    tells_holdings = {"balance_update", *(["position_update"] if perpetual else [])} <= _emits(spec).keys()
    background = Background(spec.name)
    tracker = ClientOrderTracker(
        clock=clock,
        store=around.store,
        trigger_event=tell,
        fee_of=fee_of,
        want_fills=lambda order: reconciliation.want_fills(order),
        on_change=balances.on_order,
    )
    orders = Orders(
        operations=operations,
        tracker=tracker,
        arguments=arguments,
        ids=_ids(parts),
        symbols=parts.symbols,
        types=frozenset(spec.orders.types if spec.orders else ()),
        clock=clock,
        prices=prices,
        look_at=lambda order: reconciliation.look_at(order),
        background=background,
    )
    cancels = Cancels(
        CancelRequests(
            operations=operations,
            tracker=tracker,
            arguments=arguments,
            ends_at_once=spec.orders is not None and spec.orders.cancel == "sync",
            is_sending=orders.is_sending,
            until_sent=orders.until_sent,
            look_at=lambda order: reconciliation.look_at(order),
            clock=clock,
        ),
        operations=operations,
        tracker=tracker,
        symbols=parts.symbols,
        clock=clock,
    )
    reconciliation = Reconciliation(
        OrderInquiries(operations, arguments, parts.symbols),
        tracker=tracker,
        pairs=lambda: parts.order_book_tracker.order_books,
        is_sending=orders.is_sending,
        tells_filled=_tells_filled(spec),
        missed=lambda what: user_stream.missed(what) if user_stream and "order_update" in _emits(spec) else None,
        doubts=lambda look: Doubts(look, clock),
    )
    inquiries = Inquiries(operations, balances=balances, fees=fees, perpetual=perpetual)

    def streams_opened() -> None:
        reconciliation.streams_opened()
        upkeep.want()

    user_stream = _user_stream(around, streams_opened)
    upkeep = Upkeep(
        spec.name,
        rounds={**_holdings(parts, inquiries), "orders": reconciliation.look_at_all},
        seldom=_seldom(parts, inquiries),
        silent_for=user_stream.silent_for if user_stream else lambda: inf,
        progress=parts.progress,
        clock=clock,
    )
    parts.dispatch.hand("order_update", reconciliation.hear)
    parts.dispatch.hand("trade_update", tracker.process_trade_update)
    parts.dispatch.hand("balance_update", balances.apply)
    if perpetual is not None:
        parts.dispatch.hand("position_update", perpetual.apply)
        parts.polls.hand("positions", inquiries.positions)
    parts.polls.hand("balances", inquiries.balances)
    for operation in ("open_orders", "recent_trades"):
        parts.polls.hand(operation, reconciliation.look_at_all)
    for asset, limit in settings.asset_limits.items():
        balances.set_limit(asset, limit)
    return Account(
        settings=settings,
        store=around.store,
        tracker=tracker,
        orders=orders,
        cancels=cancels,
        reconciliation=reconciliation,
        balances=balances,
        fees=fees,
        perpetual=perpetual,
        terms=_terms(around, perpetual),
        inquiries=inquiries,
        user_stream=user_stream,
        upkeep=upkeep,
        funding=_funding(around),
        switch=_switch(parts, settings),
        background=background,
        told=told,
    )


def _perpetual(parts: Parts) -> PerpetualTrading | None:
    spec = parts.spec
    if spec.kind != "derivative" or spec.positions is None:
        return None
    return PerpetualTrading(list(spec.positions.modes), clock=parts.clock, tell=parts.listeners.publish)


def _terms(around: Around, perpetual: PerpetualTrading | None) -> PositionTerms | None:
    if perpetual is None:
        return None
    parts = around.parts
    return PositionTerms(
        parts.operations,
        symbols=parts.symbols,
        words=VenueWords(parts.spec, parts.symbols, around.assets),
        perpetual=perpetual,
        pairs=lambda: parts.order_book_tracker.order_books,
        clock=parts.clock,
        tell=parts.listeners.publish,
    )


def _fees(parts: Parts, settings: TradingSettings) -> FeeSchedule:
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


def _balances(parts: Parts, fees: FeeSchedule, orders: Callable[[], Any]) -> Balances:
    def maker_fee(trading_pair: str) -> Decimal:
        return max(fees.get_fee(trading_pair, Side.BUY, is_maker=True).percent, Decimal(0))  # a rebate holds nothing

    is_spot = parts.spec.kind == "exchange"
    holds: Holds = SpotHolds(maker_fee) if is_spot else PerpetualHolds(maker_fee, _collateral(parts))
    return Balances(
        orders,
        holds=holds,
        real_time=_tells_available(parts.spec),
        clock=parts.clock,
        tell=parts.listeners.publish,
    )


def _ids(parts: Parts) -> ClientOrderIds:
    model = parts.spec.orders.client_order_id if parts.spec.orders else models.ClientOrderId()
    return ClientOrderIds(
        prefix=model.prefix,
        length=model.length,
        format=model.format,
        bits=model.bits,
        clock=parts.clock,
        random=parts.random,
    )


def _user_stream(around: Around, reconnected: Callable[[], None]) -> UserStreamTracker[UserStreamDataSource] | None:
    streams = around.streams.private()
    if not streams:
        return None
    source = UserStreamDataSource(
        streams,
        symbols=around.parts.symbols,
        shared=around.shared,
        dial=around.dial,
        news=around.parts.dispatch,
        reconnected=reconnected,
    )
    return UserStreamTracker(source, around.parts.clock)


def _holdings(parts: Parts, inquiries: Inquiries) -> dict[str, Ask]:
    """What is held and changes with every fill, each under Hummingbot's name of what it makes ready."""
    asks = {"balances": ("account_balance", inquiries.balances), "positions": ("positions", inquiries.positions)}
    return dict(ask for operation, ask in asks.items() if operation in parts.operations)


def _seldom(parts: Parts, inquiries: Inquiries) -> dict[str, Ask]:
    """What hardly ever changes."""
    asks = {
        "position_mode": ("position_mode", inquiries.position_mode),
        "trading_fees": ("trading_fees_initialized", inquiries.fees),
    }
    return dict(ask for operation, ask in asks.items() if operation in parts.operations)


def _funding(around: Around) -> Callable[[], Coroutine[Any, Any, None]] | None:
    """Asks for funding payments, and hears of them where a stream tells."""
    parts, clock = around.parts, around.parts.clock
    operations, positions = parts.operations, parts.spec.positions

    def rate(trading_pair: str) -> Decimal | None:
        info = parts.funding.get(trading_pair)
        return None if info is None else info.rate

    payments = FundingPayments(around.store, tell=parts.listeners.publish, rate=rate)
    parts.dispatch.hand("funding_payment", payments.take)
    if positions is None or "funding_payments" not in operations:
        return None
    every = FUNDING_POLL if positions.funding.poll is None else float(positions.funding.poll)
    return lambda: payments.keep_asking(
        lambda: operations.call("funding_payments"), lambda: parts.order_book_tracker.order_books, every, clock
    )


def _switch(parts: Parts, settings: TradingSettings) -> DeadMansSwitch | None:
    if settings.cancel_all_after is None:
        return None
    if "cancel_all_after" not in parts.operations:
        raise ConfigurationError(
            f"cancel_all_after: the spec of {parts.spec.name} has no dead man's switch (operation `cancel_all_after`); "
            "leave it out, and consider cancel_on_stop=True"
        )
    return DeadMansSwitch(parts.operations, settings.cancel_all_after, clock=parts.clock)


def _emits(spec: Spec) -> Mapping[str, list[models.Event]]:
    """The events of all streams by what they emit."""
    found: dict[str, list[models.Event]] = {}
    for stream in spec.streams.values():
        for event in stream.events.values():
            found.setdefault(event.emit, []).append(event)
    return found


def _tells_available(spec: Spec) -> bool:
    """Whether a stream tells what is available as it changes: as such, or by two numbers that give it."""
    maps = [event.map for event in _emits(spec).get("balance_update", []) if isinstance(event.map, Mapping)]
    return any("available" in fields or {"total", "locked"} <= fields.keys() for fields in maps)


def _tells_filled(spec: Spec) -> bool:
    """Whether the venue says of an order how much of it is executed."""
    asked = [operation for operation in ("order_status", "find_order", "open_orders") if operation in spec.endpoints]
    results = [model.result for operation in asked for model in spec.requests(operation)]
    return bool(results) and all(isinstance(result, Mapping) and "filled" in result for result in results)
