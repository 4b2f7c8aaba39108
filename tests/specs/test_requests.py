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

from declconn.compile.assets import Assets
from declconn.connector.symbols import Symbols
from declconn.connector.trading.order_arguments import OrderArguments
from declconn.connector.venue_words import VenueWords
from declconn.net.transport import Request
from declconn.records import TradingRule
from declconn.signing import Signer
from declconn.types import AmountUnit, OrderType, PositionAction, PositionMode, Side

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
AMOUNT, PRICE = Decimal("0.25"), Decimal("300.2")
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
        only_ours: fields that we add to orders, by type: what the venue assumes anyway.
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
    only_ours: Mapping[OrderType, Fields] = field(default_factory=dict)
    settings: Fields = field(default_factory=dict)
    session: Fields = field(default_factory=dict)


HEX_ID = "0x" + "12" * 16
GTC = {"time_in_force": "gtc"}
BYBIT_GTC = {"timeInForce": "GTC"}
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
        only_ours={kind: {"reduce_only": False, **({"tif": "gtc"} if kind is LIMIT else {})} for kind in OrderType},
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
        only_ours={kind: {"reduceOnly": False} for kind in OrderType},
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
        only_ours={
            LIMIT: {"timeInForce": "GTC", "reduceOnly": False, "leverage": "1"},
            LIMIT_MAKER: {"timeInForce": "GTC", "reduceOnly": False, "leverage": "1"},
            MARKET: {"timeInForce": "IOC", "reduceOnly": False, "leverage": "1"},
        },
        settings={"uta": False, "partner": {}},
        session={"margin_mode": "ISOLATED"},
    ),
    "htx": Venue("htx", "btcusdt", counts_quote=True, fields={"clientOrderId": "7"}, session={"account_id": 100}),
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
        only_ours={
            LIMIT: {**BYBIT_GTC, **ONE_WAY},
            LIMIT_MAKER: ONE_WAY,
            MARKET: {"timeInForce": "IOC", **ONE_WAY},
        },
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
    """Every type and side of every venue."""
    for name, venue in VENUES.items():
        for kind, side in [(kind, side) for kind in OrderType for side in Side]:
            number = venue.fields.get("text") or venue.fields.get("clientOrderId") or "7"
            order = Order(kind, side, number, price=None if kind is MARKET else PRICE)
            amount = float(AMOUNT / Decimal(venue.contract or 1))
            price = float(PRICE) if kind is not MARKET or venue.counts_quote else None
            more = {**venue.fields, **({"postOnly": True} if kind is LIMIT_MAKER else {})}
            yield Case(
                name,
                "place_order",
                lambda orders, _words, order=order: orders.of(order),
                "create_order",
                ("market" if kind is MARKET else "limit", side.lower(), amount, price, more),
                venue.only_theirs,
                venue.only_ours.get(kind, {}),
                f"{kind} {side}",
            )


def ours(**words: Any) -> Callable[[OrderArguments, VenueWords], Fields]:
    """The arguments of an operation about BTC-USDT."""
    return lambda _orders, words_of: {**words_of.market("BTC-USDT"), **words}


def naming(client_order_id: str = "7", exchange_order_id: str | None = None) -> Any:
    """The arguments that name an order."""
    order = Order(client_order_id=client_order_id, exchange_order_id=exchange_order_id)
    return lambda orders, _words: orders.naming(order)


def together(client_order_id: str, exchange_order_id: str) -> Any:
    """The arguments that name an order where there may be several."""
    order = Order(client_order_id=client_order_id, exchange_order_id=exchange_order_id)
    return lambda orders, _words: orders.many([order])


def amending(**words: Any) -> Any:
    """The arguments that make an order one of 0.3 at 30001."""
    return lambda orders, _words: orders.amending(Order(**words), Decimal("0.3"), Decimal("30001"))


def closing(side: Side) -> Any:
    return lambda orders, _words: orders.of(Order(trade_type=side, position=PositionAction.CLOSE))


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
        credentials={name: CREDENTIALS[name] for name in credentials_of(case.venue)},
    )
    assets = Assets(signer.spec.assets.case, signer.spec.assets.rename)
    symbols = Symbols(assets.write)
    symbols.update([TradingRule(venue.symbol, "BTC", "USDT", **{**venue.rule, **rule})])
    orders = OrderArguments(signer.spec, symbols, assets, through_book=lambda *_: PRICE)
    arguments = case.arguments(orders, VenueWords(signer.spec, symbols, assets))
    return signer.operation(case.operation, {**arguments, "session": venue.session}).request


@cache
def credentials_of(venue: str) -> tuple[str, ...]:
    return tuple(Signer(SPECS / f"{venue}.yaml", at_ms=0, credentials={}).spec.credentials)


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
    info = {"orderTypes": ["LIMIT", "MARKET", *([] if swap else ["LIMIT_MAKER"])]}  # Binance's
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
    params = {name: value for name, value in params.items() if name not in case.only_theirs} | dict(case.otherwise)
    rank = {name: number for number, name in enumerate(names_in(asked))}
    in_order = dict(sorted(params.items(), key=lambda item: rank.get(item[0], 0)))
    return signed(exchange, path, api, method, in_order, seen(asked))


def signed(exchange: Any, path: str, api: Any, method: str, params: Fields, like: Fields) -> dict[str, Any]:
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
