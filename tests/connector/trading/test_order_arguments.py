"""Orders in the venue's words and units."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.account.order_rules import quantize_amount
from declconn.compile.assets import Assets
from declconn.compile.convert import to_base
from declconn.connector.symbols import Symbols
from declconn.connector.trading.order_arguments import OrderArguments
from declconn.connector.trading.sizes import market_amount
from declconn.errors import InvalidOrderError, UnknownPairError
from declconn.records import TradingRule
from declconn.registry import load_spec
from declconn.types import AmountUnit, OrderType, PositionAction, PositionMode, Side, TimeInForce, Trigger

D = Decimal
LIMIT, LIMIT_MAKER, MARKET = OrderType
BUY, SELL = Side
AMOUNT, PRICE, LEVERAGE = D("0.5"), D("100.0"), D(3)

ORDERS = """\
orders:
  client_order_id: {format: FORMAT}
  sides: {BUY: bid, SELL: ask}
  types:
    LIMIT: {price: "{price}"}
    MARKET: {BUY: {funds: "{quote_amount}"}, SELL: {size: "{amount}"}, STOP: {stop: "{trigger_price}"}}
"""
PERPETUAL = """\
positions:
  modes: {ONEWAY: one, HEDGE: two}
  sides: {BOTH: net, LONG: long, SHORT: short}
"""
ENDPOINTS = """\
  place_order: {post: /order, body: {m: "{symbol}"}}
  cancel_order: {post: /cancel, body: {id: "{exchange_order_id}"}}
  cancel_orders: {post: /cancels, body: {ids: "{client_order_ids}"}}
  order_status: {get: "/order/{exchange_order_id??client_order_id}", result: {exchange_order_id: id}}
  order_trades:
    get: /fills
    params: {id: "{exchange_order_id?}"}
    result: {trade_id: t, exchange_order_id: id, price: p, amount: n}
"""


@dataclass(frozen=True)
class Order:
    """An order as the tracker would hold it."""

    order_type: OrderType = LIMIT
    trade_type: Side = BUY
    amount: Decimal = AMOUNT
    price: Decimal | None = PRICE
    client_order_id: str = "17"
    exchange_order_id: str | None = None
    trading_pair: str = "BTC-USD"
    leverage: Decimal = LEVERAGE
    position: PositionAction = PositionAction.OPEN
    time_in_force: TimeInForce = TimeInForce.GTC
    trigger_price: Decimal | None = None
    trigger: Trigger | None = None


MARKET_BUY = Order(MARKET, BUY, price=None)
MARKET_SELL = Order(MARKET, SELL, price=None)


@pytest.fixture
def arguments(toy: Path) -> Any:
    """What writes orders of a venue with one market, BTC-USD."""

    original = toy.read_text()

    def arguments(
        *,
        kind: str = "exchange",
        format: str = "text",
        orders: str = "",
        endpoints: str = ENDPOINTS,
        rule: Any = None,
        **options: Any,
    ) -> OrderArguments:
        text = original.replace("kind: exchange", f"kind: {kind}\nassets: {{case: upper, rename: {{xbt: BTC}}}}")
        sections = endpoints + ORDERS.replace("FORMAT", format) + orders
        toy.write_text(
            text.replace("streams:\n", f"{sections}{PERPETUAL if kind == 'derivative' else ''}streams:\n", 1)
        )
        spec = load_spec(toy)
        assets = Assets(spec.assets.case, spec.assets.rename)
        symbols = Symbols(assets.write)
        symbols.update([TradingRule("xbtusd", "BTC", "USD", **(rule or {}))])
        return OrderArguments(spec, symbols, assets, **options)

    return arguments


def at(price: str) -> Any:
    return lambda _pair, _side, _amount: D(price)


def test_an_order_is_written_in_the_venues_words(arguments: Any) -> None:
    assert arguments().of(Order()) == {
        "symbol": "xbtusd",
        "base": "xbt",
        "quote": "usd",
        "market": {},
        "client_order_id": "17",
        "type": LIMIT,
        "time_in_force": TimeInForce.GTC,
        "side": "bid",
        "amount": D("0.5"),
        "signed_amount": D("0.5"),
        "price": D(100),
        "quote_amount": D(50),
    }


def test_sales_have_a_negative_signed_amount(arguments: Any) -> None:
    assert arguments().of(Order(trade_type=SELL))["signed_amount"] == D("-0.5")


def test_numbers_have_no_zeros_at_their_end_so_that_json_numbers_are_short_too(arguments: Any) -> None:
    written = arguments().of(Order(amount=D("10.500"), price=D("200.00")))
    assert [str(written[name]) for name in ("amount", "price")] == ["10.5", "2E+2"]


def test_ids_are_numbers_where_the_venue_wants_numbers_and_ours_is_one(arguments: Any) -> None:
    numbers = arguments(format="int")

    assert numbers.of(Order())["client_order_id"] == 17
    assert numbers.naming(Order(client_order_id="web-17"))["client_order_id"] == "web-17"


def test_an_unknown_market_and_a_type_that_is_not_offered_are_refused(arguments: Any) -> None:
    orders = arguments()

    with pytest.raises(UnknownPairError, match="ETH-USD"):
        orders.of(Order(trading_pair="ETH-USD"))
    with pytest.raises(InvalidOrderError, match=r"LIMIT_MAKER orders are not offered here; .* LIMIT, MARKET"):
        orders.of(Order(LIMIT_MAKER))


def test_a_market_order_that_counts_in_quote_is_priced_by_the_book_and_rounded_down(arguments: Any) -> None:
    orders = arguments(rule={"min_quote_amount_increment": D("0.01")}, through_book=at("33.333"))

    assert orders.of(MARKET_BUY)["quote_amount"] == D("16.66")
    assert "price" not in orders.of(MARKET_BUY)


def test_a_market_order_that_needs_no_price_does_not_look_at_the_book(arguments: Any) -> None:
    assert arguments().of(MARKET_SELL)["amount"] == D("0.5")


def test_without_a_price_such_an_order_is_refused(arguments: Any) -> None:
    with pytest.raises(InvalidOrderError, match=r"BTC-USD: a market order needs a price here, .* has none; wait"):
        arguments().of(MARKET_BUY)


@pytest.mark.parametrize(("side", "price"), [(BUY, "105.0"), (SELL, "95.0")])
def test_where_there_are_no_market_orders_a_limit_through_the_book_stands_for_one(
    arguments: Any, side: Side, price: str
) -> None:
    orders = arguments(orders="  slippage: 0.05\n", rule={"min_price_increment": D("0.5")}, through_book=at("100.1"))

    assert orders.of(Order(MARKET, side, price=None))["price"] == D(price)


CONTRACTS = {"contract_size": D("0.01"), "amount_unit": AmountUnit.CONTRACTS}
INVERSE = {"contract_size": D(100), "amount_unit": AmountUnit.CONTRACTS, "contract_unit": AmountUnit.QUOTE}


def test_amounts_are_counted_as_the_market_counts_them(arguments: Any) -> None:
    orders = arguments(rule=CONTRACTS)
    assert orders.of(Order())["amount"] == 50
    assert orders.of(Order(trade_type=SELL))["signed_amount"] == -50


def test_inverse_contracts_are_counted_by_worth(arguments: Any) -> None:
    orders = arguments(rule=INVERSE, through_book=at("20000"))
    amount = D(700) / D(30000)

    assert orders.of(Order(amount=amount, price=D(30000)))["amount"] == 7
    assert orders.of(Order(MARKET, SELL, D("0.03"), None))["amount"] == 6


def test_a_market_whose_contracts_have_no_known_size_takes_no_orders(arguments: Any) -> None:
    with pytest.raises(InvalidOrderError, match="size of a contract is not known"):
        arguments(rule={"amount_unit": AmountUnit.CONTRACTS}).of(Order())


@given(
    st.integers(1, 10**6),
    st.decimals("0.01", "1e6", places=2),
    st.sampled_from(["0.0001", "0.3", "1", "7", "100"]),
    st.sampled_from([(AmountUnit.CONTRACTS, None), (AmountUnit.CONTRACTS, AmountUnit.QUOTE), (AmountUnit.QUOTE, None)]),
)
def test_whole_numbers_of_a_venues_unit_survive_the_way_to_base_and_back(
    number: int, price: Decimal, size: str, units: tuple[AmountUnit, AmountUnit | None]
) -> None:
    unit, of = units
    step = D(size) if of is AmountUnit.QUOTE else D(1) if unit is AmountUnit.QUOTE else D(size)
    rule = TradingRule(
        "x", "X", "USD", contract_size=D(size), contract_unit=of, amount_unit=unit, min_base_amount_increment=step
    )
    amount = to_base(D(number), unit, D(size), price, inverse=of is AmountUnit.QUOTE)

    assert market_amount(rule, AmountUnit.BASE, amount, price) == number
    assert market_amount(rule, AmountUnit.BASE, quantize_amount(rule, amount, price), price) == number


def test_positions_are_spoken_of_on_derivative_venues(arguments: Any) -> None:
    orders = arguments(kind="derivative")
    told = {"leverage": D(3), "position_mode": "one", "position_side": "net"}

    assert {name: orders.of(Order())[name] for name in (*told, "reduce_only")} == {**told, "reduce_only": False}
    assert orders.of(Order(position=PositionAction.CLOSE))["reduce_only"] is True


@pytest.mark.parametrize(
    ("side", "action", "told"),
    [
        (BUY, PositionAction.OPEN, "long"),
        (SELL, PositionAction.CLOSE, "long"),
        (SELL, PositionAction.OPEN, "short"),
        (BUY, PositionAction.CLOSE, "short"),
    ],
)
def test_in_hedge_mode_the_side_of_the_position_is_told_and_reducing_is_not(
    arguments: Any, side: Side, action: PositionAction, told: str
) -> None:
    orders = arguments(kind="derivative", position_mode=lambda: PositionMode.HEDGE)
    written = orders.of(Order(trade_type=side, position=action))

    assert (written["position_mode"], written["position_side"]) == ("two", told)
    assert "reduce_only" not in written


def test_what_amends_an_order_names_it_and_tells_its_new_numbers(arguments: Any) -> None:
    written = arguments().amending(Order(exchange_order_id="e1"), D(2), D("99.5"), None)

    assert (written["amount"], written["price"]) == (D(2), D("99.5"))
    assert (written["client_order_id"], written["exchange_order_id"]) == ("17", "e1")


def test_an_order_of_others_that_has_one_id_is_named_by_that_alone(arguments: Any) -> None:
    written = arguments().naming(Order(client_order_id="e1", exchange_order_id="e1"))

    assert written["exchange_order_id"] == "e1"
    assert "client_order_id" not in written


def test_orders_are_named_together_with_the_market_that_they_have_in_common(arguments: Any) -> None:
    orders = [Order(client_order_id="a", exchange_order_id="1"), Order(client_order_id="b")]
    written = arguments().many(orders)

    assert written["symbol"] == "xbtusd"
    assert (written["client_order_ids"], written["exchange_order_ids"]) == (["a", "b"], ["1"])
    assert "client_order_id" not in written


def test_whether_an_operation_can_name_an_order_follows_from_its_templates(arguments: Any) -> None:
    orders = arguments()
    unknown, known = Order(), Order(exchange_order_id="e1")
    operations = ["cancel_order", "cancel_orders", "order_status", "order_trades"]

    assert [orders.can_name(operation, unknown) for operation in operations] == [False, True, True, True]
    assert all(orders.can_name(operation, known) for operation in operations)


STOP, TAKE_PROFIT = Trigger.STOP, Trigger.TAKE_PROFIT
STOPS = """\
  place_order: {post: /order, body: {m: "{symbol}"}}
  amend_order: {put: /order, body: {id: "{client_order_id}", stop: "{trigger_price?}"}}
  cancel_order:
    - {post: /cancel, when: {trigger: {absent: true}}, body: {id: "{client_order_id}"}}
    - {post: /cancel-stop, when: {trigger: [STOP, TAKE_PROFIT]}, body: {id: "{exchange_order_id}"}}
"""


def test_what_an_order_waits_for_is_an_argument_and_names_it(arguments: Any) -> None:
    order = Order(time_in_force=TimeInForce.IOC, trigger_price=D("90.50"), trigger=TAKE_PROFIT)
    written = arguments().of(order)
    assert (written["time_in_force"], written["trigger"], str(written["trigger_price"])) == ("IOC", TAKE_PROFIT, "90.5")
    assert arguments().naming(order)["trigger"] is TAKE_PROFIT
    assert not {"trigger", "trigger_price"} & arguments().of(Order()).keys()
    assert "trigger_price" not in arguments().naming(order)


def test_an_order_may_be_named_by_other_ids_where_it_waits_for_a_price(arguments: Any) -> None:
    orders = arguments(endpoints=STOPS)
    assert orders.can_name("cancel_order", Order())
    assert not orders.can_name("cancel_order", Order(trigger=STOP))
    assert orders.can_name("cancel_order", Order(trigger=STOP, exchange_order_id="e1"))
    assert [orders.tells_triggers(operation) for operation in ("cancel_order", "amend_order")] == [True, False]
    assert orders.amends_trigger
    assert not arguments().amends_trigger


def test_orders_together_have_a_trigger_if_they_have_it_in_common(arguments: Any) -> None:
    orders = arguments()
    assert orders.many([Order(trigger=STOP), Order(trigger=STOP)])["trigger"] is STOP
    assert "trigger" not in orders.many([Order(trigger=STOP), Order(trigger=TAKE_PROFIT)])
    assert "trigger" not in orders.many([Order(trigger=STOP), Order()])
    assert "trigger" not in orders.many([Order(), Order()])


@pytest.mark.parametrize(("side", "price"), [(BUY, "94.5"), (SELL, "85.5")])
def test_a_market_order_that_waits_trades_at_its_trigger_price_whatever_the_book_says(
    arguments: Any, side: Side, price: str
) -> None:
    waits = Order(MARKET, side, price=None, trigger_price=D(90), trigger=STOP)
    written = arguments(through_book=at("100")).of(waits)
    assert written.get("quote_amount") == (45 if side is BUY else None)
    orders = arguments(orders="  slippage: 0.05\n", rule={"min_price_increment": D("0.5")}, through_book=at("100"))
    assert orders.of(waits)["price"] == D(price)
