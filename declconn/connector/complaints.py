"""What is wrong with what a venue sends: counted always, told once per kind."""

from __future__ import annotations

from collections import Counter

from declconn.log import get_logger

logger = get_logger("declconn.feed")


class Complaints:
    """Counts by kind; the first of each kind is logged with its details.

    A kind is a short text such as ``streams.market.events.trade.price``; the counts are metrics.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.counts: Counter[str] = Counter()

    def add(self, kind: str, details: object) -> None:
        """Note one more of a kind."""
        self.counts[kind] += 1
        if self.counts[kind] == 1:
            told = (self._name, details)
            logger.warning("%s: %s (further ones of this kind are only counted)", *told, extra={"venue": self._name})
