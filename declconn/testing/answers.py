"""Which operation a recorded answer belongs to, and what it was asked with: a spec's requests read backwards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from declconn.compile.matcher import Matcher
from declconn.errors import ReplayError
from declconn.spec import Spec
from declconn.spec.template import Placeholder, placeholders
from declconn.suggest import suggestion

_LOOP = re.compile(r"\{for\.(\w+)\}")
"""The value of a loop, which is read backwards as any other hole."""

_MARKET = ("symbol", "base", "quote")


@dataclass(frozen=True, slots=True)
class _Asked:
    operation: str
    matcher: Matcher


class Answers:
    """Knows the public GET requests of a spec by their path, whatever host they were sent to.

    Of a query, what names the market and what is written out as text (``instType: SPOT``) must be as the spec says,
    if it was recorded; numbers (limits) and everything else may differ.

    Args:
        spec: whose requests.
        environment: its urls, of which only the paths count.
        moved: for an operation that was asked elsewhere when the recording was made, the path of that time; it may
            have holes as in the spec (``/v1/book/{symbol}``), and the query stays the spec's.

    Raises:
        ReplayError: ``moved`` names an operation that the spec does not have.
    """

    def __init__(self, spec: Spec, environment: Mapping[str, Any], moved: Mapping[str, str] | None = None) -> None:
        paths = {name: urlsplit(str(value)).path for name, value in environment.items()}
        self._known = {"env": paths, "const": spec.constants}
        self._asked = list(_requests(spec, moved or {}))

    def operation(self, url: str) -> tuple[str, dict[str, Any]] | None:
        """The operation that asks this url, and the arguments that stand in it; ``None`` if none does."""
        parts = urlsplit(url)
        document = {"path": parts.path, "query": dict(parse_qsl(parts.query, keep_blank_values=True))}
        for asked in self._asked:
            arguments = asked.matcher.match(document, self._known)
            if arguments is not None:
                return asked.operation, arguments
        return None


def _requests(spec: Spec, moved: Mapping[str, str]) -> Iterator[_Asked]:
    for operation in moved:
        if operation not in spec.endpoints:
            hint = suggestion(operation, spec.endpoints)
            raise ReplayError(f"{spec.name} has no operation {operation!r}{hint}, so no answer can be its")
    for operation in spec.endpoints:
        for model in spec.requests(operation):
            if not isinstance(model.get, str) or model.auth is not None:
                continue
            path = moved.get(operation) or (f"{{env.rest}}{model.get}" if model.get.startswith("/") else model.get)
            path = _LOOP.sub(r"{\1}", path)
            query = {
                f'query."{name}"': [value, {"absent": True}] if _is_literal(value) else value
                for name, value in (model.params or {}).items()
                if _is_market(value) or _is_literal(value)
            }
            yield _Asked(operation, Matcher({"path": path, **query}))


def _is_market(template: Any) -> bool:
    return any(source in _MARKET for hole in _holes(template) if not hole.optional for source in hole.sources)


def _is_literal(template: Any) -> bool:
    """A text of the spec itself: it says what is asked for, where a number says how much."""
    sources = [source for hole in _holes(template) for source in hole.sources]
    return isinstance(template, str) and all(source.startswith("const.") for source in sources)


def _holes(template: Any) -> list[Placeholder]:
    return [hole for _, hole in placeholders(template)]
