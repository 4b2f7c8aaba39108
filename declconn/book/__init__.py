"""Order books: containers, sequence rules, checksums, and the tracker that keeps them in step with a venue."""

from declconn.book.book_rules import BookRules, Need
from declconn.book.checksum import Checksum, Crc32
from declconn.book.events import BookEvent, BookEventKind
from declconn.book.metrics import BookMetrics
from declconn.book.order_book import OrderBook
from declconn.book.order_book_tracker import OrderBookTracker
from declconn.book.order_book_tracker_data_source import OrderBookTrackerDataSource
from declconn.book.queries import BookQueries, Level, OrderBookQueryResult
from declconn.book.rows import Precision
from declconn.book.synchronizer import BookSynchronizer

__all__ = [
    "BookEvent",
    "BookEventKind",
    "BookMetrics",
    "BookQueries",
    "BookRules",
    "BookSynchronizer",
    "Checksum",
    "Crc32",
    "Level",
    "Need",
    "OrderBook",
    "OrderBookQueryResult",
    "OrderBookTracker",
    "OrderBookTrackerDataSource",
    "Precision",
]
