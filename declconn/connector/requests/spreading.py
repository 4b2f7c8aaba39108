"""How often a request is sent: what its templates name decides, and how much fits into one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from declconn.compile.channels import OF_ONE_MARKET
from declconn.connector.venue_words import VenueWords
from declconn.spec import models
from declconn.spec.checks.requests import LISTS
from declconn.spec.template import placeholders

TOKEN: Final = "collateral_token"


class Spread:
    """Deals an operation's arguments out to its requests.

    A request that names a market is sent once for each, one that names ``{collateral_token}`` once for each token;
    a list goes in pieces of `batch`. What the caller gives is not dealt out again.

    Args:
        model: the request.
        words: the markets in the venue's words.
        traded: the trading pairs that stand for "each" and "all".

    Attributes:
        by_market: it cannot be sent without a market.
    """

    def __init__(self, model: models.Endpoint, words: VenueWords, traded: Callable[[], Iterable[str]]) -> None:
        self._words, self._traded, self._batch = words, traded, model.batch
        holes = [hole for _, hole in placeholders([model.path, model.params, model.body, model.headers])]
        named = {source.split(".")[0] for hole in holes for source in hole.sources}
        needed = {source.split(".")[0] for hole in holes if not hole.optional for source in hole.sources}
        self.by_market = bool(needed & OF_ONE_MARKET)
        self._by_token = TOKEN in named
        self._lists = [name for name in LISTS if name in named]
        self._is_one = not (self.by_market or self._by_token or self._lists)

    def requests(self, given: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        """The arguments of each request."""
        if self._is_one:
            return (given,)
        return (piece for one in self._markets(given) for other in self._tokens(one) for piece in self._pieces(other))

    def _markets(self, given: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        if self.by_market and "symbol" not in given:
            for pair in self._traded():
                yield {**given, **self._words.market(pair)}
        else:
            yield given

    def _tokens(self, given: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        if self._by_token and TOKEN not in given:
            for token in self._tokens_of(self._pairs(given)):
                yield {**given, TOKEN: token}
        else:
            yield given

    def _pieces(self, given: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        if not self._lists:
            yield given
            return
        lists = {name: self._list(name, given) for name in self._lists}
        longest = max(map(len, lists.values()))
        size = self._batch or longest
        for start in range(0, longest, size or 1):
            yield {**given, **{name: items[start : start + size] for name, items in lists.items()}}

    def _list(self, name: str, given: Mapping[str, Any]) -> list[Any]:
        if name in given or name != "symbols":
            return list(given.get(name, ()))
        return (
            [given["symbol"]] if "symbol" in given else [self._words.market(pair)["symbol"] for pair in self._traded()]
        )

    def _pairs(self, given: Mapping[str, Any]) -> Iterable[str]:
        pair = self._words.pair(given["symbol"]) if "symbol" in given else None
        return self._traded() if pair is None else [pair]

    def _tokens_of(self, pairs: Iterable[str]) -> list[str]:
        tokens = (self._words.collateral_token(pair) for pair in pairs)
        return list(dict.fromkeys(token for token in tokens if token is not None))
