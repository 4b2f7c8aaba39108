"""Fields of a request as the bytes that are sent: `encoding`, with every word decided."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from declconn.compile.decode import encode
from declconn.compile.filters import as_text
from declconn.compile.form import Form, Sort, ordered
from declconn.spec import models

_Write: TypeAlias = Callable[[Any], str]

_CONTENT_TYPES: Final = {
    "json": "application/json",
    "base64json": "application/json",
    "form": "application/x-www-form-urlencoded",
}
_PLACES: Final = {"GET": "query", "DELETE": "query", "*": "body"}
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]").search
_BREAK: Final = "\r\n"


class Encoder:
    """Writes queries and bodies as the words of an `encoding` say.

    Args:
        encodings: the first that has a word wins; ``None`` has none.

    Attributes:
        kind: how bodies are written: ``json``, ``form``, ``base64json``, ``multipart`` or ``none``.
        pairs: writes fields that are added to a query or form after signing; they are always escaped.
    """

    def __init__(self, *encodings: models.Encoding | None) -> None:
        def word(name: str, default: Any) -> Any:
            said = (getattr(encoding, name) for encoding in encodings if encoding is not None)
            return next((value for value in said if value is not None), default)

        self.kind: str = word("body", "json")
        self._empty: str = word("empty", "")
        self._content_type: str | None = word("content_type", None)
        places = word("place", {})
        self._places: Mapping[str, str] = places if "*" in places else {**_PLACES, **places}
        sort: Sort = word("sort", False)
        # Pairs are sorted by venues that sign them so; the order of JSON is free, unless the spec asks for every depth.
        self._sort: Sort = sort if sort == "recursive" or self.kind in ("form", "multipart") else False
        self._raw: bool = word("raw", False)
        arrays, safe, space = word("arrays", "repeat"), word("safe", ""), word("space", None)
        self._query = Form(arrays=arrays, sort=sort, raw=self._raw, safe=safe, space=space or "%20")
        self._unescaped = Form(arrays=arrays, sort=sort, raw=True)
        self.pairs = Form(arrays=arrays, safe=safe)
        form = Form(arrays=arrays, raw=self._raw, safe=safe, space=space or "+")
        self._write: _Write = form if self.kind == "form" else _WRITERS[self.kind]

    def place(self, method: str) -> str:
        """Where fields travel whose request does not say it: ``query``, ``body`` or ``both``."""
        return self._places.get(method) or self._places["*"]

    def query(self, fields: Mapping[str, Any]) -> str:
        """The query as it is sent.

        Raises:
            ValueError: a value has no text, or cannot be sent unescaped.
        """
        text = self._query(fields)
        if self._raw and _CONTROL(text):
            raise ValueError("a query that is sent unescaped cannot hold control characters, such as line feeds")
        return text

    def query_raw(self, fields: Mapping[str, Any]) -> str:
        """The query with nothing escaped, as some venues sign it."""
        return self._unescaped(fields)

    def body(self, fields: Any) -> str:
        """The body: fields are written, a text is sent as it is, no fields are the empty body.

        Raises:
            ValueError: a value has no text, or the fields are no map where one is needed.
            ConfigurationError: a value has no JSON form.
        """
        if isinstance(fields, str):
            return fields
        if not fields:
            return self._empty
        if type(fields) is not dict and self.kind in ("form", "multipart") and not isinstance(fields, Mapping):
            raise ValueError(f"a {self.kind} body is made of a map of fields, and this is a {type(fields).__name__}")
        return self._write(ordered(fields, self._sort) if self._sort else fields)

    def with_more(self, fields: Any, body: str, more: Mapping[str, Any]) -> str:
        """The body with further fields at its end, which leave what stands before them as it was.

        Args:
            fields: what the body was made of.
            body: the body.
            more: what is added.
        """
        if self.kind == "form" or isinstance(fields, str):
            return f"{body}&{self.pairs(more)}" if body else self.pairs(more)
        if fields and not isinstance(fields, Mapping):
            raise ValueError(f"nothing can be added to a body that is a {type(fields).__name__}; it needs an envelope")
        return self._write({**ordered(fields or {}, self._sort), **more})

    def content_type(self, body: str) -> str | None:
        """The header `Content-Type` that goes with a body."""
        if self._content_type is not None or not body:
            return self._content_type
        if self.kind == "multipart":
            return f"multipart/form-data; boundary={body[2 : body.index(_BREAK)]}"
        return _CONTENT_TYPES.get(self.kind)


def _base64json(fields: Any) -> str:
    return base64.b64encode(encode(fields).encode()).decode()


def _multipart(fields: Mapping[str, Any]) -> str:
    """RFC 7578. The boundary is made from the fields, so that it stands in none of them and is the same each time."""
    parts = [f'Content-Disposition: form-data; name="{_part_name(name)}"' for name in fields]
    texts = [value if isinstance(value, str) else _part_text(value) for value in fields.values()]
    boundary = hashlib.sha256("\0".join([*parts, *texts]).encode()).hexdigest()[:32]
    written = [f"--{boundary}{_BREAK}{part}{_BREAK * 2}{text}{_BREAK}" for part, text in zip(parts, texts, strict=True)]
    return f"{''.join(written)}--{boundary}--{_BREAK}"


def _part_name(name: str) -> str:
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _part_text(value: Any) -> str:
    return encode(value) if isinstance(value, Mapping | list | tuple) else as_text(value)


_WRITERS: Final[Mapping[str, _Write]] = {
    "json": encode,
    "base64json": _base64json,
    "multipart": _multipart,
    "none": lambda fields: "",
}
