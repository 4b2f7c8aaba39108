"""Where the orders of an account are kept."""

from __future__ import annotations

import os

from platformdirs import user_state_path

from declconn.account.order_store import AccountStore, MemoryStore
from declconn.account.sqlite_store import SqliteStore
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.credentials import Credentials
from declconn.spec import Spec


def choose_store(spec: Spec, credentials: Credentials, settings: TradingSettings) -> AccountStore:
    """The store of an account: the user's own, a file of the user's, or one for each account in the user's state
    directory; none that lasts, where the account is only watched. It is not opened here.
    """
    store = settings.store
    if settings.read_only:
        return MemoryStore()
    if store is None:
        path = user_state_path("declconn") / f"{spec.name}-{credentials.fingerprint}.sqlite"
        return SqliteStore(path, credentials.fingerprint, makes_folders=True)
    if isinstance(store, str | os.PathLike):
        return SqliteStore(store, credentials.fingerprint)
    return store
