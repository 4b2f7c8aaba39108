"""Who may do what on a simulated venue: accounts by their keys, and what was issued to them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from declconn.compile.holes import word


@dataclass(slots=True)
class Member:
    """An account with its credentials.

    Attributes:
        account: its name in the matching engine.
        credentials: its secrets by the spec's names.
        nonce: the last that came, by its form.
    """

    account: str
    credentials: Mapping[str, str] = field(repr=False)
    nonce: dict[str, int] = field(default_factory=dict)


class Members:
    """All accounts that have keys.

    Args:
        names: of the credentials, from the spec.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self._members: list[Member] = []
        self._issued: dict[str, Member] = {}
        self._count = 0

    def add(self, account: str, credentials: Mapping[str, str] | None = None) -> Member:
        """Give an account keys; without any they are made up, each a text that is base64 too."""
        member = Member(account, credentials or {name: _made_up(account, name) for name in self._names})
        self._members.append(member)
        return member

    def with_credentials(self, shown: Mapping[str, Any]) -> Member | None:
        """Who has these credentials; ``None``: nobody, or none were shown."""
        for member in self._members:
            if shown and all(member.credentials.get(name) == word(value) for name, value in shown.items()):
                return member
        return None

    def issue(self, member: Member) -> str:
        """A token, listen key or the like, that nobody has yet."""
        self._count += 1
        token = f"issued-{self._count}-to-{member.account}"
        self._issued[token] = member
        return token

    def holder(self, token: Any) -> Member | None:
        """Whom a token was issued to."""
        return self._issued.get(str(token))

    def tokens(self) -> list[str]:
        """All that is valid now."""
        return list(self._issued)

    def revoke(self) -> None:
        """All that was issued is void."""
        self._issued.clear()


def _made_up(account: str, name: str) -> str:
    return base64.b64encode(hashlib.sha256(f"{name} of {account}".encode()).digest()).decode()
