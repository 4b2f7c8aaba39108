"""What is measured, and how: all in one process, interleaved."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Sequence

Best = tuple[float | None, float | None]


class Contender:
    """Something that takes frames.

    Attributes:
        name: for the table.
        take: takes one frame the whole way, and sets ``best``; this is what is timed.
        best: what it says after a frame are the best bid and ask; ``None`` if it keeps no book.
    """

    name: str
    take: Callable[[str], object]
    best: Best | None = None

    def prepare(self) -> None:
        """Go back to the book before the first frame; not timed."""

    def close(self) -> None:
        """Let go of what it holds."""


def agree(contenders: Sequence[Contender], frames: Sequence[str]) -> None:
    """Check that all have the same best bid and ask after every frame.

    Raises:
        AssertionError: two of them differ; says where.
    """
    for contender in contenders:
        contender.prepare()
    for number, frame in enumerate(frames):
        for contender in contenders:
            contender.take(frame)
        found = {contender.name: contender.best for contender in contenders if contender.best is not None}
        assert len(set(found.values())) == 1, f"frame {number}: {found}"


def measure(contenders: Sequence[Contender], frames: Sequence[str], rounds: int) -> dict[str, list[float]]:
    """Microseconds of CPU a frame for each contender, once a round, in a new random order every round.

    The time of this thread, not of the wall: what other programs take in between is nobody's here.
    """
    times: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    order = list(contenders)
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        random.shuffle(order)
        for contender in order:
            contender.prepare()
            take = contender.take
            start = time.thread_time_ns()
            for frame in frames:
                take(frame)
            times[contender.name].append((time.thread_time_ns() - start) / len(frames) / 1_000)
    gc.unfreeze()
    return times


def ratio(times: Sequence[float], floor: Sequence[float]) -> float:
    """How many times slower, as the median over the rounds: what slows a whole round down cancels out."""
    return statistics.median(one / other for one, other in zip(times, floor, strict=True))
