"""Names to specs to connectors; `declconn.spec_files` says where a name is looked up."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any, Final

from declconn.book import Precision
from declconn.clock import Clock, SystemClock
from declconn.connector.build import build
from declconn.connector.exchange import Exchange
from declconn.connector.requests.shared_limits import SharedLimits
from declconn.connector.trading.build_account import why_no_account
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.credentials import Credentials, credentials_for
from declconn.errors import ConfigurationError, CredentialsError
from declconn.net.transport import Transport
from declconn.nonces import NonceSource
from declconn.spec_files import available, load_spec, registered

__all__ = ["available", "connect", "load_spec"]

PROCESS_LIMITS: Final = SharedLimits()
"""What connectors share that are given nothing else: a venue counts a process, however many connectors it has."""


def connect(
    name_or_path: str | os.PathLike[str],
    trading_pairs: Sequence[str] = (),
    *,
    credentials: Mapping[str, Any] | Credentials | None = None,
    environment: str | Mapping[str, str] | None = None,
    options: Mapping[str, str | int | Decimal | bool | Mapping[str, Any]] | None = None,
    transport: Transport | None = None,
    clock: Clock | None = None,
    random: Random | None = None,
    levels: Precision = "exact",
    trading: TradingSettings | bool | None = None,
    nonces: NonceSource | None = None,
    limits: SharedLimits | None = None,
) -> Exchange:
    """A connector for a venue: an ``Exchange``, or a ``Derivative`` if its spec says so.

    Nothing is sent before it is started; ``async with connect(...) as exchange`` starts and stops it.

    Args:
        name_or_path: a spec's name or file.
        trading_pairs: what to follow from the start, as ``BASE-QUOTE``; more can be added while it runs.
        credentials: the spec's credentials by name; looked up in the environment if not given.
        environment: one of the spec's environments by name (default: its first), or its urls by name, for a
            venue that runs elsewhere (a local one, a proxy).
        options: values for the options that the spec declares.
        transport: how requests and sockets leave; the network by default.
        clock: the source of time; the machine's by default.
        random: the source of jitter.
        levels: what order books keep: ``exact`` every digit of the venue's; ``float`` floats, which is faster, and
            cannot be had where the venue sends checksums.
        trading: how the account is traded; ``None``: in the default way, if there are credentials; ``True``: in the
            default way; ``False``: not at all, so that its orders are left to whoever keeps them.
        nonces: where rising numbers come from; kept in memory by default, which is enough for one process at a time.
        limits: shared with the other connectors that are given it, as far as they use the same address or the same
            account. By default all connectors of the process share theirs, but for those with a clock of their own.

    Raises:
        UnknownSpecError, SpecError: as ``load_spec``.
        ConfigurationError: the environment, an option or a credential does not fit the spec.
        CredentialsError: ``trading`` asks for an account, and there is none: for want of credentials, for instance.
    """
    if isinstance(trading_pairs, str):
        raise ConfigurationError(f"trading_pairs is a list of pairs: [{trading_pairs!r}]")
    spec = load_spec(name_or_path)
    if not isinstance(credentials, Credentials):
        credentials = credentials_for(spec, credentials, registered)
    settings = _trading_settings(trading)
    if trading and (why_not := why_no_account(spec, credentials, settings)):
        raise CredentialsError(
            f"{spec.name}: `trading` asks for an account, and there is none: {why_not}; or leave `trading` out"
        )
    return build(
        spec,
        trading_pairs,
        credentials=credentials,
        environment=environment,
        options=options or {},
        transport=transport,
        clock=clock or SystemClock(),
        random=random or Random(),
        levels=levels,
        trading=settings,
        nonces=nonces,
        limits=limits or (PROCESS_LIMITS if clock is None else None),
    )


def _trading_settings(trading: TradingSettings | bool | None) -> TradingSettings | None:
    if trading is None or isinstance(trading, bool):
        return None if trading is False else TradingSettings()
    if not isinstance(trading, TradingSettings):
        raise ConfigurationError(
            f"trading: found {trading!r}, expected True, False or settings, like TradingSettings(store='orders.db')"
        )
    return trading
