"""What is read fills the record that it is for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from typing import Any

from declconn.records import OPERATIONS, RECORDS, UPDATES, Record
from declconn.spec.checks.finding import Finding, is_misspelt, unknown, wrong_key
from declconn.spec.checks.sites import News, news, requests, slots
from declconn.spec.models import Endpoint, Hook, Spec
from declconn.spec.node import Loc
from declconn.spec.operations import ARGUMENTS, QUERIES
from declconn.spec.template import placeholders

_IDENTITY = frozenset({"symbol", "asset", "client_order_id", "exchange_order_id"})
"""Fields that say what an update is about; a part without them is of no use."""


def check_fields_known(spec: Spec) -> Iterator[Finding]:
    """A record has no other fields than its own."""
    for request in requests(spec):
        if request.record:
            yield from _unknown_fields((*request.loc, "result"), request.record, slots(request.endpoint.result))
        if request.endpoint.market and request.operation != "trading_rules":
            yield wrong_key((*request.loc, "market"), "`market` stands on `trading_rules` only")
    for item in news(spec):
        if item.record:
            yield from _unknown_fields((*item.loc, "map"), item.record, slots(item.event.map))
        elif item.event.map:
            yield wrong_key((*item.loc, "map"), f"`emit: {item.event.emit}` fills no record")


def check_balance_deltas(spec: Spec) -> Iterator[Finding]:
    """How much a balance has changed is told by a stream, in an event of its own."""
    for request in requests(spec):
        if request.record == "balance" and "delta" in slots(request.endpoint.result):
            yield wrong_key(
                (*request.loc, "result", "delta"),
                "an answer says how balances stand: `total`, `available` or `locked`; `delta` is for events of streams",
            )
    for item in news(spec):
        fields = slots(item.event.map)
        beside = [name for name in ("total", "available", "locked") if name in fields]
        if item.record == "balance" and "delta" in fields and beside:
            yield wrong_key(
                (*item.loc, "map", "delta"),
                f"it stands beside '{beside[0]}'; an event says how a balance stands or by how much it has changed, "
                "so leave one of them out, or make two events",
            )


def _unknown_fields(loc: Loc, record: str, mapping: Mapping[str, Any]) -> Iterator[Finding]:
    for name in mapping:
        if name not in RECORDS[record].fields:
            yield unknown((*loc, name), f"field of the record '{record}':", name, RECORDS[record].fields)._replace(
                at_key=True
            )


def check_results_complete(spec: Spec) -> Iterator[Finding]:
    """An operation's answers, all together, give a whole record."""
    for operation in spec.endpoints:
        record = OPERATIONS.get(operation)
        if record is None:
            continue
        endpoints = list(_all(spec.requests(operation)))
        results = [endpoint.result for endpoint in endpoints if endpoint.result is not None]
        loc: Loc = ("endpoints", operation)
        if not results and operation in QUERIES:
            yield wrong_key(loc, f"'result' is missing; it fills the record '{record}'")
        elif results and not any(isinstance(result, Hook) for result in results):
            given = {name for result in results for name in slots(result)}
            filled = given | ARGUMENTS[operation] | {name for endpoint in endpoints for name in endpoint.for_ or ()}
            loc = (*loc, "result") if len(endpoints) == 1 else loc
            yield from _missing(loc, record, RECORDS[record], filled, given)


def _all(endpoints: list[Endpoint]) -> Iterator[Endpoint]:
    for endpoint in endpoints:
        yield endpoint
        if endpoint.then:
            yield from _all([endpoint.then])


def check_events_complete(spec: Spec) -> Iterator[Finding]:
    """An event's map and what its `when` captures give a whole record; an update may carry a part."""
    for item in news(spec):
        mapping = item.event.map
        if item.record is None:
            yield from _check_without_record(item)
        elif mapping is None:
            yield wrong_key(item.loc, f"'map' is missing; it fills the record '{item.record}'")
        elif isinstance(mapping, dict):
            filled = {*mapping, *_captured(item)}
            yield from _missing((*item.loc, "map"), item.record, _part(item), filled, mapping)


def _check_without_record(item: News) -> Iterator[Finding]:
    if item.event.emit == "poll" and not item.event.operations:
        yield wrong_key(item.loc, "'operations' is missing; `emit: poll` asks them again, like [balances]")


def _captured(item: News) -> set[str]:
    """What the holes of a `when` capture; a pair's two halves are its symbol."""
    holes = {source for _, hole in placeholders(item.event.when) for source in hole.sources}
    return holes | {"symbol"} if {"base", "quote"} <= holes else holes


def _part(item: News) -> Record:
    """The record, of which an update needs to say only what it is about."""
    record = RECORDS[item.record or ""]
    if item.event.emit not in UPDATES:
        return record
    return Record(record.type, {name: field for name, field in record.fields.items() if name in _IDENTITY})


def _missing(loc: Loc, name: str, record: Record, filled: Set[str], given: Collection[str]) -> Iterator[Finding]:
    """What a record needs beyond what is ``filled``; ``given`` are the slots, whose names are checked elsewhere."""
    groups: dict[str, list[str]] = {}
    for field_name, field in record.fields.items():
        if field.required and field_name not in filled and not is_misspelt(field_name, given, RECORDS[name].fields):
            yield wrong_key(loc, f"'{field_name}' is missing; the record '{name}' needs it: {field.doc}")
        if field.one_of:
            groups.setdefault(field.one_of, []).append(field_name)
    for members in groups.values():
        if not filled & set(members):
            choice = " or ".join(f"'{member}'" for member in members)
            yield wrong_key(loc, f"{choice} is missing; the record '{name}' needs one of them")
