"""`errors` read backwards: an answer that the spec takes for an error of some kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from declconn.compile.decode import encode
from declconn.compile.errors import ErrorReader
from declconn.net.transport import Response
from declconn.simulator.wire.inverse import lens
from declconn.simulator.wire.lens import Lens, Row
from declconn.spec import models

NEAR: Final = {
    "order_done": ("order_not_found", "invalid_order"),
    "duplicate_order": ("invalid_order",),
    "post_only_rejected": ("invalid_order",),
    "insufficient_funds": ("invalid_order",),
    "order_not_found": ("invalid_order",),
    "clock_skew": ("authentication",),
    "nonce": ("authentication",),
    "not_modified": ("invalid_order",),
    "maintenance": ("rate_limited",),
}
"""What a venue says that has no word for a kind, before it says no more than ``rejected``."""

STATUSES: Final = (200, 400, 401, 403, 429, 500, 503)
"""The HTTP statuses that are tried, where no rule names one."""


class ErrorWriter:
    """Writes refusals. Each is read back before it is sent, so it means to the connector what is meant here."""

    def __init__(self, errors: models.Errors) -> None:
        self._errors, self._reader = errors, ErrorReader(errors)
        self._ok = lens(True if errors.ok is None else errors.ok)
        self._code, self._message = (None if path is None else lens(path) for path in (errors.code, errors.message))

    def response(self, operation: str, kind: str, text: str) -> Response:
        """The answer that says so, or the nearest that the venue can say.

        Args:
            operation: what was asked.
            kind: one of the language's error kinds.
            text: what the venue says if the spec does not tell its words.
        """
        for near in (kind, *NEAR.get(kind, ()), "rejected"):
            for status, document in self._drafts(near, text):
                good = self._reader.is_good(status, document)
                if not good and self._reader.error(operation, status, document).kind == near:
                    return Response(status, {}, encode(document).encode())
        return Response(400, {}, encode({"error": text}).encode())

    def words(self, kind: str, text: str) -> tuple[str | None, str]:
        """Code and words of an error, for an answer on a socket."""
        for rule in self._rules(kind):
            return (str(rule.code[0]) if rule.code else None), _said(rule, text)
        return None, text

    def _drafts(self, kind: str, text: str) -> Iterator[tuple[int, Any]]:
        for rule in self._rules(kind):
            code = rule.code[0] if rule.code else None
            for status in [_status(word) for word in rule.status or ()] or STATUSES:
                yield status, self._document(code, _said(rule, text))
        for status in STATUSES:
            yield status, self._document(None, text)

    def _rules(self, kind: str) -> list[models.ErrorRule]:
        return [rule for name, rules in self._errors.kinds.items() if name == kind for rule in rules]

    def _document(self, code: Any, message: str) -> Any:
        row = Row()
        for place, value in ((self._message, message), (self._code, code)):
            if place is not None and value is not None:
                row = _first(place, row, value)
        return next((made.document for made in self._ok.make(row, False)), row.document) or {}


def _first(place: Lens, row: Row, value: Any) -> Row:
    return next(place.put(row, value), row)


def _said(rule: models.ErrorRule, text: str) -> str:
    """A venue's words; such as end with a colon are only their beginning."""
    words = rule.message[0] if rule.message else ""
    return f"{words}{text}" if not words or words.endswith(":") else words


def _status(word: Any) -> int:
    """One status of a class: 5xx is 500."""
    return int(str(word).replace("xx", "00"))
