"""What the shipped specs ask venues for is what ccxt asks them for: the same signed bytes, for the same orders.

Each case calls a method of ccxt whose network is a list, takes the fields that it would send, lets ccxt sign them in
our order, and compares the result with our request. Where the two mean the same and write it differently, the table
says which fields, and why. ccxt is a second opinion, not the truth.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from declconn.account.order_facts import external_order_id
from declconn.compile.assets import Assets
from declconn.connector.symbols import Symbols
from declconn.connector.trading.order_arguments import OrderArguments
from declconn.connector.venue_words import VenueWords
from declconn.net.transport import Request
from declconn.records import TradingRule
from declconn.signing import Signer
from declconn.spec import Spec
from declconn.spec.order_terms import Terms, offered
from declconn.types import AmountUnit, OrderType, PositionAction, PositionMode, Side, TimeInForce, Trigger

ccxt = pytest.importorskip("ccxt", reason="ccxt is not installed; `pip install 'declconn[dev]'` brings it")

pytestmark = pytest.mark.slow

SPECS = Path(__file__).parents[2] / "specs"
NOW_MS = 1_700_000_000_000
SECRET = "bm90LWEtc2VjcmV0"
PRIVATE_KEY, ADDRESS = "0x" + "11" * 32, "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"
CREDENTIALS = {
    "api_key": "account-key",
    "api_secret": SECRET,
    "passphrase": "pass phrase",
    "user_id": "42",
    "private_key": PRIVATE_KEY,
    "address": ADDRESS,
}
AMOUNT, PRICE, TRIGGER_PRICE = Decimal("0.25"), Decimal("300.2"), Decimal("290.4")
LIMIT, LIMIT_MAKER, MARKET = OrderType
BUY, SELL = Side

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Order:
    """An order as the tracker would hold it."""

    order_type: OrderType = LIMIT
    trade_type: Side = BUY
    client_order_id: str = "7"
    exchange_order_id: str | None = None
    trading_pair: str = "BTC-USDT"
    amount: Decimal = AMOUNT
    price: Decimal | None = PRICE
    leverage: Decimal = Decimal(1)
    position: PositionAction = PositionAction.OPEN
    time_in_force: TimeInForce = TimeInForce.GTC
    trigger_price: Decimal | None = None
    trigger: Trigger | None = None


def by_name(terms: Terms) -> Fields:
    """What ccxt is told of a trigger by most venues."""
    return {"stopLossPrice" if terms.trigger is Trigger.STOP else "takeProfitPrice": float(TRIGGER_PRICE)}


def by_operator(terms: Terms) -> Fields:
    """Where ccxt has a price, and the way in which it is reached."""
    rising = (terms.trigger is Trigger.STOP) is (terms.side is BUY)
    return {"triggerPrice": float(TRIGGER_PRICE), "operator": "gte" if rising else "lte"}


def by_direction(terms: Terms) -> Fields:
    """As `by_operator`, in other words."""
    rising = (terms.trigger is Trigger.STOP) is (terms.side is BUY)
    return {"triggerPrice": float(TRIGGER_PRICE), "triggerDirection": "ascending" if rising else "descending"}


def by_last_price(terms: Terms) -> Fields:
    """Where ccxt would take the mark price."""
    return {**by_name(terms), "triggerPriceType": "TP"}


def by_own_id(terms: Terms) -> Fields:
    """Where what waits has an id of another name, which ccxt passes on."""
    return {**by_name(terms), "clientOrderId": None, "algoClOrdId": "7"}


@dataclass(frozen=True)
class Venue:
    """How a venue is asked by both.

    Attributes:
        ccxt: the class.
        symbol: the venue's name of BTC-USDT.
        rule: what of its trading rule matters.
        contract: units in one contract for ccxt, which counts them; ``None`` for spot.
        counts_quote: a market order is told its worth or a limit, so ccxt has to be told a price.
        fields: what ccxt is told of an order besides.
        only_theirs: fields that ccxt adds to orders: a broker's, or the form of the answer.
        only_ours: fields that we add to orders, by what is ordered: what the venue assumes anyway.
        always_ours: fields that we add to every order.
        trigger: what ccxt is told of a trigger.
        settings: ccxt's.
        session: what would be learnt.
    """

    ccxt: str
    symbol: str
    rule: Fields = field(default_factory=dict)
    contract: str | None = None
    counts_quote: bool = False
    fields: Fields = field(default_factory=dict)
    only_theirs: frozenset[str] = frozenset()
    only_ours: Mapping[str, Fields] = field(default_factory=dict)
    always_ours: Fields = field(default_factory=dict)
    trigger: Callable[[Terms], Fields] = by_name
    settings: Fields = field(default_factory=dict)
    session: Fields = field(default_factory=dict)


HEX_ID = "0x" + "12" * 16
GTC = {"time_in_force": "gtc"}
BYBIT_GTC = {"timeInForce": "GTC"}
BINANCE_SPOT_TYPES = ["LIMIT", "LIMIT_MAKER", "MARKET"] + [
    f"{kind}{limit}" for kind in ("STOP_LOSS", "TAKE_PROFIT") for limit in ("", "_LIMIT")
]
BINANCE_SWAP_TYPES = ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET"]
ONE_WAY = {"positionIdx": 0, "reduceOnly": False, "closeOnTrigger": False}
CONTRACTS = {"contract_size": Decimal("0.01"), "amount_unit": AmountUnit.CONTRACTS}

VENUES = {
    "binance": Venue("binance", "BTCUSDT", fields={"clientOrderId": "7"}, only_theirs=frozenset({"newOrderRespType"})),
    "binance_perpetual": Venue(
        "binanceusdm",
        "BTCUSDT",
        contract="1",
        fields={"clientOrderId": "7", "positionSide": "BOTH", "reduceOnly": False},
        only_theirs=frozenset({"newOrderRespType"}),
        only_ours={f"LIMIT {trigger}": {"timeInForce": "GTC"} for trigger in Trigger},
    ),
    "kraken": Venue("kraken", "XBTUSDT", fields={"userref": 7}),
    "gate_io": Venue(
        "gate",
        "BTC_USDT",
        counts_quote=True,
        fields={"text": "t-7"},
        only_theirs=frozenset({"account"}),  # spot is the account of these paths
        only_ours={LIMIT: GTC},
        settings={"unifiedAccount": False},
    ),
    "gate_io_perpetual": Venue(
        "gate",
        "BTC_USDT",
        rule={"contract_size": Decimal("0.0001")},
        contract="0.0001",
        fields={"text": "t-7", "reduceOnly": False},
        only_ours={LIMIT: {"tif": "gtc"}},
        always_ours={"reduce_only": False},
        settings={"unifiedAccount": False, "defaultType": "swap"},
    ),
    "okx": Venue(
        "okx",
        "BTC-USDT",
        fields={"clientOrderId": "7"},
        only_theirs=frozenset({"tgtCcy"}),  # of limit orders
        only_ours={MARKET: {"tgtCcy": "base_ccy"}},
        settings={"createOrder": "privatePostTradeOrder", "brokerId": None},
    ),
    "okx_perpetual": Venue(
        "okx",
        "BTC-USDT-SWAP",
        rule={"contract_size": Decimal("0.01")},
        contract="0.01",
        fields={"clientOrderId": "7", "tdMode": "cross", "posSide": "net"},
        always_ours={"reduceOnly": False},
        trigger=by_own_id,
        settings={"createOrder": "privatePostTradeOrder", "brokerId": None},
    ),
    "kucoin": Venue(
        "kucoin", "BTC-USDT", fields={"clientOid": "7", "hf": False}, settings={"uta": False, "partner": {}}
    ),
    "kucoin_perpetual": Venue(
        "kucoinfutures",
        "XBTUSDTM",
        rule={"contract_size": Decimal("0.001"), "collateral_token": "USDT"},
        contract="0.001",
        fields={"clientOid": "7", "marginMode": "isolated"},
        only_theirs=frozenset({"triggerPriceType"}),  # `stopPriceType` says it
        only_ours={
            **{kind: {"timeInForce": "GTC"} for kind in (LIMIT, LIMIT_MAKER, "LIMIT STOP", "LIMIT TAKE_PROFIT")},
            **{kind: {"timeInForce": "IOC"} for kind in (MARKET, "MARKET STOP", "MARKET TAKE_PROFIT")},
        },
        always_ours={"reduceOnly": False, "leverage": "1"},
        trigger=by_last_price,
        settings={"uta": False, "partner": {}},
        session={"margin_mode": "ISOLATED"},
    ),
    "htx": Venue(
        "htx",
        "btcusdt",
        counts_quote=True,
        fields={"clientOrderId": "7"},
        trigger=by_operator,
        session={"account_id": 100},
    ),
    "coinbase_advanced_trade": Venue(
        "coinbase",
        "BTC-USDT",
        counts_quote=True,
        fields={"client_order_id": "7"},
        only_ours={
            LIMIT: {"order_configuration": {"limit_limit_gtc": {"base_size": "0.25", "limit_price": "300.2"}}}
        },  # without `post_only: false`
    ),
    "hyperliquid_perpetual": Venue(
        "hyperliquid",
        "BTC",
        rule={"market": {"asset": 0, "cross": True}, "max_price_significant_digits": 5},
        contract="1",
        counts_quote=True,
        fields={"clientOrderId": HEX_ID},
    ),
    "bybit": Venue(
        "bybit",
        "BTCUSDT",
        rule={"market": {"category": "spot"}},
        fields={"clientOrderId": "7"},
        only_ours={LIMIT: BYBIT_GTC, MARKET: {"timeInForce": "IOC", "marketUnit": "baseCoin"}},
    ),
    "bybit_perpetual": Venue(
        "bybit",
        "BTCUSDT",
        rule={"market": {"category": "linear"}},
        contract="1",
        fields={"clientOrderId": "7"},
        always_ours=ONE_WAY,
        only_ours={
            f"{kind}{trigger}": words
            for kind, words in ((LIMIT, BYBIT_GTC), (MARKET, {"timeInForce": "IOC"}))
            for trigger in ("", " STOP", " TAKE_PROFIT")
        },
        trigger=by_direction,
    ),
}


@dataclass(frozen=True)
class Case:
    """One request.

    Attributes:
        operation: ours.
        arguments: ours, in the venue's words.
        method, parameters: ccxt's.
        only_theirs: fields that ccxt adds.
        otherwise: fields that we write otherwise, or besides.
    """

    venue: str
    operation: str
    arguments: Callable[[OrderArguments, VenueWords], Fields]
    method: str
    parameters: tuple[Any, ...]
    only_theirs: frozenset[str] = frozenset()
    otherwise: Fields = field(default_factory=dict)
    what: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.venue, self.operation, self.what)))


def orders() -> Iterator[Case]:
    """Every kind of order that a spec offers."""
    for name, venue in VENUES.items():
        for terms in offered(spec_of(name).orders):
            number = venue.fields.get("text") or venue.fields.get("clientOrderId") or "7"
            yield Case(
                name,
                "place_order",
                placing(ordered(terms, number)),
                "create_order",
                ordered_of_ccxt(terms, venue),
                venue.only_theirs,
                {**venue.always_ours, **venue.only_ours.get(str(terms), {})},
                f"{terms} {terms.side}",
            )


def ordered(terms: Terms, number: str) -> Order:
    """An order with these terms."""
    return Order(
        terms.order_type,
        terms.side,
        number,
        price=None if terms.order_type is MARKET else PRICE,
        time_in_force=terms.time_in_force,
        trigger_price=TRIGGER_PRICE if terms.trigger else None,
        trigger=terms.trigger,
    )


def ordered_of_ccxt(terms: Terms, venue: Venue) -> tuple[Any, ...]:
    """The same in the words of ccxt."""
    is_market = terms.order_type is MARKET
    more = {
        **venue.fields,
        **({"postOnly": True} if terms.order_type is LIMIT_MAKER else {}),
        **({} if terms.time_in_force is TimeInForce.GTC else {"timeInForce": str(terms.time_in_force)}),
        **(venue.trigger(terms) if terms.trigger else {}),
    }
    amount = float(AMOUNT / Decimal(venue.contract or 1))
    at = TRIGGER_PRICE if is_market and terms.trigger else PRICE  # where it will be let in
    price = None if is_market and not venue.counts_quote else float(at)
    return "market" if is_market else "limit", terms.side.lower(), amount, price, more


@cache
def spec_of(venue: str) -> Spec:
    return Signer(SPECS / f"{venue}.yaml", at_ms=0, credentials={}).spec


def placing(order: Order) -> Any:
    """The arguments that place an order."""
    return lambda orders, _words: orders.of(order)


def ours(**words: Any) -> Callable[[OrderArguments, VenueWords], Fields]:
    """The arguments of an operation about BTC-USDT."""
    return lambda _orders, words_of: {**words_of.market("BTC-USDT"), **words}


def naming(client_order_id: str = "7", exchange_order_id: str | None = None, **terms: Any) -> Any:
    """The arguments that name an order."""
    order = Order(client_order_id=client_order_id, exchange_order_id=exchange_order_id, **terms)
    return lambda orders, _words: orders.naming(order)


def waiting(exchange_order_id: str | None = None) -> Any:
    """The arguments that name an order which waits for a price, or waited."""
    order = Order(trigger=Trigger.STOP, exchange_order_id=exchange_order_id)
    return lambda orders, _words: orders.naming(order)


def together(client_order_id: str, exchange_order_id: str) -> Any:
    """The arguments that name an order where there may be several."""
    order = Order(client_order_id=client_order_id, exchange_order_id=exchange_order_id)
    return lambda orders, _words: orders.many([order])


def amending(**words: Any) -> Any:
    """The arguments that make an order one of 0.3 at 30001."""
    order = Order(**words)
    return lambda orders, _words: orders.amending(order, Decimal("0.3"), Decimal("30001"), order.trigger_price)


def closing(side: Side) -> Any:
    return placing(Order(trade_type=side, position=PositionAction.CLOSE))


def mode(mode: PositionMode) -> Any:
    return lambda _orders, words: {**words.market("BTC-USDT"), "position_mode": words.position_mode(mode)}


BY_CLIENT_ID = {"clientOrderId": "7"}
HEDGE = PositionMode.HEDGE
ACCOUNT = frozenset({"account"})
STATUS = frozenset({"status"})

QUESTIONS = [
    Case("binance", "cancel_order", naming(), "cancel_order", (None, "SYMBOL", BY_CLIENT_ID)),
    Case("binance", "order_status", naming(), "fetch_order", (None, "SYMBOL", BY_CLIENT_ID)),
    *(
        Case(venue, operation, naming("5", "5"), method, ("5", "SYMBOL"), what="of others")
        for venue in ("binance", "binance_perpetual", "okx", "okx_perpetual")
        for operation, method in (("cancel_order", "cancel_order"), ("order_status", "fetch_order"))
    ),
    *(
        Case(venue, "cancel_order", naming("5", "5"), "cancel_order", ("5", "SYMBOL"), filters, what="of others")
        for venue, filters in (("bybit", frozenset({"orderFilter"})), ("bybit_perpetual", frozenset[str]()))
    ),
    Case("binance", "open_orders", ours(), "fetch_open_orders", ("SYMBOL",), frozenset({"symbol"})),
    Case("binance", "cancel_all_orders", ours(), "cancel_all_orders", ("SYMBOL",)),
    Case("binance", "order_trades", naming("7", "5"), "fetch_my_trades", ("SYMBOL", None, None, {"orderId": "5"})),
    Case("binance", "balances", ours(), "fetch_balance", ()),
    Case("binance_perpetual", "cancel_order", naming(), "cancel_order", (None, "SYMBOL", BY_CLIENT_ID)),
    Case("binance_perpetual", "order_status", naming(), "fetch_order", (None, "SYMBOL", BY_CLIENT_ID)),
    *(
        Case(
            "binance_perpetual",
            operation,
            naming(*ids, trigger=trigger),
            method,
            parameters,
            what=f"of a {trigger} {what}",
        )
        for trigger in Trigger
        for operation, method in (("cancel_order", "cancel_order"), ("order_status", "fetch_order"))
        for what, ids, parameters in (
            ("that waits", ("7",), (None, "SYMBOL", {**BY_CLIENT_ID, "trigger": True})),
            ("that was triggered", ("5", "5"), ("5", "SYMBOL")),
        )
    ),
    Case(
        "binance_perpetual",
        "amend_order",
        amending(client_order_id="5", exchange_order_id="5"),
        "edit_order",
        ("5", "SYMBOL", "limit", "buy", 0.3, 30001),
    ),
    Case("binance_perpetual", "open_orders", ours(), "fetch_open_orders", ("SYMBOL",), frozenset({"symbol"})),
    Case("binance_perpetual", "cancel_all_orders", ours(), "cancel_all_orders", ("SYMBOL",)),
    Case("binance_perpetual", "set_leverage", ours(leverage=Decimal(5)), "set_leverage", (5, "SYMBOL")),
    Case("binance_perpetual", "position_mode", ours(), "fetch_position_mode", ()),
    Case("binance_perpetual", "set_position_mode", mode(HEDGE), "set_position_mode", (True,)),
    Case("binance_perpetual", "funding_payments", ours(), "fetch_funding_history", ("SYMBOL",)),
    Case("binance_perpetual", "trading_fees", ours(), "fetch_trading_fee", ("SYMBOL",)),
    Case("binance_perpetual", "leverage_tiers", ours(), "fetch_leverage_tiers", (["SYMBOL"],)),
    Case(
        "binance_perpetual",
        "place_order",
        closing(SELL),
        "create_order",
        ("SYMBOL", "limit", "sell", 0.25, 300.2, {**BY_CLIENT_ID, "reduceOnly": True, "positionSide": "BOTH"}),
        frozenset({"newOrderRespType"}),
        what="CLOSE",
    ),
    Case("kraken", "cancel_order", naming("7", "O-1"), "cancel_order", ("O-1", "SYMBOL")),
    Case("kraken", "order_status", together("7", "O-1"), "fetch_order", ("O-1", "SYMBOL"), frozenset({"trades"})),
    *(
        Case("kraken", "amend_order", amending(exchange_order_id="O-1", **terms), "edit_order", parameters, what=what)
        for what, terms, parameters in (
            ("of a limit order", {}, ("O-1", "SYMBOL", "limit", "buy", 0.3, 30001)),
            (
                "of a stop order",
                {"trigger": Trigger.STOP, "trigger_price": TRIGGER_PRICE},
                ("O-1", "SYMBOL", "limit", "buy", 0.3, 30001, {"stopLossPrice": float(TRIGGER_PRICE)}),
            ),
        )
    ),
    Case("kraken", "cancel_all_orders", ours(), "cancel_all_orders", ()),
    Case("kraken", "balances", ours(), "fetch_balance", ()),
    Case("kraken", "recent_trades", ours(), "fetch_my_trades", ("SYMBOL",)),
    Case("kraken", "trading_fees", ours(), "fetch_trading_fee", ("SYMBOL",), frozenset({"fee-info"})),
    Case("gate_io", "cancel_order", naming("t-7", "5"), "cancel_order", ("5", "SYMBOL"), ACCOUNT),
    Case("gate_io", "order_status", naming("t-7", "5"), "fetch_order", ("5", "SYMBOL"), ACCOUNT),
    Case("gate_io", "cancel_all_orders", ours(), "cancel_all_orders", ("SYMBOL",), ACCOUNT),
    Case(
        "gate_io",
        "order_trades",
        naming("t-7", "5"),
        "fetch_my_trades",
        ("SYMBOL", None, None, {"order_id": "5"}),
        ACCOUNT,
    ),
    Case("gate_io", "balances", ours(), "fetch_balance", ()),
    Case(
        "gate_io_perpetual",
        "cancel_order",
        naming("t-7", "5"),
        "cancel_order",
        ("5", "SYMBOL"),
        frozenset({"contract"}),
    ),
    Case(
        "gate_io_perpetual", "order_status", naming("t-7", "5"), "fetch_order", ("5", "SYMBOL"), frozenset({"contract"})
    ),
    Case("gate_io_perpetual", "open_orders", ours(), "fetch_open_orders", ("SYMBOL",)),
    Case("gate_io_perpetual", "cancel_all_orders", ours(), "cancel_all_orders", ("SYMBOL",)),
    Case("gate_io_perpetual", "balances", ours(), "fetch_balance", ()),
    Case("gate_io_perpetual", "positions", ours(), "fetch_positions", ()),
    Case("gate_io_perpetual", "funding_payments", ours(), "fetch_funding_history", ("SYMBOL",)),
    Case(
        "gate_io_perpetual",
        "set_leverage",
        lambda _orders, words: {
            **words.market("BTC-USDT"),
            "leverage": Decimal(5),
            "position_mode": words.position_mode(PositionMode.ONEWAY),
        },
        "set_leverage",
        (5, "SYMBOL"),
    ),
    Case("gate_io_perpetual", "set_position_mode", mode(HEDGE), "set_position_mode", (True,)),
    Case(
        "gate_io_perpetual",
        "amend_order",
        amending(client_order_id="t-7", exchange_order_id="5"),
        "edit_order",
        ("5", "SYMBOL", "limit", "buy", 3000, 30001),
        frozenset({"currency_pair", "account"}),
    ),
    Case("okx_perpetual", "cancel_order", naming(), "cancel_order", (None, "SYMBOL", BY_CLIENT_ID)),
    Case("okx_perpetual", "order_status", naming(), "fetch_order", (None, "SYMBOL", BY_CLIENT_ID)),
    Case(
        "okx_perpetual",
        "order_status",
        waiting(),
        "fetch_order",
        (None, "SYMBOL", {**BY_CLIENT_ID, "trigger": True}),
        what="of one that waits",
    ),
    Case(
        "okx_perpetual",
        "cancel_order",
        waiting(),
        "cancel_orders",
        ([], "SYMBOL", {"clientOrderId": ["7"], "trigger": True}),
        what="of one that waits",
    ),
    Case(
        "okx_perpetual",
        "cancel_order",
        waiting(exchange_order_id="5"),
        "cancel_order",
        ("5", "SYMBOL"),
        what="of one that was triggered",
    ),
    Case("okx_perpetual", "open_orders", ours(), "fetch_open_orders", (None, None, None, {"instType": "SWAP"})),
    Case("okx_perpetual", "balances", ours(), "fetch_balance", ()),
    Case(
        "okx_perpetual",
        "set_leverage",
        ours(leverage=Decimal(5)),
        "set_leverage",
        (5, "SYMBOL", {"mgnMode": "cross"}),
        otherwise={"lever": "5"},  # a text, as in the venue's documentation
    ),
    Case("okx_perpetual", "position_mode", ours(), "fetch_position_mode", ()),
    Case("okx_perpetual", "set_position_mode", mode(HEDGE), "set_position_mode", (True,)),
    Case(
        "okx_perpetual",
        "amend_order",
        amending(),
        "edit_order",
        (None, "SYMBOL", "limit", "buy", 30, 30001, BY_CLIENT_ID),
        frozenset({"clientOrderId"}),
    ),
    Case("kucoin", "cancel_order", naming("7", "5"), "cancel_order", ("5", "SYMBOL", {"hf": False})),
    Case("kucoin", "order_status", naming("7", "5"), "fetch_order", ("5", "SYMBOL", {"hf": False})),
    Case("kucoin", "find_order", naming(), "fetch_order", (None, "SYMBOL", {"hf": False, "clientOid": "7"})),
    Case(
        "kucoin",
        "open_orders",
        ours(),
        "fetch_open_orders",
        ("SYMBOL", None, None, {"hf": False}),
        otherwise={"pageSize": 500},
    ),
    Case(
        "kucoin",
        "cancel_all_orders",
        ours(),
        "cancel_all_orders",
        ("SYMBOL", {"hf": False}),
        otherwise={"tradeType": "TRADE"},
    ),
    Case("kucoin", "balances", ours(), "fetch_balance", ()),
    Case("kucoin_perpetual", "cancel_order", naming("7", "5"), "cancel_order", ("5", "SYMBOL")),
    Case("kucoin_perpetual", "order_status", naming("7", "5"), "fetch_order", ("5", "SYMBOL")),
    Case("kucoin_perpetual", "balances", ours(collateral_token="USDT"), "fetch_balance", ()),
    Case("kucoin_perpetual", "positions", ours(), "fetch_positions", ()),
    Case("htx", "cancel_order", naming("7", "5"), "cancel_order", ("5", "SYMBOL")),
    Case("htx", "order_status", naming("7", "5"), "fetch_order", ("5", "SYMBOL")),
    Case("htx", "find_order", naming(), "fetch_order", (None, "SYMBOL", BY_CLIENT_ID)),
    Case("htx", "open_orders", ours(), "fetch_open_orders", ("SYMBOL",), otherwise={"size": 500}),
    Case(
        "htx",
        "cancel_orders",
        lambda orders, _words: orders.many([Order(exchange_order_id=one) for one in ("5", "6")]),
        "cancel_orders",
        (["5", "6"], "SYMBOL"),
    ),
    Case("htx", "order_trades", naming("7", "5"), "fetch_order_trades", ("5", "SYMBOL")),
    Case("htx", "balances", ours(), "fetch_balance", ()),
    Case("htx", "trading_fees", ours(symbols=["btcusdt"]), "fetch_trading_fee", ("SYMBOL",)),
    Case(
        "coinbase_advanced_trade",
        "cancel_orders",
        lambda orders, _words: orders.many([Order(exchange_order_id=one) for one in ("5", "6")]),
        "cancel_orders",
        (["5", "6"],),
    ),
    Case("coinbase_advanced_trade", "order_status", naming("7", "5"), "fetch_order", ("5",)),
    Case(
        "coinbase_advanced_trade",
        "find_order",
        naming(),
        "fetch_orders",
        ("SYMBOL",),
        frozenset({"product_id"}),
        {"product_ids": "BTC-USDT"},
    ),
    Case(
        "coinbase_advanced_trade",
        "amend_order",
        amending(exchange_order_id="5"),
        "edit_order",
        ("5", "SYMBOL", "limit", "buy", 0.3, 30001),
    ),
    Case(
        "hyperliquid_perpetual",
        "cancel_order",
        naming(HEX_ID),
        "cancel_order",
        (None, "SYMBOL", {"clientOrderId": HEX_ID}),
    ),
    Case(
        "hyperliquid_perpetual",
        "cancel_order",
        naming(external_order_id("BTC-USDT", "5"), "5"),
        "cancel_order",
        ("5", "SYMBOL"),
    ),
    Case(
        "hyperliquid_perpetual",
        "set_leverage",
        ours(leverage=Decimal(5)),
        "set_leverage",
        (5, "SYMBOL", {"marginMode": "cross"}),
    ),
    Case("bybit", "open_orders", ours(), "fetch_open_orders", ("SYMBOL",), otherwise={"limit": 50}),
    Case("bybit", "cancel_all_orders", ours(), "cancel_all_orders", ("SYMBOL",)),
    Case("bybit", "order_trades", naming("7", "5"), "fetch_order_trades", ("5", "SYMBOL"), frozenset({"execType"})),
    Case("bybit", "balances", ours(), "fetch_balance", ()),
    Case(
        "bybit",
        "amend_order",
        amending(),
        "edit_order",
        (None, "SYMBOL", "limit", "buy", 0.3, 30001, BY_CLIENT_ID),
        frozenset({"clientOrderId"}),
    ),
    Case(
        "bybit_perpetual",
        "amend_order",
        amending(trigger=Trigger.STOP, trigger_price=TRIGGER_PRICE),
        "edit_order",
        (None, "SYMBOL", "limit", "buy", 0.3, 30001, {**BY_CLIENT_ID, "triggerPrice": float(TRIGGER_PRICE)}),
        frozenset({"clientOrderId", "triggerBy"}),  # the last price is looked at anyway
        {"triggerPrice": str(TRIGGER_PRICE)},  # a text, as in the venue's documentation
    ),
    Case("bybit_perpetual", "set_leverage", ours(leverage=Decimal(5)), "set_leverage", (5, "SYMBOL")),
    Case("bybit_perpetual", "set_position_mode", mode(HEDGE), "set_position_mode", (True, "SYMBOL")),
    Case("bybit_perpetual", "positions", ours(), "fetch_positions", (["SYMBOL"],), frozenset({"limit"})),
    Case("bybit_perpetual", "trading_fees", ours(), "fetch_trading_fee", ("SYMBOL",)),
]

CASES = [*orders(), *QUESTIONS]

RECV_WINDOW = {"bybit": 50_000}
"""What our specs say; Binance's say nothing."""

OWN_HEADERS = {"x-bapi-sign-type": "2", "x-gate-channel-id": "hummingbot"}
"""Headers that only we send: what the venue assumes anyway, and a broker's name."""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_request_is_the_one_that_ccxt_sends(case: Case) -> None:
    asked = ask_us(case)
    assert seen(asked) == ask_them(case, asked)


def test_every_venue_of_the_table_is_compared_in_more_than_its_orders() -> None:
    assert {case.venue for case in QUESTIONS} == VENUES.keys()


@pytest.mark.parametrize(
    ("case", "text", "instead"),
    [
        ("binance place_order LIMIT BUY", "timeInForce: GTC", "timeInForce: IOC"),
        ("kraken place_order LIMIT_MAKER SELL", "oflags: post", "oflags: pots"),
        ("gate_io place_order MARKET BUY", 'amount: "{quote_amount}"', 'amount: "{amount}"'),
        ("htx place_order MARKET BUY", "type: buy-market", "type: buy-limit"),
        ("okx place_order LIMIT SELL", "SELL: sell", "SELL: sold"),
        ("kucoin find_order", "client-order/", "client-orders/"),
        ("binance place_order LIMIT FOK BUY", "FOK: {timeInForce: FOK}", "FOK: {timeInForce: IOC}"),
        ("binance place_order LIMIT STOP SELL", "type: STOP_LOSS_LIMIT", "type: TAKE_PROFIT_LIMIT"),
        ("binance place_order MARKET STOP BUY", 'stopPrice: "{trigger_price}"', 'stopPrice: "{amount}"'),
        ("binance_perpetual place_order LIMIT STOP BUY", "clientAlgoId: ", "newClientOrderId: "),
        ("binance_perpetual place_order MARKET TAKE_PROFIT BUY", "post: /algoOrder", "post: /order"),
        ("binance_perpetual cancel_order of a STOP that waits", "delete: /algoOrder", "delete: /order"),
        ("bybit_perpetual amend_order", 'triggerPrice: "{trigger_price?}"', 'triggerPrice: "{price?}"'),
        ("bybit_perpetual place_order LIMIT STOP BUY", "{triggerDirection: 1}", "{triggerDirection: 2}"),
        ("coinbase_advanced_trade place_order LIMIT IOC BUY", "limit_limit_gtc: null, sor_", "sor_"),
        (
            "coinbase_advanced_trade place_order LIMIT STOP BUY",
            ": STOP_DIRECTION_STOP_UP",
            ": STOP_DIRECTION_STOP_DOWN",
        ),
        ("hyperliquid_perpetual place_order LIMIT STOP SELL", "tpsl: sl", "tpsl: tp"),
        ("hyperliquid_perpetual place_order MARKET STOP SELL", "isMarket: true", "isMarket: false"),
        ("kraken place_order LIMIT IOC BUY", "timeinforce: IOC", "timeinforce: GTC"),
        ("kraken place_order LIMIT STOP SELL", 'price2: "{price}"', 'price2: "{trigger_price}"'),
        ("kraken place_order MARKET TAKE_PROFIT BUY", "ordertype: take-profit,", "ordertype: stop-loss,"),
        ("kraken amend_order of a stop order", 'trigger_price: "{trigger_price?}"', 'trigger_price: "{price?}"'),
        ("okx place_order LIMIT FOK BUY", "ordType: fok", "ordType: ioc"),
        ("okx_perpetual place_order LIMIT STOP SELL", 'slOrdPx: "{price}"', 'slOrdPx: "-1"'),
        ("okx_perpetual place_order MARKET TAKE_PROFIT BUY", "tpTriggerPx:", "slTriggerPx:"),
        ("okx_perpetual cancel_order of one that waits", 'envelope: ["{body}"]', 'envelope: "{body}"'),
        ("gate_io place_order LIMIT IOC SELL", "IOC: {time_in_force: ioc}", "IOC: {time_in_force: fok}"),
        ("kucoin_perpetual place_order LIMIT STOP BUY", "BUY: {stop: up}", "BUY: {stop: down}"),
        ("kucoin_perpetual place_order MARKET TAKE_PROFIT SELL", "stopPriceType: TP", "stopPriceType: MP"),
        ("htx place_order LIMIT TAKE_PROFIT SELL", "SELL: {operator: gte}", "SELL: {operator: lte}"),
        ("htx place_order LIMIT FOK BUY", "-limit-fok", "-fok"),
    ],
)
def test_a_broken_word_of_a_spec_shows(case: str, text: str, instead: str, tmp_path: Path) -> None:
    (found,) = [one for one in CASES if str(one) == case]
    spec = tmp_path / f"{found.venue}.yaml"
    written = (SPECS / spec.name).read_text()
    assert text in written
    spec.write_text(written.replace(text, instead))

    asked = ask_us(found, spec)
    with pytest.raises(AssertionError):
        assert seen(asked) == ask_them(found, asked)


def test_another_size_of_a_contract_gives_another_order() -> None:
    """The comparison is about the numbers, not only about the words."""
    (case,) = [one for one in CASES if str(one) == "okx_perpetual place_order LIMIT BUY"]
    asked = ask_us(case, contract_size=Decimal("0.1"))
    assert seen(asked) != ask_them(case, asked)


def ask_us(case: Case, spec: Path | None = None, **rule: Any) -> Request:
    """Our request, signed at a fixed time."""
    venue = VENUES[case.venue]
    signer = Signer(
        spec or SPECS / f"{case.venue}.yaml",
        at_ms=NOW_MS,
        credentials={name: CREDENTIALS[name] for name in spec_of(case.venue).credentials},
    )
    assets = Assets(signer.spec.assets.case, signer.spec.assets.rename)
    symbols = Symbols(assets.write)
    symbols.update([TradingRule(venue.symbol, "BTC", "USDT", **{**venue.rule, **rule})])
    orders = OrderArguments(signer.spec, symbols, assets, through_book=lambda *_: PRICE)
    arguments = case.arguments(orders, VenueWords(signer.spec, symbols, assets))
    return signer.operation(case.operation, {**arguments, "session": venue.session}).request


class Asked(Exception):
    """ccxt asks, and needs no answer."""


@cache
def exchange_of(name: str) -> Any:
    """ccxt's exchange with one market, a clock that stands still, and a list instead of a network."""
    venue = VENUES[name]
    keys = {"apiKey": "account-key", "secret": SECRET, "password": "pass phrase", "uid": "42"}
    wallet = {"privateKey": PRIVATE_KEY, "walletAddress": ADDRESS}
    exchange = getattr(ccxt, venue.ccxt)({**keys, **wallet, "enableRateLimit": False})
    exchange.milliseconds = lambda: NOW_MS
    exchange.seconds = lambda: NOW_MS // 1000
    exchange.options.update(timeDifference=0, recvWindow=RECV_WINDOW.get(venue.ccxt), **venue.settings)
    exchange.set_markets([exchange.safe_market_structure(market_of(venue))])
    exchange.accounts = [{"id": "100", "type": "spot"}]  # HTX's
    exchange.initialize_client = lambda: False  # Hyperliquid's: it would ask for a share of the fees
    exchange.is_unified_enabled = lambda params=None: [False, True]  # Bybit's
    exchange.asked = []

    def request(path: str, api: Any = "public", method: str = "GET", params: Any = None, *_: Any, **__: Any) -> None:
        exchange.asked.append((path, api, method, params or {}))
        raise Asked

    exchange.request = request
    return exchange


def market_of(venue: Venue) -> dict[str, Any]:
    swap = venue.contract is not None
    steps = {"amount": 1 if swap and venue.contract != "1" else 0.0001, "price": 0.01}
    info = {"orderTypes": BINANCE_SWAP_TYPES if swap else BINANCE_SPOT_TYPES}
    kind = {"type": "swap" if swap else "spot", "spot": not swap, "swap": swap, "contract": swap, "active": True}
    contract = {
        "linear": True,
        "inverse": False,
        "settle": "USDT",
        "settleId": "usdt",
        "contractSize": float(venue.contract or 0),
    }
    return {
        "id": venue.symbol,
        "symbol": "BTC/USDT:USDT" if swap else "BTC/USDT",
        "base": "BTC",
        "baseId": "0",  # Hyperliquid's number of the asset
        "quote": "USDT",
        "precision": steps,
        "info": info,
        **kind,
        **(contract if swap else {}),
    }


def ask_them(case: Case, asked: Request) -> dict[str, Any]:
    """ccxt's request with its fields in the order of ours, and with what the table says that differs."""
    venue, exchange = VENUES[case.venue], exchange_of(case.venue)
    symbol = "BTC/USDT:USDT" if venue.contract else "BTC/USDT"
    parameters = [symbol if one == "SYMBOL" else [symbol] if one == ["SYMBOL"] else one for one in case.parameters]
    if case.method == "create_order" and symbol not in parameters:
        parameters.insert(0, symbol)
    exchange.asked.clear()
    with pytest.raises(Asked):
        getattr(exchange, case.method)(*parameters)
    path, api, method, params = exchange.asked[0]
    if isinstance(params, list):
        return signed(exchange, path, api, method, params, seen(asked))
    params = {name: value for name, value in params.items() if name not in case.only_theirs} | dict(case.otherwise)
    rank = {name: number for number, name in enumerate(names_in(asked))}
    in_order = dict(sorted(params.items(), key=lambda item: rank.get(item[0], 0)))
    return signed(exchange, path, api, method, in_order, seen(asked))


def signed(
    exchange: Any, path: str, api: Any, method: str, params: Fields | list[Fields], like: Fields
) -> dict[str, Any]:
    """What ccxt makes of fields; of its headers those that we send."""
    exchange.options["lastNonce"] = 0
    extend = exchange.extend
    if exchange.id.startswith("binance"):  # the time comes last with us, first with ccxt: the venue takes both
        exchange.extend = lambda first, *others: (
            extend(*others, first) if "timestamp" in first else extend(first, *others)
        )
    try:
        request = exchange.sign(path, api, method, params)
    finally:
        exchange.extend = extend
    headers = {name.lower(): value for name, value in (request["headers"] or {}).items()}
    said = {name: headers.get(name, OWN_HEADERS.get(name)) for name in like} | {
        "method": request["method"],
        "url": request["url"],
    }
    body = request["body"] or ""
    return said | {"body": "" if body == "{}" else body}  # of a POST without fields; HTX signs neither


def names_in(request: Request) -> list[str]:
    """The names of a request's fields in their order."""
    query = [name for name, _ in parse_qsl(urlsplit(request.url).query, keep_blank_values=True)]
    body = request.body.decode()
    if body.startswith("{"):
        return query + list(json.loads(body))
    return query + [name for name, _ in parse_qsl(body, keep_blank_values=True)]


def seen(request: Request) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in request.headers.items() if name != "Content-Type"}
    return {**headers, "method": request.method, "url": request.url, "body": request.body.decode()}
