"""A mapping reads decoded messages into records, and says which field is wrong if it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from declconn.compile.mapping import Reader, Units, Words
from declconn.errors import MappingError
from declconn.records import RECORDS, Fee
from declconn.spec.models.mapping import Slot
from declconn.types import (
    AmountUnit,
    FillCause,
    OrderState,
    PositionAction,
    PositionMode,
    PositionSide,
    Side,
    TimeUnit,
    Trigger,
)

D = Decimal
STATES = {"NEW": OrderState.OPEN, "FILLED": OrderState.FILLED}
WORDS = Words(
    pairs={"BTCUSDT": "BTC-USDT", "ETHUSDT": "ETH-USDT", "BTCUSD": "BTC-USD", "ETHUSD": "ETH-USD"},
    assets=lambda asset: {"XBT": "BTC"}.get(asset, asset.upper()),
    sides={"buy": Side.BUY, "sell": Side.SELL},
    states=STATES.__getitem__,
    position_modes={"false": PositionMode.ONEWAY, "true": PositionMode.HEDGE},
    position_sides={"net": PositionSide.BOTH, "long": PositionSide.LONG, "short": PositionSide.SHORT},
    contract_sizes={"BTC-USDT": D("0.001"), "BTC-USD": D(100)},
    inverse={"BTC-USD"},
    amount_units={"ETH-USD": AmountUnit.QUOTE},
)


def reader(record: str | None, slots: Mapping[str, Any], units: Units | None = None, **around: Any) -> Reader:
    """A reader whose slots are written as in a spec: a path, or a map."""
    facts = {name: Slot.model_validate(_long(slot)) for name, slot in around.pop("facts", {}).items()}
    return Reader(
        "streams.market.events.test",
        None if record is None else RECORDS[record],
        {name: Slot.model_validate(_long(slot)) for name, slot in slots.items()},
        words=WORDS,
        units=units or Units(),
        facts=facts,
        **around,
    )


def _long(slot: Any) -> dict[str, Any]:
    return slot if isinstance(slot, dict) else {"path": slot}


def one(record: str | None, slots: Mapping[str, Any], message: Any, units: Units | None = None, **around: Any) -> Any:
    """The only record of a message."""
    (found,) = reader(record, slots, units, **around).read(message)
    return found


TRADE = {"symbol": "s", "price": "p", "amount": "q", "side": "S", "trade_id": "t", "timestamp": "T"}
MESSAGE = {"s": "BTCUSDT", "p": "64000.10", "q": "0.5", "S": "buy", "t": 17, "T": 1700000000123}


def trade(**changes: Any) -> Any:
    return one("trade", TRADE, {**MESSAGE, **changes})


def refusal(**changes: Any) -> str:
    with pytest.raises(MappingError) as error:
        trade(**changes)
    return f"{error.value.field}: {error.value.reason}"


# -- a whole record


def test_a_message_becomes_a_typed_record() -> None:
    found = trade()
    assert (found.trading_pair, found.side, found.trade_id) == ("BTC-USDT", Side.BUY, "17")
    assert (found.price, found.amount) == (D("64000.10"), D("0.5"))
    assert found.timestamp == 1_700_000_000_123_000_000


def test_an_error_names_the_place_the_field_and_quotes_the_message() -> None:
    with pytest.raises(MappingError) as error:
        trade(p="abc", x="y" * 500)
    assert str(error.value).startswith(
        "streams.market.events.test.price: found text 'abc', expected a number (message: {'s': 'BTCUSDT'"
    )
    assert len(error.value.excerpt) <= 200


def test_a_required_field_that_finds_nothing_says_where_it_looked() -> None:
    assert refusal(p=None) == "price: found nothing at 'p', expected price"
    assert refusal(p="") == "price: found nothing at 'p', expected price"


def test_an_optional_field_that_finds_nothing_is_none() -> None:
    assert trade(t="", T=None).trade_id is None
    assert trade(t="", T=None).timestamp is None


def test_a_row_that_is_no_map_is_refused() -> None:
    with pytest.raises(MappingError, match="symbol: found nothing at 's'"):
        one("trade", TRADE, ["not", "a", "map"])


def test_a_slot_that_the_record_does_not_have_is_refused_when_the_spec_is_loaded() -> None:
    with pytest.raises(ValueError, match="the record has no field 'pryce'; did you mean 'price'"):
        reader("trade", {**TRADE, "pryce": "p"})


# -- numbers


@pytest.mark.parametrize(
    ("raw", "number"),
    [("0.00000001", D("0.00000001")), (5, D(5)), (D("1.10"), D("1.10")), (1.1, D("1.1")), ("1e3", D(1000))],
)
def test_a_number_is_exact_however_it_is_written(raw: Any, number: Decimal) -> None:
    assert trade(p=raw).price == number
    assert trade(q=raw).amount == number


@pytest.mark.parametrize("raw", ["NaN", "Infinity", "-Infinity", D("NaN"), float("inf"), "x", True, [], {}])
def test_what_is_no_finite_number_is_refused(raw: Any) -> None:
    assert refusal(p=raw).startswith("price: found")
    assert refusal(q=raw).startswith("amount: found")


def test_negative_sizes_and_prices_are_refused() -> None:
    assert "expected a size that is not negative" in refusal(q="-1")
    assert "expected a positive price" in refusal(p="-1")
    assert "found nothing" in refusal(p="0")


def test_negative_prices_may_be_allowed() -> None:
    assert one("trade", TRADE, {**MESSAGE, "p": "-5"}, Units(negative_prices=True)).price == D(-5)


def test_zero_in_an_optional_price_is_no_price() -> None:
    found = one("order", {"exchange_order_id": "i", "price": "p"}, {"i": 1, "p": "0.00000000"})
    assert found.price is None


@pytest.mark.parametrize("raw", [7, "7", D("7.0"), 7.0])
def test_whole_numbers_come_as_numbers_or_text(raw: Any) -> None:
    slots = {"symbol": "s", "bids": "b", "update_id": "u"}
    assert one("order_book", slots, {"s": "BTCUSDT", "b": [], "u": raw}).update_id == 7


@pytest.mark.parametrize("raw", ["7.5", "x", True, [7]])
def test_what_is_no_whole_number_is_refused(raw: Any) -> None:
    with pytest.raises(MappingError, match="update_id: found"):
        one("order_book", {"symbol": "s", "bids": "b", "update_id": "u"}, {"s": "BTCUSDT", "b": [], "u": raw})


# -- times


@pytest.mark.parametrize(
    ("unit", "raw", "nanoseconds"),
    [
        (TimeUnit.MS, 1700000000123, 1_700_000_000_123_000_000),
        (TimeUnit.MS, "1700000000123", 1_700_000_000_123_000_000),
        (TimeUnit.MS, "1700000000123.456789", 1_700_000_000_123_456_789),
        (TimeUnit.S, "1616492376.594", 1_616_492_376_594_000_000),
        (TimeUnit.S, D("1616492376.5945678"), 1_616_492_376_594_567_800),
        (TimeUnit.US, 1700000000123456, 1_700_000_000_123_456_000),
        (TimeUnit.NS, "1700000000123456789", 1_700_000_000_123_456_789),
        (TimeUnit.ISO, "2023-11-14T22:13:20Z", 1_700_000_000_000_000_000),
        (TimeUnit.ISO, "2023-11-14T22:13:20.123456789Z", 1_700_000_000_123_456_789),
        (TimeUnit.ISO, "2023-11-15T00:13:20.1+02:00", 1_700_000_000_100_000_000),
        (TimeUnit.ISO, "2023-11-14 17:43:20-0430", 1_700_000_000_000_000_000),
        (TimeUnit.ISO, "2023-11-14T22:13:20.5", 1_700_000_000_500_000_000),
        (TimeUnit.ISO, "", None),
        (TimeUnit.NS, None, None),
    ],
)
def test_times_are_exact_nanoseconds_in_every_unit(unit: TimeUnit, raw: Any, nanoseconds: int | None) -> None:
    assert one("trade", TRADE, {**MESSAGE, "T": raw}, Units(time=unit)).timestamp == nanoseconds


def test_a_slot_may_have_its_own_unit_of_time() -> None:
    slots = {**TRADE, "timestamp": {"path": "T", "unit": "s"}}
    assert one("trade", slots, {**MESSAGE, "T": 5}).timestamp == 5_000_000_000


def test_a_time_in_another_unit_says_so() -> None:
    assert "expected a time in ms; `unit` or `time_unit` says another" in refusal(T="2023-11-14T22:13:20Z")
    with pytest.raises(MappingError, match="expected an ISO 8601 time"):
        one("trade", TRADE, MESSAGE, Units(time=TimeUnit.ISO))


# -- words


def test_words_are_read_through_the_specs_own_tables() -> None:
    slots = {"exchange_order_id": "i", "state": "X", "side": "S", "symbol": "s"}
    found = one("order", slots, {"i": "a", "X": "FILLED", "S": "sell", "s": "ETHUSDT"})
    assert (found.state, found.side, found.trading_pair) == (OrderState.FILLED, Side.SELL, "ETH-USDT")


def test_an_unknown_word_names_the_known_ones() -> None:
    assert refusal(S="Bid") == "side: found text 'Bid', which `orders.sides` does not list (it knows: buy, sell)"
    with pytest.raises(MappingError, match=r"state: found text 'GONE', which `orders.states` does not list"):
        one("order", {"exchange_order_id": "i", "state": "X"}, {"i": 1, "X": "GONE"})


def test_a_map_compares_as_text_and_has_a_default() -> None:
    slots = {**TRADE, "side": {"path": "m", "map": {"true": "SELL", "false": "BUY"}}}
    assert one("trade", slots, {**MESSAGE, "m": True}).side is Side.SELL
    assert one("trade", slots, {**MESSAGE, "m": "false"}).side is Side.BUY
    slots = {**TRADE, "side": {"path": "m", "map": {"1": "SELL", "*": "BUY"}}}
    assert one("trade", slots, {**MESSAGE, "m": 1}).side is Side.SELL
    assert one("trade", slots, {**MESSAGE, "m": 2}).side is Side.BUY


def test_a_word_that_a_map_does_not_list_is_refused() -> None:
    slots = {**TRADE, "side": {"path": "m", "map": {"true": "SELL", "false": "BUY"}}}
    with pytest.raises(MappingError, match=r"found text 'maybe', which `map` does not list \(it knows: false, true\)"):
        one("trade", slots, {**MESSAGE, "m": "maybe"})


def test_empty_text_may_be_a_word_of_a_map() -> None:
    slots = {"symbol": "s", "amount": "a", "side": {"path": "S", "map": {"Buy": "LONG", "": "BOTH"}}}
    assert one("position", slots, {"s": "BTCUSDT", "a": "0", "S": ""}).side is PositionSide.BOTH


def test_booleans_are_json_or_their_text() -> None:
    slots = {"exchange_order_id": "i", "cancelled": "c"}
    assert one("order", slots, {"i": 1, "c": True}).cancelled is True
    assert one("order", slots, {"i": 1, "c": "false"}).cancelled is False
    with pytest.raises(
        MappingError, match="cancelled: found number 1, expected true or false; other words need a `map`"
    ):
        one("order", slots, {"i": 1, "c": 1})


def test_assets_are_renamed() -> None:
    assert one("balance", {"asset": "a", "total": "t"}, {"a": "XBT", "t": "1"}).asset == "BTC"


def test_position_modes_and_actions() -> None:
    assert one("mode", {"mode": "dual"}, {"dual": True}).mode is PositionMode.HEDGE
    fill = {
        "trade_id": "t",
        "price": "p",
        "amount": "q",
        "position_action": {"path": "d", "map": {"O": "OPEN", "*": "CLOSE"}},
    }
    found = one("fill", fill, {"t": 1, "p": "1", "q": "1", "d": "C"})
    assert found.position_action is PositionAction.CLOSE


def test_numbers_become_their_text_without_an_exponent() -> None:
    assert trade(t=12345678901234567890).trade_id == "12345678901234567890"
    assert trade(t=D("1E-8")).trade_id == "0.00000001"
    assert refusal(t=["x"]) == "trade_id: found a list, expected text or a number"


# -- symbols


def test_a_row_of_an_unknown_symbol_is_left_out_and_counted() -> None:
    tickers = reader("ticker", {"symbol": "s", "price": "p"}, each="@")
    found = tickers.read([{"s": "BTCUSDT", "p": "1"}, {"s": "DOGEUSDT", "p": "1"}, {"s": "DOGEUSDT", "p": "x"}])
    assert [ticker.trading_pair for ticker in found] == ["BTC-USDT"]
    assert tickers.unknown_symbols == {"DOGEUSDT": 2}


def test_a_symbol_that_the_record_can_do_without_may_be_absent() -> None:
    assert one("order", {"exchange_order_id": "i", "symbol": "s"}, {"i": 1}).trading_pair is None


# -- where rows are found


def test_rows_are_unwrapped_and_filtered() -> None:
    tickers = reader("ticker", {"symbol": "s", "price": "p"}, unwrap="result", each="list", row_where="p != '0'")
    rows = [{"s": "BTCUSDT", "p": "1"}, {"s": "ETHUSDT", "p": "0"}]
    assert [ticker.price for ticker in tickers.read({"result": {"list": rows}})] == [D(1)]


def test_an_absent_each_gives_no_rows_and_may_be_asked_why() -> None:
    tickers = reader("ticker", {"symbol": "s", "price": "p"}, each="list")
    assert tickers.read({"other": 1}) == []
    assert tickers.misplaced({"other": 1}) == "no rows: `each: list` looks for 'list', and there is only 'other'"


def test_each_over_a_map_runs_over_its_values_with_their_keys() -> None:
    tickers = reader("ticker", {"symbol": "key()", "price": "c[0]"}, each="@")
    found = tickers.read({"BTCUSDT": {"c": ["1"]}, "ETHUSDT": {"c": ["2"]}})
    assert [(ticker.trading_pair, ticker.price) for ticker in found] == [("BTC-USDT", D(1)), ("ETH-USDT", D(2))]


def test_the_frame_is_the_whole_message() -> None:
    slots = {"symbol": "s", "price": "p", "timestamp": "frame().ts"}
    assert one("ticker", slots, {"ts": 5, "data": {"s": "BTCUSDT", "p": "1"}}, unwrap="data").timestamp == 5_000_000


def test_named_loops_nest() -> None:
    tiers = reader(
        "leverage_tier",
        {"symbol": "market.symbol", "max_leverage": "tier.lev"},
        each={"market": "@", "tier": "market.brackets"},
    )
    found = tiers.read(
        [{"symbol": "BTCUSDT", "brackets": [{"lev": 100}, {"lev": 50}]}, {"symbol": "ETHUSDT", "brackets": None}]
    )
    assert [(tier.trading_pair, tier.max_leverage) for tier in found] == [("BTC-USDT", D(100)), ("BTC-USDT", D(50))]


def test_an_each_that_is_neither_a_list_nor_a_map_is_refused() -> None:
    with pytest.raises(MappingError, match="each: found text 'none', expected a list or a map"):
        reader("ticker", {"symbol": "s", "price": "p"}, each="list").read({"list": "none"})


def test_salvage_gives_the_good_rows_and_what_was_wrong_with_the_others() -> None:
    tickers = reader("ticker", {"symbol": "s", "price": "p"}, each="@")
    found, failed = tickers.salvage([{"s": "BTCUSDT", "p": "x"}, {"s": "ETHUSDT", "p": "2"}])
    assert [ticker.trading_pair for ticker in found] == ["ETH-USDT"]
    assert [error.field for error in failed] == ["price"]
    assert tickers.salvage("text")[1][0].field == "each"


# -- what is given beside the message


def test_what_is_given_fills_the_fields_that_the_slots_leave_out() -> None:
    orders = reader("order", {"exchange_order_id": "orderId"})
    (found,) = orders.read({"orderId": 5}, {"symbol": "BTCUSDT", "client_order_id": "dc-1", "interval": "1m"})
    assert (found.exchange_order_id, found.client_order_id, found.trading_pair) == ("5", "dc-1", "BTC-USDT")


def test_a_slot_wins_over_what_is_given() -> None:
    (found,) = reader("order", {"exchange_order_id": "i"}).read({"i": 5}, {"exchange_order_id": "6"})
    assert found.exchange_order_id == "5"


def test_words_of_ours_may_be_given() -> None:
    (found,) = reader("order", {"exchange_order_id": "i"}).read({"i": 5}, {"side": Side.SELL, "price": None})
    assert (found.side, found.price) == (Side.SELL, None)


def test_a_field_that_nothing_fills_is_an_error() -> None:
    with pytest.raises(MappingError, match="symbol: nothing fills it: no path, no captured hole, no argument"):
        one("ticker", {"price": "p"}, {"p": "1"})


# -- units of sizes


def test_sizes_in_contracts_become_base_units() -> None:
    assert one("trade", TRADE, MESSAGE, Units(amount=AmountUnit.CONTRACTS)).amount == D("0.0005")


def test_sizes_in_quote_are_divided_by_the_price_of_the_record() -> None:
    message = {**MESSAGE, "p": "50000", "q": "100"}
    assert one("trade", TRADE, message, Units(amount=AmountUnit.QUOTE)).amount == D("0.002")


def test_a_market_whose_contract_size_is_not_known_is_refused() -> None:
    with pytest.raises(MappingError, match="amount: a size in contracts, but the market's contract_size is not known"):
        one("trade", TRADE, {**MESSAGE, "s": "ETHUSDT"}, Units(amount=AmountUnit.CONTRACTS))


def test_a_slot_may_have_its_own_unit_of_size() -> None:
    slots = {**TRADE, "amount": {"path": "q", "unit": "base"}}
    assert one("trade", slots, MESSAGE, Units(amount=AmountUnit.CONTRACTS)).amount == D("0.5")


def test_inverse_contracts_are_worth_quote_units_which_the_price_turns_into_base() -> None:
    message = {**MESSAGE, "s": "BTCUSD", "p": "20000", "q": "6"}
    assert one("trade", TRADE, message, Units(amount=AmountUnit.CONTRACTS)).amount == D("0.03")


def test_a_market_may_count_in_a_unit_of_its_own() -> None:
    message = {**MESSAGE, "s": "ETHUSD", "p": "2000", "q": "500"}
    assert one("trade", TRADE, message).amount == D("0.25")


def test_a_slots_own_unit_wins_over_that_of_the_market() -> None:
    slots = {**TRADE, "amount": {"path": "q", "unit": "base"}}
    assert one("trade", slots, {**MESSAGE, "s": "ETHUSD"}).amount == D("0.5")


def test_a_size_in_quote_that_an_update_need_not_have_is_absent_without_a_price() -> None:
    slots = {"exchange_order_id": "i", "symbol": "s", "amount": "q", "price": "p"}
    message = {"i": 1, "s": "ETHUSD", "q": "500", "p": "0"}
    assert one("order", slots, message).amount is None
    assert one("order", slots, {**message, "p": "2000"}).amount == D("0.25")


# -- trades and positions


def test_without_a_side_the_sign_of_a_trades_amount_decides() -> None:
    slots = {name: path for name, path in TRADE.items() if name != "side"}
    sold, bought = one("trade", slots, {**MESSAGE, "q": "-3"}), one("trade", slots, {**MESSAGE, "q": 3})
    assert (sold.side, sold.amount) == (Side.SELL, D(3))
    assert (bought.side, bought.amount) == (Side.BUY, D(3))


def test_a_position_may_have_a_negative_amount() -> None:
    assert one("position", {"symbol": "s", "amount": "a"}, {"s": "BTCUSDT", "a": "-2"}).amount == D(-2)


BALANCE = {"asset": "a", "total": "totl", "available": "fre"}


def test_a_row_of_balances_without_any_number_is_refused_and_quoted() -> None:
    row = {"a": "BTC", "total": "1", "free": "0.5"}
    with pytest.raises(MappingError) as caught:
        one("balance", BALANCE, row)
    assert str(caught.value) == (
        "streams.market.events.test.total: found none of these, and a row needs one: total at 'totl', "
        f"available at 'fre' (message: {row!r})"
    )


@pytest.mark.parametrize("number", ["0", 0, "-1"])
def test_one_number_of_a_balance_is_enough_and_may_be_zero(number: Any) -> None:
    assert one("balance", BALANCE, {"a": "BTC", "fre": number}).available == D(number)


def test_an_update_of_a_balance_may_say_nothing() -> None:
    assert one("balance", BALANCE, {"a": "BTC"}, partial=True).total is None


def test_an_update_may_lack_what_its_class_can_do_without() -> None:
    slots = {"symbol": "s", "amount": "a", "unrealized_pnl": "u"}
    message = {"s": "BTCUSDT", "u": "-1.5"}
    assert one("position", slots, message, partial=True).amount is None
    with pytest.raises(MappingError, match="amount: found nothing"):
        one("position", slots, message)


# -- trading rules

RULE = {"symbol": "s", "base": "b", "quote": "q", "min_order_size": "min", "contract_size": "size"}
MARKET = {"s": "PF_XBT", "b": "XBT", "q": "USD", "min": "5", "size": "0.1", "type": "linear", "n": 3}


def test_a_trading_rule_keeps_its_symbol_and_renames_its_assets() -> None:
    rule = one("trading_rule", {**RULE, "aliases": "[alias, ws]"}, {**MARKET, "alias": "", "ws": "XBT/USD"})
    assert (rule.symbol, rule.trading_pair, rule.aliases) == ("PF_XBT", "BTC-USD", ("XBT/USD",))


def test_a_trading_rule_of_inverse_contracts_keeps_sizes_in_quote() -> None:
    slots = {**RULE, "contract_unit": "'quote'"}
    assert one("trading_rule", slots, {**MARKET, "size": 100}, Units(amount=AmountUnit.CONTRACTS)).min_order_size == 500


def test_a_trading_rule_in_contracts_uses_its_own_contract_size() -> None:
    assert one("trading_rule", RULE, MARKET, Units(amount=AmountUnit.CONTRACTS)).min_order_size == D("0.5")


def test_each_market_may_have_its_own_unit() -> None:
    slots = {
        **RULE,
        "amount_unit": {"path": "type", "map": {"linear": "contracts", "spot": "base", "inverse": "quote"}},
    }
    assert one("trading_rule", slots, MARKET).min_order_size == D("0.5")
    assert one("trading_rule", slots, {**MARKET, "type": "spot"}).min_order_size == D(5)
    inverse = one("trading_rule", slots, {**MARKET, "type": "inverse"})
    assert (inverse.min_order_size, inverse.amount_unit) == (D(5), AmountUnit.QUOTE)


def test_facts_keep_their_json_type() -> None:
    facts = {"lot": "n", "category": {"path": "type", "map": {"linear": "LIN"}}, "none": "missing"}
    assert one("trading_rule", RULE, MARKET, facts=facts).market == {"lot": 3, "category": "LIN", "none": None}


def test_position_modes_of_a_market_are_a_list_of_our_words() -> None:
    slots = {**RULE, "position_modes": {"path": "type", "map": {"linear": ["ONEWAY", "HEDGE"]}}}
    assert one("trading_rule", slots, MARKET).position_modes == (PositionMode.ONEWAY, PositionMode.HEDGE)
    assert one("trading_rule", RULE, MARKET).position_modes == ()


# -- books

BOOK = {"symbol": "s", "bids": "b", "asks": "a"}


def test_levels_pass_through_untouched() -> None:
    bids = [["1.10", "2"], ["1.0", "3", "x"]]
    book = one("order_book", BOOK, {"s": "BTCUSDT", "b": bids, "a": []})
    assert book.bids is bids
    assert book.asks == []


CHANGES = {"symbol": "s", "changes": {"path": "c", "price": "p", "size": "q", "side": "side"}}


@pytest.mark.parametrize("message", [{"b": []}, {"b": [], "a": None}])
def test_a_whole_book_has_both_sides_if_empty_ones(message: dict[str, Any]) -> None:
    with pytest.raises(MappingError, match="asks: found nothing at 'a', expected levels"):
        one("order_book", BOOK, {"s": "BTCUSDT", **message})
    with pytest.raises(MappingError, match="changes: found nothing at 'c', expected changes"):
        one("order_book", CHANGES, {"s": "BTCUSDT"})


def test_changes_of_a_book_may_be_of_one_side() -> None:
    message = {"s": "BTCUSDT", "b": [["1", "2"]]}
    book = one("order_book", BOOK, message, partial=True)
    assert (book.bids, book.asks) == (message["b"], [])
    nothing = one("order_book", CHANGES, {"s": "BTCUSDT"}, partial=True)
    assert (nothing.bids, nothing.asks) == ([], [])


def test_levels_may_be_maps_and_may_be_filtered() -> None:
    slots = {**BOOK, "bids": {"path": "b", "price": "px", "size": "sz", "where": "px != '0'"}}
    book = one("order_book", slots, {"s": "BTCUSDT", "b": [{"px": "1", "sz": "2"}, {"px": "0", "sz": "0"}], "a": []})
    assert book.bids == [("1", "2")]


def test_a_level_without_a_price_is_refused() -> None:
    with pytest.raises(MappingError, match="bids: a level with nothing for its price and text '2' for its size"):
        one("order_book", {**BOOK, "bids": {"path": "b", "price": "px"}}, {"s": "BTCUSDT", "b": [["1", "2"]]})


@pytest.mark.parametrize("side", ["side", {"path": "side", "map": {"buy": "BUY", "*": "SELL"}}])
def test_changes_are_split_by_side(side: Any) -> None:
    slots = {"symbol": "s", "changes": {"path": "c", "price": "p", "size": "q", "side": side}}
    rows = [{"p": "1", "q": "2", "side": "buy"}, {"p": "3", "q": "0", "side": "sell"}]
    book = one("order_book", slots, {"s": "BTCUSDT", "c": rows})
    assert (book.bids, book.asks) == ([("1", "2")], [("3", "0")])


# -- fills

FILL = {"trade_id": "t", "price": "p", "amount": "q"}


@pytest.mark.parametrize(
    ("word", "cause"),
    [("BustTrade", FillCause.LIQUIDATION), ("Adl", FillCause.ADL), ("Trade", None), ("", None), (None, None)],
)
def test_a_fill_has_a_cause_if_its_word_is_one(word: str | None, cause: FillCause | None) -> None:
    slots = {**FILL, "cause": {"path": "x", "map": {"BustTrade": "LIQUIDATION", "Adl": "ADL"}}}
    assert one("fill", slots, {"t": 1, "p": 1, "q": 1, "x": word}).cause is cause


def test_a_path_may_give_our_own_words_for_causes() -> None:
    slots = {**FILL, "cause": "x == 'a' && 'ADL' || x"}
    assert one("fill", slots, {"t": 1, "p": 1, "q": 1, "x": "a"}).cause is FillCause.ADL
    assert one("fill", slots, {"t": 1, "p": 1, "q": 1, "x": "b"}).cause is None


@pytest.mark.parametrize(("word", "trigger"), [("STOP_LOSS", Trigger.STOP), ("LIMIT", None), ("", None), (None, None)])
def test_an_order_has_a_trigger_if_its_word_is_one(word: str | None, trigger: Trigger | None) -> None:
    slots = {"exchange_order_id": "i", "trigger": {"path": "x", "map": {"STOP_LOSS": "STOP"}}, "trigger_price": "p"}
    read = one("order", slots, {"i": 1, "x": word, "p": "0.00"})
    assert (read.trigger, read.trigger_price) == (trigger, None)


def test_any_other_word_may_be_a_cause_too() -> None:
    slots = {**FILL, "cause": {"path": "x", "map": {"*": "LIQUIDATION"}}}
    assert one("fill", slots, {"t": 1, "p": 1, "q": 1, "x": "takeover"}).cause is FillCause.LIQUIDATION


@pytest.mark.parametrize(
    ("fee", "message", "expected"),
    [
        ({"amount": "n", "token": "N"}, {"n": "-0.1", "N": "XBT"}, (Fee(D("-0.1"), "BTC"),)),
        ({"amount": "n"}, {"n": D("0.1")}, (Fee(D("0.1")),)),
        ({"amount": "n", "token": "N"}, {"n": "", "N": "XBT"}, ()),
        (
            {"each": "f", "amount": "q", "token": "a"},
            {"f": [{"q": 1, "a": "usd"}, {"q": 2}]},
            (Fee(D(1), "USD"), Fee(D(2))),
        ),
        ({"each": "f", "amount": "q"}, {}, ()),
    ],
)
def test_fees_are_one_or_several(fee: dict[str, str], message: dict[str, Any], expected: tuple[Fee, ...]) -> None:
    assert one("fill", {**FILL, "fee": fee}, {"t": 1, "p": 1, "q": 1, **message}).fee == expected


# -- free operations


def test_without_a_record_a_row_is_a_dict_of_the_venues_values() -> None:
    slots = {"token": "t", "ttl": "n", "mode": {"path": "m", "map": {"1": "CROSSED"}}, "none": "x"}
    assert one(None, slots, {"t": "", "n": D("1.5"), "m": 1}) == {
        "token": "",
        "ttl": D("1.5"),
        "mode": "CROSSED",
        "none": None,
    }
