"""What a simulated venue refuses, in the language's own error kinds."""

from __future__ import annotations

from typing import Literal, TypeAlias

from declconn.errors import DeclconnError

RefusalKind: TypeAlias = Literal[
    "authentication",
    "clock_skew",
    "duplicate_order",
    "insufficient_funds",
    "invalid_order",
    "maintenance",
    "nonce",
    "not_modified",
    "order_done",
    "order_not_found",
    "post_only_rejected",
    "rate_limited",
    "unknown_outcome",
]


class RefusedError(DeclconnError):
    """The venue says no, and nothing has happened.

    Attributes:
        kind: one of the language's error kinds.
        text: what was found and what was expected.
    """

    def __init__(self, kind: RefusalKind, text: str) -> None:
        self.kind: RefusalKind = kind
        self.text = text
        super().__init__(f"{kind}: {text}")
