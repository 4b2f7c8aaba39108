"""Frames as they may be shown to people: short, and without secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import SecretStr

from declconn.compile.lookup import Sources
from declconn.net.scrub import REDACTED, redact

LONGEST: Final = 200
"""Characters of a frame that are shown."""

_SECRET_NAMES: Final = re.compile("key|token|secret|sign|pass", re.IGNORECASE)
"""Fields whose value may be a secret that we do not know yet: the answer to a login may bring one."""

_SHORT: Final = 8
"""Values of `session` with fewer characters are modes and account numbers, not secrets."""


def quoted(frame: Any, sources: Sources) -> str:
    """The beginning of a decoded frame.

    Args:
        frame: what the venue sent.
        sources: what templates may name on its connection, for the secrets among it.
    """
    text = redact(repr(_masked(frame)), _secrets(sources))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _masked(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _masked(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item, name) for item in value]
    return REDACTED if isinstance(value, str) and _SECRET_NAMES.search(name) else value


def _secrets(sources: Sources) -> Iterator[str]:
    for value in sources.get("cred", {}).values():
        yield value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    for learnt in sources.get("session", {}).values():
        yield from (text for text in map(str, learnt.values()) if len(text) >= _SHORT)
