"""Where the orders of an account are kept."""

from __future__ import annotations

import os

from platformdirs import user_state_path

from declconn.account.order_store import AccountStore
from declconn.account.sqlite_store import SqliteStore
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.credentials import Credentials
from declconn.spec import Spec


def choose_store(spec: Spec, credentials: Credentials, settings: TradingSettings) -> AccountStore:
    """The store of an account: the user's own, a file of the user's, or one for each account in the user's state
    directory. It is not opened here.
    """
    store = settings.store
    if store is None:
        store = user_state_path("declconn") / f"{spec.name}-{credentials.fingerprint}.sqlite"
    if isinstance(store, str | os.PathLike):
        return SqliteStore(store, credentials.fingerprint)
    return store
