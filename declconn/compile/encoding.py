"""Fields of a request as bytes: query text and bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from declconn.compile.decode import encode
from declconn.errors import NotSupportedError


def query_text(fields: Mapping[str, Any], *, safe: str = "") -> str:
    """``a=1&b=x%20y``: lists repeat their key, booleans are lower case."""
    return "&".join(f"{quote(key, safe=safe)}={quote(text, safe=safe)}" for key, text in _pairs(fields))


def _pairs(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            yield key, item if isinstance(item, str) else encode(item)


def body_bytes(fields: Mapping[str, Any] | None, kind: str) -> tuple[bytes, str | None]:
    """A body and its content type; no fields give no body.

    Raises:
        NotSupportedError: the runtime does not write this kind of body yet.
    """
    if fields is None or kind == "none":
        return b"", None
    if kind == "json":
        return encode(fields).encode(), "application/json"
    if kind == "form":
        return query_text(fields).encode(), "application/x-www-form-urlencoded"
    raise NotSupportedError(f"bodies of encoding {kind!r} are not written yet; json, form and none are")
