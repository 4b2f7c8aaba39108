"""A derivatives exchange: an `Exchange` whose markets have funding."""

from __future__ import annotations

import logging
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import msgspec

from declconn.connector.exchange import Exchange, Parts
from declconn.errors import DeclconnError, NotSupportedError, UnknownPairError
from declconn.records import FundingInfo

logger = logging.getLogger("declconn.connector")

ASK_AGAIN: Final = 10.0
"""Seconds between two attempts to learn the funding of pairs of which nothing is known."""


class Derivative(Exchange):
    """A live connector of perpetuals; it keeps the funding information of every pair that is followed.

    What is known at the start is asked by REST, as far as the spec has `funding_info`; the streams bring the rest.
    """

    def __init__(self, parts: Parts, trading_pairs: Sequence[str]) -> None:
        super().__init__(parts, trading_pairs)
        self._funding_info: dict[str, FundingInfo] = {}
        parts.listeners.add(self._on_funding_info, FundingInfo)
        events = (event for stream in parts.spec.streams.values() for event in stream.events.values())
        self._asks_funding = "funding_info" in parts.operations
        self._hears_funding = any(event.emit == "funding_info" for event in events)

    @property
    def funding_info(self) -> Mapping[str, FundingInfo]:
        """Index and mark price, rate and next payment by pair, as far as the venue has told."""
        return MappingProxyType(self._funding_info)

    def get_funding_info(self, trading_pair: str) -> FundingInfo:
        """What the funding of a pair stands at; what the venue has not told is ``None``.

        Raises:
            NotSupportedError: the spec has neither an operation nor an event for it.
            UnknownPairError: the pair is not followed, or nothing was heard of it yet.
        """
        self.get_order_book(trading_pair)
        if not self._asks_funding and not self._hears_funding:
            raise NotSupportedError(f"the spec of {self.name} has no funding information")
        if trading_pair not in self._funding_info:
            raise UnknownPairError(f"{trading_pair}: no funding was heard yet; wait_until_ready() waits for it")
        return self._funding_info[trading_pair]

    @property
    def status_dict(self) -> dict[str, bool]:
        """What is ready, part by part; also the funding of every pair, where the spec has it."""
        known = not (self._asks_funding or self._hears_funding) or self._funding_info.keys() >= set(self.trading_pairs)
        return {**super().status_dict, "funding_info": known}

    async def remove_trading_pair(self, trading_pair: str) -> None:
        """Stop following a pair; its book and its funding are gone afterwards."""
        await super().remove_trading_pair(trading_pair)
        self._funding_info.pop(trading_pair, None)

    def _duties(self) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        yield from super()._duties()
        if self._asks_funding:
            yield "funding", self._learn_funding()

    async def _learn_funding(self) -> None:
        """Ask for the funding of every pair of which nothing is known."""
        while True:
            for pair in [pair for pair in self.trading_pairs if pair not in self._funding_info]:
                try:
                    for news in await self._ask("funding_info", pair):
                        self.parts.listeners.publish(news)
                except DeclconnError as error:
                    logger.warning("%s: the funding of %s could not be learnt: %s", self.name, pair, error)
            await self.parts.clock.sleep(ASK_AGAIN)

    def _on_funding_info(self, news: FundingInfo) -> None:
        """Messages may carry a part: what one lacks stays as it was."""
        known = self._funding_info.get(news.trading_pair)
        if known is not None:
            told = {name: value for name, value in msgspec.structs.asdict(news).items() if value is not None}
            news = msgspec.structs.replace(known, **told)
        self._funding_info[news.trading_pair] = news
