"""Who waits for a rate limit, and behind whom."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from enum import IntEnum


class Priority(IntEnum):
    """Who goes first where a limit is short: higher ones, and they have a share that lower ones leave alone."""

    LATER = 0
    """What can wait: snapshots of order books, of which a hundred may be wanted at once."""
    NORMAL = 1
    FIRST = 2
    """What must not wait: cancels."""


class Draw:
    """Somebody who asks.

    Attributes:
        cost: units by rate limit.
        priority: whom they let pass.
        left: set when they stand in line no more.
    """

    __slots__ = ("cost", "left", "priority")

    def __init__(self, cost: Mapping[str, int], priority: Priority) -> None:
        self.cost, self.priority = cost, priority
        self.left = asyncio.Event()

    def competes_with(self, other: Draw) -> bool:
        """Whether both need the same limit."""
        return not self.cost.keys().isdisjoint(other.cost)


class WaitingLine:
    """The draws of one event loop that wait, by priority, and in each the one that came first ahead."""

    def __init__(self) -> None:
        # Dicts, because these keep order and forget in constant time.
        self._lines: dict[Priority, dict[Draw, None]] = {priority: {} for priority in Priority}

    def __bool__(self) -> bool:
        return any(self._lines.values())

    def join(self, draw: Draw) -> None:
        """Stand behind those who came before."""
        self._lines[draw.priority][draw] = None

    def leave(self, draw: Draw) -> None:
        """Go, let through or not, and wake who stands behind."""
        del self._lines[draw.priority][draw]
        draw.left.set()

    def ahead_of(self, draw: Draw) -> Draw | None:
        """Return a waiting draw that goes first because it shares a limit: the nearest in line, or a higher one."""
        nearest = None
        for other in self._lines[draw.priority]:
            if other is draw:
                break
            if other.competes_with(draw):
                nearest = other
        if nearest is not None:
            return nearest
        higher = (other for priority, line in self._lines.items() if priority > draw.priority for other in line)
        return next((other for other in higher if other.competes_with(draw)), None)
