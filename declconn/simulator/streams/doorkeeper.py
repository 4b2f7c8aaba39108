"""Who may hear a private stream: whoever shows a token in its url, logs in, or subscribes with a token."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any, NamedTuple

from declconn.compile.decode import encode
from declconn.compile.lookup import Sources
from declconn.compile.recipe import PLAIN, compile_recipe
from declconn.compile.stream import Stream
from declconn.compile.template import compile_template
from declconn.errors import ConfigurationError
from declconn.simulator.desk.members import Member, Members
from declconn.simulator.desk.rehearsal import senders_of
from declconn.simulator.desk.signatures import Signatures
from declconn.simulator.engine.refusals import RefusedError
from declconn.simulator.streams.subscriptions import Subscriptions
from declconn.simulator.wire.question import Question
from declconn.simulator.wire.reading import TemplateReader, as_sources
from declconn.spec import Spec, models
from declconn.types import TimeUnit


class Entry(NamedTuple):
    """Somebody is let in.

    Attributes:
        member: who it is; ``None`` if that was not said with this.
        channels: what he asked for.
        sources: what the good answer is written from.
    """

    member: Member | None
    channels: frozenset[str]
    sources: Sources


class Doorkeeper:
    """Lets connectors in.

    Args:
        stream: what they want to hear.
        markets: for each trading pair what templates may say of it.
        spec: whose stream it is.
        members: whose keys and tokens are known.
        signatures: checks logins.
        known: what templates may name.

    Raises:
        ValueError: the stream wants something that this simulator does not check.
    """

    def __init__(
        self,
        stream: Stream,
        markets: Mapping[str, Sources],
        spec: Spec,
        time_unit: TimeUnit,
        *,
        members: Members,
        signatures: Signatures,
        known: Sources,
    ) -> None:
        model = stream.model
        _refuse_unplayed(stream.name, model, spec)
        self._url, self._members, self._signatures, self._known = model.url, members, signatures, known
        self._reader = TemplateReader(time_unit, known)
        self._stream, self._markets, self._nobody = stream, markets, senders_of(spec, "")
        self._subscriptions = Subscriptions(stream, markets)
        self._subscribe = Question(model.subscribe.send, time_unit) if model.subscribe else None
        self._session_names = tuple(spec.session)
        login = model.login
        self._write_login = compile_template(login.send if login else None, time_unit)
        self._recipe = PLAIN
        self._login = login.send if login else None
        if login is not None and login.auth is not None:
            recipe = spec.auth.recipes[login.auth]
            self._recipe = compile_recipe(login.auth, recipe, time_unit)
            self._login = _merged(login.send, getattr(recipe, "inject", models.Inject()).message or {})

    def at(self, url: str) -> Entry | None:
        """Who comes to this url; ``None``: the stream is elsewhere.

        Raises:
            RefusedError: authentication: the url's token is nobody's.
        """
        for found in self._reader.read(self._url, url, {}):
            sources = as_sources(found)
            member = self._signatures.member(sources) if "session" in sources else None
            return Entry(member, frozenset(), sources)
        return None

    def log_in(self, message: Any) -> Entry | None:
        """Who logs in with a message; ``None`` if it is no login.

        Raises:
            RefusedError: authentication or clock_skew.
        """
        if self._login is None or not isinstance(message, dict):
            return None
        for found in self._reader.read(self._login, message, {}):
            sources = {**self._known, **as_sources(found)}
            return Entry(self._signatures.check_message(message, sources, self._sign), frozenset(), sources)
        return None

    def subscribe(self, message: Any) -> Entry | None:
        """Who asks for which channels; ``None`` if it is no such message.

        Raises:
            RefusedError: authentication: its token is nobody's.
        """
        captures = self.asked(message)
        if captures is None:
            return None
        for token in (*self._members.tokens(), ""):
            known = {**self._known, "session": dict.fromkeys(self._session_names, token)}
            topics = self._subscriptions.asked(captures, known)
            if topics:
                channels = frozenset(name for name, _ in topics)
                return Entry(self._members.holder(token), channels, {**known, **captures})
        raise RefusedError("authentication", "nobody has this token, or there is no such channel")

    def rehearse(self) -> None:
        """Be spoken to as by a connector.

        Raises:
            ValueError: what it says is not understood.
        """
        sources = {**self._known, **self._nobody}
        if self._login is not None and not self._is_understood(sources):
            raise ValueError(f"streams.{self._stream.name}.login: its message cannot be read backwards")
        asked: set[str] = set()
        for message in self._stream.subscribe(self._stream.channels(self._markets, sources), count(1)):
            captures = self.asked(self._stream.decode(message.text(sources)))
            asked |= {name for name, _ in self._subscriptions.asked(captures or {}, sources)}
        unheard = self._stream.model.channels.keys() - asked
        if self._subscribe is not None and unheard:
            where = f"streams.{self._stream.name}.subscribe"
            raise ValueError(f"{where}: what asks for {min(unheard)!r} cannot be read backwards")

    def _is_understood(self, sources: Sources) -> bool:
        """Whether a login is known for one."""
        try:
            message = self._stream.decode(encode(self._sign(sources)))
        except ConfigurationError:
            return True  # a key has to have a form that nobody's has
        return any(True for _ in self._reader.read(self._login, message, {}))

    def asked(self, message: Any) -> dict[str, Any] | None:
        """What a message that subscribes says; ``None`` if it is another."""
        return self._subscribe.read(message, self._known) if self._subscribe else None

    def _sign(self, sources: Sources) -> Mapping[str, Any]:
        return self._recipe.sign_message(self._write_login(sources), sources)


def _merged(template: Any, more: Mapping[str, Any]) -> Any:
    """A message template with what its recipe adds, maps merged."""
    merged = dict(template or {})
    for name, value in more.items():
        inner = merged.get(name)
        merged[name] = _merged(inner, value) if isinstance(inner, Mapping) and isinstance(value, Mapping) else value
    return merged


def _refuse_unplayed(name: str, model: models.Stream, spec: Spec) -> None:
    where, login = f"streams.{name}", model.login
    if model.auth is not None or (model.subscribe is not None and model.subscribe.auth is not None):
        raise ValueError(f"{where}: signed handshakes and signed subscriptions are not checked by this simulator")
    if login is not None and login.send is None:
        raise ValueError(f"{where}.login: this simulator greets nobody")
    if login is not None and login.auth is not None and not isinstance(spec.auth.recipes[login.auth], models.Recipe):
        raise ValueError(f"{where}.login: its recipe is a choice, which is not taken apart")
