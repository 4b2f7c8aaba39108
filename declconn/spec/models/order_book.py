"""`order_book`: where a book's beginning comes from, and how its diffs are known to follow."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import PlainValidator, WithJsonSchema

from declconn.spec.models.base import (
    TEXT,
    Count,
    CountOrTemplate,
    Duration,
    Flag,
    Listed,
    Model,
    Shorthand,
    Template,
    Whole,
    word,
)
from declconn.spec.units import parse_duration

Join: TypeAlias = Literal["contains_next", "contains", "prev_equals", "prev_contains", "any"]


class After(Model):
    """What is awaited before a snapshot is asked for."""

    diffs: Count | None = word("So many diffs have come.", 2, None)
    delay: Duration | None = word("So much time has passed.", "1s", None)


class Snapshot(Model):
    """Where the whole book comes from."""

    from_: Literal["rest", "stream", "request", "every"] = word(
        "`rest`: an operation; `stream`: the first message, and any later one; `request`: asked on the diffs' own "
        "socket; `every`: each message is a whole book.",
        "rest",
        alias="from",
    )
    after: After | None = word("What is awaited before it is asked for.", {"diffs": 2}, None)
    send: Template | None = word("For `request`: the message that asks.", {"req": "market.{symbol}.mbp.400"}, None)
    auth: str | None = word("For `request`: the recipe that signs the message.", "ws?", None)


SnapshotOrWord: TypeAlias = Annotated[
    Snapshot, Shorthand(lambda value: value if isinstance(value, dict | Snapshot) else {"from": value}, TEXT)
]


class Checksum(Model):
    """The venue's checksum of the best levels."""

    crc32: Literal["interleave", "asks_bids", "bids_asks"] | None = word("The order of the levels.", "interleave", None)
    depth: Count = word("How many levels of each side.", 10, 25)
    fields_: list[Literal["price", "size"]] = word(
        "What is taken of a level.", ["price", "size"], ["price", "size"], alias="fields"
    )
    format: Literal["raw", "digits", "fixed8"] = word(
        "`raw`: as the venue wrote it; `digits`: without the point and leading zeros; `fixed8`: eight decimals.",
        "digits",
        "raw",
    )
    join: str = word("What stands between.", ":", ":")
    signed: Flag = word("The number is a signed 32-bit one.", True, False)
    ask_sign: Literal[1, -1] = word("The sign that sizes of asks are written with.", -1, 1)
    on: Literal["diff", "all"] = word("Which messages carry it.", "diff", "all")
    ignore: list[Whole] = word("Values that say nothing.", [0], [])
    python: str | None = word("A hook instead: book -> integer.", "my_venue.hooks:checksum", None)


def _duration_or_never(value: Any) -> Any:
    return value if value == "never" else parse_duration(value)


DurationOrNever: TypeAlias = Annotated[
    Decimal | Literal["never"], PlainValidator(_duration_or_never), WithJsonSchema(TEXT)
]


class OrderBook(Model):
    """How books are kept; a book that may be wrong is not readable as if it were good."""

    snapshot: SnapshotOrWord = word("Where the whole book comes from.", "rest")
    rule: Literal["range", "prev", "step", "monotonic", "checksum", "none"] = word(
        "How a diff follows the last id n: `range` first == n+1; `prev` previous == n; `step` update == n+1; "
        "`monotonic` drops update <= n; `checksum` and `none` look at no ids.",
        "range",
    )
    join: Listed[Join] | None = word(
        "How the first diff after a snapshot is known, any of; default by rule.", ["contains", "prev_equals"], None
    )
    stale: Literal["<=", "<"] = word("Diffs dropped before the join: those with update <= n, or < n.", "<", "<=")
    on_gap: Literal["resnapshot", "resubscribe", "reconnect", "ignore"] | None = word(
        "What a gap leads to; default by snapshot: resnapshot, for `stream` resubscribe.", "reconnect", None
    )
    retries: Whole = word("Ask again while the snapshot is older than the first buffered diff.", 3, 3)
    resnapshot: DurationOrNever = word(
        "A live book is compared with a fresh snapshot as often as that; `never` does not.", "1h", Decimal(3600)
    )
    empty_ids: list[Whole] = word("Ids of an empty listing: any first diff joins.", [0, -1], [])
    truncate: CountOrTemplate | None = word("Drop levels beyond this depth after every diff.", 1000, None)
    checksum: Checksum | None = word("The venue's checksum.", {"crc32": "asks_bids", "depth": 10}, None)
