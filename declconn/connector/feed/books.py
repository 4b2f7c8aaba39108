"""`order_book` as the book floor knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import get_args

from declconn.book import BookRules, OrderBook, Precision
from declconn.compile.channels import Writer
from declconn.compile.checksum import compile_checksum
from declconn.compile.recipe import Recipe
from declconn.compile.source_book import SourceBook
from declconn.compile.stream_recipes import StreamRecipes
from declconn.compile.template import compile_template
from declconn.connector.settings import how_to_give_credentials
from declconn.connector.symbols import Symbols
from declconn.errors import ConfigurationError, CredentialsError
from declconn.spec import Spec
from declconn.types import AmountUnit, TimeUnit


def book_maker(spec: Spec, symbols: Symbols, levels: Precision) -> Callable[[str], OrderBook]:
    """Makes the book of a pair, in the units of its market and the precision that is asked for.

    Raises:
        ConfigurationError: the venue's checksum needs digits that such books do not keep.
    """
    if levels not in get_args(Precision):
        raise ConfigurationError(f"levels: found {levels!r}, expected one of {', '.join(get_args(Precision))}")
    if levels == "float" and spec.order_book.checksum is not None:
        raise ConfigurationError(
            f"{spec.name} sends checksums of its own digits, and levels='float' does not keep digits; "
            "use levels='exact', the default"
        )

    def make(trading_pair: str) -> OrderBook:
        rule = symbols.rules.get(trading_pair)
        unit = (rule.amount_unit if rule else None) or spec.amount_unit
        size = rule.contract_size if rule and unit is AmountUnit.CONTRACTS else None
        if size is not None and trading_pair in symbols.inverse:
            unit = AmountUnit.QUOTE
        return OrderBook(
            trading_pair,
            amount_unit=unit,
            contract_size=size,
            negative_prices=spec.negative_prices,
            precision=levels,
        )

    return make


def book_rules(spec: Spec, sources: SourceBook) -> BookRules:
    """How the books of this venue are kept in step."""
    model = spec.order_book
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
        resnapshot=None if model.resnapshot == "never" else float(model.resnapshot),
        empty_ids=frozenset(model.empty_ids),
        truncate=None if depth is None else int(depth),
        checksum=None if model.checksum is None else compile_checksum(model.checksum),
    )


def snapshot_question(spec: Spec, recipes: Mapping[str, Recipe]) -> Writer | None:
    """The message that asks for a whole book on the socket of its diffs; ``None``: snapshots come otherwise.

    Raises:
        CredentialsError: it has to be signed, and there are no credentials.
    """
    snapshot = spec.order_book.snapshot
    if snapshot.from_ != "request":
        return None
    if snapshot.auth and not snapshot.auth.endswith("?") and snapshot.auth not in recipes:
        raise CredentialsError(f"order_book.snapshot: it has to be signed: {how_to_give_credentials(spec)}")
    return Writer(snapshot.send, spec.time_unit, StreamRecipes(recipes), snapshot.auth)
