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

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:  # what type checkers and editors read; at run time a name is fetched when it is first used
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
    from declconn.registry import connect
    from declconn.spec_files import available, load_spec
    from declconn.types import (
        OrderState,
        OrderType,
        PositionAction,
        PositionMode,
        PositionSide,
        PriceType,
        Side,
        TimeInForce,
        TradeType,
        Trigger,
    )

__version__ = "0.1.0"

_HOMES: Final = {
    "account.events": (
        "AdlEvent BalanceEvent BuyOrderCompletedEvent BuyOrderCreatedEvent ExternalOrderEvent "
        "FundingPaymentCompletedEvent LiquidationEvent MarketOrderFailureEvent OrderCancelledEvent "
        "OrderExpiredEvent OrderFilledEvent PositionModeChangeEvent PositionUpdateEvent "
        "SellOrderCompletedEvent SellOrderCreatedEvent"
    ),
    "account.fee_schedule": "FeeOverrides",
    "account.in_flight_order": "InFlightOrder",
    "account.order_candidate": "OrderCandidate",
    "account.order_store": "AccountStore MemoryStore",
    "account.perpetual_order_candidate": "PerpetualOrderCandidate",
    "account.positions": "Position",
    "account.rates": "UnknownRateError",
    "account.sqlite_store": "SqliteStore",
    "account.trade_fee": "TokenAmount TradeFeeBase TradeFeeSchema",
    "book": "BookEvent OrderBook",
    "connector.derivative": "Derivative",
    "connector.exchange": "Exchange OrderRequest",
    "connector.network_check": "NetworkStatus NetworkStatusEvent",
    "connector.news": "PollEvent StreamTrouble",
    "connector.requests.shared_limits": "SharedLimits",
    "connector.trading.cancels": "CancellationResult",
    "connector.trading.trading_settings": "TradingSettings",
    "errors": (
        "BookNotLiveError ConfigurationError CredentialsError DeclconnError InvalidOrderError MappingError "
        "NetworkError NotSupportedError SpecError UnknownOrderError UnknownOutcomeError UnknownPairError "
        "UnknownSpecError VenueError"
    ),
    "records": "FundingInfo Kline Liquidation Ticker Trade TradingRule",
    "registry": "connect",
    "spec_files": "available load_spec",
    "types": (
        "OrderState OrderType PositionAction PositionMode PositionSide PriceType Side TimeInForce TradeType Trigger"
    ),
}
"""Which module has which names: importing `declconn` imports none of them."""

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
    "TimeInForce",
    "TokenAmount",
    "Trade",
    "TradeFeeBase",
    "TradeFeeSchema",
    "TradeType",
    "TradingRule",
    "TradingSettings",
    "Trigger",
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

if not TYPE_CHECKING:  # a checker that saw it would take any name for one of ours

    def __getattr__(name: str) -> Any:
        """Fetch a public name from its module, or a module of this package, once."""
        value = getattr(import_module(f"declconn.{_home(name)}"), name) if name in __all__ else _module(name)
        if value is None:
            raise AttributeError(f"module 'declconn' has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


def _home(name: str) -> str:
    return next(module for module, names in _HOMES.items() if name in names.split())


def _module(name: str) -> ModuleType | None:
    """A module of this package, which would be an attribute as soon as anybody imported it."""
    if name.startswith("_"):
        return None  # `__main__` runs when it is imported
    try:
        return import_module(f"declconn.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"declconn.{name}":
            raise
        return None
