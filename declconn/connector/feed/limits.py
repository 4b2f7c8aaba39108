"""`rate_limits` and a stream's `limits` as the network floor knows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from declconn.compile.lookup import Sources
from declconn.compile.source_book import SourceBook
from declconn.compile.stream import Stream
from declconn.compile.template import compile_choice, compile_template
from declconn.errors import ConfigurationError
from declconn.net.conversation import WSSettings
from declconn.net.throttler import RateLimit
from declconn.spec import Spec, models
from declconn.spec.units import Allowance, parse_duration
from declconn.types import TimeUnit

DEFAULT_PING = 30.0
"""Seconds between protocol pings where the spec names no heartbeat: a connection that is dead has to be noticed."""

SHORTEST_HEARTBEAT = 0.1
"""Seconds; a venue's number that comes to less is counted in another unit than the spec says."""


def stream_limits(spec: Spec, sources: SourceBook) -> list[RateLimit]:
    """The pools that new connections and logins draw from."""
    pools = []
    for name, stream in spec.streams.items():
        if stream.limits and stream.limits.connect:
            pools.append(_limit(connect_pool(name), stream.limits.connect, sources))
        if stream.limits and stream.limits.login:
            pools.append(_limit(login_pool(name), stream.limits.login, sources))
    return pools


def limit_of(name: str, limit: models.RateLimit, sources: SourceBook) -> RateLimit:
    """A pool of `rate_limits`, or an endpoint's own `rate`."""
    return _limit(name, _chosen(limit, sources).allow, sources)


def connect_pool(stream: str) -> str:
    """The name of the pool that new connections of a stream draw from."""
    return f"streams.{stream}.connect"


def login_pool(stream: str) -> str:
    """The name of the pool that logins of a stream draw from."""
    return f"streams.{stream}.login"


def login_cost(stream: Stream) -> dict[str, int]:
    """What one login draws."""
    limits = stream.model.limits
    return {login_pool(stream.name): 1} if limits and limits.login else {}


def ws_settings(stream: Stream, sources: SourceBook) -> WSSettings:
    """How a connection of this stream is kept."""
    model = stream.model
    limits, heartbeat = model.limits, model.heartbeat
    every = heartbeat.every if heartbeat else DEFAULT_PING
    return WSSettings(
        heartbeat=None if isinstance(every, str) else float(every),
        silence=float(heartbeat.timeout) if heartbeat and heartbeat.timeout is not None else None,
        max_age=None if model.max_age is None else float(model.max_age),
        max_frame=stream.max_frame,
        connect_cost={connect_pool(stream.name): 1} if limits and limits.connect else {},
        send_limit=_limit("send", limits.send, sources) if limits and limits.send else None,
    )


def dictated_heartbeat(stream: Stream) -> Callable[[Sources], float] | None:
    """Seconds between heartbeats as the venue says them, where `heartbeat.every` is a template."""
    every = stream.model.heartbeat.every if stream.model.heartbeat else None
    if not isinstance(every, str):
        return None
    where = f"streams.{stream.name}.heartbeat.every"
    write = compile_template(every, TimeUnit.NS, where)

    def seconds(sources: Sources) -> float:
        found = write(sources)
        period = float(parse_duration(found)) if isinstance(found, str) else found / 1e9
        if period < SHORTEST_HEARTBEAT:
            raise ConfigurationError(f"{where}: {period:g} s between heartbeats; give the learnt field its `unit`")
        return period

    return seconds


def _limit(name: str, allow: Any, sources: SourceBook) -> RateLimit:
    allowance: Allowance = _chosen(allow, sources)
    window = float(allowance.window)
    if allowance.burst is None:
        return RateLimit(name, allowance.refill, window)
    return RateLimit(name, allowance.burst, window, allowance.refill)


def _chosen(value: Any, sources: SourceBook) -> Any:
    """The value itself, or the case of a `by` map that the options choose."""
    if not isinstance(value, models.Choice):
        return value
    return compile_choice(value.by, value.of, TimeUnit.MS)(sources.fixed)
