"""Where the orders of an account are kept."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_state_path

from declconn.account.order_store import AccountStore
from declconn.account.sqlite_store import SqliteStore
from declconn.connector.build_account import has_trading
from declconn.connector.trading_settings import TradingSettings
from declconn.credentials import Credentials
from declconn.spec import Spec


def open_store(spec: Spec, credentials: Credentials, trading: TradingSettings | None) -> AccountStore | None:
    """The store of an account; ``None`` where there is no account, or it shall not trade.

    Raises:
        ConfigurationError: another connector trades with this account.
    """
    if trading is None or not credentials or not has_trading(spec):
        return None
    store = trading.store
    if store is None or isinstance(store, str | os.PathLike):
        path = default_path(spec, credentials) if store is None else Path(store)
        return SqliteStore(path, credentials.fingerprint)
    return store


def default_path(spec: Spec, credentials: Credentials) -> Path:
    """A file for each account in the user's state directory."""
    return user_state_path("declconn") / f"{spec.name}-{credentials.fingerprint}.sqlite"
