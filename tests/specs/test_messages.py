"""Messages of live venues and what another project made of them: our records mean the same.

The other project's normal form is compared by meaning, not by name, and it counts amounts as the venue does, so every
market here has contracts of one. Its books and tickers have a memory: an empty list may mean "kept until the snapshot",
and a ticker repeats what earlier messages said. Half of its pairs are here, so what a missing one said is missing too.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from declconn.compile.convert import nanoseconds
from declconn.compile.stream import Event, Taker
from declconn.records import FundingInfo, Liquidation, OrderBookMessage, Trade, TradingRule
from declconn.testing import OfflineConnector
from declconn.types import TimeUnit

HERE = Path(__file__).parent

TOP = "the best bid and ask are the book's"
OLD = "a protocol that the venue has left"
OTHER = "the spec asks for another channel that says the same"
MERGED = "diffs that are not among the pairs were merged into this snapshot"
NOT_ASKED = "no record of ours holds it"


@dataclass(frozen=True)
class Venue:
    """How the pairs of one file are played.

    Attributes:
        spec: a shipped spec, or the file of a test spec.
        skips: text that a message has -> why the spec does not speak of it.
        apart: text that a message has -> why what is heard cannot be compared.
        snapshots: text that a REST answer among the messages has -> the key of its body; empty: the whole message.
        spell: how the venue writes a symbol that the other project wrote.
    """

    spec: str
    skips: Mapping[str, str] = field(default_factory=dict)
    apart: Mapping[str, str] = field(default_factory=dict)
    snapshots: tuple[str, str] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    spell: Callable[[str], str] = str


VENUES = {
    "binance": Venue(
        "binance",
        {"@bookTicker": TOP},
        apart={"gntbtc@depthSnapshot": MERGED},
        snapshots=("@depthSnapshot", "data"),
    ),
    "binance_perpetual": Venue(
        "binance_perpetual",
        {"@bookTicker": TOP, "@openInterest": NOT_ASKED, "@trade": OTHER},
        apart={"@depthSnapshot": MERGED},
        snapshots=("@depthSnapshot", "data"),
    ),
    "binance_coin_perpetual": Venue(
        "binance_coin_perpetual", {"@ticker": OTHER, "@indexPrice": OTHER, "@trade": OTHER}
    ),
    "bybit": Venue("bybit", {'"topic": "depth"': OLD, "bookTicker": TOP, '"orderbook.1.': TOP}, options={"depth": 50}),
    "bybit_perpetual": Venue(
        "bybit_perpetual",
        {
            '"orderbook.1.': TOP,
            '"orderBook': OLD,
            '"instrument_info': OLD,
            '"topic": "trade.': OLD,
            '"topic": "liquidation.': "the venue announces all liquidations in `allLiquidation` now",
        },
        options={"depth": 50},
    ),
    "coinbase_exchange": Venue("coinbase_exchange.yaml", {'"ticker"': TOP}),
    "gate_io": Venue("gate_io", {'"method"': OLD, '"spot.obu"': OTHER}, snapshots=('"event": "snapshot"', "result")),
    "gate_io_perpetual": Venue(
        "gate_io_perpetual",
        {
            '"futures.order_book"': OLD,
            '"futures.book_ticker"': TOP,
            '"result": [[': OLD,
        },
        apart={'"create_time": 1593561623': "a trade of 2020, whose time was in whole seconds under another name"},
    ),
    "htx": Venue(
        "htx",
        {".depth.": "a whole book in every message; the spec keeps incremental ones", ".bbo": TOP, "BTC_CW": OLD},
        apart={'"rep"': MERGED},
        options={"depth": 150},
        spell=str.lower,
    ),
    "hyperliquid_perpetual": Venue("hyperliquid_perpetual", {'"bbo"': TOP}),
    "kraken": Venue("kraken", {'"ticker"': TOP, '"trade", "type": "snapshot"': "trades of before the subscription"}),
    "kucoin": Venue(
        "kucoin", {"/market/ticker:": TOP}, apart={"level2Snapshot": MERGED}, snapshots=("level2Snapshot", "")
    ),
    "kucoin_perpetual": Venue(
        "kucoin_perpetual", {"tickerV2": TOP}, apart={"level2Snapshot": MERGED}, snapshots=("level2Snapshot", "")
    ),
    "okx": Venue("okx", {'"table"': OLD, "books-l2-tbt": "for accounts of a higher tier", "trades-all": OTHER}),
}


@dataclass(frozen=True)
class Pair:
    """A message, what is expected of it, and why it is skipped or cannot be compared (empty: it is not, it can)."""

    raw: Any
    expected: list[dict[str, Any]]
    skipped: str
    apart: str


def pairs_of(venue: Venue, messages: Iterable[Mapping[str, Any]]) -> Iterator[Pair]:
    for message in messages:
        text = json.dumps(message["raw"])
        skipped, apart = (
            next((reason for words, reason in reasons.items() if words in text), "")
            for reasons in (venue.skips, venue.apart)
        )
        yield Pair(message["raw"], message["expected"], skipped, apart)


class Heard:
    """A venue offline, and everything that it says."""

    def __init__(self, venue: Venue, symbols: Iterable[str]) -> None:
        spec = HERE / venue.spec if venue.spec.endswith(".yaml") else venue.spec
        self.venue = venue
        self.offline = OfflineConnector(spec, options=venue.options)
        parts = self.offline.exchange.parts
        self.complaints = parts.complaints.counts
        self.symbols = [venue.spell(symbol) for symbol in symbols]
        parts.symbols.update([market(symbol) for symbol in self.symbols])
        self.connections = [parts.open_connection(stream, self) for stream in parts.data_source.streams.values()]
        self.news: list[tuple[str, Any]] = []

    def subscribed(self, pairs: Iterable[str]) -> None:
        pass

    def lost(self, pairs: Iterable[str]) -> None:
        pass

    def taker(self, event: Event) -> Taker:
        return lambda record: self.news.append((event.emit, record))

    def hear(self, raw: Any) -> list[tuple[str, Any]]:
        """What a message says, on whatever stream: each record with its event's kind."""
        text = json.dumps(raw)
        if self.venue.snapshots and self.venue.snapshots[0] in text:
            key = self.venue.snapshots[1]
            return self._answered(raw[key] if key else raw, text.upper())
        self.news = []
        for connection in self.connections:
            is_packed = "gzip" in (connection.stream.model.decode or ())
            connection.received(gzip.compress(text.encode()) if is_packed else text)
        return self.news

    def _answered(self, body: Any, text: str) -> list[tuple[str, Any]]:
        symbol = next(symbol for symbol in self.symbols if symbol in text)
        records = self.offline.on_response("order_book_snapshot", json.dumps(body), symbol=symbol)
        return [("order_book_snapshot", record) for record in records]


def market(symbol: str) -> TradingRule:
    """A market of that symbol, with contracts of one; its pair is known by the symbol alone."""
    base, slash, quote = symbol.partition("/")
    return TradingRule(symbol, base, quote if slash else "X", contract_size=Decimal(1))


class Meanings:
    """What both projects' records mean, in the same words. Remembers tickers, as theirs do."""

    def __init__(self, spell: Callable[[str], str]) -> None:
        self._spell = spell
        self._tickers: dict[str, FundingInfo] = {}

    def theirs(self, record: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {"type": record["type"], "pair": market(self._spell(record["symbol"])).trading_pair}
        match record["type"]:
            case "trade" | "liquidation":
                found |= {"price": number(record["price"]), "amount": number(record["amount"])}
                found |= {"side": record["side"].upper(), "at": time(record["timestamp"])}
            case "book_change":
                found |= {"whole": record["isSnapshot"]}
                found |= {
                    side: [(number(level["price"]), number(level["amount"])) for level in record[side]]
                    for side in SIDES
                }
            case "derivative_ticker":
                found |= {"mark": number(record["markPrice"]), "index": number(record["indexPrice"])}
                found |= {"rate": number(record["fundingRate"]), "next": time(record["fundingTimestamp"])}
        return found

    def ours(self, emit: str, record: Any) -> dict[str, Any]:
        found: dict[str, Any] = {"pair": record.trading_pair}
        match record:
            case Trade() | Liquidation():
                kind = "trade" if isinstance(record, Trade) else "liquidation"
                found |= {"type": kind, "price": record.price, "amount": record.amount}
                found |= {"side": record.side.value, "at": record.timestamp}
            case OrderBookMessage():
                found |= {"type": "book_change", "whole": emit == "order_book_snapshot"}
                found |= {side: [(Decimal(row[0]), Decimal(row[1])) for row in getattr(record, side)] for side in SIDES}
            case FundingInfo():
                known = self._remember(record)
                found |= {"type": "derivative_ticker", "mark": known.mark_price, "index": known.index_price}
                found |= {"rate": known.rate, "next": known.next_funding_time}
        return found

    def _remember(self, news: FundingInfo) -> FundingInfo:
        known = self._tickers.get(news.trading_pair, news)
        said = {name: value for name, value in msgspec.structs.asdict(news).items() if value is not None}
        self._tickers[news.trading_pair] = msgspec.structs.replace(known, **said)
        return self._tickers[news.trading_pair]


SIDES = ("bids", "asks")


def number(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value))


def time(value: str | None) -> int | None:
    return None if value is None else nanoseconds(value, TimeUnit.ISO)


def symbols_of(pairs: Iterable[Pair]) -> list[str]:
    return sorted({record["symbol"] for pair in pairs for record in pair.expected})


def compared(expected: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """What of an expected meaning can be compared: their tickers repeat what pairs said that are missing here."""
    is_ticker = expected["type"] == "derivative_ticker"
    return {name: value for name, value in expected.items() if not (is_ticker and found.get(name) is None)}


@pytest.mark.parametrize("name", VENUES)
def test_every_message_means_the_same(name: str, read_json: Callable[[str], Any]) -> None:
    venue = VENUES[name]
    pairs = list(pairs_of(venue, read_json(f"messages/{name}.json")))
    heard, meanings = Heard(venue, symbols_of(pairs)), Meanings(venue.spell)
    missed: dict[str, set[str]] = {"theirs": set(), "ours": set()}

    for pair in pairs:
        news = unrepeated(meanings.ours(emit, record) for emit, record in heard.hear(pair.raw))
        if pair.skipped:
            assert news == [], f"{pair.raw} is not skipped: {pair.skipped}"
            heard.complaints.clear()
        elif pair.expected and not pair.apart:
            expected = [meanings.theirs(record) for record in pair.expected]
            assert len(news) == len(expected), pair.raw
            for ours, theirs in zip(news, expected, strict=True):
                same = compared(theirs, ours)
                assert {key: ours.get(key) for key in same} == same, pair.raw
                missed["theirs"] |= {key for key, value in theirs.items() if value is not None}
                missed["ours"] |= set(same)
    assert missed["theirs"] <= missed["ours"]
    # An answer here has no question, so it cannot be told from a refusal.
    assert {kind for kind in heard.complaints if not kind.endswith(".refused")} == set()


def unrepeated(meanings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without tickers that say again what was just said."""
    found: list[dict[str, Any]] = []
    for meaning in meanings:
        if meaning["type"] != "derivative_ticker" or meaning not in found:
            found.append(meaning)
    return found


@pytest.mark.parametrize("name", VENUES)
def test_some_messages_of_every_venue_are_compared(name: str, read_json: Callable[[str], Any]) -> None:
    pairs = list(pairs_of(VENUES[name], read_json(f"messages/{name}.json")))
    assert [pair for pair in pairs if pair.expected and not pair.skipped and not pair.apart]


def test_the_comparison_sees_another_price_size_side_and_time(read_json: Callable[[str], Any]) -> None:
    messages = read_json("messages/binance.json")
    (raw, expected) = next((message["raw"], message["expected"]) for message in messages if "@trade" in str(message))
    for key, value in {"p": "1", "q": "2", "m": True, "T": 3}.items():
        heard, meanings = Heard(VENUES["binance"], [expected[0]["symbol"]]), Meanings(str)
        ((emit, record),) = heard.hear({**raw, "data": {**raw["data"], key: value}})
        assert meanings.ours(emit, record) != meanings.theirs(expected[0]), key
