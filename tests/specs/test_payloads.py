"""Single answers and frames, of live venues and of their documentation, through the shipped specs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from declconn.compile.stream import Event, Taker
from declconn.records import TradingRule
from declconn.testing import OfflineConnector
from declconn.types import BookState

ReadJson = Callable[[str], Any]


@dataclass(frozen=True)
class Answer:
    """An answer, and what its first records hold; numbers as text, with all their digits."""

    spec: str
    operation: str
    file: str
    expected: list[Mapping[str, Any]]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    markets: tuple[str, ...] = ()
    is_one_of_many: bool = False
    """The payload is one row of the answer's list."""


ANSWERS = [
    Answer(
        "binance",
        "trading_rules",
        "binance/spot_http_json_exchange_info_response",
        [{"symbol": "ETHBTC", "trading_pair": "ETH-BTC", "min_order_size": None}],
    ),
    Answer("binance", "server_time", "binance/spot_http_json_server_time_response", [{"time": 1499827319559_000_000}]),
    Answer(
        "binance",
        "order_book_snapshot",
        "binance/spot_http_json_depth_response",
        [
            {
                "trading_pair": "LTC-BTC",
                "update_id": 1027024,
                "bids": [["4.00000000", "431.00000000"]],
                "asks": [["4.00000200", "12.00000000"]],
            }
        ],
        {"symbol": "LTCBTC"},
        ("LTC-BTC",),
    ),
    Answer(
        "binance",
        "last_price",
        "binance/spot_http_json_ticker_price_response",
        [{"trading_pair": "LTC-BTC", "price": "4.00000200"}],
        {"symbol": "LTCBTC"},
        ("LTC-BTC",),
    ),
    Answer(
        "binance",
        "tickers",
        "binance/spot_http_json_ticker_24hr_response",
        [
            {
                "trading_pair": "BNB-BTC",
                "price": "4.00000200",
                "bid": "4.00000000",
                "ask": "4.00000200",
                "base_volume": "8913.30000000",
                "quote_volume": "15.30000000",
            }
        ],
        markets=("BNB-BTC",),
        is_one_of_many=True,
    ),
    Answer(
        "binance",
        "klines",
        "binance/spot_http_json_klines_response",
        [
            {
                "timestamp": 1499040000000_000_000,
                "open": "0.01634790",
                "high": "0.80000000",
                "low": "0.01575800",
                "close": "0.01577100",
                "volume": "148976.11427815",
                "quote_volume": "2434.19055334",
                "interval": "1m",
            }
        ],
        {"symbol": "LTCBTC", "interval": "1m"},
        ("LTC-BTC",),
    ),
    Answer(
        "bybit",
        "trading_rules",
        "bybit/http_get_instruments_spot",
        [
            {
                "trading_pair": "BTC-USDT",
                "min_order_size": "0.001",
                "min_base_amount_increment": "0.0001",
                "min_quote_amount_increment": "0.01",
                "min_notional_size": "10",
                "min_price_increment": "0.1",
                "market": {"category": "spot"},
            },
            {"trading_pair": "ETH-USDT"},
        ],
    ),
    Answer(
        "bybit_perpetual",
        "trading_rules",
        "bybit/http_get_instruments_linear",
        [
            {
                "trading_pair": "BTC-USDT",
                "amount_unit": "base",
                "min_order_size": "0.001",
                "min_price_increment": "0.5",
                "max_leverage": "100",
                "collateral_token": "USDT",
                "market": {"category": "linear"},
            }
        ],
    ),
    Answer(
        "bybit_perpetual",
        "trading_rules",
        "bybit/http_get_instruments_inverse",
        [
            {
                "trading_pair": "BTC-USD",
                "amount_unit": "quote",
                "collateral_token": "BTC",
                "market": {"category": "inverse"},
            }
        ],
    ),
    Answer(
        "bybit_perpetual",
        "order_book_snapshot",
        "bybit/http_get_orderbook",
        [
            {
                "trading_pair": "BTC-USDT",
                "update_id": 1234567,
                "timestamp": 1709891679000_000_000,
                "bids": [["27450.50", "1.500"], ["27450.00", "2.000"], ["27449.50", "0.750"]],
            }
        ],
        markets=("BTC-USDT",),
    ),
    Answer(
        "bybit_perpetual",
        "klines",
        "bybit/http_get_klines_linear",
        [{"timestamp": 1709891679000_000_000, "open": "27450", "close": "27455", "volume": "123.45"}],
        {"symbol": "BTCUSDT", "interval": "1m"},
        ("BTC-USDT",),
    ),
    Answer(
        "okx",
        "trading_rules",
        "okx/http_get_instruments_spot",
        [
            {
                "trading_pair": "BTC-USD",
                "min_order_size": "0.00001",
                "min_base_amount_increment": "0.00000001",
                "min_price_increment": "0.1",
            }
        ],
    ),
    Answer(
        "okx_perpetual",
        "trading_rules",
        "okx/http_get_instruments_swap",
        [{"trading_pair": "ETH-USDT", "symbol": "ETH-USDT-SWAP", "contract_size": "0.1", "collateral_token": "USDT"}],
    ),
    Answer(
        "okx",
        "order_book_snapshot",
        "okx/http_get_order_book",
        [{"trading_pair": "BTC-USDT", "timestamp": 1704067200000_000_000, "update_id": None}],
        {"symbol": "BTC-USDT"},
        ("BTC-USDT",),
    ),
    Answer(
        "okx",
        "klines",
        "okx/http_get_candlesticks",
        [{"timestamp": 1625097600000_000_000, "open": "33528.6", "high": "33870.0", "volume": "778.838"}],
        {"symbol": "BTC-USDT", "interval": "1m"},
        ("BTC-USDT",),
    ),
    Answer(
        "kraken",
        "trading_rules",
        "kraken/http_asset_pairs",
        [
            {
                "trading_pair": "BTC-USDT",
                "symbol": "XBTUSDT",
                "aliases": ("XBT/USDT", "XBTUSDT"),
                "min_order_size": "0.00005",
                "min_notional_size": "0.5",
                "price_decimals": 1,
                "amount_decimals": 8,
            }
        ],
    ),
    Answer("kraken", "trading_rules", "kraken/http_asset_pairs_tokenized", [{"trading_pair": "AAPLx-USD"}]),
    Answer("kraken", "server_time", "kraken/http_server_time", [{"time": 1762820224_000_000_000}]),
    Answer(
        "kraken",
        "order_book_snapshot",
        "kraken/http_order_book",
        [{"trading_pair": "XBT-USDT"}],
        {"symbol": "XBTUSDT"},
        ("XBT-USDT",),
    ),
    Answer(
        "kraken",
        "last_price",
        "kraken/http_ticker",
        [
            {
                "trading_pair": "XBT-USDT",
                "price": "105899.40000",
                "bid": "105944.20000",
                "ask": "105944.30000",
                "base_volume": "163.28908096",
            }
        ],
        markets=("XBT-USDT",),
    ),
    Answer(
        "kraken",
        "klines",
        "kraken/http_ohlc",
        [{"timestamp": 1762777020_000_000_000, "open": "106038.2", "volume": "0.00000000"}],
        {"symbol": "XBTUSDT", "interval": "1m"},
        ("XBT-USDT",),
    ),
    Answer(
        "coinbase_advanced_trade",
        "trading_rules",
        "coinbase/http_products",
        [
            {
                "trading_pair": "BTC-USD",
                "min_order_size": "0.00000001",
                "min_price_increment": "0.01",
                "min_notional_size": "1",
                "aliases": (),
            }
        ],
    ),
    Answer(
        "coinbase_advanced_trade",
        "order_book_snapshot",
        "coinbase/http_product_book",
        [{"trading_pair": "BTC-USD", "timestamp": 1775521739662782_000}],
        {"symbol": "BTC-USD"},
        ("BTC-USD",),
    ),
    Answer(
        "coinbase_advanced_trade",
        "last_price",
        "coinbase/http_ticker",
        [{"trading_pair": "BTC-USD", "price": "68923.67", "bid": "68923.66", "ask": "68923.67"}],
        {"symbol": "BTC-USD"},
        ("BTC-USD",),
    ),
    Answer(
        "hyperliquid_perpetual",
        "trading_rules",
        "hyperliquid/http_all_perp_metas_non_usdc_collateral",
        [
            {"trading_pair": "BTC-USD", "amount_decimals": 5, "price_decimals": 1, "max_leverage": "40"},
            {"symbol": "km:US500", "market": {"asset": Decimal(110000), "dex": "km", "cross": False}},
        ],
    ),
    Answer(
        "hyperliquid_perpetual",
        "order_book_snapshot",
        "hyperliquid/http_l2_book_snapshot",
        [{"trading_pair": "BTC-USD", "timestamp": 1703875200000_000_000}],
        {"symbol": "BTC"},
        ("BTC-USD",),
    ),
]


def market(pair: str, spec: str) -> TradingRule:
    """A market as that venue would spell it."""
    base, _, quote = pair.partition("-")
    spellings = {
        "okx": f"{base}-{quote}",
        "okx_perpetual": f"{base}-{quote}-SWAP",
        "coinbase_advanced_trade": f"{base}-{quote}",
        "hyperliquid_perpetual": base,
    }
    return TradingRule(spellings.get(spec, base + quote), base, quote, contract_size=Decimal(1))


def offline(spec: str, pairs: Iterable[str]) -> OfflineConnector:
    venue = OfflineConnector(spec)
    venue.exchange.parts.symbols.update([market(pair, spec) for pair in pairs])
    return venue


def plain(value: Any) -> Any:
    """Numbers as text, words of ours as theirs."""
    return format(value, "f") if isinstance(value, Decimal) else str(value) if isinstance(value, str) else value


def fields(record: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: plain(getattr(record, name)) for name in names}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: f"{answer.operation}-{answer.file.replace('/', '-')}")
def test_an_answer_becomes_records(answer: Answer, read_json: ReadJson) -> None:
    venue = offline(answer.spec, answer.markets)
    payload = read_json(f"payloads/{answer.file}.json")
    body = json.dumps([payload] if answer.is_one_of_many else payload)
    records = venue.on_response(answer.operation, body, **answer.arguments)

    assert len(records) >= len(answer.expected)
    for record, expected in zip(records, answer.expected, strict=False):
        assert fields(record, expected) == dict(expected)
    assert venue.exchange.parts.complaints.counts == {}


class Ear:
    """Hears what a stream's events say."""

    def __init__(self) -> None:
        self.news: list[tuple[str, Any]] = []

    def subscribed(self, pairs: Iterable[str]) -> None:
        pass

    def lost(self, pairs: Iterable[str]) -> None:
        pass

    def taker(self, event: Event) -> Taker:
        return lambda record: self.news.append((event.name, record))


FRAMES = [
    (
        "binance_perpetual",
        "binance/futures_market_data_json_agg_trade_stream",
        "trade",
        {"trade_id": "5933014", "price": "0.001", "amount": "100", "side": "SELL", "timestamp": 123456785_000_000},
    ),
    (
        "binance_perpetual",
        "binance/futures_market_data_json_mark_price_stream",
        "funding",
        {
            "index_price": "11784.62659091",
            "mark_price": "11794.15000000",
            "rate": "0.00038167",
            "next_funding_time": 1562306400000_000_000,
        },
    ),
    (
        "binance_perpetual",
        "binance/futures_market_data_json_liquidation_stream",
        "liquidation",
        {"price": "9910.00000000", "amount": "0.014", "side": "SELL", "timestamp": 1568014460893_000_000},
    ),
    (
        "binance_perpetual",
        "binance/futures_market_data_json_kline_stream_closed",
        "kline",
        {
            "interval": "1m",
            "timestamp": 1638747660000_000_000,
            "open": "0.0010",
            "high": "0.0025",
            "low": "0.0010",
            "close": "0.0020",
            "volume": "1000",
            "quote_volume": "1.0000",
            "closed": True,
        },
    ),
    (
        "binance_perpetual",
        "binance/futures_market_data_json_kline_stream_open",
        "kline",
        {"interval": "1m", "closed": False},
    ),
    (
        "binance_perpetual",
        "binance/futures_market_data_json_depth_update_stream",
        "depth",
        {"first_update_id": 157, "update_id": 160, "previous_update_id": 149, "bids": [["0.0024", "10"]]},
    ),
    ("okx", "okx/ws_trades", "trade", {"price": "42219.9", "amount": "0.12060306", "side": "BUY"}),
    ("okx", "okx/ws_books_snapshot", "snapshot", {"update_id": 123456, "previous_update_id": -1}),
    ("okx", "okx/ws_books_update", "depth", {"update_id": 123457, "previous_update_id": 123456}),
    (
        "okx_perpetual",
        "okx/ws_funding_rate",
        "funding",
        {"trading_pair": "BTC-USDT", "rate": "0.0001", "next_funding_time": 1744590349506_000_000},
    ),
    ("kraken", "kraken/ws_trade_update", "trade", {"price": "105944.2", "amount": "0.00027625", "side": "BUY"}),
    ("kraken", "kraken/ws_book_update", "depth", {"bids": [("105944.2", "0.25")], "asks": [], "checksum": 2114181697}),
    ("coinbase_advanced_trade", "coinbase/ws_market_trades", "trade", {"price": "68900.50", "side": "SELL"}),
]


@pytest.mark.parametrize(
    ("spec", "file", "event", "expected"), FRAMES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_frame_becomes_a_record(
    spec: str, file: str, event: str, expected: Mapping[str, Any], read_json: ReadJson
) -> None:
    venue, ear = offline(spec, ["BTC-USDT", "BTC-USD"]), Ear()
    raw = read_json(f"payloads/{file}.json")
    # The documentation shows what stands inside the frame of a combined stream.
    text = json.dumps({"stream": "", "data": raw} if spec.startswith("binance") else raw)
    for stream in venue.exchange.parts.data_source.streams.values():
        venue.exchange.parts.open_connection(stream, ear).received(text)

    (heard, record), *_ = ear.news
    assert heard == event
    assert with_levels(fields(record, expected)) == with_levels(expected)


def with_levels(values: Mapping[str, Any]) -> dict[str, Any]:
    """Rows come as lists, tuples or typed levels; what counts is price and size."""
    sides = {side: [tuple(map(plain, row)) for row in values[side]] for side in {"bids", "asks"} & values.keys()}
    return {**values, **sides}


def test_coinbases_book_is_made_of_one_list_for_both_sides(read_json: ReadJson) -> None:
    venue = offline("coinbase_advanced_trade", ["BTC-USD"])
    for name in ("ws_l2_data_snapshot", "ws_l2_data_update"):
        venue.on_frame("market", json.dumps(read_json(f"payloads/coinbase/{name}.json")))
    book = venue.order_book("BTC-USD")

    assert book.state is BookState.LIVE
    assert [[list(row) for row in side] for side in book.rows(1)] == [
        [["68900.00", "2.00000000"]],
        [["68901.50", "1.20000000"]],
    ]


@pytest.mark.parametrize("lost", ["b", "a"])
def test_a_snapshot_without_one_of_its_sides_is_no_book(lost: str) -> None:
    venue = offline("bybit_perpetual", ["BTC-USDT"])
    data = {"s": "BTCUSDT", "u": 1, "seq": 1, "b": [["100", "1"]], "a": [["101", "1"]]}
    del data[lost]
    frame = {"topic": "orderbook.200.BTCUSDT", "type": "snapshot", "ts": 1, "data": data}
    venue.on_frame("market", json.dumps(frame))

    assert list(venue.exchange.parts.complaints.counts.values()) == [1]
    assert all(book.state is not BookState.LIVE for book in venue.tracker.order_books.values())
