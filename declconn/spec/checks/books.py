"""An order book's rule has the ids that it looks at, and its snapshot comes from somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from declconn.spec.checks.finding import Finding, doubt_key, wrong, wrong_key
from declconn.spec.checks.sites import News, news, requests, slots
from declconn.spec.models import Hook, OrderBook, Spec
from declconn.spec.node import Loc
from declconn.spec.order_ids import named

_DIFF, _WHOLE = "order_book_diff", "order_book_snapshot"
_MARKET = frozenset({"symbol", "symbols", "base", "quote", "market", "for"})

_IDS = {
    "range": ("update_id",),
    "prev": ("previous_update_id", "update_id"),
    "step": ("update_id",),
    "monotonic": ("update_id",),
    "checksum": ("checksum",),
    "none": (),
}
_ON_GAP = {
    "rest": ("resnapshot", "reconnect", "ignore"),
    "request": ("resnapshot", "reconnect", "ignore"),
    "stream": ("resubscribe", "reconnect", "ignore"),
    "every": ("resubscribe", "reconnect", "ignore"),
}


def check_rule(spec: Spec) -> Iterator[Finding]:
    """Every diff, and every snapshot that is compared with diffs, maps the ids of the rule."""
    book = spec.order_book
    needed = _IDS[book.rule]
    for item in _books(spec, "order_book_snapshot" if book.snapshot.from_ == "every" else "order_book_diff"):
        yield from _check_ids((*item.loc, "map"), item.event.map, needed, f"rule: {book.rule}")
        if book.join and any(word.startswith("prev_") for word in book.join):
            yield from _check_ids((*item.loc, "map"), item.event.map, ("previous_update_id",), "join: prev_*")
        if book.checksum and book.rule != "checksum" and book.checksum.on == "diff":
            yield from _check_ids((*item.loc, "map"), item.event.map, ("checksum",), "checksum: {on: diff}")
    if "update_id" in needed and book.snapshot.from_ != "every":
        yield from _check_snapshot_ids(spec)


def _check_snapshot_ids(spec: Spec) -> Iterator[Finding]:
    rule = f"rule: {spec.order_book.rule}"
    if spec.order_book.snapshot.from_ != "rest":
        for item in _books(spec, "order_book_snapshot"):
            yield from _check_ids((*item.loc, "map"), item.event.map, ("update_id",), rule)
        return
    for loc, result in _answers(spec):
        yield from _check_ids(loc, result, ("update_id",), rule)


def _check_ids(loc: Loc, mapping: object, needed: tuple[str, ...], why: str) -> Iterator[Finding]:
    if mapping is None or isinstance(mapping, Hook):
        return
    mapped = slots(mapping)  # type: ignore[arg-type]
    for name in needed:
        has = name in mapped or (name == "update_id" and why == "rule: range" and "first_update_id" in mapped)
        if not has:
            yield wrong_key(loc, f"'{name}' is missing; `order_book: {{{why}}}` looks at it")


def check_snapshot(spec: Spec) -> Iterator[Finding]:
    """A snapshot that comes by a stream has an event, one that is asked for has a message."""
    book = spec.order_book
    source, loc = book.snapshot.from_, ("order_book", "snapshot")
    if source != "rest" and not list(_books(spec, "order_book_snapshot")):
        yield wrong(loc, f"`snapshot: {source}` needs an event with `emit: order_book_snapshot`; no stream has one")
    if source == "request" and book.snapshot.send is None:
        yield wrong_key(loc, "'send' is missing; `from: request` asks with it")
    if source != "request" and book.snapshot.send is not None:
        yield wrong_key((*loc, "send"), "only `from: request` sends a message")
    if source == "every" and (events := list(_books(spec, "order_book_diff"))):
        yield wrong((*events[0].loc, "emit"), "`order_book.snapshot: every` has no diffs: each message is a whole book")
    if book.on_gap and book.on_gap not in _ON_GAP[source]:
        words = ", ".join(_ON_GAP[source])
        yield wrong(("order_book", "on_gap"), f"'{book.on_gap}' does not fit `snapshot: {source}`; known are {words}")


def check_diffs(spec: Spec) -> Iterator[Finding]:
    """A book that begins with a snapshot goes on with diffs."""
    source = spec.order_book.snapshot.from_
    if source == "every" or any(_books(spec, _DIFF)):
        return
    if whole := next(_books(spec, _WHOLE), None):
        hint = "write `emit: order_book_diff`, or `order_book: {snapshot: every}` if each message is a whole book"
        yield wrong((*whole.loc, "emit"), f"`snapshot: {source}` goes on with diffs, and no event brings them; {hint}")
    elif source == "rest" and spec.streams:
        message = "no event has `emit: order_book_diff`, so books stay as the snapshot says; add one to a stream"
        yield doubt_key(("order_book",), message)


def check_sides(spec: Spec) -> Iterator[Finding]:
    """A whole book has two sides; changes may be of one."""
    events = (((*item.loc, "map"), item.event.map) for item in _books(spec, "order_book_snapshot"))
    for loc, mapping in (*_answers(spec), *events):
        missing = {"bids", "asks"} - slots(mapping).keys()
        if len(missing) == 1:
            yield wrong_key(loc, f"'{missing.pop()}' is missing; a whole book has both sides")


def check_checksum(spec: Spec) -> Iterator[Finding]:
    """The rule `checksum` has its section, and the section says how it is computed."""
    book: OrderBook = spec.order_book
    if book.rule == "checksum" and book.checksum is None:
        yield wrong_key(("order_book",), "'checksum' is missing; `rule: checksum` compares with it")
    if book.checksum and (book.checksum.crc32 is None) == (book.checksum.python is None):
        yield wrong_key(("order_book", "checksum"), "a checksum has either `crc32` or `python`")
    if book.checksum and not any(
        _maps_checksum(item.event.map) for item in (*_books(spec, _DIFF), *_books(spec, _WHOLE))
    ):
        message = "no book event maps `checksum`, so it is compared with nothing; add `checksum: PATH` to its `map`"
        yield wrong_key(("order_book", "checksum"), message)


def _maps_checksum(mapping: object) -> bool:
    return isinstance(mapping, Hook) or "checksum" in slots(mapping)  # type: ignore[arg-type]


def check_market_is_told(spec: Spec) -> Iterator[Finding]:
    """A request for a book says whose."""
    for request in requests(spec):
        told = {source.partition(".")[0] for source in named(request.endpoint)}
        if request.operation == "order_book_snapshot" and told.isdisjoint(_MARKET):
            yield doubt_key(request.loc, "nothing says which market's book is meant; name {symbol}, in braces")


def check_contracts(spec: Spec) -> Iterator[Finding]:
    """Amounts in contracts need to know how large a contract is."""
    mapped = {name for endpoint in spec.requests("trading_rules") for name in slots(endpoint.result)}
    hooked = any(isinstance(endpoint.result, Hook) for endpoint in spec.requests("trading_rules"))
    if spec.amount_unit == "contracts" and not hooked and not mapped & {"contract_size", "amount_unit"}:
        loc = ("endpoints", "trading_rules", "result")
        yield wrong_key(loc, "'contract_size' is missing; `amount_unit: contracts` counts with it")


def _answers(spec: Spec) -> Iterator[tuple[Loc, Any]]:
    """The `result` of every request for a book, with its place."""
    is_list = isinstance(spec.endpoints.get("order_book_snapshot"), list)
    for index, endpoint in enumerate(spec.requests("order_book_snapshot")):
        yield ("endpoints", "order_book_snapshot", *((index,) if is_list else ()), "result"), endpoint.result


def _books(spec: Spec, emit: str) -> Iterator[News]:
    return (item for item in news(spec) if item.event.emit == emit)
