"""What a matcher looks for can be in a frame."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from declconn.records import RECORDS
from declconn.spec.checks.finding import Finding, unknown, wrong
from declconn.spec.checks.scopes import Scope, Scopes
from declconn.spec.checks.sites import news
from declconn.spec.checks.sources import check_source
from declconn.spec.models import Spec, Stream
from declconn.spec.node import Loc
from declconn.spec.template import parse_template, placeholders


def check_holes(spec: Spec) -> Iterator[Finding]:
    """A hole is a field of the record, a half of the pair, or something that is known already."""
    scopes = Scopes(spec)
    for item in news(spec):
        fields = RECORDS[item.record].fields if item.record else {}
        yield from _holes((*item.loc, "when"), item.event.when, scopes.message.plus(fields))
    for name, stream in spec.streams.items():
        for loc, matcher in _answers(("streams", name), stream):
            for finding in _holes(loc, matcher, scopes.message):
                yield finding._replace(message=f"{finding.message}; for any value write {{absent: false}}")


def _answers(loc: Loc, stream: Stream) -> Iterator[tuple[Loc, Any]]:
    for word, answer in (("accepted", stream.accepted), ("refused", stream.refused)):
        if answer:
            yield (*loc, word, "when"), answer.when
    if stream.login and stream.login.accepted:
        yield (*loc, "login", "accepted", "when"), stream.login.accepted.when
    if stream.heartbeat and isinstance(stream.heartbeat.answer, dict):
        yield (*loc, "heartbeat", "answer"), stream.heartbeat.answer


def _holes(loc: Loc, matcher: Any, scope: Scope) -> Iterator[Finding]:
    for inner, hole in placeholders(matcher):
        for source in hole.sources:
            yield from check_source((*loc, *inner), source, scope, "hole")


def check_channels(spec: Spec) -> Iterator[Finding]:
    """An event that looks for a channel's text finds a channel of that form."""
    for item in news(spec):
        channels = {_form(text): text for text in _texts(item.stream.channels)}
        for inner, text in _leaves(item.event.when):
            form = _form(text)
            if None in form and any(form) and form not in channels and _similar(form, channels):
                near = get_close_matches(text, channels.values(), 1, 0)
                yield wrong((*item.loc, "when", *inner), f"no channel of this stream is '{text}'; found '{near[0]}'")


def check_event_channels(spec: Spec) -> Iterator[Finding]:
    """The channel that an event names is one of its stream's."""
    for name, stream in spec.streams.items():
        for event_name, event in stream.events.items():
            if event.channel is not None and event.channel not in stream.channels:
                loc = ("streams", name, "events", event_name, "channel")
                yield unknown(loc, "channel", event.channel, stream.channels)


def _form(text: str) -> tuple[str | None, ...]:
    """The literal parts of a template; ``None`` stands for any value."""
    return tuple(part if isinstance(part, str) else None for part in parse_template(text).parts)


def _similar(form: tuple[str | None, ...], channels: Any) -> bool:
    """Whether any channel is a text with a hole, so that frames are expected to quote it."""
    return any(None in channel and any(channel) for channel in channels)


def _texts(tree: Any) -> Iterator[str]:
    return (text for _, text in _leaves(tree))


def _leaves(tree: Any, loc: Loc = ()) -> Iterator[tuple[Loc, str]]:
    if isinstance(tree, str):
        yield loc, tree
    elif isinstance(tree, dict):
        for name, child in tree.items():
            yield from _leaves(child, (*loc, name))
    elif isinstance(tree, list):
        for index, child in enumerate(tree):
            yield from _leaves(child, (*loc, index))


def check_stream_symbol(spec: Spec) -> Iterator[Finding]:
    """A stream's own spelling of a market tells every two markets apart."""
    for name, stream in spec.streams.items():
        sources = {source for _, hole in placeholders(stream.symbol) for source in hole.sources}
        whole = "symbol" in sources or {"base", "quote"} <= sources or any("." in source for source in sources)
        if stream.symbol is not None and not whole:
            text = f"'{stream.symbol}' does not tell markets apart; it names {{base}} and {{quote}}, or {{symbol}}"
            yield wrong(("streams", name, "symbol"), text)
