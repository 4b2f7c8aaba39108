"""Log records that say what they are about: `extra` fields beside the text, for machines.

The standard library does the logging; every logger's name begins with ``declconn.``. What a piece of work is about is
said once, where it begins, and holds for all that is logged below it, also in tasks that it starts:

    with about(venue="kraken", operation="balances"):
        ...
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar, Token
from types import MappingProxyType
from typing import Any, Final

FIELDS: Final = (
    "venue",
    "stream",
    "operation",
    "trading_pair",
    "client_order_id",
    "exchange_order_id",
)
"""The fields that there are, none of them ever secret. A record has those that are known."""

_about: ContextVar[Mapping[str, str]] = ContextVar("declconn_about", default=MappingProxyType({}))


@contextmanager
def about(**fields: str) -> Iterator[None]:
    """Whatever is logged inside is about this; fields that were said outside stay.

    Args:
        fields: some of `FIELDS`.
    """
    token = _about.set({**_about.get(), **fields})
    try:
        yield
    finally:
        _take_back(token)


@contextmanager
def about_only(**fields: str) -> Iterator[None]:
    """As `about`, but what was said outside is forgotten: for a task that outlives the work which starts it."""
    token = _about.set(fields)
    try:
        yield
    finally:
        _take_back(token)


def _take_back(token: Token[Mapping[str, str]]) -> None:
    """Forget what was said, but in a coroutine that is closed after its loop died: that runs where nothing was said."""
    with suppress(ValueError):
        _about.reset(token)


class Logger(logging.LoggerAdapter[logging.Logger]):
    """A logger of the standard library whose records have what `about` said as attributes."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        kwargs["extra"] = {**_about.get(), **(kwargs.get("extra") or {})}
        return msg, kwargs


def get_logger(name: str) -> Logger:
    """A logger by its full name, which begins with ``declconn.``."""
    return Logger(logging.getLogger(name))
