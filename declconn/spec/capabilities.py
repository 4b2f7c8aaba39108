"""What a connector can do, as its spec declares it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from declconn.spec.models import Spec


def _emits(spec: Spec, *words: str) -> bool:
    return any(event.emit in words for stream in spec.streams.values() for event in stream.events.values())


def _asks(spec: Spec, *operations: str) -> bool:
    return any(operation in spec.endpoints for operation in operations)


_CAPABILITIES: Final[Mapping[str, Callable[[Spec], bool]]] = {
    "order book": lambda spec: _emits(spec, "order_book_diff", "order_book_snapshot"),
    "trades": lambda spec: _emits(spec, "trade"),
    "liquidations": lambda spec: _emits(spec, "liquidation"),
    "tickers": lambda spec: _asks(spec, "tickers", "last_price") or _emits(spec, "ticker"),
    "klines": lambda spec: _asks(spec, "klines") or _emits(spec, "kline"),
    "trading": lambda spec: _asks(spec, "place_order") and _asks(spec, "cancel_order", "cancel_orders"),
    "amending": lambda spec: _asks(spec, "amend_order"),
    "balances": lambda spec: _asks(spec, "balances"),
    "user stream": lambda spec: _emits(spec, "order_update", "trade_update", "balance_update", "position_update"),
    "positions": lambda spec: _asks(spec, "positions") or _emits(spec, "position_update"),
    "leverage": lambda spec: _asks(spec, "set_leverage"),
    "funding": lambda spec: _asks(spec, "funding_info", "funding_payments") or _emits(spec, "funding_info"),
    "dead man's switch": lambda spec: _asks(spec, "cancel_all_after"),
}


def capabilities(spec: Spec) -> tuple[str, ...]:
    """What the spec declares, in words for people: ``("order book", "trades", "trading")``."""
    return tuple(word for word, declared in _CAPABILITIES.items() if declared(spec))
