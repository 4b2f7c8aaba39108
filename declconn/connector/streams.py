"""The streams of a spec, compiled: what everybody may hear, and what is told of one account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from declconn.book import Precision
from declconn.compile.mapping import Units, Words
from declconn.compile.recipe import Recipe
from declconn.compile.stream import NO_RECIPES, Stream, compile_spelling, is_public
from declconn.connector.symbols import Symbols
from declconn.connector.words import with_spelling
from declconn.spec import Spec


@dataclass(frozen=True, slots=True)
class Streams:
    """Compiles the streams of a spec, each with its own units and its own spelling of markets.

    Attributes:
        words: as messages are read.
        levels: the precision of books.
        recipes: sign what streams say; none without credentials.
    """

    spec: Spec
    symbols: Symbols
    words: Words
    levels: Precision = "exact"
    recipes: Mapping[str, Recipe] = NO_RECIPES

    def public(self) -> list[Stream]:
        """Those that bring public news; some of them may tell of an account besides."""
        return [self.stream(name) for name, model in self.spec.streams.items() if is_public(model)]

    def private(self) -> list[Stream]:
        """Those that tell of an account and nothing else."""
        return [self.stream(name) for name, model in self.spec.streams.items() if not is_public(model)]

    def stream(self, name: str) -> Stream:
        """One of them."""
        spec, model = self.spec, self.spec.streams[name]
        units = Units(model.time_unit or spec.time_unit, model.amount_unit or spec.amount_unit, spec.negative_prices)
        spelling = compile_spelling(model)
        words = self.words if model.symbol is None else with_spelling(self.words, self.symbols.spelled(spelling))
        return Stream(
            name, model, spelling=spelling, words=words, units=units, precision=self.levels, recipes=self.recipes
        )
