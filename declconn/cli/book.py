"""`book`: watch the order books of a venue."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from collections.abc import Sequence

from declconn.cli.arguments import add_connection, environment, network
from declconn.cli.output import print_json
from declconn.cli.watched import WatchedBook, print_summary, unrouted
from declconn.registry import connect
from declconn.types import BookState


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    command.description = (
        "Connect to a venue and watch its order books, a line per book and second. Exit code 1 unless every book is "
        "live in the end, changed, and never crossed."
    )
    add_connection(command)
    command.add_argument("--json", action="store_true", help="one JSON document per book and second, and no summary")


def run(options: argparse.Namespace) -> int:
    """Watch until the time is over, and say by the exit code whether all is well."""
    return asyncio.run(_watch(options))


async def _watch(options: argparse.Namespace) -> int:
    exchange = connect(options.spec, options.pairs, environment=environment(options), transport=network(options))
    async with exchange:
        books = [WatchedBook(exchange, pair) for pair in dict.fromkeys(options.pairs)]
        # Ctrl-C cancels this task: the summary is told all the same, and everything is closed.
        with contextlib.suppress(asyncio.CancelledError):
            await _show(books, options.seconds, options.json)
        if not options.json:
            print_summary(books, unrouted(exchange))
        return 0 if exchange.ready and all(book.is_well for book in books) else 1


async def _show(books: Sequence[WatchedBook], seconds: float | None, as_json: bool) -> None:
    end = time.monotonic() + seconds if seconds else None
    while end is None or time.monotonic() < end:
        await asyncio.sleep(1 if end is None else min(1.0, max(0.0, end - time.monotonic())))
        for book in books:
            _tell(book, as_json)
        sys.stdout.flush()


def _tell(watched: WatchedBook, as_json: bool) -> None:
    book, updates = watched.book, watched.metrics.applied
    if as_json:
        bids, asks = book.unchecked.rows(10)
        rows = [[[str(row[0]), str(row[1])] for row in side] for side in (bids, asks)]
        line = {"pair": book.trading_pair, "state": book.state, "integrity": book.integrity, "updates": updates}
        print_json({**line, "crossed": watched.metrics.crossed, "bids": rows[0], "asks": rows[1]})
    else:
        live = book.state is BookState.LIVE
        best = f"{book.best_bid} / {book.best_ask}" if live else book.reason
        print(f"{time.strftime('%H:%M:%S')}  {book.trading_pair:<12} {book.state:<8} {best}  ({updates} updates)")
