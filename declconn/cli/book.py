"""`book`: watch the order books of a venue."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from declconn.book import BookEvent
from declconn.cli.arguments import add_connection, environment, network
from declconn.cli.output import print_json
from declconn.connector.exchange import Exchange
from declconn.registry import connect
from declconn.types import BookState


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    add_connection(command)
    command.add_argument("--json", action="store_true", help="one JSON document per book and second")


def run(options: argparse.Namespace) -> int:
    """Watch until the time is over; exit code 1 if a book was not live then."""
    return asyncio.run(_watch(options))


async def _watch(options: argparse.Namespace) -> int:
    exchange = connect(options.spec, options.pairs, environment=environment(options), transport=network(options))
    updates = dict.fromkeys(options.pairs, 0)

    def count(event: BookEvent) -> None:
        updates[event.trading_pair] += 1

    exchange.add_listener(count, BookEvent)
    end = time.monotonic() + options.seconds if options.seconds else None
    async with exchange:
        while end is None or time.monotonic() < end:
            await asyncio.sleep(1 if end is None else min(1.0, max(0.0, end - time.monotonic())))
            for pair in options.pairs:
                _tell(exchange, pair, updates[pair], options.json)
        return 0 if exchange.ready else 1


def _tell(exchange: Exchange, pair: str, updates: int, as_json: bool) -> None:
    book = exchange.get_order_book(pair)
    if as_json:
        bids, asks = book.unchecked.rows(10)
        rows = [[[str(row[0]), str(row[1])] for row in side] for side in (bids, asks)]
        line = {"pair": pair, "state": book.state, "integrity": book.integrity, "updates": updates}
        print_json({**line, "bids": rows[0], "asks": rows[1]})
    else:
        live = book.state is BookState.LIVE
        best = f"{book.best_bid} / {book.best_ask}" if live else book.reason
        print(f"{time.strftime('%H:%M:%S')}  {pair:<12} {book.state:<8} {best}  ({updates} updates)")
    sys.stdout.flush()
