"""A counter over all frames of a connection, which shows when one of them was lost."""

from __future__ import annotations

from typing import Any, Final

from declconn.compile import convert
from declconn.compile.path import compile_path
from declconn.connector.news import FrameGapError
from declconn.errors import MappingError
from declconn.spec import models

_MOST_COUNTERS: Final = 10_000
"""More than the channels of any connection; beyond that the venue names something else there."""


class FrameCounter:
    """Sees that each number follows the one before it.

    Args:
        where: the stream's place in the spec.
        model: where the number stands, and what has a counter of its own.
    """

    def __init__(self, where: str, model: models.Sequence) -> None:
        self._where = f"{where}.sequence"
        self._number = compile_path(model.path)
        self._counter = None if model.per == "connection" else compile_path(model.per)
        self._last: dict[str, int] = {}

    def restart(self) -> None:
        """A new connection counts anew."""
        self._last.clear()

    def check(self, frame: Any) -> None:
        """Take the next frame; one without a number is not counted.

        Raises:
            FrameGapError: frames are missing.
            MappingError: the number is none.
        """
        raw = self._number(frame)
        if raw is None:
            return
        try:
            number = convert.integer(raw)
        except ValueError as error:
            raise MappingError(self._where, "path", str(error)) from error
        name = "" if self._counter is None else str(self._counter(frame))
        last = self._last.get(name)
        if last is None and len(self._last) == _MOST_COUNTERS:
            self._last.clear()
        self._last[name] = number
        if last is not None and number != last + 1:
            raise FrameGapError(self._where, name, last + 1, number)
