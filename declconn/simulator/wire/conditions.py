"""Matchers read backwards: a message that one of the spec's ``when`` or ``accepted`` means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from declconn.compile.matcher import Matcher
from declconn.compile.template import Sources, compile_template
from declconn.simulator.wire.inverse import lens
from declconn.simulator.wire.lens import Lens, Row, UnwritableError
from declconn.types import TimeUnit


class Conditions:
    """A matcher whose conditions can be made true.

    Args:
        where: the matcher's place in the spec, for errors.
        matcher: as it stands in the spec.

    Raises:
        ValueError: a path that cannot be written, whatever the message.
    """

    def __init__(self, where: str, matcher: Mapping[str, Any]) -> None:
        self._where = where
        self._matcher = Matcher(matcher)
        self._conditions = [_Condition(path, value) for path, value in matcher.items()]

    def match(self, message: Any, known: Sources) -> dict[str, Any] | None:
        """What the holes capture, or ``None`` if this is another message."""
        return self._matcher.match(message, known)

    def write(self, message: Any, sources: Sources) -> Any:
        """A copy of the message for which all conditions hold; what holds already is left as it is.

        Args:
            message: ``None`` for a new one.
            sources: what the holes are filled with.

        Raises:
            UnwritableError: a condition cannot be made true.
        """
        for condition in self._conditions:
            if not condition.holds(message, sources):
                message = condition.write(message, sources)
        if self.match(message, sources) is None:
            raise UnwritableError(self._where, "", f"its conditions cannot all be made true in {str(message)[:200]}")
        return message


class _Condition:
    def __init__(self, path: str, value: Any) -> None:
        self._place: Lens = lens(path)
        self._matcher = Matcher({path: value})
        self._value: Callable[[Sources], Any] | None = None
        if not isinstance(value, Mapping):
            self._value = compile_template(value[0] if isinstance(value, list | tuple) else value, TimeUnit.MS)

    def holds(self, message: Any, sources: Sources) -> bool:
        return self._matcher.match(message, sources) is not None

    def write(self, message: Any, sources: Sources) -> Any:
        row = Row(message)
        offered = self._place.put_null(row) if self._value is None else self._place.put(row, self._value(sources))
        return next((changed.document for changed in offered), message)
