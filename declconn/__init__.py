"""declconn: a crypto exchange connector is a YAML spec; one runtime plays them all.

import asyncio, declconn

async def main():
    async with declconn.connect("binance", ["BTC-USDT"]) as exchange:
        await exchange.wait_until_ready(30)
        book = exchange.get_order_book("BTC-USDT")
        print(book.best_bid, book.best_ask)

asyncio.run(main())
"""

from __future__ import annotations

from importlib.metadata import version

from declconn.account.events import (
    AdlEvent,
    BalanceEvent,
    BuyOrderCompletedEvent,
    BuyOrderCreatedEvent,
    ExternalOrderEvent,
    FundingPaymentCompletedEvent,
    LiquidationEvent,
    MarketOrderFailureEvent,
    OrderCancelledEvent,
    OrderExpiredEvent,
    OrderFilledEvent,
    PositionModeChangeEvent,
    PositionUpdateEvent,
    SellOrderCompletedEvent,
    SellOrderCreatedEvent,
)
from declconn.account.fee_schedule import FeeOverrides
from declconn.account.in_flight_order import InFlightOrder
from declconn.account.order_candidate import OrderCandidate
from declconn.account.order_store import AccountStore, MemoryStore
from declconn.account.perpetual_order_candidate import PerpetualOrderCandidate
from declconn.account.positions import Position
from declconn.account.rates import UnknownRateError
from declconn.account.sqlite_store import SqliteStore
from declconn.account.trade_fee import TokenAmount, TradeFeeBase, TradeFeeSchema
from declconn.book import BookEvent, OrderBook
from declconn.connector.derivative import Derivative
from declconn.connector.exchange import Exchange, OrderRequest
from declconn.connector.network_check import NetworkStatus, NetworkStatusEvent
from declconn.connector.news import PollEvent, StreamTrouble
from declconn.connector.requests.shared_limits import SharedLimits
from declconn.connector.trading.cancels import CancellationResult
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.errors import (
    BookNotLiveError,
    ConfigurationError,
    CredentialsError,
    DeclconnError,
    InvalidOrderError,
    MappingError,
    NetworkError,
    NotSupportedError,
    SpecError,
    UnknownOrderError,
    UnknownOutcomeError,
    UnknownPairError,
    UnknownSpecError,
    VenueError,
)
from declconn.records import FundingInfo, Kline, Liquidation, Ticker, Trade, TradingRule
from declconn.registry import available, connect, load_spec
from declconn.types import (
    OrderState,
    OrderType,
    PositionAction,
    PositionMode,
    PositionSide,
    PriceType,
    Side,
    TradeType,
)

__version__ = version("declconn")

__all__ = [
    "AccountStore",
    "AdlEvent",
    "BalanceEvent",
    "BookEvent",
    "BookNotLiveError",
    "BuyOrderCompletedEvent",
    "BuyOrderCreatedEvent",
    "CancellationResult",
    "ConfigurationError",
    "CredentialsError",
    "DeclconnError",
    "Derivative",
    "Exchange",
    "ExternalOrderEvent",
    "FeeOverrides",
    "FundingInfo",
    "FundingPaymentCompletedEvent",
    "InFlightOrder",
    "InvalidOrderError",
    "Kline",
    "Liquidation",
    "LiquidationEvent",
    "MappingError",
    "MarketOrderFailureEvent",
    "MemoryStore",
    "NetworkError",
    "NetworkStatus",
    "NetworkStatusEvent",
    "NotSupportedError",
    "OrderBook",
    "OrderCancelledEvent",
    "OrderCandidate",
    "OrderExpiredEvent",
    "OrderFilledEvent",
    "OrderRequest",
    "OrderState",
    "OrderType",
    "PerpetualOrderCandidate",
    "PollEvent",
    "Position",
    "PositionAction",
    "PositionMode",
    "PositionModeChangeEvent",
    "PositionSide",
    "PositionUpdateEvent",
    "PriceType",
    "SellOrderCompletedEvent",
    "SellOrderCreatedEvent",
    "SharedLimits",
    "Side",
    "SpecError",
    "SqliteStore",
    "StreamTrouble",
    "Ticker",
    "TokenAmount",
    "Trade",
    "TradeFeeBase",
    "TradeFeeSchema",
    "TradeType",
    "TradingRule",
    "TradingSettings",
    "UnknownOrderError",
    "UnknownOutcomeError",
    "UnknownPairError",
    "UnknownRateError",
    "UnknownSpecError",
    "VenueError",
    "__version__",
    "available",
    "connect",
    "load_spec",
]
