"""What becomes of several records about the same thing: later fields win, or numbers add up."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final, Literal, TypeAlias

import msgspec

from declconn.compile.functions import EXACT
from declconn.compile.plan import attribute_of
from declconn.records import (
    RECORDS,
    BalanceUpdate,
    FundingInfo,
    OrderUpdate,
    PositionUpdate,
    Ticker,
    TradeUpdate,
    TradingFee,
    TradingRule,
)

Combine: TypeAlias = Literal["merge", "sum"]

_KEYS: Final[Mapping[type, Callable[[Any], Hashable]]] = {
    TradingRule: attrgetter("symbol"),
    Ticker: attrgetter("trading_pair"),
    FundingInfo: attrgetter("trading_pair"),
    TradingFee: attrgetter("trading_pair"),
    BalanceUpdate: attrgetter("asset"),
    PositionUpdate: attrgetter("trading_pair", "side"),
    OrderUpdate: lambda order: order.exchange_order_id or order.client_order_id,
    TradeUpdate: lambda fill: (fill.trading_pair, fill.trade_id, fill.exchange_order_id or fill.client_order_id),
}
"""What tells two records apart (a trade with ourselves fills two orders).

Of any other kind each record stands for itself: candles, tiers, payments.
"""

_RECORDS: Final = {record.type: record for record in RECORDS.values()}


def combined(records: list[Any], how: Combine) -> list[Any]:
    """The records, each thing once, in the order in which it was first spoken of.

    Args:
        records: as they came; maps stay as they are.
        how: ``merge``: later fields win; ``sum``: decimals of records about the same thing add up.
    """
    if len(records) < 2:
        return records
    found: dict[Hashable, Any] = {}
    for number, record in enumerate(records):
        key = _key(record) or number
        found[key] = _together(found[key], record, how) if key in found else record
    return list(found.values())


def with_fields(record: Any, other: Any, fields: Iterable[str]) -> Any:
    """A record with these fields of another one, as far as that has them."""
    if isinstance(record, Mapping):
        return {**record, **{name: other[name] for name in fields if other.get(name) is not None}}
    return _with(record, other, [attribute_of(_RECORDS[type(record)], name) for name in fields])


def _key(record: Any) -> Hashable | None:
    key_of = _KEYS.get(type(record))
    key = None if key_of is None else key_of(record)
    return None if key is None else (type(record), key)


def _together(first: Any, second: Any, how: Combine) -> Any:
    merged = _with(first, second, first.__struct_fields__)
    if how == "merge":
        return merged
    pairs = {name: (getattr(first, name), getattr(second, name)) for name in first.__struct_fields__}
    sums = {
        name: EXACT.add(*pair) for name, pair in pairs.items() if all(isinstance(number, Decimal) for number in pair)
    }
    return msgspec.structs.replace(merged, **sums)


def _with(record: Any, other: Any, attributes: Iterable[str]) -> Any:
    values = {name: getattr(other, name) for name in attributes}
    return msgspec.structs.replace(record, **{name: value for name, value in values.items() if not _is_absent(value)})


def _is_absent(value: Any) -> bool:
    return value is None or (isinstance(value, tuple | Mapping) and not value)
