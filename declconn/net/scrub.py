"""Keeping secrets out of logs and recordings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote, quote_plus, urlsplit

REDACTED = "***"


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return a function that replaces every secret in a text with ``***``.

    A secret is also found the way it looks in a query, in a form and in JSON. Empty secrets are ignored.
    """
    spellings = {spelling for secret in secrets for spelling in _spellings(secret)} - {""}
    if not spellings:
        return str
    longest_first = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return lambda text: pattern.sub(REDACTED, text)


def redact(text: str, secrets: Iterable[str]) -> str:
    """Replace every secret in one text; for many texts, keep a `redactor`."""
    return redactor(secrets)(text)


def safe_url(url: str) -> str:
    """Return ``scheme://host:port/path``: without user, query and fragment, which may hold keys and signatures."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(not a url)"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _spellings(secret: str) -> set[str]:
    in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)} | in_json
