"""The venue's checksum of a book, computed from ours.

One recipe with a few knobs expresses every checksum that was found: a CRC32 over the text of the best levels.
What makes it hard is digits: ``"0.10"`` and ``"0.1"`` are the same price and different checksums, so a book keeps the
venue's own rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, zip_longest
from typing import Any, Literal, Protocol, TypeAlias
from zlib import crc32

from declconn.book.queries import BookQueries
from declconn.book.rows import Row, raw_text

Order: TypeAlias = Literal["interleave", "asks_bids", "bids_asks"]
FieldName: TypeAlias = Literal["price", "size"]
TextFormat: TypeAlias = Literal["raw", "digits", "fixed8"]


class Checksum(Protocol):
    """A way to a book's checksum: the recipe below, or a hook.

    Attributes:
        on: messages whose checksum counts: diffs only, or snapshots too.
        ignore: values that mean "no checksum".
    """

    @property
    def on(self) -> Literal["diff", "all"]: ...

    @property
    def ignore(self) -> frozenset[int]: ...

    def compute(self, book: BookQueries) -> int:
        """The checksum of the book as it stands."""
        ...


@dataclass(frozen=True, slots=True)
class Crc32:
    """The parametrised CRC32.

    Attributes:
        order: ``interleave`` is bid, ask, bid, ask (a missing level is skipped); else one side, then the other;
            a side is always best first.
        depth: how many levels of each side.
        fields: what of a level, in which order.
        format: ``raw`` is the venue's own text; ``digits`` is that without the point and leading zeros; ``fixed8`` is
            the number with eight decimals, then as ``digits``.
        join: what stands between any two texts.
        signed: the venue sends a signed 32 bit number.
        ask_sign: -1 writes a minus before the sizes of asks.
    """

    order: Order
    depth: int
    fields: tuple[FieldName, ...] = ("price", "size")
    format: TextFormat = "raw"
    join: str = ":"
    signed: bool = False
    ask_sign: Literal[1, -1] = 1
    on: Literal["diff", "all"] = "all"
    ignore: frozenset[int] = frozenset()

    def compute(self, book: BookQueries) -> int:
        """The checksum of the book as it stands."""
        checksum = crc32(self.text(*book.rows(self.depth)).encode())
        return checksum - (1 << 32) if self.signed and checksum >> 31 else checksum

    def text(self, bids: Sequence[Row], asks: Sequence[Row]) -> str:
        """The text under the checksum, of rows that are best first and no more than ``depth``."""
        bid_texts = [self._level(row, "") for row in bids]
        ask_texts = [self._level(row, "-" if self.ask_sign < 0 else "") for row in asks]
        match self.order:
            case "interleave":
                pairs = zip_longest(bid_texts, ask_texts, fillvalue=())
                return self._joined(chain.from_iterable(pairs))
            case "asks_bids":
                return self._joined(chain(ask_texts, bid_texts))
            case "bids_asks":
                return self._joined(chain(bid_texts, ask_texts))

    def _joined(self, levels: Iterable[Sequence[str]]) -> str:
        return self.join.join(chain.from_iterable(levels))

    def _level(self, row: Row, size_sign: str) -> list[str]:
        write = _FORMATS[self.format]
        return [write(row[0]) if field == "price" else size_sign + write(row[1]) for field in self.fields]


def agree(one: int, other: int) -> bool:
    """Two checksums are the same 32 bits; Bitget sends the same one signed here and unsigned there."""
    return (one ^ other) & 0xFFFFFFFF == 0


def _digits(value: Any) -> str:
    return raw_text(value).replace(".", "").lstrip("0")


def _fixed8(value: Any) -> str:
    return _digits(format(Decimal(value), ".8f"))


_FORMATS: dict[TextFormat, Callable[[Any], str]] = {"raw": raw_text, "digits": _digits, "fixed8": _fixed8}
