"""Records written where a mapping reads them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.compile.words import Units, Words
from declconn.records import RECORDS, Fee, OrderBookMessage, OrderUpdate, Ticker, Trade, TradeUpdate, TradingRule
from declconn.simulator.wire.lens import UnwritableError
from declconn.simulator.wire.values import Speech
from declconn.simulator.wire.writer import Writer
from declconn.spec.models import Slot
from declconn.types import AmountUnit, OrderState, Side, TimeUnit, Trigger

OURS = {"XBT": "BTC"}
THEIRS = {"BTC": "XBT"}
NOW = 1_700_000_000_123_456_789


def no_state(word: str) -> OrderState:
    raise ValueError(word)


SPEECH = Speech(
    Words(
        pairs={"XBTUSD": "BTC-USD"},
        assets=lambda asset: OURS.get(asset, asset),
        sides={"buy": Side.BUY, "sell": Side.SELL},
        states=no_state,
        position_modes={},
        position_sides={},
        contract_sizes={"BTC-USD": Decimal("0.1")},
    ),
    lambda asset: THEIRS.get(asset, asset),
)
TRADE = Trade("BTC-USD", Decimal("1.50"), Decimal(2), Side.BUY, "7", NOW)
SLOTS = {"symbol": "s", "price": "p", "amount": "q", "side": "side"}


def writer(record: str, slots: dict[str, Any], units: Units | None = None, **words: Any) -> Writer:
    models = {
        name: Slot.model_validate(slot if isinstance(slot, dict) else {"path": slot}) for name, slot in slots.items()
    }
    return Writer("here", RECORDS[record], models, speech=SPEECH, units=units or Units(), **words)


def test_a_record_becomes_the_message_that_reads_as_it() -> None:
    message = writer("trade", {**SLOTS, "trade_id": "id", "timestamp": "t"}).write([TRADE], {})
    assert message == {"s": "XBTUSD", "p": "1.50", "q": "2", "side": "buy", "id": "7", "t": 1_700_000_000_123}


def test_what_is_read_from_the_whole_message_stands_beside_the_payload() -> None:
    slots = {**SLOTS, "timestamp": "frame().head.t"}
    message = writer("trade", slots, unwrap="body").write([TRADE], {})
    assert message == {
        "body": {"s": "XBTUSD", "p": "1.50", "q": "2", "side": "buy"},
        "head": {"t": 1_700_000_000_123},
    }


def test_times_are_cut_to_the_venues_unit() -> None:
    slots = {**SLOTS, "timestamp": "t"}
    assert writer("trade", slots, Units(TimeUnit.S)).write([TRADE], {})["t"] == 1_700_000_000
    assert writer("trade", slots, Units(TimeUnit.ISO)).write([TRADE], {})["t"] == "2023-11-14T22:13:20.123Z"


def test_sizes_are_counted_as_the_venue_counts_them() -> None:
    assert writer("trade", SLOTS, Units(amount=AmountUnit.CONTRACTS)).write([TRADE], {})["q"] == "20"
    assert writer("trade", SLOTS, Units(amount=AmountUnit.QUOTE)).write([TRADE], {})["q"] == "3.00"


@pytest.mark.parametrize("first", ["filled", "amount"])
def test_what_is_computed_from_other_fields_agrees_with_them_wherever_it_stands(first: str) -> None:
    paths = {"filled": "subtract(size, left)", "amount": "size"}
    slots = {first: paths[first], **paths}
    order = OrderUpdate(filled=Decimal("0.50"), amount=Decimal("1.500"))
    assert writer("order", slots, partial=True).write([order], {}) == {"size": "1.500", "left": "1"}


def test_what_is_computed_from_nothing_else_is_written_as_it_is() -> None:
    order = OrderUpdate(filled=Decimal("0.50"))
    message = writer("order", {"filled": "subtract(size, left)"}, partial=True).write([order], {})
    assert message == {"size": "0.5", "left": "0"}


def test_words_are_written_through_their_map() -> None:
    slots = {**SLOTS, "side": {"path": "m", "map": {"true": "SELL", "false": "BUY"}}}
    assert writer("trade", slots).write([TRADE], {})["m"] is False


@pytest.mark.parametrize(("price", "kind"), [(None, "stop"), (Decimal(9), "stop-limit")])
def test_of_several_words_for_one_the_first_is_written_in_which_all_fields_read_right(
    price: Decimal | None, kind: str
) -> None:
    slots = {
        "exchange_order_id": "id",
        "trigger": {"path": "kind", "map": {"stop": "STOP", "stop-limit": "STOP", "take": "TAKE_PROFIT"}},
        "trigger_price": "kind != 'limit' && p || `null`",
        "price": "kind == 'limit' && p || contains(['stop-limit'], kind) && p2 || `null`",
    }
    order = OrderUpdate(exchange_order_id="1", price=price, trigger=Trigger.STOP, trigger_price=Decimal(8))
    message = writer("order", slots).write([order], {})
    assert (message["kind"], message["p"], message.get("p2")) == (kind, "8", None if price is None else "9")
    usual = writer("order", slots).write([OrderUpdate(exchange_order_id="1", price=Decimal(9))], {})
    assert (usual["kind"], usual["p"]) == ("limit", "9")


def test_a_side_and_a_direction_are_written_that_mean_a_trigger_together() -> None:
    words = {"buy-up": "STOP", "sell-down": "STOP", "buy-down": "TAKE_PROFIT", "sell-up": "TAKE_PROFIT"}
    slots = {"exchange_order_id": "id", "side": "side", "trigger": {"path": "join('-', [side, way])", "map": words}}
    order = OrderUpdate(exchange_order_id="1", side=Side.SELL, trigger=Trigger.STOP)
    assert writer("order", slots).write([order], {}) == {"id": "1", "side": "sell", "way": "down"}


def test_a_word_that_the_venue_lacks_is_refused_with_the_field() -> None:
    slots = {**SLOTS, "side": {"path": "m", "map": {"true": "SELL"}}}
    with pytest.raises(UnwritableError, match=r"here\.side: the venue has no word for BUY"):
        writer("trade", slots).write([TRADE], {})


def test_assets_have_the_venues_names() -> None:
    rule = TradingRule("XBT/USD", "BTC", "USD")
    slots = {"symbol": "name", "base": "split(name, '/')[0]", "quote": "split(name, '/')[1]"}
    assert writer("trading_rule", slots, each="@").write([rule], {}) == [{"name": "XBT/USD"}]


def test_a_symbol_that_does_not_fit_its_own_rule_is_refused() -> None:
    rule = TradingRule("XBTUSD", "BTC", "USD")
    slots = {"symbol": "name", "base": "split(name, '/')[0]", "quote": "quote"}
    with pytest.raises(UnwritableError, match=r"here\.base"):
        writer("trading_rule", slots, each="@").write([rule], {})


def test_rows_stand_in_a_list_or_in_a_map_if_a_slot_reads_their_key() -> None:
    ticker = Ticker("BTC-USD", Decimal(5))
    of_list = writer("ticker", {"symbol": "s", "price": "p"}, unwrap="result", each="list")
    of_map = writer("ticker", {"symbol": "key()", "price": "c[0]"}, unwrap="result", each="@")
    assert of_list.write([ticker], {}) == {"result": {"list": [{"s": "XBTUSD", "p": "5"}]}}
    assert of_map.write([ticker], {}) == {"result": {"XBTUSD": {"c": ["5"]}}}


def test_a_row_satisfies_its_where() -> None:
    of_status = writer("ticker", {"symbol": "s", "price": "p"}, each="@", row_where="status == 'TRADING' && spot")
    assert of_status.write([Ticker("BTC-USD", Decimal(5))], {}) == [
        {"s": "XBTUSD", "p": "5", "status": "TRADING", "spot": True}
    ]


def test_without_each_a_message_has_one_record() -> None:
    with pytest.raises(UnwritableError, match="one record, found 2"):
        writer("trade", SLOTS).write([TRADE, TRADE], {})


def test_what_is_given_need_not_stand_in_the_message() -> None:
    book = OrderBookMessage("BTC-USD", [(Decimal("1.10"), Decimal(2))], [], update_id=5)
    of_book = writer("order_book", {"update_id": "id", "bids": "b", "asks": "a"})
    assert of_book.write([book], {"symbol": "XBTUSD"}) == {"id": 5, "b": [["1.10", "2"]], "a": []}


def test_levels_have_the_shape_that_the_slot_names() -> None:
    book = OrderBookMessage("BTC-USD", [(Decimal("1.10"), Decimal("0.0"))], [])
    slots = {"symbol": "s", "bids": {"path": "b", "price": "price", "size": "qty", "where": "type == 'x'"}, "asks": "a"}
    assert writer("order_book", slots).write([book], {})["b"] == [{"price": "1.10", "qty": "0.0", "type": "x"}]


def test_a_path_without_an_inverse_is_refused_with_the_field() -> None:
    with pytest.raises(UnwritableError, match=r"here\.price: its path cannot be read backwards"):
        writer("trade", {**SLOTS, "price": "max(p)"}).write([TRADE], {})


def test_two_fields_at_one_place_must_agree() -> None:
    with pytest.raises(UnwritableError, match=r"here\.amount"):
        writer("trade", {**SLOTS, "amount": "p"}).write([TRADE], {})


def test_changes_and_named_loops_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match=r"here\.changes"):
        writer("order_book", {"symbol": "s", "changes": {"path": "c", "side": "side"}})
    with pytest.raises(ValueError, match="named loops"):
        writer("trade", SLOTS, each={"dex": "@"})


numbers = st.decimals(min_value="0.00000001", max_value=10**9, allow_nan=False, allow_infinity=False)
trades = st.builds(
    Trade,
    st.just("BTC-USD"),
    numbers,
    numbers,
    st.sampled_from(Side),
    st.integers(1, 10**12).map(str),
    st.integers(0, 2 * 10**12).map(lambda ms: ms * 10**6),
)


@given(st.lists(trades, max_size=4))
def test_every_record_reads_back_exactly(records: list[Trade]) -> None:
    slots = {
        **SLOTS,
        "trade_id": "id",
        "timestamp": "t",
        "side": {"path": "m", "map": {"true": "SELL", "false": "BUY"}},
    }
    of_trades = writer("trade", slots, unwrap="data", each="rows")
    assert of_trades.reader.read(of_trades.write(records, {})) == records


FILL = TradeUpdate("1", Decimal(2), Decimal(3), "7", fee=(Fee(Decimal("0.10"), "BTC"),), timestamp=NOW)
FILL_SLOTS = {"trade_id": "id", "client_order_id": "c", "price": "p", "amount": "q"}


@pytest.mark.parametrize(
    ("slot", "message"),
    [
        ({"amount": "n", "token": "t"}, {"n": "0.1", "t": "XBT"}),
        ({"amount": "n"}, {"n": "0.1"}),
        ({"amount": "negate(n)", "token": "t"}, {"n": "-0.1", "t": "XBT"}),
        ({"each": "fees", "amount": "n", "token": "t"}, {"fees": [{"n": "0.1", "t": "XBT"}]}),
    ],
)
def test_a_fee_stands_beside_its_fill_or_in_a_list(slot: dict[str, str], message: dict[str, Any]) -> None:
    written = writer("fill", {**FILL_SLOTS, "fee": slot}).write([FILL], {})
    assert written == {"id": "1", "c": "7", "p": "2", "q": "3", **message}


def test_an_order_joins_a_fill_in_its_row() -> None:
    slots = {"each": "data", "unwrap": "event"}
    fill = writer("fill", FILL_SLOTS, **slots).draft([FILL])
    joined = writer("order", {"client_order_id": "c", "filled": "z"}, **slots).draft(
        [OrderUpdate("7", filled=Decimal(3))], fill
    )
    assert joined == {"event": {"data": [{"id": "1", "c": "7", "p": "2", "q": "3", "z": "3"}]}}


def test_without_a_record_a_map_of_names_is_written() -> None:
    slots = {name: Slot(path=path) for name, path in {"token": "t", "expires_in": "life"}.items()}
    plain = Writer("here", None, slots, speech=SPEECH, units=Units())
    assert plain.write([{"token": "x", "expires_in": 900}], {}) == {"t": "x", "life": 900}
