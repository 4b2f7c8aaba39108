"""The streams of a simulated venue about accounts: who hears what on which socket."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from declconn.compile.lookup import Sources
from declconn.compile.stream import is_public
from declconn.errors import DeclconnError
from declconn.records import TradingRule
from declconn.simulator.desk.members import Members
from declconn.simulator.desk.signatures import Signatures
from declconn.simulator.engine.news import News
from declconn.simulator.engine.refusals import RefusedError
from declconn.simulator.streams.conversation import Voice
from declconn.simulator.streams.outbox import Outbox
from declconn.simulator.streams.private_feed import PrivateFeed
from declconn.simulator.streams.private_session import PrivateSession
from declconn.spec import Spec


class PrivateStreams:
    """Plays the private streams of a spec.

    Args:
        spec: what is played.
        rules: the markets, in the venue's spelling.
        members: whose keys and tokens are known.
        signatures: checks logins.
        known: what templates may name.
        now: the time, nanoseconds since the epoch.

    Attributes:
        unplayed: private streams that cannot be played, each with the reason.
    """

    def __init__(
        self,
        spec: Spec,
        rules: Sequence[TradingRule],
        *,
        members: Members,
        signatures: Signatures,
        known: Sources,
        now: int,
    ) -> None:
        self.unplayed: dict[str, str] = {}
        self._feeds: list[PrivateFeed] = []
        self._sessions: list[PrivateSession] = []
        for name, model in spec.streams.items():
            if is_public(model):
                continue
            try:
                feed = PrivateFeed(name, model, spec, rules, members=members, signatures=signatures, known=known)
                feed.rehearse(rules[0], now)
            except (ValueError, DeclconnError) as error:
                self.unplayed[name] = str(error)
            else:
                self._feeds.append(feed)

    def enter(self, url: str, outbox: Outbox) -> list[PrivateSession]:
        """The sessions of all streams that are at a url; none: there is no such stream.

        Raises:
            RefusedError: authentication: the url shows a token, and nobody has it.
        """
        sessions, refusals = [], []
        for feed in self._feeds:
            try:
                entry = feed.doorkeeper.at(url)
            except RefusedError as error:
                refusals.append(error)
                continue
            if entry is not None:
                sessions.append(PrivateSession(feed, outbox, entry.member.account if entry.member else None))
        if refusals and not sessions:
            raise refusals[0]
        self._sessions += sessions
        return sessions

    def leave(self, voices: Collection[Voice]) -> None:
        """A socket was closed."""
        self._sessions = [session for session in self._sessions if session not in voices]

    def tell(self, news: News) -> None:
        """Tell what happened to whom it concerns."""
        for session in self._sessions:
            session.tell(news)

    def expire(self) -> None:
        """What let connectors in is void, and they are cut off."""
        for session in list(self._sessions):
            session.expire()
