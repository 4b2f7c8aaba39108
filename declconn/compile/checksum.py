"""`order_book.checksum` compiled."""

from __future__ import annotations

from declconn.book import Crc32
from declconn.errors import NotSupportedError
from declconn.spec import models


def compile_checksum(model: models.Checksum) -> Crc32:
    """How the venue's checksum of a book is computed.

    Raises:
        NotSupportedError: it is a Python hook.
    """
    if model.crc32 is None:
        raise NotSupportedError("order_book.checksum: Python hooks are not called yet")
    return Crc32(
        order=model.crc32,
        depth=model.depth,
        fields=tuple(model.fields_),
        format=model.format,
        join=model.join,
        signed=model.signed,
        ask_sign=model.ask_sign,
        on=model.on,
        ignore=frozenset(model.ignore),
    )
