"""Keeping one book in step with its venue: a state machine without I/O, time or tasks.

It is told what happened, and says what it needs::

    on_connect -> SYNCING -> snapshot joined by the waiting diffs -> LIVE -> gap, bad checksum, bad level ... -> STALE
                     ^                                                 |                                        |
                     +--- on_connect (subscribed anew) <---------------+------ the need is fulfilled <----------+

Which fault is seen by which rule: ``docs/order-book.md``.
"""

from __future__ import annotations

from collections import deque

from declconn.book.book_rules import BookRules, Need
from declconn.book.checksum import agree
from declconn.book.metrics import BookMetrics
from declconn.book.order_book import OrderBook
from declconn.errors import BookError, ChecksumError, SequenceGapError
from declconn.records import OrderBookMessage
from declconn.types import BookState, Integrity

WAITING_LIMIT = 2_000
"""How many diffs are kept while a snapshot is awaited; beyond that the oldest go, and the snapshot will be too old."""


class BookSynchronizer:
    """Applies one pair's messages to its book, and knows whether the book may be believed.

    Attributes:
        book: the book; this object alone sets its state.
        metrics: counters.
        need: what the book needs from outside now.
        turn: grows with every new need, also when the same is needed again.
        connected: a subscription exists; without one, messages are leftovers and nothing is needed.
    """

    def __init__(self, book: OrderBook, rules: BookRules) -> None:
        self.book = book
        self.metrics = BookMetrics()
        self.need = Need.NOTHING
        self.turn = 0
        self.connected = True
        self._rules = rules
        self._rule = rules.sequence_rule()
        self._by_arrival = self._rule.by_arrival
        self._is_next = self._rule.is_next
        self._integrity = self._rule.integrity
        self._is_plain = rules.truncate is None and rules.checksum is None
        """After a diff there is nothing to cut and nothing to compute."""
        self._waiting: deque[OrderBookMessage] = deque(maxlen=WAITING_LIMIT)
        self._joined = False
        self._steady_at: int | None = None
        """The last id while the book is live and nothing is left to ask of a diff but whether it is the next one."""
        self._retries = rules.retries
        self._shadow: BookSynchronizer | None = None
        self.on_connect()

    @property
    def is_idle(self) -> bool:
        """There is nothing to do for this book: it is live, or there is no connection to do it on."""
        return not self.connected or (self.book.state is BookState.LIVE and self.need is Need.NOTHING)

    def on_connect(self) -> None:
        """A subscription begins. To be called before its first message."""
        self.connected = True
        self._waiting.clear()
        self._set_state(BookState.SYNCING, "no snapshot yet")
        self._retries = self._rules.retries
        self._ask(Need.SNAPSHOT if self._rules.asks_for_snapshots and not self._rules.after_diffs else Need.NOTHING)

    def on_disconnect(self) -> None:
        """The subscription is gone; whoever owns the connection brings it back."""
        self._end("the connection was lost")

    def on_remove(self) -> None:
        """Nobody follows this pair any more."""
        self._end("the pair was removed")

    def on_silence(self) -> None:
        """The subscription brings nothing although it should."""
        if self.connected:
            self._lose(BookError("the stream is silent"), Need.RESUBSCRIBE)

    def on_unreadable(self) -> None:
        """A message came that could not be read, so what it changed is not known."""
        if self.connected:
            self._lose(BookError("a message could not be read"))

    def on_timeout(self) -> None:
        """What the book waits for did not come by itself: ask for it."""
        if self.connected:
            self._ask(Need.SNAPSHOT if self._rules.asks_for_snapshots else Need.RESUBSCRIBE)

    def refresh(self) -> None:
        """Have a live book compared with a fresh snapshot; where snapshots can be asked for it stays readable."""
        if self.book.state is not BookState.LIVE or self.need is not Need.NOTHING or self._rules.snapshot == "every":
            return
        if self._rules.asks_for_snapshots and not self._by_arrival:
            self._shadow, self._steady_at = BookSynchronizer(self.book.empty_copy(), self._rules), None
        self.on_timeout()

    def on_diff(self, diff: OrderBookMessage, stamp: int) -> bool:
        """Apply a diff, keep it until the snapshot is there, or drop it.

        Args:
            diff: the message; it gets ``stamp`` as its id where the venue's ids mean nothing.
            stamp: when it arrived, from ``ArrivalStamps``.

        Returns:
            Whether the book changed and is live.
        """
        metrics, last = self.metrics, self._steady_at
        metrics.frames += 1
        if diff.timestamp is not None:
            metrics.sent, metrics.came = diff.timestamp, stamp
        if self._by_arrival:
            diff.update_id = stamp
        update_id = diff.update_id
        if last is None or update_id is None or not self._is_next(diff, last):
            return self._consider(diff, stamp)
        try:
            if self._is_plain:
                is_crossed = self.book.apply_diff(diff)
                metrics.applied += 1
                if is_crossed:
                    self._mind_crossing()
            else:
                self._apply(diff)
        except BookError as problem:
            self._lose(problem)
            return False
        self._steady_at = update_id
        return True

    def _consider(self, diff: OrderBookMessage, stamp: int) -> bool:
        """A diff that is not simply the next one of a live book."""
        book = self.book
        if book.state is BookState.LIVE:
            applied = self._advance(diff)
            if self._shadow is not None:
                self._shadow.on_diff(diff, stamp)
                self._compare(self._shadow)
            self._steady_at = book.last_diff_uid if applied and self._shadow is None else None
            return applied
        if not self.connected or not self._rules.asks_for_snapshots or diff.update_id is None:
            self.metrics.stale += 1
            return False
        self._waiting.append(diff)
        if self.need is Need.NOTHING and len(self._waiting) == self._rules.after_diffs:
            self._ask(Need.SNAPSHOT)
        return False

    def on_snapshot(self, snapshot: OrderBookMessage, stamp: int) -> bool:
        """Take a whole book; arguments and result are those of ``on_diff``.

        A snapshot from the stream always starts the book anew (venues send one when they restart their ids). One that
        was asked for is, while the book is live, only compared with it, if ``refresh`` asked, or ignored.
        """
        self._count(snapshot, stamp)
        if self._is_superfluous(snapshot):
            self.metrics.stale += 1
            return False
        if self._shadow is not None:
            return self._take_fresh(self._shadow, snapshot, stamp)
        try:
            self._joined, self._steady_at, self._integrity = False, None, self._rule.integrity
            self.book.apply_snapshot(snapshot)
            self.metrics.applied += 1
            self._vouch(snapshot, counts=self._rules.checksum is not None and self._rules.checksum.on == "all")
        except BookError as problem:
            self._lose(problem)
            return False
        return self._catch_up()

    def _count(self, message: OrderBookMessage, stamp: int) -> None:
        metrics = self.metrics
        metrics.frames += 1
        if message.timestamp is not None:
            metrics.sent, metrics.came = message.timestamp, stamp
        if self._by_arrival:
            message.update_id = stamp

    def _is_superfluous(self, snapshot: OrderBookMessage) -> bool:
        if self.book.state is not BookState.LIVE:
            return not self.connected
        if self._rules.snapshot == "every":
            return self._rule.is_stale(snapshot, self.book.last_diff_uid)
        return self._rules.asks_for_snapshots and not self._by_arrival and self._shadow is None

    def _advance(self, diff: OrderBookMessage) -> bool:
        """Take one diff into a live book."""
        try:
            if self._belongs(diff):
                self._apply(diff)
                return True
        except SequenceGapError as gap:
            if self._rules.asks_for_snapshots and diff.update_id is not None:
                self._waiting.append(diff)
            self._lose(gap)
            return False
        except BookError as problem:
            self._lose(problem)
            return False
        self.metrics.stale += 1
        return False

    def _catch_up(self) -> bool:
        """Take the waiting diffs after a snapshot; the book is live when there is no gap among them."""
        waiting = self._waiting
        while waiting:
            try:
                if self._belongs(waiting[0]):
                    self._apply(waiting[0])
                else:
                    self.metrics.stale += 1
            except SequenceGapError as gap:
                # The diff keeps waiting: it may follow the next snapshot.
                self._ask_again(gap)
                return False
            except BookError as problem:
                waiting.popleft()
                self._lose(problem)
                return False
            waiting.popleft()
        self.book.state, self.book.reason = BookState.LIVE, ""
        self._retries = self._rules.retries
        self._ask(Need.NOTHING)
        return True

    def _ask_again(self, gap: SequenceGapError) -> None:
        """The snapshot is older than the diffs that wait: ask for a newer one, and after some times start anew."""
        self._retries -= 1
        if self._retries < 0:
            self._lose(gap, Need.RESUBSCRIBE)
            return
        self.book.reason = f"the snapshot is older than the diffs: {gap}"
        self._ask(Need.SNAPSHOT)

    def _belongs(self, diff: OrderBookMessage) -> bool:
        """Whether to apply this diff; raises ``SequenceGapError`` unless gaps are to be ignored."""
        last, rule = self.book.last_diff_uid, self._rule
        try:
            if diff.update_id is None:
                raise SequenceGapError(diff.trading_pair, rule.name, rule.expected(last), None)
            if self._joined and last is not None:
                return rule.follows(diff, last)
            if rule.is_stale(diff, last):
                return False
            rule.joins(diff, last)
        except SequenceGapError:
            # A snapshot that is too old is nobody's gap.
            if self._joined or self.book.state is BookState.LIVE:
                self.metrics.gaps += 1
            if self._rules.on_gap != "ignore":
                raise
            self._integrity = Integrity.UNVERIFIED
        self._joined = True
        return True

    def _apply(self, diff: OrderBookMessage) -> None:
        book = self.book
        book.apply_diff(diff)
        self.metrics.applied += 1
        if self._rules.truncate is not None:
            book.truncate(self._rules.truncate)
        self._vouch(diff, counts=self._rules.checksum is not None)

    def _vouch(self, message: OrderBookMessage, counts: bool) -> None:
        """Note what vouches for the book after this message; raise if something says that it is wrong."""
        linked = self._integrity if self._joined else Integrity.UNVERIFIED
        self.book.integrity = Integrity.VERIFIED if counts and self._is_verified(message) else linked
        if self.book.is_crossed:
            self._mind_crossing()

    def _mind_crossing(self) -> None:
        self.metrics.crossed += 1
        # Venues do cross their books for a moment (auctions); only where nothing else vouches it is a reason.
        if self.book.integrity is Integrity.UNVERIFIED:
            book = self.book.unchecked
            raise BookError(
                f"the best bid {book.best_bid} is not below the best ask {book.best_ask}, and nothing vouches for "
                "this book (does the spec swap `bids` and `asks`?)"
            )

    def _is_verified(self, message: OrderBookMessage) -> bool:
        checksum, expected = self._rules.checksum, message.checksum
        if checksum is None or expected is None or expected in checksum.ignore:
            return False
        computed = checksum.compute(self.book.unchecked)
        if agree(computed, expected):
            self.metrics.checksums_ok += 1
            return True
        self.metrics.checksums_failed += 1
        raise ChecksumError(self.book.trading_pair, expected, computed)

    def _take_fresh(self, shadow: BookSynchronizer, snapshot: OrderBookMessage, stamp: int) -> bool:
        """Give the second book its snapshot; if that is too old ask for another, after some times leave it."""
        if shadow.on_snapshot(snapshot, stamp):
            self._ask(Need.NOTHING)
            return self._compare(shadow)
        self._ask(shadow.need if shadow.need is Need.SNAPSHOT else Need.NOTHING)
        if shadow.need is not Need.SNAPSHOT:
            self._shadow = None
        return False

    def _compare(self, shadow: BookSynchronizer) -> bool:
        """Swap with the second book that ``refresh`` began, as soon as both are at the same id."""
        book, fresh = self.book, shadow.book
        both_live = book.state is BookState.LIVE and fresh.state is BookState.LIVE
        if not both_live or fresh.last_diff_uid != book.last_diff_uid:
            return False
        self.metrics.drift += book.differences(fresh)
        book.adopt(fresh)
        self._shadow = None
        return True

    def _end(self, reason: str) -> None:
        self._lose(BookError(reason), Need.NOTHING)
        self.connected = False

    def _lose(self, problem: BookError, need: Need | None = None) -> None:
        """The book may be wrong from now on."""
        if self.book.state is BookState.LIVE:
            self.metrics.resyncs += 1
        self._set_state(BookState.STALE, str(problem))
        self._ask(self._rules.remedy if need is None else need)

    def _set_state(self, state: BookState, reason: str) -> None:
        self.book.state, self.book.reason = state, reason
        self._joined, self._steady_at, self._shadow = False, None, None

    def _ask(self, need: Need) -> None:
        if need is not Need.NOTHING or self.need is not need:
            self.turn += 1
        self.need = need
