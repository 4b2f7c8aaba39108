"""How a venue's books are kept in step: the ``order_book`` section of a spec as the book floor knows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from declconn.book.checksum import Checksum
from declconn.book.rules import RULES, JoinWord, RuleName, SequenceRule, StaleWord

SnapshotSource: TypeAlias = Literal["rest", "stream", "request", "every"]
OnGap: TypeAlias = Literal["resnapshot", "resubscribe", "reconnect", "ignore"]


class Need(StrEnum):
    """What a book needs from outside to be right (again)."""

    NOTHING = "nothing"
    SNAPSHOT = "snapshot"
    RESUBSCRIBE = "resubscribe"
    RECONNECT = "reconnect"


@dataclass(frozen=True, slots=True)
class BookRules:
    """What the language's ``order_book`` says; the defaults are the language's.

    Attributes:
        snapshot: where the first whole book comes from: a REST request, the stream's first message, a request over the
            diffs' own socket, or every message.
        rule: how a diff is known to follow the last one.
        after_diffs: ask for a snapshot only when so many diffs are waiting (for venues whose snapshots lag).
        after_delay: and only so many seconds after subscribing.
        join: how the first diff must meet the snapshot, any of these; empty: the rule's default.
        stale: which diffs a snapshot already holds: up to its id, or before it.
        on_gap: what to do about a gap; ``None``: ``resnapshot`` for rest and request, ``resubscribe`` for stream,
            nothing for every (the next message is a whole book).
        retries: how often to ask again while the snapshot is older than the first waiting diff.
        resnapshot: seconds between fresh snapshots of a live book, or ``None`` for never.
        empty_ids: ids of the snapshot of an empty listing, after which any diff joins.
        truncate: the depth to cut the book at after every diff, or ``None``.
        checksum: how to compute what the venue sends with its messages, or ``None``.
    """

    snapshot: SnapshotSource
    rule: RuleName
    after_diffs: int = 0
    after_delay: float = 0.0
    join: tuple[JoinWord, ...] = ()
    stale: StaleWord = "<="
    on_gap: OnGap | None = None
    retries: int = 3
    resnapshot: float | None = None
    empty_ids: frozenset[int] = frozenset()
    truncate: int | None = None
    checksum: Checksum | None = None

    @property
    def asks_for_snapshots(self) -> bool:
        """Snapshots come because we ask, so the diffs that arrive meanwhile are kept."""
        return self.snapshot in ("rest", "request")

    @property
    def remedy(self) -> Need:
        """What makes a wrong book right."""
        return _REMEDIES[self.on_gap] if self.on_gap in _REMEDIES else _DEFAULT_REMEDIES[self.snapshot]

    def sequence_rule(self) -> SequenceRule:
        """The rule with its settings."""
        return RULES[self.rule](self.join, self.stale, self.empty_ids)


_REMEDIES: dict[OnGap | None, Need] = {
    "resnapshot": Need.SNAPSHOT,
    "resubscribe": Need.RESUBSCRIBE,
    "reconnect": Need.RECONNECT,
}
_DEFAULT_REMEDIES: dict[SnapshotSource, Need] = {
    "rest": Need.SNAPSHOT,
    "request": Need.SNAPSHOT,
    "stream": Need.RESUBSCRIBE,
    "every": Need.NOTHING,
}
