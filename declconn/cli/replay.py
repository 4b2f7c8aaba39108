"""`replay`: recorded frames through the code of a live connection."""

from __future__ import annotations

import argparse
from typing import Any

from declconn.cli.arguments import by_name, existing_file, named, trading_pair
from declconn.cli.output import print_json, print_table
from declconn.testing.replay import BookSummary, ReplaySummary, replay


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    command.description = (
        "Feed recorded frames and answers through exactly the code that a live connection uses, in order of time. "
        "FILES are captures of `declconn record`, files of cryptofeed's raw-data form, or files of one JSON frame "
        "per line; gzipped, in a zip archive, or neither. "
        "Together they must hold an answer of trading_rules, or --market names the markets. "
        "Exit code 1 unless some frame is the event of a book, every book ends synced, without gaps, failed "
        "checksums or a crossed moment, and every message could be read."
    )
    command.add_argument("spec", metavar="NAME_OR_PATH")
    command.add_argument("files", metavar="FILES", type=existing_file, nargs="+")
    command.add_argument(
        "--pair", action="append", type=trading_pair, metavar="BASE-QUOTE", help="only these books; may be repeated"
    )
    command.add_argument("--environment", metavar="NAME", help="default: the one whose hosts were recorded")
    command.add_argument("--option", action="append", type=named, metavar="NAME=VALUE", help="of the spec's options")
    command.add_argument(
        "--market",
        action="append",
        type=named,
        metavar="BASE-QUOTE=SYMBOL",
        help="for a recording without trading_rules",
    )
    command.add_argument(
        "--answer",
        action="append",
        type=named,
        metavar="OPERATION=PATH",
        help="where an operation's answers were recorded from",
    )
    command.add_argument(
        "--json",
        action="store_true",
        help="for programs: docs/replay.md says what stands in it",
    )


def run(options: argparse.Namespace) -> int:
    """Play, print, and say by the exit code whether all is well."""
    summary = replay(
        options.spec,
        options.files,
        trading_pairs=options.pair,
        environment=options.environment,
        options=by_name(options.option),
        markets=by_name(options.market),
        answers=by_name(options.answer),
    )
    if options.json:
        print_json(_document(summary))
    else:
        _print(summary)
    return 0 if _is_well(summary) else 1


def _document(summary: ReplaySummary) -> dict[str, Any]:
    return {"frames": summary.frames, "unrouted": summary.unrouted, "books": summary.books} | {
        "hears_books": summary.hears_books,
        "complaints": summary.complaints,
        "unasked": summary.unasked,
    }


def _is_well(summary: ReplaySummary) -> bool:
    books = summary.books.values()
    return (
        bool(books)
        and summary.hears_books
        and not summary.complaints
        and all(book.synced and not (book.gaps or book.checksums_failed or book.crossed) for book in books)
    )


def _print(summary: ReplaySummary) -> None:
    print(f"{summary.frames} frames, of which {summary.unrouted} are no event of the spec\n")
    columns = ["PAIR", "SYNCED", "APPLIED", "STALE", "GAPS", "RESYNCS", "CHECKSUMS", "CROSSED", "BEST BID", "BEST ASK"]
    rows = [_row(pair, book) for pair, book in summary.books.items()]
    print_table(columns, rows)
    if not summary.hears_books:
        print("no frame is the event of a book; does its `when` fit?")
    for kind, count in summary.complaints.items():
        print(f"{count} x {kind}")


def _row(pair: str, book: BookSummary) -> list[str]:
    counts = [book.applied, book.stale, book.gaps, book.resyncs]
    checksums = f"{book.checksums_ok} ok, {book.checksums_failed} failed"
    best = [_best(book.bids), _best(book.asks)]
    return [pair, "yes" if book.synced else "NO", *map(str, counts), checksums, str(book.crossed), *best]


def _best(levels: list[list[str]]) -> str:
    return " x ".join(levels[0]) if levels else "-"
