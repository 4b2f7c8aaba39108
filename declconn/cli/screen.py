"""How a book looks: as a panel for a terminal, as a line for anything else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import accumulate, zip_longest

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from declconn.book import Level
from declconn.records import Trade
from declconn.types import BookState, Integrity, Side

DEPTH = 10
"""Levels of each side."""

_LONGEST_BAR = 22
_NUMBERS, _TRADES = 44, 34
"""Columns of a terminal that the numbers of the levels, and the trades, take."""

_COLOURS = {BookState.LIVE: "green", BookState.SYNCING: "yellow", BookState.STALE: "red"}


@dataclass(frozen=True, slots=True)
class BookView:
    """What is shown of one book at one moment.

    Attributes:
        trading_pair: which book.
        state: whether it may be believed.
        integrity: why.
        reason: why not, in words.
        bids, asks: the best levels, best first; empty while it is not live.
        updates: applied messages so far.
        rate: applied messages in a second.
        trades: the last trades, newest first.
    """

    trading_pair: str
    state: BookState
    integrity: Integrity
    reason: str
    bids: Sequence[Level]
    asks: Sequence[Level]
    updates: int
    rate: float
    trades: Sequence[Trade]

    @property
    def spread(self) -> Decimal | None:
        """The best ask less the best bid."""
        return self.asks[0].price - self.bids[0].price if self.bids and self.asks else None


def line(view: BookView, time_ns: int) -> str:
    """One plain line."""
    best = f"{view.bids[0].price} / {view.asks[0].price}  spread {view.spread}" if view.spread else view.reason
    return f"{_clock(time_ns)}  {view.trading_pair:<10} {view.state:<8} {best}  updates {view.updates}"


def panels(title: str, views: Iterable[BookView], width: int) -> RenderableType:
    """A panel for each book, under a common title, for a terminal of so many columns."""
    return Group(Text(f" {title}", style="dim"), *(_panel(view, width) for view in views))


def _panel(view: BookView, width: int) -> Panel:
    with_trades = width >= 100
    room = (width - _NUMBERS - (_TRADES if with_trades else 0)) // 2
    colour = _COLOURS[view.state]
    state = f"[b {colour}]{view.state}[/]  {view.integrity if view.state is BookState.LIVE else view.reason}"
    last = view.trades[0].price if view.trades else "-"
    content = Table.grid(padding=(0, 3))
    content.add_row(_levels(view, max(0, min(room, _LONGEST_BAR))), *([_trades(view.trades)] if with_trades else []))
    return Panel(
        content,
        title=f"[b]{view.trading_pair}[/]  {state}",
        title_align="left",
        subtitle=f"spread {view.spread or '-'}   last {last}   {view.rate:.0f} updates/s",
        subtitle_align="left",
        border_style=colour,
        box=box.ROUNDED,
        expand=False,
    )


def _levels(view: BookView, bar: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(width=bar, justify="right")
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("bid", justify="right", no_wrap=True)
    table.add_column("ask", no_wrap=True)
    table.add_column("size", no_wrap=True)
    table.add_column(width=bar)
    deepest = max(sum((level.amount for level in side), Decimal(0)) for side in (view.bids, view.asks))
    unit = bar / deepest if deepest else Decimal(0)
    rows = zip_longest(_side(view.bids, unit), _side(view.asks, unit), fillvalue=("", "", ""))
    for _, ((bid, bid_size, bid_bar), (ask, ask_size, ask_bar)) in zip(range(DEPTH), rows, strict=False):
        table.add_row(
            Text(bid_bar, "green"),
            bid_size,
            Text(bid, "bold green"),
            Text(ask, "bold red"),
            ask_size,
            Text(ask_bar, "red"),
        )
    for _ in range(DEPTH - table.row_count):
        table.add_row()
    return table


def _side(levels: Sequence[Level], unit: Decimal) -> list[tuple[str, str, str]]:
    """Price, size, and a bar of all that is offered up to there, ``unit`` characters for one."""
    offered = accumulate(level.amount for level in levels)
    return [
        (str(level.price), str(level.amount), "█" * round(total * unit))
        for level, total in zip(levels, offered, strict=True)
    ]


def _trades(trades: Sequence[Trade]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("trades")
    table.add_column("price", justify="right", no_wrap=True)
    table.add_column("amount", justify="right", no_wrap=True)
    for trade in trades:
        colour = "green" if trade.side is Side.BUY else "red"
        when = _clock(trade.timestamp) if trade.timestamp is not None else ""
        table.add_row(Text(when, "dim"), Text(str(trade.price), colour), str(trade.amount))
    return table


def _clock(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns // 10**9, UTC):%H:%M:%S}"
