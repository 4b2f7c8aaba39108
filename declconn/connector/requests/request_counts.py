"""How requests end, and how long they are on their way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from declconn.connector.requests.policies import kind_of
from declconn.errors import DeclconnError
from declconn.log import get_logger

logger = get_logger("declconn.rest")


class RequestCounts:
    """Counts single requests: a second attempt is one more.

    Attributes:
        results: how many ended how, by operation and result: ``ok``, ``cancelled``, ``error`` or a kind of error.
        seconds: how long they were on their way in all, by operation, from being written to the end of the answer.
    """

    def __init__(self) -> None:
        self.results: Counter[tuple[str, str]] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def counted(self, operation: str) -> Iterator[None]:
        """What happens inside is one request and its answer."""
        result = "cancelled"
        try:
            yield
            result = "ok"
        except DeclconnError as error:
            result = kind_of(error) or "error"
            raise
        finally:
            self.results[operation, result] += 1
            logger.debug("%s: %s", operation, result)

    def was_away(self, operation: str, seconds: float) -> None:
        """A request was on its way for so long."""
        self.seconds[operation] += seconds
