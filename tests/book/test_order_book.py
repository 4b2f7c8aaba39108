"""What can be asked of a book, and when it refuses to answer."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from declconn.book.order_book import OrderBook
from declconn.book.queries import Level
from declconn.errors import BookError, BookNotLiveError
from declconn.records import OrderBookMessage, Trade
from declconn.types import AmountUnit, BookState, PriceType, Side

Message = Callable[..., OrderBookMessage]
D = Decimal


@pytest.fixture
def book(message: Message) -> OrderBook:
    book = OrderBook("BTC-USDT")
    book.apply_snapshot(message(7, bids={"99": "1", "98.50": "2", "90": "3"}, asks={"101": "1", "102": "2.5"}))
    book.state = BookState.LIVE
    return book


def test_best_prices_are_exact(book: OrderBook) -> None:
    assert (book.best_bid, book.best_ask, book.mid_price) == (D("99"), D("101"), D("100"))
    assert book.levels(2) == ([(D("99"), D("1")), (D("98.50"), D("2"))], [(D("101"), D("1")), (D("102"), D("2.5"))])


def test_rows_are_the_venues_own_digits_and_top_is_floats(book: OrderBook) -> None:
    assert book.rows(2)[0] == [["99", "1"], ["98.50", "2"]]
    assert book.top(1) == ([(99.0, 1.0)], [(101.0, 1.0)])


def test_the_best_prices_as_floats_are_a_cheap_read(book: OrderBook) -> None:
    assert book.best == (99.0, 101.0)
    assert OrderBook("BTC-USDT").unchecked.best_bid is None


def test_a_float_book_gives_the_shortest_decimals_that_are_its_floats(message: Message) -> None:
    book = OrderBook("BTC-USDT", amount_unit=AmountUnit.CONTRACTS, contract_size=D("0.1"), precision="float")
    book.apply_snapshot(message(1, bids={"0.10": "3.00"}, asks={"0.30": "0.7"}))
    assert book.unchecked.levels(1) == ([(D("0.1"), D("0.30"))], [(D("0.3"), D("0.07"))])
    assert [str(price) for price in (book.unchecked.best_bid, book.unchecked.mid_price)] == ["0.1", "0.2"]
    assert book.empty_copy().unchecked.rows(1) == ([], [])


def test_an_empty_book_answers_none() -> None:
    book = OrderBook("BTC-USDT").unchecked
    assert (book.best_bid, book.best_ask, book.mid_price) == (None, None, None)
    assert book.get_price(True) is None
    assert book.snapshot() == ([], [])


def test_a_diff_sets_and_deletes_levels(book: OrderBook, message: Message) -> None:
    book.apply_diff(message(8, bids={"99": "0", "98.6": "4"}, asks={"100": "1"}))
    assert (book.best_bid, book.best_ask) == (D("98.6"), D("100"))
    assert (book.snapshot_uid, book.last_diff_uid) == (7, 8)


def test_prices_for_takers(book: OrderBook) -> None:
    assert (book.get_price(True), book.get_price(False)) == (D("101"), D("99"))
    book.apply_trade(Trade("BTC-USDT", D("99.5"), D("1"), Side.BUY, timestamp=5))
    assert [book.get_price_by_type(kind) for kind in PriceType] == [D("100"), D("99"), D("101"), D("99.5")]
    assert book.last_trade_time == 5


def test_the_price_for_a_volume_is_the_worst_that_is_met(book: OrderBook) -> None:
    assert book.get_price_for_volume(True, D("1")) == (None, D("1"), D("101"), D("1"))
    assert book.get_price_for_volume(True, D("1.1")) == (None, D("1.1"), D("102"), D("1.1"))
    assert book.get_price_for_volume(False, D("7")) == (None, D("7"), None, D("6"))


def test_the_volume_for_a_price_counts_that_price(book: OrderBook) -> None:
    assert book.get_volume_for_price(True, D("102")) == (D("102"), None, D("102"), D("3.5"))
    assert book.get_volume_for_price(False, D("98.6")) == (D("98.6"), None, D("99"), D("1"))
    assert book.get_volume_for_price(True, D("100")) == (D("100"), None, None, D("0"))


def test_the_average_price_is_weighted_by_amount(book: OrderBook) -> None:
    assert book.get_vwap_for_volume(True, D("2")).result_price == D("101.5")
    assert book.get_vwap_for_volume(True, D("9")).result_price is None
    assert book.get_quote_volume_for_base_amount(False, D("2")).result_volume == D("197.50")
    assert book.get_quote_volume_for_base_amount(False, D("9")).result_volume is None


def test_a_market_order_can_be_rehearsed(book: OrderBook) -> None:
    assert book.simulate_buy(D("2")) == [Level(D("101"), D("1")), Level(D("102"), D("1"))]
    assert book.simulate_sell(D("100"))[-1] == Level(D("90"), D("3"))
    assert book.simulate_buy(D("0")) == []


def test_contracts_become_base_units_when_they_are_read(message: Message) -> None:
    book = OrderBook("BTC-USDT", amount_unit=AmountUnit.CONTRACTS)
    book.apply_snapshot(message(1, bids={"100": "25"}))
    with pytest.raises(BookError, match="contract_size"):
        book.unchecked.levels(1)
    book.contract_size = D("0.01")
    assert book.unchecked.levels(1)[0] == [(D("100"), D("0.25"))]
    assert book.unchecked.rows(1)[0] == [["100", "25"]]


def test_quote_units_become_base_units_by_the_levels_own_price(message: Message) -> None:
    book = OrderBook("BTC-USD", amount_unit=AmountUnit.QUOTE)
    book.apply_snapshot(message(1, asks={"200": "100"}))
    assert book.unchecked.levels(1)[1] == [(D("200"), D("0.5"))]


@pytest.mark.parametrize("state", [BookState.SYNCING, BookState.STALE])
def test_a_book_that_is_not_live_is_not_readable_as_if_it_were(book: OrderBook, state: BookState) -> None:
    book.state, book.reason = state, "a diff was lost"
    reads: list[Callable[[], object]] = [
        lambda: book.best_bid,
        lambda: book.best,
        lambda: book.mid_price,
        lambda: book.levels(1),
        lambda: book.top(1),
        lambda: book.snapshot(),
        lambda: book.get_price(True),
        lambda: book.simulate_buy(D("1")),
    ]
    for read in reads:
        with pytest.raises(BookNotLiveError, match=f"BTC-USDT: the book is {state}.*a diff was lost.*unchecked"):
            read()
    assert book.unchecked.best_bid == D("99")


def test_a_book_shows_itself_in_short(book: OrderBook) -> None:
    assert repr(book) == "<OrderBook BTC-USDT LIVE unverified uid=7 3 bids, 2 asks>"


def test_crossed_means_that_the_best_bid_is_not_below_the_best_ask(book: OrderBook, message: Message) -> None:
    assert not book.is_crossed
    book.apply_diff(message(8, bids={"101.0": "1"}))
    assert book.is_crossed
