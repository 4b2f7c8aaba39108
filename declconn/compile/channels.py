"""What is subscribed on a stream: its channels, and the messages that ask for them and end them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from declconn.compile.decode import encode
from declconn.compile.lookup import Sources
from declconn.compile.stream_recipes import StreamRecipes, with_values
from declconn.compile.template import compile_template
from declconn.spec import models
from declconn.spec.template import placeholders
from declconn.types import TimeUnit

BOOKS: Final = frozenset({"order_book_snapshot", "order_book_diff"})
"""The events that a book is made of."""

OF_ONE_MARKET: Final = frozenset({"symbol", "base", "quote", "market"})
"""The sources that make a template one market's."""

Scope: TypeAlias = Literal["market", "markets", "once"]
"""What a channel is asked for: one market, all markets in one, or no market at all."""

UNSIGNED: Final = StreamRecipes({})

_WITHOUT_CHANNELS: Final = ""
"""The one channel of a stream that has a message to subscribe with, and needs no channel in it."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A subscription.

    Attributes:
        name: its name in the spec.
        value: what its template made.
        markets: the markets that it speaks of: for each trading pair what templates may say of it.
        carries_books: order books come through it.
    """

    name: str
    value: Any
    markets: Mapping[str, Sources]
    carries_books: bool

    @property
    def pairs(self) -> tuple[str, ...]:
        """The trading pairs that it speaks of; none for a channel about no market."""
        return tuple(self.markets)


@dataclass(frozen=True, slots=True)
class Message:
    """Something to send; written when it leaves, because what is signed must be fresh then.

    Attributes:
        text: writes the frame from the sources of that moment.
        request_id: our number for it.
        channels: what its answer will be about.
    """

    text: Callable[[Sources], str]
    request_id: int
    channels: tuple[Channel, ...] = ()


class Channels:
    """The channels of a stream, compiled.

    Args:
        model: the stream.
        time_unit: how times are written.
        recipes: sign the messages.

    Attributes:
        books: the names of those that order books come through.
    """

    def __init__(self, model: models.Stream, time_unit: TimeUnit, recipes: StreamRecipes = UNSIGNED) -> None:
        self._limits = model.limits or models.Limits()
        self._subscribe = _writer(model.subscribe, time_unit, recipes)
        self._unsubscribe = _writer(model.unsubscribe, time_unit, recipes)
        templates = model.channels or ({_WITHOUT_CHANNELS: ""} if model.subscribe else {})
        of_message = self._subscribe.roots if self._subscribe else frozenset()
        self._templates = {
            name: (_scope(roots(template) | of_message), compile_template(template, time_unit))
            for name, template in templates.items()
        }
        self.books = _book_channels(model, templates)

    @property
    def markets_per_connection(self) -> int | None:
        """How many markets fit on one connection, by the venue's limit of channels; ``None``: any number."""
        most = self._limits.channels_per_connection
        scopes = [scope for scope, _ in self._templates.values()]
        for_each = len(scopes) - scopes.count("once")
        if most is None or not for_each:
            return None
        return max((most - scopes.count("once")) // for_each, 1)

    def of(
        self, markets: Mapping[str, Sources], sources: Sources, *, only: Collection[str] | None, once: bool
    ) -> list[Channel]:
        """The channels for some markets, as `Stream.channels` says."""
        found: list[Channel] = []
        for name, (scope, write) in self._templates.items():
            if only is not None and name not in only:
                continue
            for some in self._shares(scope, markets, once):
                symbols = [of["symbol"] for of in some.values()]
                of_one = next(iter(some.values())) if scope == "market" else {}
                value = write({**sources, "symbols": symbols, **of_one})
                found.append(Channel(name, value, some, name in self.books))
        return found

    def _shares(self, scope: Scope, markets: Mapping[str, Sources], once: bool) -> list[Mapping[str, Sources]]:
        """The markets, dealt out to as many channels as are needed."""
        if scope == "once":
            return [{}] if once else []
        if scope == "market":
            return [{pair: of} for pair, of in markets.items()]
        return [dict(some) for some in _batches(list(markets.items()), self._limits.args_per_message)]

    def subscribe(self, channels: Sequence[Channel], ids: Iterator[int]) -> list[Message]:
        """The messages that ask for these channels."""
        return self._messages(self._subscribe, channels, ids)

    def unsubscribe(self, channels: Sequence[Channel], ids: Iterator[int]) -> list[Message]:
        """The messages that end these channels."""
        return self._messages(self._unsubscribe, channels, ids)

    def _messages(self, writer: Writer | None, channels: Sequence[Channel], ids: Iterator[int]) -> list[Message]:
        if writer is None:
            return []
        most = self._limits.args_per_message if writer.takes_many else 1
        return [
            writer.message(batch, next(ids))
            for group in _groups(channels, by_market=bool(writer.roots & OF_ONE_MARKET))
            for batch in _batches(group, most)
        ]


class Writer:
    """A message of ours, compiled.

    Args:
        template: what is sent.
        time_unit: how times are written.
        recipes: what ``{auth.NAME.x}`` in it means.
        auth: the recipe that signs it.

    Attributes:
        roots: the names that its sources begin with.
        takes_many: one message speaks of many channels.
    """

    def __init__(
        self, template: Any, time_unit: TimeUnit, recipes: StreamRecipes = UNSIGNED, auth: str | None = None
    ) -> None:
        self._write = compile_text(template, time_unit, recipes, auth)
        self.roots = roots(template)
        self.takes_many = "channels" in self.roots

    def message(self, channels: Sequence[Channel], request_id: int) -> Message:
        """The message about these channels."""
        values = [channel.value for channel in channels]
        markets = {pair: of for channel in channels for pair, of in channel.markets.items()}
        of_one = next(iter(markets.values())) if len(markets) == 1 else {}
        of = {
            "request_id": request_id,
            "channels": values,
            "channel": values[0] if values else None,
            "symbols": [of["symbol"] for of in markets.values()],
        }
        return Message(lambda sources: self._write({**sources, **of_one, **of}), request_id, tuple(channels))


def compile_text(
    template: Any, time_unit: TimeUnit, recipes: StreamRecipes = UNSIGNED, auth: str | None = None
) -> Callable[[Sources], str]:
    """A frame of ours: maps become JSON, a text is sent as it is. Arguments as for ``Writer``."""
    write = compile_template(template, time_unit)
    recipe, named = recipes.of(auth), recipes.named_in(template)

    def text(sources: Sources) -> str:
        known = with_values(sources, named)
        content = write(known)
        if recipe is not None:
            content = recipe.sign_message(content, known)
        return content if isinstance(content, str) else encode(content)

    return text


def roots(template: Any) -> frozenset[str]:
    """The names that a template's sources begin with."""
    return frozenset(source.split(".")[0] for _, hole in placeholders(template) for source in hole.sources)


def _writer(message: models.Message | None, time_unit: TimeUnit, recipes: StreamRecipes) -> Writer | None:
    return None if message is None or message.send is None else Writer(message.send, time_unit, recipes, message.auth)


def _scope(names: frozenset[str]) -> Scope:
    if names & OF_ONE_MARKET:
        return "market"
    return "markets" if "symbols" in names else "once"


def _book_channels(model: models.Stream, templates: Collection[str]) -> frozenset[str]:
    """The channels of the book events; if one of these does not say its channel, it may be any."""
    found = {event.channel or name for name, event in model.events.items() if event.emit in BOOKS}
    return frozenset(found if found <= set(templates) else templates)


def _groups(channels: Sequence[Channel], *, by_market: bool) -> list[list[Channel]]:
    """The channels that may stand in one message."""
    if not by_market:
        return [list(channels)]
    groups: dict[tuple[str, ...], list[Channel]] = {}
    for channel in channels:
        groups.setdefault(channel.pairs, []).append(channel)
    return list(groups.values())


def _batches(items: Sequence[Any], most: int | None) -> list[Sequence[Any]]:
    size = most or len(items) or 1
    return [items[start : start + size] for start in range(0, len(items), size)]
