"""A connector's own heartbeat, answered: silence would be taken for death."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from declconn.compile.decode import encode
from declconn.compile.lookup import Sources
from declconn.compile.source_book import FrozenClock
from declconn.compile.stream import HeartbeatAnswer, Stream
from declconn.errors import MappingError
from declconn.simulator.wire.conditions import Conditions
from declconn.simulator.wire.question import Question
from declconn.types import TimeUnit

_ANY_TIME: Final = FrozenClock(0)


class Heartbeat:
    """Answers `heartbeat.send` with `heartbeat.answer`. A spec without an answer gets its own message back.

    Raises:
        ValueError: `answer` cannot be written.
    """

    def __init__(self, stream: Stream, time_unit: TimeUnit) -> None:
        self._stream, self._where = stream, f"streams.{stream.name}.heartbeat"
        model = stream.model.heartbeat
        send, answer = (model.send, model.answer) if model else (None, None)
        self._question = None if send is None else Question(send, time_unit)
        self._answer = Conditions(f"{self._where}.answer", answer) if isinstance(answer, Mapping) else None

    def answer(self, message: Any, known: Sources) -> str | None:
        """The answer to a heartbeat; ``None`` if the message is none.

        Args:
            message: decoded, or the text that is no JSON.
            known: what templates may name.
        """
        captures = self._question.read(message, known) if self._question else None
        if captures is None:
            return None
        if self._answer is not None:
            return encode(self._answer.write(None, {**known, **captures}))
        return self._stream.heartbeat_text or (message if isinstance(message, str) else encode(message))

    def rehearse(self, known: Sources) -> None:
        """Answer a heartbeat as the connector sends it.

        Raises:
            ValueError: it is not understood, or the answer would be read as something else.
        """
        beat = self._stream.heartbeat({**known, "clock": _ANY_TIME}, 1)
        if beat is None:
            return
        answer = self.answer(self.decoded(beat), known)
        if answer is None:
            raise ValueError(f"{self._where}.send: {beat} cannot be read backwards, so it would never be answered")
        if answer != self._stream.heartbeat_text and not self._is_harmless(answer, known):
            raise ValueError(f"{self._where}: {answer} would be read as something else; `answer` can say what comes")

    def decoded(self, raw: str | bytes) -> Any:
        """A message of the connector; one that is no JSON stays text."""
        try:
            return self._stream.decode(raw)
        except MappingError:
            return raw

    def _is_harmless(self, answer: str, known: Sources) -> bool:
        """The connector knows it for an answer, or for nothing at all."""
        try:
            frame = self._stream.decode(answer)
        except MappingError:
            return False
        return all(isinstance(meaning, HeartbeatAnswer) for meaning, _ in self._stream.route(frame, known)[:1])
