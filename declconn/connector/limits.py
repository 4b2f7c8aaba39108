"""`rate_limits` and a stream's `limits` as the network floor knows them."""

from __future__ import annotations

from typing import Any

from declconn.compile.source_book import SourceBook
from declconn.compile.stream import Stream
from declconn.compile.template import compile_choice
from declconn.errors import ConfigurationError
from declconn.net.conversation import WSSettings
from declconn.net.throttler import RateLimit
from declconn.spec import Spec, models
from declconn.spec.units import Allowance
from declconn.types import TimeUnit

DEFAULT_MAX_FRAME = 8 * 1024 * 1024
"""Bytes; the largest first frame that we know of (Coinbase level2) fits."""


def rate_limits(spec: Spec, sources: SourceBook) -> list[RateLimit]:
    """Every pool of the spec, and the pools of endpoints and connections of their own."""
    pools = [_limit(name, _chosen(limit, sources).allow, sources) for name, limit in spec.rate_limits.items()]
    for operation in spec.endpoints:
        for endpoint in spec.requests(operation):
            if endpoint.rate is not None:
                pools.append(_limit(own_pool(operation), _chosen(endpoint.rate, sources).allow, sources))
    for name, stream in spec.streams.items():
        if stream.limits and stream.limits.connect:
            pools.append(_limit(connect_pool(name), stream.limits.connect, sources))
    return pools


def own_pool(operation: str) -> str:
    """The name of the pool that an endpoint's own `rate` makes."""
    return f"endpoints.{operation}"


def connect_pool(stream: str) -> str:
    """The name of the pool that new connections of a stream draw from."""
    return f"streams.{stream}.connect"


def ws_settings(stream: Stream, sources: SourceBook) -> WSSettings:
    """How a connection of this stream is kept."""
    model = stream.model
    limits, heartbeat = model.limits, model.heartbeat
    if heartbeat is not None and isinstance(heartbeat.every, str):
        raise ConfigurationError(f"streams.{stream.name}: a heartbeat that the venue dictates is not kept yet")
    every = heartbeat.every if heartbeat else None
    return WSSettings(
        heartbeat=None if every is None else float(every),
        silence=float(heartbeat.timeout) if heartbeat and heartbeat.timeout is not None else None,
        max_age=None if model.max_age is None else float(model.max_age),
        max_frame=model.max_frame or DEFAULT_MAX_FRAME,
        connect_cost={connect_pool(stream.name): 1} if limits and limits.connect else {},
        send_limit=_limit("send", limits.send, sources) if limits and limits.send else None,
    )


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
