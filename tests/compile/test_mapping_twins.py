"""The generated reader of a mapping and the careful one agree on every message, good or bad."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declconn.compile.careful import CarefulReader
from declconn.compile.fused import fuse
from declconn.compile.plan import Plan, Source, make_plan
from declconn.compile.words import Units, Words
from declconn.errors import MappingError
from declconn.records import RECORDS
from declconn.spec.models.mapping import Slot
from declconn.types import AmountUnit, OrderState, PositionSide, Side, TimeUnit

WORDS = Words(
    pairs={"BTCUSDT": "BTC-USDT", "BTCUSD": "BTC-USD"},
    assets=str.upper,
    sides={"buy": Side.BUY, "sell": Side.SELL},
    states={"NEW": OrderState.OPEN, "FILLED": OrderState.FILLED}.__getitem__,
    position_modes={},
    position_sides={"LONG": PositionSide.LONG},
    contract_sizes={"BTC-USDT": Decimal("0.01"), "BTC-USD": Decimal(100)},
    inverse={"BTC-USD"},
    amount_units={"BTC-USD": AmountUnit.CONTRACTS},
)


@dataclass(frozen=True)
class Case:
    """A mapping, a message that it reads, and what is given beside it."""

    record: str
    slots: Mapping[str, Any]
    message: Any
    source: Source = field(default_factory=Source)
    units: Units = field(default_factory=Units)
    facts: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    partial: bool = False


CASES = {
    "a trade": Case(
        "trade",
        {
            "symbol": "s",
            "price": "p",
            "amount": "q",
            "side": {"path": "m", "map": {"true": "SELL", "false": "BUY"}},
            "trade_id": "t",
            "timestamp": "T",
        },
        {"s": "BTCUSDT", "p": "1.5", "q": "2", "m": True, "t": 5, "T": 1700000000000},
    ),
    "signed trades in contracts": Case(
        "trade",
        {"symbol": "s", "price": "p", "amount": "q", "timestamp": {"path": "T", "unit": "iso"}},
        {"result": [{"s": "BTCUSDT", "p": Decimal("1.5"), "q": -2, "T": "2024-01-01T00:00:00Z"}]},
        source=Source(each="result", where="p != '0'"),
        units=Units(amount=AmountUnit.CONTRACTS),
    ),
    "a trade of a market with a unit of its own": Case(
        "trade",
        {"symbol": "s", "price": "p", "amount": "q", "side": "S"},
        {"s": "BTCUSD", "p": "20000", "q": "6", "S": "buy"},
    ),
    "a trading rule of inverse contracts": Case(
        "trading_rule",
        {
            "symbol": "s",
            "base": "b",
            "quote": "q",
            "min_order_size": "min",
            "contract_size": "size",
            "contract_unit": {"path": "type", "map": {"inverse": "quote", "linear": "base"}},
        },
        {"s": "BTCUSD", "b": "BTC", "q": "USD", "min": "2", "size": 100, "type": "inverse"},
        units=Units(amount=AmountUnit.CONTRACTS),
    ),
    "an order of inverse contracts": Case(
        "order",
        {"exchange_order_id": "i", "symbol": "s", "amount": "q", "filled": "z", "price": "p"},
        {"i": 1, "s": "BTCUSD", "q": "6", "z": "3", "p": "20000"},
    ),
    "an order in an envelope": Case(
        "order",
        {
            "client_order_id": "x == 'CANCELED' && C || c",
            "state": "X",
            "side": "S",
            "amount": "q",
            "price": "p",
            "filled": "z",
            "timestamp": "frame().E",
        },
        {
            "E": "1700000000",
            "o": {"x": "NEW", "c": "dc-1", "C": "", "X": "NEW", "S": "buy", "q": "5", "p": "0", "z": 0},
        },
        source=Source(unwrap="o"),
        units=Units(time=TimeUnit.S),
        given={"symbol": "BTCUSDT"},
    ),
    "balances": Case(
        "balance",
        {"asset": "coin", "total": "all", "available": "free"},
        {"rows": [{"coin": "usd", "all": "2", "free": "1"}, {"coin": "btc", "all": "0", "free": ""}]},
        source=Source(each="rows"),
    ),
    "fills of a map": Case(
        "fill",
        {
            "trade_id": "key()",
            "price": "price",
            "amount": "vol",
            "is_taker": "maker && `false` || `true`",
            "fee": {"each": "fees", "amount": "qty", "token": "asset"},
            "position_side": "side",
            "cause": {"path": "kind", "map": {"bust": "LIQUIDATION", "adl": "ADL"}},
        },
        {"T-1": {"price": "2", "vol": "3", "fees": [{"qty": "1", "asset": "usd"}], "side": "LONG", "kind": "adl"}},
        source=Source(each="@"),
        units=Units(amount=AmountUnit.QUOTE),
    ),
    "a book of maps": Case(
        "order_book",
        {
            "symbol": "s",
            "bids": {"path": "b", "price": "p", "size": "q", "where": "q != '9'"},
            "asks": "a",
            "update_id": "u",
        },
        {"s": "BTCUSDT", "b": [{"p": "1", "q": "2"}, {"p": "1", "q": "9"}], "a": [["3", "4"]], "u": "77"},
    ),
    "changes of one side of a book": Case(
        "order_book",
        {"symbol": "s", "bids": "b", "asks": {"path": "a", "where": "[0] != '0'"}},
        {"s": "BTCUSDT", "b": [["1", "2"]], "a": None},
        partial=True,
    ),
    "changes of a book": Case(
        "order_book",
        {"symbol": "s", "changes": {"path": "c", "price": "[1]", "size": "[2]", "side": "[0]"}},
        {"s": "BTCUSDT", "c": [["buy", "1", "2"], ["sell", "3", "0"]]},
    ),
    "trading rules": Case(
        "trading_rule",
        {
            "symbol": "[0]",
            "base": "[1].b",
            "quote": "[1].q",
            "aliases": "[1].[ws, alt]",
            "min_order_size": "[1].min",
            "min_price_increment": "step([1].digits)",
            "contract_size": "[1].size",
            "amount_unit": {"path": "[1].type", "map": {"lin": "contracts", "inv": "quote", "*": "base"}},
        },
        {
            "BTCUSDT": {
                "b": "btc",
                "q": "usdt",
                "ws": "",
                "alt": "X",
                "min": "5",
                "digits": 2,
                "size": "0.1",
                "type": "lin",
            }
        },
        source=Source(each="items(@)"),
        facts={"id": "[1].alt"},
    ),
    "positions of nested loops": Case(
        "position",
        {"symbol": "p.s", "amount": "p.a", "side": "p.side", "entry_price": "p.e", "leverage": "acc.lev"},
        [{"lev": "5", "list": [{"s": "BTCUSDT", "a": "-1", "side": "LONG", "e": ""}]}, {"list": None}],
        source=Source(each={"acc": "@", "p": "acc.list"}),
    ),
}

WORDS_AND_NUMBERS = [None, "", "0", "-1", "NaN", "Infinity", "x", "BTCUSDT", "ETHUSDT", "buy", "NEW", "LONG", "true"]
NUMBERS = ["1.5", " 1 ", "9", "²", True, False, 0, -1, 7, 1.5, Decimal("NaN"), Decimal("2.50"), Decimal(-3)]
OTHERS = ["2024-01-01T00:00:00.5+01:00", [], {}, ["x"], {"a": 1}, [None], [[None, None]], [{}]]
ODD = st.sampled_from([*WORDS_AND_NUMBERS, *NUMBERS, *OTHERS])


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a message, the message itself included."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path, *(place for key, child in inner for place in places(child, (*path, key)))]


def replaced(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of a message with another value at one place."""
    if not path:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[path[0]] = replaced(tree[path[0]], path[1:], value)
    return copy


def outcome(read: Any, message: Any, given: Mapping[str, Any]) -> Any:
    """The records and the fields that failed; or the field of the error that ends all."""
    failed: list[MappingError] = []
    try:
        return repr(read(message, given, failed)), [str(error) for error in failed]
    except MappingError as error:
        return str(error)


def plan_of(case: Case) -> Plan:
    """The mapping, ready to be compiled."""
    slots, facts = (
        {name: Slot.model_validate(slot if isinstance(slot, dict) else {"path": slot}) for name, slot in table.items()}
        for table in (case.slots, case.facts)
    )
    given = frozenset(case.given)
    return make_plan("test", RECORDS[case.record], slots, facts, case.source, WORDS, case.units, given, case.partial)


class Unused(CarefulReader):
    """A careful reader that must not be asked."""

    def add(self, *row: Any) -> None:
        raise AssertionError(f"the generated reader gave up on {row[1]!r}")


@pytest.mark.parametrize("name", CASES)
def test_the_generated_reader_reads_the_ordinary_message_itself(name: str) -> None:
    case = CASES[name]
    plan = plan_of(case)
    found = outcome(fuse(plan, Unused(plan, {})), case.message, case.given)
    assert found == outcome(CarefulReader(plan, {}).read, case.message, case.given)
    assert isinstance(found, tuple)


PLANS = {name: plan_of(case) for name, case in CASES.items()}
COUNTS: dict[str, tuple[dict[str, int], dict[str, int]]] = {name: ({}, {}) for name in CASES}
CAREFUL = {name: CarefulReader(plan, COUNTS[name][0]).read for name, plan in PLANS.items()}
FAST = {name: fuse(plan, CarefulReader(plan, COUNTS[name][1])) for name, plan in PLANS.items()}


@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_both_readers_agree_on_a_message_with_odd_values(name: str, data: st.DataObject) -> None:
    case = CASES[name]
    message = case.message
    for _ in range(data.draw(st.integers(1, 3))):
        message = replaced(message, data.draw(st.sampled_from(places(message))), data.draw(ODD))
    assert outcome(FAST[name], message, case.given) == outcome(CAREFUL[name], message, case.given)
    assert COUNTS[name][0] == COUNTS[name][1]
