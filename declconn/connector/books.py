"""`order_book` as the book floor knows it."""

from __future__ import annotations

from collections.abc import Callable

from declconn.book import BookRules, OrderBook
from declconn.compile.checksum import compile_checksum
from declconn.compile.source_book import SourceBook
from declconn.compile.template import compile_template
from declconn.connector.symbols import Symbols
from declconn.errors import NotSupportedError
from declconn.spec import Spec
from declconn.types import TimeUnit


def book_maker(spec: Spec, symbols: Symbols) -> Callable[[str], OrderBook]:
    """Makes the book of a pair, in the units of its market."""

    def make(trading_pair: str) -> OrderBook:
        rule = symbols.rules.get(trading_pair)
        return OrderBook(
            trading_pair,
            amount_unit=(rule.amount_unit if rule else None) or spec.amount_unit,
            contract_size=rule.contract_size if rule else None,
            negative_prices=spec.negative_prices,
        )

    return make


def book_rules(spec: Spec, sources: SourceBook) -> BookRules:
    """How the books of this venue are kept in step.

    Raises:
        NotSupportedError: snapshots are asked for on the socket.
    """
    model = spec.order_book
    if model.snapshot.from_ == "request":
        raise NotSupportedError("order_book.snapshot: snapshots that are asked for on the socket are not played yet")
    after = model.snapshot.after
    depth = None if model.truncate is None else compile_template(model.truncate, TimeUnit.MS)(sources.fixed)
    return BookRules(
        snapshot=model.snapshot.from_,
        rule=model.rule,
        after_diffs=(after.diffs or 0) if after else 0,
        after_delay=float(after.delay or 0) if after else 0.0,
        join=tuple(model.join or ()),
        stale=model.stale,
        on_gap=model.on_gap,
        retries=model.retries,
        resnapshot=None if model.resnapshot is None else float(model.resnapshot),
        empty_ids=frozenset(model.empty_ids),
        truncate=None if depth is None else int(depth),
        checksum=None if model.checksum is None else compile_checksum(model.checksum),
    )
