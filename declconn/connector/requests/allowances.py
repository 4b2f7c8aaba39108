"""`rate_limits`, `rate` and `limits` of streams as they are drawn from, and what the venue says is used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from declconn.compile.endpoint import Endpoint
from declconn.compile.source_book import SourceBook
from declconn.connector.feed.limits import limit_of, stream_limits
from declconn.net.throttler import AsyncThrottler, PoolUse, RateLimit
from declconn.spec import Spec, models
from declconn.spec.checks.sites import requests
from declconn.spec.template import placeholders


@dataclass(frozen=True, slots=True)
class _Pool:
    """A rate limit.

    Attributes:
        limit: how much; the limit of every symbol, if each has its own.
        per: what has an allowance of its own: ``account``, ``ip``, ``symbol`` or ``connection``.
        used: the response header that says how much is used.
    """

    limit: RateLimit
    per: str
    used: str | None


class Allowances:
    """What each request draws from which pool. A pool is known to the throttler when something first draws from it.

    Args:
        spec: whose pools these are.
        sources: the options that choose among allowances.
        throttler: paces; other connectors may use it too.
        key: the fingerprint of the account's key, whose allowances others share who use it.
    """

    def __init__(self, spec: Spec, sources: SourceBook, throttler: AsyncThrottler, key: str) -> None:
        self._throttler, self._fixed, self._key = throttler, sources.fixed, key
        self._pools = {name: _pool(name, limit, sources) for name, limit in spec.rate_limits.items()}
        self._own: dict[int, str] = {}
        for request in requests(spec):
            if request.endpoint.rate is not None:
                name = ".".join(map(str, request.loc))
                self._pools[name] = _pool(name, request.endpoint.rate, sources)
                self._own[id(request.endpoint)] = name
        self._drawn: dict[Endpoint, dict[str, int]] = {}
        self._names: dict[str, _Pool] = {}
        for limit in stream_limits(spec, sources):
            throttler.add(limit)
            self._names[limit.name] = _Pool(limit, "ip", None)

    def cost(self, endpoint: Endpoint, sources: Mapping[str, Any]) -> dict[str, int]:
        """Units by rate limit.

        Args:
            endpoint: the request.
            sources: what it is made from: they choose among costs, and its symbol names a symbol's own pool.

        Raises:
            ConfigurationError: no case of its cost fits.
        """
        drawn = self._drawn.get(endpoint)
        if drawn is None:
            drawn = endpoint.cost({**self._fixed, **sources})
            if own := self._own.get(id(endpoint.model)):
                drawn = {**drawn, own: 1}
            if not any(placeholders(endpoint.model.cost)):
                self._drawn[endpoint] = drawn
        symbol = sources.get("symbol")
        return {self._known(pool, symbol): units for pool, units in drawn.items()}

    def learn(self, drawn: Mapping[str, int], headers: Mapping[str, str]) -> None:
        """Take what an answer says of the pools that its request drew from."""
        for name in drawn:
            header = self._names[name].used
            if header is not None and (text := headers.get(header, "")).isdigit():
                self._throttler.used(name, int(text))

    def use(self) -> dict[str, list[PoolUse]]:
        """How every pool that was drawn from is used: one number, or one for each symbol."""
        found = defaultdict(list)
        for name, pool in list(self._names.items()):
            found[pool.limit.name].append(self._throttler.use(name))
        return found

    def waiting(self) -> list[str]:
        """The limits that something waits for now, in words."""
        return [
            f"{use.waiting} waiting for the limit {pool!r} ({use.in_use:.0f} of {use.allow} in use)"
            for pool, uses in self.use().items()
            for use in uses
            if use.waiting
        ]

    def _known(self, pool: str, symbol: str | None) -> str:
        """The name under which the throttler knows a pool from now on: with whose it is."""
        found = self._pools[pool]
        name = self._name(pool, found.per, symbol)
        if name not in self._names:
            self._throttler.add(replace(found.limit, name=name), title=pool)
            self._names[name] = found
        return name

    def _name(self, pool: str, per: str, symbol: str | None) -> str:
        match per:
            case "ip":
                return pool
            case "symbol" if symbol is not None:
                return f"{pool} of {self._key} for {symbol}"
            case "connection":
                return f"{pool} of {self._key} on {id(self)}"
        return f"{pool} of {self._key}"


def _pool(name: str, limit: models.RateLimit, sources: SourceBook) -> _Pool:
    return _Pool(limit_of(name, limit, sources), limit.per, limit.used)
