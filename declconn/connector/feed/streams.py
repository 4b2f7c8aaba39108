"""The streams of a spec, compiled: what everybody may hear, and what is told of one account."""

from __future__ import annotations

from collections.abc import Mapping

from declconn.book import Precision
from declconn.compile.mapping import Units, Words
from declconn.compile.recipe import Recipe
from declconn.compile.stream import NO_RECIPES, Stream, compile_spelling, is_public
from declconn.connector.symbols import Symbols
from declconn.connector.words import with_spelling
from declconn.spec import Spec


class Streams:
    """Compiles the streams of a spec, each with its own units and its own spelling of markets.

    Args:
        spec: whose streams.
        symbols: the venue's markets.
        words: as messages are read.
        levels: the precision of books.
        recipes: sign what streams say; none without credentials.
    """

    def __init__(
        self,
        spec: Spec,
        symbols: Symbols,
        words: Words,
        *,
        levels: Precision = "exact",
        recipes: Mapping[str, Recipe] = NO_RECIPES,
    ) -> None:
        self._spec, self._symbols, self._words = spec, symbols, words
        self._levels, self._recipes = levels, recipes

    def public(self) -> list[Stream]:
        """Those that bring public news; some of them may tell of an account besides."""
        return [self._stream(name) for name, model in self._spec.streams.items() if is_public(model)]

    def private(self) -> list[Stream]:
        """Those that tell of an account and nothing else."""
        return [self._stream(name) for name, model in self._spec.streams.items() if not is_public(model)]

    def _stream(self, name: str) -> Stream:
        spec, model = self._spec, self._spec.streams[name]
        units = Units(model.time_unit or spec.time_unit, model.amount_unit or spec.amount_unit, spec.negative_prices)
        spelling, words = compile_spelling(model), self._words
        if model.symbol is not None:
            words = with_spelling(words, self._symbols.spelled(spelling))
        return Stream(
            name, model, spelling=spelling, words=words, units=units, precision=self._levels, recipes=self._recipes
        )
