"""`session`: what is learnt while running, and kept: urls, tokens, listen keys, account ids, modes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from declconn.clock import Clock
from declconn.compile import convert
from declconn.compile.filters import Duration
from declconn.compile.lookup import Obtained
from declconn.errors import ConfigurationError, DeclconnError, MappingError
from declconn.log import about_only, get_logger
from declconn.spec import Spec, models
from declconn.spec.template import placeholders

logger = get_logger("declconn.session")

RETRY: Final = 60.0
"""Seconds between two attempts to obtain a value whose default is taken meanwhile."""

LIFE_USED: Final = 0.8
"""The share of `expires_in` after which a value is renewed."""

Call: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[list[Any]]]
"""Asks an operation with its arguments, and gives its records."""

Key: TypeAlias = tuple[str, Hashable]
"""A value's name, and whose it is: a connection's, a symbol's, or (``None``) the account's."""

_NS: Final = {"ms": 10**6, "s": 10**9}


def session_names(*templates: Any) -> frozenset[str]:
    """The values of `session` that templates name."""
    sources = (source for tree in templates for _, hole in placeholders(tree) for source in hole.sources)
    return frozenset(source.split(".")[1] for source in sources if source.startswith("session."))


class Session:
    """Obtains what is missing, once, and renews what grows old.

    A value that is not there when a template needs it is obtained first. One that could not be renewed is dropped, so
    it is obtained anew before its next use.

    Args:
        spec: whose values these are.
        clock: measures how old they are.
    """

    def __init__(self, spec: Spec, clock: Clock) -> None:
        self._values, self._venue, self._clock = spec.session, spec.name, clock
        self._units = {name: _units(spec, value.obtain) for name, value in spec.session.items()}
        self._call: Call = _nobody
        self._held: dict[Key, Obtained] = {}
        self._renewals: dict[Key, asyncio.Task[None]] = {}
        self._locks: defaultdict[Key, asyncio.Lock] = defaultdict(asyncio.Lock)

    def obtain_through(self, call: Call) -> None:
        """Say how operations are asked; what they need of `session` themselves is obtained before."""
        self._call = call

    async def ensure(self, names: Iterable[str], *, connection: Hashable = None, market: Mapping[str, Any]) -> None:
        """Obtain those of these values that are not there.

        Args:
            names: of `session`.
            connection: whose values they are, where they are one connection's.
            market: the arguments of a market, where they are one symbol's; empty without one.

        Raises:
            DeclconnError: as its operation raises. A value that has a default does not raise.
        """
        for name in sorted(names):
            key = self._key(name, connection, market)
            if key is None:
                continue
            async with self._locks[key]:
                if key not in self._held:
                    await self._obtain(key, market)

    def sources(self, *, connection: Hashable = None, market: Mapping[str, Any]) -> dict[str, Any]:
        """What templates may name as ``session.x``."""
        keys = {name: self._key(name, connection, market) for name in self._values}
        return {name: self._held[key] for name, key in keys.items() if key in self._held}

    def of_symbols(self, names: Iterable[str]) -> frozenset[str]:
        """Those of these values that every symbol has for itself."""
        return frozenset(name for name in names if self._values[name].per == "symbol")

    def forget(self, connection: Hashable) -> None:
        """A connection is gone, and its values with it."""
        for key in [key for key in self._locks if key[1] is connection]:
            self._drop(key)
            del self._locks[key]

    def drop(self, used: Mapping[str, Obtained]) -> bool:
        """Forget these values, which did not serve; whether there was any.

        Args:
            used: values by name. What was obtained meanwhile is another value, and stays.
        """
        spent = [key for key, held in self._held.items() if held is used.get(key[0])]
        for key in spent:
            self._drop(key)
        return bool(used)

    async def stop(self) -> None:
        """Forget everything, and renew nothing more."""
        renewals = list(self._renewals.values())
        for key in list(self._locks):
            self._drop(key)
        await asyncio.gather(*renewals, return_exceptions=True)

    def _key(self, name: str, connection: Hashable, market: Mapping[str, Any]) -> Key | None:
        """Whose value it is; ``None`` if it is a symbol's, and there is none."""
        per = self._values[name].per
        if per == "symbol":
            return (name, str(market["symbol"])) if market else None
        return name, connection if per == "connection" else None

    async def _obtain(self, key: Key, market: Mapping[str, Any]) -> None:
        value = self._values[key[0]]
        try:
            self._held[key] = await self._ask(key[0], value.obtain, market)
            care = self._keep(key, market)
        except DeclconnError as error:
            if value.default is None:
                raise
            logger.warning("session.%s: %s until it can be obtained: %s", key[0], value.default, error)
            self._held[key] = Obtained({key[0]: value.default})
            care = self._obtain_later(key, market)
        with about_only(venue=self._venue):
            self._renewals[key] = asyncio.create_task(care, name=f"session {key[0]}")

    async def _ask(self, name: str, operation: str, market: Mapping[str, Any]) -> Obtained:
        records = await self._call(operation, market)
        if not records:
            raise MappingError(f"session.{name}", "", f"the answer of {operation} holds nothing")
        fields = records[0] if isinstance(records[0], dict) else msgspec.structs.asdict(records[0])
        units = self._units[name]
        return Obtained(
            {field: _with_unit(value, units.get(field)) for field, value in fields.items() if value is not None}
        )

    async def _obtain_later(self, key: Key, market: Mapping[str, Any]) -> None:
        """Try again until there is an answer."""
        while True:
            await self._clock.sleep(RETRY)
            try:
                self._held[key] = await self._ask(key[0], self._values[key[0]].obtain, market)
                break
            except DeclconnError as error:
                logger.info("session.%s: %s", key[0], error)
        await self._keep(key, market)

    async def _keep(self, key: Key, market: Mapping[str, Any]) -> None:
        """Renew a value as often as it needs it."""
        value = self._values[key[0]]
        while (period := self._period(value, self._held[key])) is not None:
            await self._clock.sleep(period)
            try:
                answer = await self._ask(key[0], value.renew or value.obtain, market)
            except MappingError:
                answer = Obtained()  # a renewal need not answer anything
            except DeclconnError as error:
                logger.warning("session.%s: it could not be renewed, and is obtained anew: %s", key[0], error)
                self._held.pop(key, None)
                return
            self._held[key] = Obtained({**self._held[key], **answer})

    def _period(self, value: models.SessionValue, held: Obtained) -> float | None:
        """Seconds after which it is renewed; ``None``: never."""
        periods = [] if value.every is None else [float(value.every)]
        if "expires_in" in held:
            life = held["expires_in"]
            periods.append(LIFE_USED * (life / 1e9 if isinstance(life, Duration) else float(convert.decimal(life))))
        return min(periods, default=None)

    def _drop(self, key: Key) -> None:
        self._held.pop(key, None)
        renewal = self._renewals.pop(key, None)
        if renewal is not None:
            renewal.cancel()


def _units(spec: Spec, operation: str) -> dict[str, str]:
    """The fields of an operation's answer that are durations."""
    results = [endpoint.result for endpoint in spec.requests(operation) if isinstance(endpoint.result, dict)]
    return {name: slot.unit for result in results for name, slot in result.items() if slot.unit in _NS}


def _with_unit(value: Any, unit: str | None) -> Any:
    return value if unit is None else Duration(int(convert.decimal(value) * _NS[unit]))


async def _nobody(operation: str, _arguments: Mapping[str, Any]) -> list[Any]:
    raise ConfigurationError(f"'{operation}' cannot be asked yet: nobody said how")
