"""Frames about an account that are nothing the spec speaks of: a fill may be among them, and nobody hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from declconn.log import get_logger

logger = get_logger("declconn.feed")

MOST: Final = 3
"""So many frames are told, each of another shape: the first may be harmless, such as an answer to a subscription."""


class StrangeFrames:
    """Decides which of them are told.

    Args:
        where: the stream's place in the spec.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._shapes: set[object] = set()

    def is_news(self, frame: Any) -> bool:
        """Whether it is to be told: it is among the first, and none before looked like it."""
        if len(self._shapes) >= MOST or (shape := _shape(frame)) in self._shapes:
            return False
        self._shapes.add(shape)
        return True

    def tell(self, quoted: str) -> None:
        """Say so, with the frame as it may be shown."""
        logger.warning(
            "%s: a frame is nothing the spec speaks of; is an event missing, or does its `when` not fit? (told once of "
            "each shape, %d at most): %s",
            *(self._where, MOST, quoted),
        )


def _shape(value: Any) -> object:
    """The names in a frame; of a list those of its first item."""
    if isinstance(value, Mapping):
        return tuple((name, _shape(value[name])) for name in sorted(value, key=str))
    if isinstance(value, list | tuple) and value:
        return ("first", _shape(value[0]))
    return None
