"""What is asked again and again for an account: balances, positions, fees, and what became of its orders."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from declconn.account.change import Change
from declconn.clock import Clock
from declconn.errors import DeclconnError, VenueError
from declconn.log import get_logger
from declconn.net.duties import woken_within

logger = get_logger("declconn.account")

SHORT_POLL_INTERVAL: Final = 5.0
"""Seconds between two rounds while the user stream is silent (Hummingbot's value)."""

LONG_POLL_INTERVAL: Final = 120.0
"""Seconds between two rounds while the user stream speaks (Hummingbot's value)."""

SILENCE: Final = 60.0
"""Seconds without a word after which the user stream counts as silent (Hummingbot's ``TICK_INTERVAL_LIMIT``)."""

TRADING_FEES_INTERVAL: Final = 12 * 3600.0
"""Seconds between two looks at the account's fees (Hummingbot's value)."""

AGAIN: Final = 5.0
"""Seconds until something is asked again that could not be learnt yet."""

STEP: Final = 1.0
"""Seconds after which it is looked again whether the user stream speaks."""

BREATH: Final = 1.0
"""The least seconds between two rounds, however many events want one."""

FORBIDDEN: Final = frozenset({"authentication", "permission"})
"""Kinds of errors that asking often does not mend, and that venues punish."""

Ask = Callable[[], Awaitable[None]]


class Upkeep:
    """Asks in rounds: often while the user stream is silent, seldom while it speaks, at once when it comes back.

    A round that took long, as where limits are short, is followed by as long a pause.

    Args:
        name: whose account, for the log.
        rounds: what is asked in every round, in this order, by the name of what it makes ready. Balances come after
            orders: what is locked is compared with what our orders hold, so these have to be known.
        seldom: what is asked at the start and then twice a day.
        silent_for: seconds since the user stream said anything; infinite without one, and while it is not connected.
        progress: told whenever something was asked.
        clock: paces.
    """

    def __init__(
        self,
        name: str,
        *,
        rounds: Mapping[str, Ask],
        seldom: Mapping[str, Ask],
        silent_for: Callable[[], float],
        progress: Change,
        clock: Clock,
    ) -> None:
        self._name, self._rounds, self._seldom = name, rounds, seldom
        self._silent_for, self._progress, self._clock = silent_for, progress, clock
        self._wanted, self._changed = asyncio.Event(), asyncio.Event()
        self._changes: dict[str, None] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._done: set[str] = set()
        self._errors: dict[str, DeclconnError] = {}

    @property
    def status_dict(self) -> dict[str, bool]:
        """What was learnt, part by part."""
        return {part: part in self._done for part in (*self._rounds, *self._seldom)}

    @property
    def troubles(self) -> list[str]:
        """What cannot be asked now, and why."""
        return [f"{part}: {error}" for part, error in self._errors.items()]

    def start(self) -> None:
        """Begin; the first round is asked at once."""
        self._tasks = [
            asyncio.create_task(self._go_round(), name=f"{self._name} account"),
            asyncio.create_task(self._look_seldom(), name=f"{self._name} fees"),
            asyncio.create_task(self._look_after_changes(), name=f"{self._name} holdings"),
        ]

    async def stop(self) -> None:
        """Ask nothing more; what was learnt is old by the next start."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._done.clear()
        self._errors.clear()

    def want(self) -> None:
        """A round is needed now: the user stream came back, so news may have been missed."""
        self._wanted.set()

    def changed(self, parts: Iterable[str]) -> None:
        """These parts of a round have changed, and no stream tells how they stand: they are asked in a moment."""
        self._changes.update(dict.fromkeys(part for part in parts if part in self._rounds))
        if self._changes:
            self._changed.set()

    async def look(self) -> None:
        """One round, one question after the other. What cannot be asked is logged and asked again; the others are asked
        nevertheless.
        """
        for part, ask in self._rounds.items():
            await self._ask(part, ask)

    async def _go_round(self) -> None:
        while True:
            self._wanted.clear()
            began_at = self._clock.monotonic()
            await self.look()
            asked_at = self._clock.monotonic()
            await self._clock.sleep(BREATH)
            while self._clock.monotonic() - asked_at < max(self._interval(), asked_at - began_at):
                if await woken_within(STEP, self._wanted, self._clock):
                    break

    def _interval(self) -> float:
        if any(isinstance(error, VenueError) and error.kind in FORBIDDEN for error in self._errors.values()):
            return LONG_POLL_INTERVAL
        if self._silent_for() > SILENCE or not self._done.issuperset(self._rounds):
            return SHORT_POLL_INTERVAL
        return LONG_POLL_INTERVAL

    async def _look_seldom(self) -> None:
        while True:
            for part, ask in self._seldom.items():
                await self._ask(part, ask)
            complete = self._done.issuperset(self._seldom)
            await self._clock.sleep(TRADING_FEES_INTERVAL if complete else AGAIN)

    async def _look_after_changes(self) -> None:
        """Ask a breath after a change; of changes that follow one another, as often as in rounds."""
        while True:
            await self._changed.wait()
            await self._clock.sleep(BREATH)
            self._changed.clear()
            changes, self._changes = self._changes, {}
            for part in changes:
                await self._ask(part, self._rounds[part])
            await self._clock.sleep(SHORT_POLL_INTERVAL - BREATH)

    async def _ask(self, part: str, ask: Ask) -> None:
        try:
            await ask()
        except DeclconnError as error:
            self._errors[part] = error
            logger.warning("%s: %s could not be learnt: %s", self._name, part, error)
        except Exception:
            logger.exception("%s: %s could not be learnt: this is a bug", self._name, part)
        else:
            self._errors.pop(part, None)
            self._done.add(part)
        self._progress.happened()
