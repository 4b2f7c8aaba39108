"""`encoding`: how the fields of a request become bytes; used by endpoints and by recipes."""

from __future__ import annotations

from typing import Literal

from declconn.spec.models.base import Flag, Model, word


class Encoding(Model):
    """How fields become bytes. A word that is absent is left to the recipe, then to the default."""

    body: Literal["json", "form", "base64json", "multipart", "none"] | None = word(
        "How the body is written; default json.", "form", None
    )
    arrays: Literal["repeat", "brackets", "indexed", "comma", "json"] | None = word(
        "How a list is written in a query or form: `a=1&a=2` (default), `a[]=1`, `a[0]=1`, `a=1,2`, `a=[1,2]`.",
        "comma",
        None,
    )
    sort: Literal[True, False, "recursive"] | None = word(
        "Sort the fields of query and form by name; `recursive`: at every depth, and in JSON too.", True, None
    )
    raw: Flag | None = word("Nothing is escaped: the query, or a form, is sent and signed as it is.", True, None)
    safe: str | None = word("Characters that are not escaped.", ",", None)
    space: Literal["%20", "+"] | None = word(
        "How a space is escaped; default `+` in a form, `%20` in a query.", "%20", None
    )
    empty: str | None = word("The body of a request that has none; default nothing.", "{}", None)
    content_type: str | None = word("The header `Content-Type` in place of the usual one.", "application/json", None)
    place: dict[Literal["GET", "POST", "PUT", "DELETE", "PATCH", "*"], Literal["query", "body", "both"]] | None = word(
        "Where the fields of a raw call travel, by method; `*` is any other.", {"DELETE": "body"}, None
    )
