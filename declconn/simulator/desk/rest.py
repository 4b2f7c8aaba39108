"""The REST half of a simulated venue: which requests it knows, and what it answers now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from declconn.compile.template import Sources
from declconn.errors import DeclconnError, NotSupportedError
from declconn.records import ServerTime, Ticker, TradingRule
from declconn.simulator.random_market import RandomMarket
from declconn.simulator.wire.answers import Answer, RequestKey, recognised
from declconn.simulator.wire.dialect import speech, speech_of, spell, with_decimals
from declconn.spec import Spec


class Rest:
    """Plays the public operations of a spec.

    Args:
        spec: what is played.
        markets: what there is to tell, by trading pair.
        known: what templates may name.
        now: the time, nanoseconds since the epoch.

    Attributes:
        rules: the trading rules of all markets, in the venue's spelling.
        unplayed: operations that are declared and known here but cannot be played, each with the reason.

    Raises:
        NotSupportedError: the trading rules, or the snapshots that books begin with, cannot be played.
    """

    def __init__(self, spec: Spec, markets: Mapping[str, RandomMarket], known: Sources, now: Callable[[], int]) -> None:
        self._markets, self._now = markets, now
        self.unplayed: dict[str, str] = {}
        self.rules = self._listing(spec)
        self._speech = speech_of(spec, self.rules)
        self._operations: dict[str, Callable[[str], Sequence[Any]]] = {
            "server_time": lambda _pair: [ServerTime(now())],
            "trading_rules": lambda _pair: self.rules,
            "order_book_snapshot": lambda pair: [market.snapshot(now()) for market in self._of(pair)],
            "last_price": lambda pair: [self._ticker(market) for market in self._of(pair)],
            "tickers": lambda _pair: [self._ticker(market) for market in self._of("")],
            "ping": lambda _pair: [],  # the last: where it is the same request as another, the other has more to say
        }
        self._requests: dict[RequestKey, tuple[str, Answer, str, Sources]] = {}
        self._declared = [operation for operation in self._operations if operation in spec.operations]
        for operation in self._declared:
            self._play(operation, spec, known)
        needed = {"trading_rules"} | ({"order_book_snapshot"} if spec.order_book.snapshot.from_ == "rest" else set())
        for operation in sorted(needed & self.unplayed.keys()):
            raise NotSupportedError(f"{spec.name}: {operation} cannot be simulated: {self.unplayed[operation]}")

    @property
    def operations(self) -> list[str]:
        """What is played."""
        return sorted(set(self._declared) - self.unplayed.keys())

    def answer(self, key: RequestKey) -> bytes | None:
        """The body of the answer to a request; ``None``: the venue has nothing there."""
        if key not in self._requests:
            return None
        operation, answer, pair, arguments = self._requests[key]
        return answer.body(self._operations[operation](pair), arguments)

    def _listing(self, spec: Spec) -> list[TradingRule]:
        spoken = speech(spec, {})
        try:
            answer = Answer("trading_rules", spec.requests("trading_rules")[0], spec, spoken)
            return [
                spell(with_decimals(market.rule), lambda rule: answer.body([rule], {}), spoken.asset)
                for market in self._markets.values()
            ]
        except (ValueError, DeclconnError) as error:
            raise NotSupportedError(f"{spec.name}: trading_rules cannot be simulated: {error}") from error

    def _play(self, operation: str, spec: Spec, known: Sources) -> None:
        markets = {
            rule.trading_pair: {"symbol": rule.symbol, "base": rule.base, "quote": rule.quote, "market": rule.market}
            for rule in self.rules
        }
        try:
            for model in spec.requests(operation):
                answer = Answer(operation, model, spec, self._speech)
                for key, (pair, arguments) in recognised(answer, known, markets).items():
                    # What cannot be written is better refused now than when it is asked for.
                    answer.body(self._operations[operation](pair), arguments)
                    self._requests.setdefault(key, (operation, answer, pair, arguments))
        except (ValueError, DeclconnError) as error:
            self.unplayed[operation] = str(error)

    def _of(self, pair: str) -> list[RandomMarket]:
        return [self._markets[pair]] if pair else list(self._markets.values())

    def _ticker(self, market: RandomMarket) -> Ticker:
        return Ticker(market.trading_pair, market.last_price, market.best_bid, market.best_ask, timestamp=self._now())
