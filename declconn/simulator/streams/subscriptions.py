"""Which channels of which markets a subscribe message asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from declconn.compile.channels import Channel
from declconn.compile.decode import compile_decode, encode
from declconn.compile.stream import Stream
from declconn.compile.template import Sources

Topic: TypeAlias = tuple[str, str]
"""A channel's name in the spec, and a trading pair."""

_decode = compile_decode(["json"])


class Subscriptions:
    """The channels of a stream, found by writing them as the connector would and comparing.

    Args:
        stream: whose channels.
        markets: for each trading pair what a template may say of it, in the stream's spelling.
    """

    def __init__(self, stream: Stream, markets: Mapping[str, Sources]) -> None:
        self._stream, self._markets = stream, markets

    def of_pair(self, trading_pair: str, known: Sources) -> frozenset[Topic]:
        """All that the stream has about a pair."""
        channels = self._stream.channels({trading_pair: self._markets[trading_pair]}, known)
        return frozenset((channel.name, trading_pair) for channel in channels)

    def asked(self, captures: Mapping[str, Any], known: Sources) -> frozenset[Topic]:
        """What the parts of a subscribe message mean, as far as the venue has it.

        Args:
            captures: the message's ``channel`` or ``channels``, or ``channel.x`` for each part of one, and ``symbols``.
            known: what templates may name besides.
        """
        markets = self._markets
        if isinstance(captures.get("symbols"), list):
            markets = {pair: of for pair, of in markets.items() if of["symbol"] in captures["symbols"]}
        return frozenset(topic for value in _values(captures) for topic in self._topics(value, markets, known))

    def _topics(self, value: Any, markets: Mapping[str, Sources], known: Sources) -> Iterator[Topic]:
        found = False
        for pair, of in markets.items():
            for channel in self._stream.channels({pair: of}, known):
                if _plain(channel) == value:
                    found = True
                    yield channel.name, pair
        if not found:
            mentioned = _mentioned(value, markets)
            for channel in self._stream.channels(mentioned, known):
                if _plain(channel) == value:
                    yield from ((channel.name, pair) for pair in channel.pairs)


def _values(captures: Mapping[str, Any]) -> list[Any]:
    if isinstance(captures.get("channels"), list):
        return list(captures["channels"])
    if "channel" in captures:
        return [captures["channel"]]
    parts = {source.partition(".")[2]: value for source, value in captures.items() if source.startswith("channel.")}
    return [parts] if parts else []


def _plain(channel: Channel) -> Any:
    """A channel as it comes out of a message."""
    return _decode(encode(channel.value))


def _mentioned(value: Any, markets: Mapping[str, Sources]) -> dict[str, Sources]:
    """The markets whose symbols stand in a channel, in their order there: a connector may ask for some in any order."""
    text = encode(value)
    places = {pair: re.search(rf"(?<!\w){re.escape(str(of['symbol']))}(?!\w)", text) for pair, of in markets.items()}
    found = sorted((place.start(), pair) for pair, place in places.items() if place is not None)
    return {pair: markets[pair] for _, pair in found}
