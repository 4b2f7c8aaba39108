"""Which sides a book is made of."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest

from declconn.book.order_book import OrderBook
from declconn.book.rows import Precision
from declconn.book.sides import FASTEST, NATIVE, PYTHON, Sides
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


@pytest.mark.parametrize("sides", [PYTHON, FASTEST], ids=["python", "fastest"])
@pytest.mark.parametrize("precision", ["exact", "float"])
def test_a_book_can_be_copied_and_sent_to_another_process(sides: Sides, precision: Precision) -> None:
    book = OrderBook("BTC-USDT", precision=precision, sides=sides)
    book.apply_snapshot(OrderBookMessage("BTC-USDT", [["2", "1"], ["1", "3"]], [["3.0", "1"]]))
    for again in (copy.deepcopy(book), pickle.loads(pickle.dumps(book))):
        book.apply_diff(OrderBookMessage("BTC-USDT", [["2", "0"]], []))
        assert (again.unchecked.best_bid, again.unchecked.best_ask) == (2, 3)
        book.apply_diff(OrderBookMessage("BTC-USDT", [["2", "1"]], []))
        assert again.differences(book) == 0


LOAD = """
import logging, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "declconn.book.native_side":
            raise {error}

logging.basicConfig(level="INFO")
sys.meta_path.insert(0, Finder())
from declconn.book.sides import FASTEST, NATIVE, PYTHON
assert NATIVE is None and FASTEST is PYTHON
"""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("ModuleNotFoundError('none', name=name)", "INFO:declconn.book:order books are made of Python's sides"),
        ("ImportError('bad')", "WARNING:declconn.book:order books are made of Python's sides, which are slower: bad"),
    ],
    ids=["not compiled", "broken"],
)
def test_why_books_are_made_of_pythons_sides_is_logged(error: str, said: str) -> None:
    code = LOAD.format(error=error)
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said in loaded.stderr


def test_a_module_that_compiled_sides_need_and_that_is_missing_is_an_error() -> None:
    code = LOAD.format(error="ModuleNotFoundError('none', name='msgspec')")
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ModuleNotFoundError" in loaded.stderr
