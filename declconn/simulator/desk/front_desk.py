"""The REST half of a venue in this process: requests taken apart, checked, carried out and answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from declconn.compile.lookup import Sources
from declconn.compile.recipe import PLAIN, compile_recipe
from declconn.errors import DeclconnError, NotSupportedError
from declconn.net.transport import Request, Response
from declconn.records import OPERATIONS, TradingRule
from declconn.simulator.desk.clerk import Clerk
from declconn.simulator.desk.counters import Counters
from declconn.simulator.desk.given import Given
from declconn.simulator.desk.members import Member, Members
from declconn.simulator.desk.rehearsal import examples_of, rehearse
from declconn.simulator.desk.signatures import Signatures
from declconn.simulator.engine.market import Market
from declconn.simulator.engine.refusals import RefusedError
from declconn.simulator.wire.answers import Answer
from declconn.simulator.wire.dialect import speech, speech_of, spell, with_decimals
from declconn.simulator.wire.error_writer import ErrorWriter
from declconn.simulator.wire.examples import examples
from declconn.simulator.wire.request_reader import RequestReader
from declconn.spec import Spec, models

TOKEN_LIFE = 900
"""Seconds; what is told of a token where the venue tells how long it lives."""

Do = Callable[[Member | None, Given, Sources], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint as it is played."""

    operation: str
    model: models.Endpoint
    reader: RequestReader
    answer: Answer
    do: Do


@dataclass(frozen=True, slots=True)
class Understood:
    """A request, and what it was written from.

    Attributes:
        pair: the market that it is about, or an empty text.
        sources: its arguments, and what it shows of its sender.
    """

    request: Request
    endpoint: Endpoint
    pair: str
    sources: Sources


class FrontDesk:
    """Plays all operations of a spec that the clerk can serve, and those that `session` needs.

    Args:
        spec: what is played.
        markets: what is traded.
        clerk: serves.
        members: whose keys are known.
        signatures: checks who asks.
        known: what templates may name.
        now: the time, nanoseconds since the epoch.

    Attributes:
        rules: the trading rules, in the venue's spelling.
        unplayed: operations of the spec that are left out, each with the reason.

    Raises:
        NotSupportedError: the trading rules cannot be played.
    """

    def __init__(
        self,
        spec: Spec,
        markets: Mapping[str, Market],
        clerk: Clerk,
        members: Members,
        signatures: Signatures,
        known: Sources,
        now: Callable[[], int],
    ) -> None:
        self._spec, self._clerk, self._members, self._signatures, self._known = spec, clerk, members, signatures, known
        self.errors, self._counters = ErrorWriter(spec.errors), Counters(spec)
        self.unplayed: dict[str, str] = {}
        self.rules = clerk.rules = self._spelled([market.rule for market in markets.values()])
        self._speech = speech_of(spec, self.rules)
        self._markets: dict[str, Sources] = {
            rule.trading_pair: {"symbol": rule.symbol, "base": rule.base, "quote": rule.quote, "market": rule.market}
            for rule in self.rules
        }
        self._examples = examples(spec, self.rules[0], now())
        self._recipes = {
            name: compile_recipe(name, recipe, spec.time_unit) for name, recipe in spec.auth.recipes.items()
        }
        played = [endpoint for operation in self._ordered() for endpoint in self._played(operation)]
        # A hole takes whatever stands in its place: `/orders/open` is asked before `/orders/{exchange_order_id}`.
        self._endpoints = sorted(played, key=lambda endpoint: -endpoint.reader.literal_length)

    def understand(self, request: Request) -> Understood | None:
        """What a request asks for; ``None``: nothing that is played."""
        for endpoint in self._endpoints:
            found = endpoint.reader.read(request)
            if found is not None:
                return Understood(request, endpoint, *found)
        return None

    def respond(self, asked: Understood) -> Response:
        """Carry a request out, and answer it.

        Raises:
            UnwritableError: the answer cannot be said in this spec's words.
        """
        endpoint = asked.endpoint
        try:
            member = self._sender(asked) if endpoint.model.auth is not None else None
            records = self._do(asked, member)
        except RefusedError as error:
            return self.errors.response(endpoint.operation, error.kind, error.text)
        given = {**self._markets.get(asked.pair, {}), **asked.sources}
        return Response(200, {}, endpoint.answer.body(records, given))

    def _sender(self, asked: Understood) -> Member:
        def write(sources: Sources) -> Request:
            return asked.endpoint.answer.request({**self._known, **self._markets.get(asked.pair, {}), **sources})

        return self._signatures.check(asked.request, asked.sources, write)

    def _do(self, asked: Understood, member: Member | None) -> Sequence[Any]:
        rules = {rule.trading_pair: rule for rule in self.rules}
        given = Given(asked.pair, asked.sources, rules.get(asked.pair), self._speech, self._spec.amount_unit)
        try:
            return asked.endpoint.do(member, given, asked.sources)
        except RefusedError as error:
            is_a_search = asked.endpoint.operation == "find_order" and asked.endpoint.answer.answers_rows
            if error.kind == "order_not_found" and is_a_search:
                return []
            raise

    # -- what is played

    def _spelled(self, rules: Sequence[TradingRule]) -> list[TradingRule]:
        spoken = speech(self._spec, {})
        try:
            answer = Answer("trading_rules", self._spec.requests("trading_rules")[0], self._spec, spoken)
            return [spell(with_decimals(rule), lambda named: answer.body([named], {}), spoken.asset) for rule in rules]
        except (ValueError, DeclconnError) as error:
            raise NotSupportedError(f"{self._spec.name}: trading_rules cannot be simulated: {error}") from error

    def _ordered(self) -> list[str]:
        """The operations of the spec; of two with the same requests the earlier one answers."""
        known = [operation for operation in self._clerk.operations if operation in self._spec.endpoints]
        return known + [operation for operation in self._spec.endpoints if operation not in known]

    def _played(self, operation: str) -> list[Endpoint]:
        found = []
        for model in self._spec.requests(operation):
            try:
                found.append(self._play(operation, model))
            except (ValueError, DeclconnError) as error:
                self.unplayed[operation] = str(error)
        return found

    def _play(self, operation: str, model: models.Endpoint) -> Endpoint:
        recipe = self._recipes.get(model.auth or "", PLAIN)
        answer = Answer(operation, model, self._spec, self._speech, recipe)
        for example in self._examples.get(OPERATIONS.get(operation) or "", ()):
            # What cannot be said is better refused now than when it is asked for.
            answer.body([example], self._markets[self.rules[0].trading_pair])
        reader = RequestReader(operation, model, self._spec, self._known, self._markets)
        market = self._markets[self.rules[0].trading_pair]
        rehearse(reader, answer.request, {**self._known, **examples_of(self._spec, market)})
        return Endpoint(operation, model, reader, answer, self._doing(operation, model))

    def _doing(self, operation: str, model: models.Endpoint) -> Do:
        if operation in self._clerk.operations:
            serve = self._clerk.at(self._counters.of(operation, model), operation)
            return lambda member, given, _sources: serve(member.account if member else "", given)
        if operation in OPERATIONS:
            raise ValueError("this simulator has nothing to say about it")
        names = [] if isinstance(model.result, models.Hook) else list(model.result or {})
        return lambda member, _given, sources: self._session_value(member, names, sources)

    def _session_value(self, member: Member | None, names: Sequence[str], sources: Sources) -> Sequence[Any]:
        """A new token under every name, or, where nothing is answered, an old one kept alive."""
        if member is None:
            raise RefusedError("authentication", "whoever wants a token must say who he is")
        for token in sources.get("session", {}).values():
            if self._members.holder(token) is not member:
                raise RefusedError("authentication", "this token is not valid")
        token = self._members.issue(member) if names else ""
        return [{name: TOKEN_LIFE if name == "expires_in" else token for name in names}]


def json_error(text: str, status: int) -> Response:
    """An answer to what no endpoint of the spec is."""
    return Response(status, {}, msgspec.json.encode({"error": text}))
