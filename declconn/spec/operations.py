"""What the runtime hands to each operation, and which operations only ask."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from declconn.records import OPERATIONS

_MARKET = "symbol base quote symbols"
_ORDER = f"{_MARKET} side amount price client_order_id position_action position_side position_mode reduce_only leverage"
_SIZES = "quote_amount signed_amount"
_WHICH = "client_order_id exchange_order_id trigger"
_TERMS = "time_in_force trigger trigger_price"


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


ARGUMENTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "ping": frozenset(),
        "server_time": frozenset(),
        "trading_rules": frozenset(),
        "order_book_snapshot": _names(_MARKET),
        "last_price": _names(_MARKET),
        "tickers": _names("symbols"),
        "klines": _names(f"{_MARKET} interval since until limit"),
        "place_order": _names(f"{_ORDER} {_SIZES} {_TERMS}"),
        "amend_order": _names(f"{_ORDER} {_SIZES} {_TERMS} exchange_order_id"),
        "cancel_order": _names(f"{_MARKET} {_WHICH}"),
        "order_status": _names(f"{_MARKET} {_WHICH} client_order_ids exchange_order_ids"),
        "find_order": _names(f"{_MARKET} client_order_id trigger"),
        "cancel_orders": _names(f"{_MARKET} client_order_ids exchange_order_ids"),
        "cancel_all_orders": _names(_MARKET),
        "open_orders": _names(_MARKET),
        "cancel_all_after": _names(f"{_MARKET} timeout deadline"),
        "order_trades": _names(f"{_MARKET} {_WHICH}"),
        "recent_trades": _names(f"{_MARKET} since"),
        "balances": _names(f"{_MARKET} collateral_token"),
        "trading_fees": _names(f"{_MARKET} collateral_token"),
        "positions": _names(_MARKET),
        "funding_info": _names(_MARKET),
        "leverage_tiers": _names(_MARKET),
        "funding_payments": _names(f"{_MARKET} since"),
        "set_leverage": _names(f"{_MARKET} leverage side margin_mode position_mode"),
        "position_mode": _names(f"{_MARKET} position_mode margin_mode"),
        "set_position_mode": _names(f"{_MARKET} position_mode margin_mode"),
        "set_margin_mode": _names(f"{_MARKET} position_mode margin_mode"),
    }
)
"""The bare sources of each operation's templates; ``base``, ``quote`` and ``symbols`` come with ``symbol``."""

FREE_ARGUMENTS: Final = _names(_MARKET)
"""The bare sources of an operation of the spec's own, which `session` or `for` asks."""

COMMANDS: Final = _names(
    "place_order amend_order cancel_order cancel_orders cancel_all_orders cancel_all_after "
    "set_leverage set_position_mode set_margin_mode"
)
"""Operations that change something; their answer need not be read."""

PRIVATE: Final = COMMANDS | _names(
    "order_status find_order open_orders order_trades recent_trades balances positions position_mode funding_payments"
)
"""Operations about one account, so a request has to say whose it is."""

QUERIES: Final = frozenset(name for name, record in OPERATIONS.items() if record and name not in COMMANDS)
"""Operations that are of no use without a `result`."""
