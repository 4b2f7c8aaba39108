"""Books that heard nothing for so long that their channel may be dead although the connection lives."""

from __future__ import annotations

from random import Random

from declconn.book import OrderBookTracker
from declconn.clock import Clock
from declconn.types import BookState


async def watch_for_silence(tracker: OrderBookTracker, period: float, clock: Clock, random: Random) -> None:
    """Have every live book subscribed anew that no message has changed for a whole period.

    A quiet market looks the same as a dead channel, and a needless subscription once a period is cheap.

    Args:
        tracker: whose books.
        period: seconds; each round is up to a tenth longer, by chance, so that many clients do not come at once.
        clock: measures.
        random: the chance.
    """
    while True:
        before = {pair: book.last_diff_uid for pair, book in tracker.order_books.items()}
        await clock.sleep(period * (1 + random.random() / 10))
        for pair, last in before.items():
            book = tracker.order_books.get(pair)
            if book is not None and book.state is BookState.LIVE and book.last_diff_uid == last:
                tracker.on_silence(pair)
