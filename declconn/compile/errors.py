"""The `errors` section compiled: what an answer means, and which kind of error it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from declconn.compile.path import compile_path
from declconn.errors import VenueError
from declconn.spec.models import ErrorRule, Errors

DEFAULT_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (lambda status: status in (418, 429), "rate_limited"),
    (lambda status: status == 401, "authentication"),
    (lambda status: status == 403, "permission"),
    (lambda status: status >= 500, "unknown_outcome"),
)
"""What an HTTP status means when no rule of the spec knows better."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an error rule looks at."""

    operation: str
    status: int | None
    code: str | None
    message: str


class ErrorReader:
    """Decides whether an answer is an error, and names its kind by the spec's ordered rules."""

    def __init__(self, errors: Errors) -> None:
        self._ok = compile_path(errors.ok) if errors.ok is not None else None
        self._code = compile_path(errors.code) if errors.code is not None else _nothing
        self._message = compile_path(errors.message) if errors.message is not None else _nothing
        self._rules = [(str(kind), _compile_rule(rule)) for kind, rules in errors.kinds.items() for rule in rules]

    def is_good(self, status: int | None, document: Any) -> bool:
        """Whether an answer is a success.

        Args:
            status: the HTTP status, or ``None`` on a socket.
            document: the decoded answer, or ``None`` when it could not be decoded.
        """
        return (status is None or 200 <= status < 300) and (self._ok is None or bool(self._ok(document)))

    def error(
        self,
        operation: str,
        status: int | None,
        document: Any,
        *,
        code: Any = None,
        text: str = "",
        retry_after: float | None = None,
    ) -> VenueError:
        """The error that an answer is which is not good.

        Args:
            operation: who asked; rules may hold for some operations only.
            status: the HTTP status, or ``None`` on a socket.
            document: the decoded answer, or ``None`` when it could not be decoded.
            code: the venue's code, if it is known already.
            text: the message where the spec's path finds none: the beginning of the raw answer.
            retry_after: seconds that the venue asks to wait.
        """
        code = _text(code if code is not None else self._code(document))
        message = _text(self._message(document)) or text
        answer = Answer(operation, status, code, message)
        return VenueError(
            operation, self._kind(answer), message, status=status, code=code or None, retry_after=retry_after
        )

    def _kind(self, answer: Answer) -> str:
        for kind, holds in self._rules:
            if holds(answer):
                return kind
        if answer.status is not None:
            for matches, kind in DEFAULT_KINDS:
                if matches(answer.status):
                    return kind
        return "rejected"


def _nothing(_document: Any) -> None:
    return None


def _text(value: Any) -> str:
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _compile_rule(rule: ErrorRule) -> Callable[[Answer], bool]:
    """All words of a rule must hold; each word's list means one of."""
    tests: list[Callable[[Answer], bool]] = []
    if rule.code:
        codes = frozenset(map(_text, rule.code))
        tests.append(lambda answer: answer.code in codes)
    if rule.message:
        parts = tuple(rule.message)
        tests.append(lambda answer: any(part in answer.message for part in parts))
    if rule.regex:
        patterns = [re.compile(pattern) for pattern in rule.regex]
        tests.append(lambda answer: any(pattern.search(answer.message) for pattern in patterns))
    if rule.status:
        matches = [_status(status) for status in rule.status]
        tests.append(lambda answer: answer.status is not None and any(match(answer.status) for match in matches))
    if rule.on:
        operations = frozenset(rule.on)
        tests.append(lambda answer: answer.operation in operations)
    return lambda answer: all(test(answer) for test in tests)


def _status(word: Any) -> Callable[[int], bool]:
    """``429`` is one status, ``5xx`` a hundred."""
    text = str(word)
    if text.endswith("xx"):
        return lambda status: status // 100 == int(text[0])
    return lambda status: status == int(text)
