"""Which operation a recorded answer belongs to, and what it was asked with: a spec's requests read backwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from declconn.compile.matcher import Matcher
from declconn.spec import Spec
from declconn.spec.template import placeholders


@dataclass(frozen=True, slots=True)
class _Asked:
    operation: str
    matcher: Matcher


class Answers:
    """Knows the GET requests of a spec by their path, whatever host they were sent to."""

    def __init__(self, spec: Spec, environment: Mapping[str, Any]) -> None:
        self._environment = environment
        self._asked = list(_requests(spec))

    def operation(self, url: str) -> tuple[str, dict[str, Any]] | None:
        """The operation that asks this url, and the arguments that stand in it; ``None`` if none does."""
        parts = urlsplit(url)
        document = {"path": parts.path, "query": dict(parse_qsl(parts.query, keep_blank_values=True))}
        known = {"env": {name: urlsplit(str(value)).path for name, value in self._environment.items()}}
        for asked in self._asked:
            arguments = asked.matcher.match(document, known)
            if arguments is not None:
                return asked.operation, arguments
        return None


def _requests(spec: Spec) -> Iterator[_Asked]:
    for operation in spec.endpoints:
        for model in spec.requests(operation):
            if isinstance(model.get, str):
                path = f"{{env.rest}}{model.get}" if model.get.startswith("/") else model.get
                query = {f'query."{name}"': value for name, value in (model.params or {}).items() if _is_market(value)}
                yield _Asked(operation, Matcher({"path": path, **query}))


def _is_market(template: Any) -> bool:
    """Only what names the market must be in the request; limits and times may differ."""
    holes = [hole for _, hole in placeholders(template)]
    return any(source in ("symbol", "base", "quote") for hole in holes for source in hole.sources if not hole.optional)
