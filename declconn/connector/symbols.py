"""The markets of a venue: its trading rules, and every way that it spells them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from declconn.errors import UnknownPairError
from declconn.log import get_logger
from declconn.records import TradingRule
from declconn.types import AmountUnit

logger = get_logger("declconn.symbols")

Spelling = Callable[[TradingRule], str]
"""How a stream writes a market, from its trading rule."""


class Symbols:
    """Trading rules by trading pair, and for each spelling of the venue the way back to the pair.

    ``pairs`` is the spelling of requests (symbols and aliases); a stream that spells markets its own way has a
    map of its own, made by ``spelled``. All maps are filled in place, so compiled mappings may hold on to them.

    Args:
        write_asset: the venue's name of an asset of ours.
    """

    def __init__(self, write_asset: Callable[[str], str] = str) -> None:
        self._write_asset = write_asset
        self.rules: dict[str, TradingRule] = {}
        self.pairs: dict[str, str] = {}
        self.contract_sizes: dict[str, Decimal] = {}
        self.inverse: set[str] = set()
        self.amount_units: dict[str, AmountUnit] = {}
        self._spelled: list[tuple[Spelling, dict[str, str]]] = []

    def spelled(self, spelling: Spelling) -> dict[str, str]:
        """A further map from symbol to trading pair, for a stream with its own spelling."""
        pairs: dict[str, str] = {}
        self._spelled.append((spelling, pairs))
        return pairs

    def update(self, rules: Iterable[TradingRule]) -> None:
        """Take the venue's present list of markets; markets that are gone stay readable by their symbol."""
        listed: dict[str, TradingRule] = {}
        for rule in map(_with_steps, rules):
            first = listed.setdefault(rule.trading_pair, rule)
            if first is not rule:
                logger.warning("%s is both %r and %r: the first is used", rule.trading_pair, first.symbol, rule.symbol)
        self.rules.clear()
        self.rules.update(listed)
        self._index()

    def _index(self) -> None:
        for rule in self.rules.values():
            if rule.contract_size is not None:
                self.contract_sizes[rule.trading_pair] = rule.contract_size
            if rule.contract_unit is AmountUnit.QUOTE:
                self.inverse.add(rule.trading_pair)
            if rule.amount_unit is not None:
                self.amount_units[rule.trading_pair] = rule.amount_unit
            for spelling, pairs in self._spelled:
                pairs[spelling(rule)] = rule.trading_pair
        # An alias never takes the name that another market has as its symbol.
        for rule in self.rules.values():
            for alias in rule.aliases:
                self.pairs.setdefault(alias, rule.trading_pair)
        for rule in self.rules.values():
            self.pairs[rule.symbol] = rule.trading_pair

    def rule(self, trading_pair: str) -> TradingRule:
        """The trading rule of a pair.

        Raises:
            UnknownPairError: the venue does not list it; the message says what is near.
        """
        rule = self.rules.get(trading_pair)
        if rule is None:
            near = difflib.get_close_matches(trading_pair.upper(), self.rules, n=3, cutoff=0.5)
            hint = f"; did you mean {' or '.join(near)}?" if near else f"; it lists {len(self.rules)} markets"
            raise UnknownPairError(f"{trading_pair!r} is not listed here (pairs are written BASE-QUOTE){hint}")
        return rule

    def arguments(self, trading_pair: str) -> Mapping[str, Any]:
        """What a template may say of one market, in the venue's words: ``symbol``, ``base``, ``quote``, ``market``."""
        rule = self.rule(trading_pair)
        base, quote = self._write_asset(rule.base), self._write_asset(rule.quote)
        return {"symbol": rule.symbol, "base": base, "quote": quote, "market": rule.market}


def _with_steps(rule: TradingRule) -> TradingRule:
    """Steps that the venue gives as a number of decimals, written out: 4 decimals are a step of 0.0001."""
    changes: dict[str, Any] = {}
    if rule.min_price_increment is None and rule.price_decimals is not None:
        changes["min_price_increment"] = Decimal(1).scaleb(-rule.price_decimals)
    if rule.min_base_amount_increment is None and rule.amount_decimals is not None:
        changes["min_base_amount_increment"] = Decimal(1).scaleb(-rule.amount_decimals)
    return msgspec.structs.replace(rule, **changes) if changes else rule
