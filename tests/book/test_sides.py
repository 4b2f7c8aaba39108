"""Which sides a book is made of."""

from __future__ import annotations

import pytest

from declconn.book.order_book import OrderBook
from declconn.book.sides import FASTEST, NATIVE, PYTHON
from declconn.records import OrderBookMessage


def test_books_are_made_of_compiled_sides_where_there_are_any() -> None:
    assert FASTEST is (PYTHON if NATIVE is None else NATIVE)


@pytest.mark.parametrize("precision", ["exact", "float"])
def test_a_book_of_pythons_sides_can_be_asked_for_and_so_are_its_copies(precision: str) -> None:
    book = OrderBook("BTC-USDT", precision=precision, sides=PYTHON)  # type: ignore[arg-type]
    for one in (book, book.empty_copy()):
        assert type(one.unchecked.bids) is PYTHON[precision]  # type: ignore[index]


@pytest.mark.skipif(NATIVE is None, reason="declconn was installed without a C compiler")
@pytest.mark.parametrize("precision", ["exact", "float"])
def test_books_of_different_sides_can_be_compared(precision: str) -> None:
    books = [OrderBook("BTC-USDT", precision=precision, sides=sides) for sides in (PYTHON, FASTEST)]  # type: ignore[arg-type]
    for size, book in enumerate(books, 1):
        book.apply_snapshot(OrderBookMessage("BTC-USDT", [["2", "1"], ["1", str(size)]], [["3.0", "1"]]))
    assert books[0].differences(books[1]) == books[1].differences(books[0]) == 1
