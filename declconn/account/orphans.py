"""News of orders whose id nobody knows yet: a stream may be faster than the answer that tells the venue's id."""

from __future__ import annotations

from typing import Final

from declconn.records import OrderUpdate, TradeUpdate

MAX_ORPHANS: Final = 10_000
"""How many are kept; the oldest go first."""

Orphan = OrderUpdate | TradeUpdate


class Orphans:
    """Keeps news by the venue's order id until the order is known."""

    def __init__(self) -> None:
        self._kept: dict[Orphan, None] = {}
        self._by_id: dict[str, list[Orphan]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, news: Orphan) -> None:
        """Keep news that names the venue's id; other news cannot be recognised later and is dropped.

        The same news is kept once.
        """
        if news.exchange_order_id is None or news in self._kept:
            return
        self._kept[news] = None
        self._by_id.setdefault(news.exchange_order_id, []).append(news)
        if len(self._kept) > MAX_ORPHANS:
            self._drop(next(iter(self._kept)))

    def take(self, exchange_order_id: str, trading_pair: str) -> list[Orphan]:
        """What is kept of this order, in the order in which it came; it is not kept any more."""
        kept = self._by_id.get(exchange_order_id, ())
        taken = [news for news in kept if news.trading_pair in (None, trading_pair)]
        for news in taken:
            self._drop(news)
        return taken

    def _drop(self, news: Orphan) -> None:
        del self._kept[news]
        assert news.exchange_order_id is not None
        siblings = self._by_id[news.exchange_order_id]
        siblings.remove(news)
        if not siblings:
            del self._by_id[news.exchange_order_id]
