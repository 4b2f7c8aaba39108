"""A request before it is signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from declconn.spec import models


class Draft(msgspec.Struct, frozen=True):
    """What an endpoint wants to send, still as fields; a recipe makes it into bytes.

    Attributes:
        method: ``GET``, ``POST``, ``PUT``, ``DELETE`` or ``PATCH``.
        url: the whole url; it may have a query already, which stays in front.
        params: fields of the query: text, numbers, booleans, lists and maps of these.
        body: fields of the body (a list where a venue takes one), a text that is sent as it is, or ``None``. Where
            neither ``params`` nor ``body`` says where fields travel, the encoding's `place` does.
        headers: headers without the recipe's.
        encoding: how the fields become bytes; its words win over the recipe's.
    """

    method: str
    url: str
    params: Mapping[str, Any] = {}
    body: Any = None
    headers: Mapping[str, str] = {}
    encoding: models.Encoding | None = None

    def __repr__(self) -> str:
        # Fields and headers may hold listen keys and tokens.
        return f"<Draft {self.method} {self.url.partition('?')[0]}>"
