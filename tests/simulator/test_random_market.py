"""A market that wanders, and stays a market."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.book import OrderBook
from declconn.simulator.random_market import RandomMarket
from declconn.types import BookState


def market(seed: int = 1, price: str = "100", tick: str = "0.10", **words: int) -> RandomMarket:
    return RandomMarket(
        "BTC-USDT", random=Random(seed), price=Decimal(price), tick=Decimal(tick), step=Decimal("0.001"), **words
    )


def live(market: RandomMarket) -> OrderBook:
    book = OrderBook("BTC-USDT")
    book.apply_snapshot(market.snapshot(0))
    book.state = BookState.LIVE
    return book


seeds = st.integers(0, 2**32)
prices = st.sampled_from([("100", "0.10"), ("64000", "0.01"), ("0.00005", "0.00001"), ("0.004", "0.001")])


@given(seeds, prices, st.integers(1, 30))
def test_it_never_crosses_and_prices_stay_above_zero(seed: int, price: tuple[str, str], depth: int) -> None:
    of_seed = market(seed, *price, depth=depth)
    for _ in range(30):
        of_seed.move(0)
        assert 0 < of_seed.best_bid < of_seed.best_ask


@given(seeds, prices)
def test_a_snapshot_and_all_later_diffs_are_the_book(seed: int, price: tuple[str, str]) -> None:
    of_seed = market(seed, *price)
    book = live(of_seed)
    for _ in range(20):
        book.apply_diff(of_seed.move(0)[0])
    assert book.snapshot() == live(of_seed).snapshot()


@given(seeds, st.integers(1, 9))
def test_ids_grow_without_a_hole_and_jump_no_further_than_allowed(seed: int, largest_jump: int) -> None:
    of_seed = market(seed, largest_jump=largest_jump)
    last = of_seed.snapshot(0).update_id
    assert last is not None
    for _ in range(10):
        diff, _ = of_seed.move(0)
        assert diff.first_update_id == last + 1
        assert diff.previous_update_id == last
        assert diff.update_id is not None
        assert last < diff.update_id <= last + largest_jump
        last = diff.update_id
    assert of_seed.snapshot(0).update_id == last


def test_it_is_as_deep_as_it_shall_be() -> None:
    deep = market(depth=40)
    deep.move(0)
    snapshot = deep.snapshot(0)
    assert (len(snapshot.bids), len(snapshot.asks)) == (40, 40)


def test_numbers_have_the_decimals_of_their_step() -> None:
    bid = market().snapshot(0).bids[0]
    assert [number.as_tuple().exponent for number in bid] == [-2, -3]


def test_trades_happen_inside_the_book_that_was() -> None:
    busy = market()
    trades = 0
    for time in range(100):
        bid, ask = busy.best_bid, busy.best_ask
        _, trade = busy.move(time)
        if trade is not None:
            trades += 1
            assert trade.price == (ask if trade.side == "BUY" else bid)
            assert trade.amount > 0
            assert trade.timestamp == time
            assert busy.last_price == trade.price
    assert 20 < trades < 60


def test_the_same_randomness_gives_the_same_market() -> None:
    one, other = market(5), market(5)
    assert [one.move(0) for _ in range(5)] == [other.move(0) for _ in range(5)]


def test_a_price_of_a_few_ticks_is_refused() -> None:
    with pytest.raises(ValueError, match="no room for levels"):
        market(price="0.3")
