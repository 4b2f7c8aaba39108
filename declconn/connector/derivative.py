"""A derivatives exchange: an `Exchange` whose markets have funding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from declconn.connector.exchange import Exchange, Parts
from declconn.records import FundingInfo


class Derivative(Exchange):
    """A live connector of perpetuals; it keeps the funding information of every pair that is followed."""

    def __init__(self, parts: Parts, trading_pairs: Sequence[str]) -> None:
        super().__init__(parts, trading_pairs)
        self._funding_info: dict[str, FundingInfo] = {}
        parts.listeners.add(self._on_funding_info, FundingInfo)

    @property
    def funding_info(self) -> Mapping[str, FundingInfo]:
        """Index and mark price, rate and next payment by pair, as far as the venue has told."""
        return MappingProxyType(self._funding_info)

    def _on_funding_info(self, news: FundingInfo) -> None:
        """Messages may carry a part: what one lacks stays as it was."""
        known = self._funding_info.get(news.trading_pair)
        if known is not None:
            told = {name: value for name, value in msgspec.structs.asdict(news).items() if value is not None}
            news = msgspec.structs.replace(known, **told)
        self._funding_info[news.trading_pair] = news
