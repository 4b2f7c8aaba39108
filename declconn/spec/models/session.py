"""`session`: what is learnt while running and kept: account ids, tokens, listen keys, urls, modes."""

from __future__ import annotations

from typing import Literal

from declconn.spec.models.base import Duration, Model, Scalar, word


class SessionValue(Model):
    """One learnt value; ``{session.x}`` is the field `x` of what was obtained, ``{session.x.field}`` another."""

    obtain: str = word("The operation that is asked before the first use.", "listen_key")
    renew: str | None = word(
        "The operation that keeps it alive; without one it is obtained again.", "keep_listen_key", None
    )
    every: Duration | None = word("How often it is renewed.", "30m", None)
    per: Literal["account", "symbol", "connection"] = word("What has a value of its own.", "connection", "account")
    default: Scalar | None = word("What it is until there is an answer.", "ISOLATED", None)
