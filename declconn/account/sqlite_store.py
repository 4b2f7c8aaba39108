"""An account's memory in an SQLite file: one writer, and nothing lost when the process is killed."""

from __future__ import annotations

import os
import socket
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from declconn.errors import ConfigurationError
from declconn.nonces import StoredNonces

_VERSION: Final = 1
_SCHEMA: Final = f"""
    CREATE TABLE account (name TEXT NOT NULL);
    CREATE TABLE orders (number INTEGER PRIMARY KEY, client_order_id TEXT NOT NULL UNIQUE, state TEXT NOT NULL);
    CREATE TABLE fills (
        number INTEGER PRIMARY KEY,
        client_order_id TEXT NOT NULL,
        trading_pair TEXT NOT NULL,
        trade_id TEXT NOT NULL,
        fill TEXT NOT NULL,
        UNIQUE (client_order_id, trading_pair, trade_id)
    );
    CREATE TABLE funding_times (trading_pair TEXT PRIMARY KEY, timestamp INTEGER NOT NULL) WITHOUT ROWID;
    PRAGMA user_version = {_VERSION};
"""


class SqliteStore:
    """Keeps an account in a file; see `declconn.account.order_store.AccountStore`.

    Nothing is touched before `open`, or before the first use. The file is locked for as long as it is open, by the
    operating system, so a process that is killed holds nobody up. What is saved survives the end of the process,
    however it ends; new orders survive a power failure as well. (A power failure may undo the last changes of orders
    that were kept before; the venue knows these.) Nonces are in a file of their own beside it, which processes may
    share.

    Args:
        path: the file; it and its directory are made if they are absent, for the user's eyes only.
        account: whose orders these are, in any words; a file of another account is refused.
        makes_folders: all directories above it are made, not only its own.
    """

    def __init__(self, path: str | os.PathLike[str], account: str, *, makes_folders: bool = False) -> None:
        self._path, self._account, self._makes_folders = Path(path), account, makes_folders
        self._owner = self._path.with_name(f"{self._path.name}.owner")
        self._connection: sqlite3.Connection | None = None
        self._nonces: StoredNonces | None = None

    def __repr__(self) -> str:
        return str(self._path)

    def open(self) -> None:
        """Take the file for ourselves. A second call does nothing.

        Raises:
            ConfigurationError: somebody else is using the file, or it is no store of this account.
        """
        if self._connection is None:
            self._connection = self._open()

    @property
    def _database(self) -> sqlite3.Connection:
        self.open()
        assert self._connection is not None
        return self._connection

    def save_order(self, state: dict[str, Any]) -> None:
        """See `AccountStore`.

        Raises:
            sqlite3.Error: it could not be written: the disk is full, for instance.
        """
        text, client_order_id = _write(state), state["client_order_id"]
        change = "UPDATE orders SET state = ? WHERE client_order_id = ?"
        if self._database.execute(change, (text, client_order_id)).rowcount:
            return
        self._database.execute("PRAGMA synchronous = FULL")
        try:
            self._database.execute("INSERT INTO orders (state, client_order_id) VALUES (?, ?)", (text, client_order_id))
        finally:
            self._database.execute("PRAGMA synchronous = NORMAL")

    def orders(self) -> list[dict[str, Any]]:
        return [_read(state) for (state,) in self._database.execute("SELECT state FROM orders ORDER BY number")]

    def forget_order(self, client_order_id: str) -> None:
        with self._database:
            self._database.execute("BEGIN")
            self._database.execute("DELETE FROM orders WHERE client_order_id = ?", (client_order_id,))
            self._database.execute("DELETE FROM fills WHERE client_order_id = ?", (client_order_id,))

    def save_fill(self, trading_pair: str, trade_id: str, client_order_id: str, fill: dict[str, Any]) -> bool:
        statement = """
            INSERT INTO fills (client_order_id, trading_pair, trade_id, fill) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
        """
        written = self._database.execute(statement, (client_order_id, trading_pair, trade_id, _write(fill)))
        return written.rowcount == 1

    def fills(self, client_order_id: str) -> list[dict[str, Any]]:
        query = "SELECT fill FROM fills WHERE client_order_id = ? ORDER BY number"
        return [_read(fill) for (fill,) in self._database.execute(query, (client_order_id,))]

    def funding_time(self, trading_pair: str) -> int | None:
        query = "SELECT timestamp FROM funding_times WHERE trading_pair = ?"
        row = self._database.execute(query, (trading_pair,)).fetchone()
        return None if row is None else int(row[0])

    def save_funding_time(self, trading_pair: str, timestamp: int) -> None:
        self._database.execute("INSERT OR REPLACE INTO funding_times VALUES (?, ?)", (trading_pair, timestamp))

    def next(self, key: str, at_least: int) -> int:
        if self._nonces is None:
            self._nonces = StoredNonces(self._path.with_name(f"{self._path.name}.nonces"))
        return self._nonces.next(key, at_least)

    def close(self) -> None:
        """Let go of the file. The next use opens it again."""
        if self._connection is not None:
            self._connection.close()
        if self._nonces is not None:
            self._nonces.close()
        self._connection = self._nonces = None

    def _open(self) -> sqlite3.Connection:
        try:
            self._make_file()
            database = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(
                f"{self._path} cannot be opened to keep orders: {error}; try another path"
            ) from None
        try:
            self._take(database)
        except BaseException:
            database.close()
            raise
        return database

    def _make_file(self) -> None:
        if self._path.is_dir():
            raise ConfigurationError(f"{self._path} is a directory; name a file in it, like {self._path / 'orders.db'}")
        self._path.parent.mkdir(parents=self._makes_folders, exist_ok=True, mode=0o700)
        _make_private(self._path)

    def _take(self, database: sqlite3.Connection) -> None:
        try:
            _lock(database)
            if _is_new(database):
                database.executescript(f"BEGIN; {_SCHEMA}")
                database.execute("INSERT INTO account VALUES (?)", (self._account,))
                database.execute("COMMIT")
            self._check_version(database)
            self._check_account(database)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise ConfigurationError(f"{self._path}: {self._who()}") from None
            raise ConfigurationError(
                f"{self._path} cannot be used to keep orders ({error}); expected a file that declconn made, or none; "
                "try another path"
            ) from None
        _make_private(self._owner)
        self._owner.write_text(f"process {os.getpid()} on {socket.gethostname()}")

    def _check_version(self, database: sqlite3.Connection) -> None:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise ConfigurationError(
                f"{self._path}: found version {version} of the store, expected at most {_VERSION}: a newer declconn "
                "wrote it; update declconn, or try another path"
            )

    def _check_account(self, database: sqlite3.Connection) -> None:
        found = database.execute("SELECT name FROM account").fetchone()[0]
        if found != self._account:
            raise ConfigurationError(
                f"{self._path}: found the orders of account {found!r}, expected those of {self._account!r}; "
                "give each account a file of its own"
            )

    def _who(self) -> str:
        """Who holds the lock, as far as they said."""
        name = "another process"
        with suppress(OSError):
            name = self._owner.read_text() or name
        return f"{name} is using the orders of this account; stop it first: an account has one writer"


def _lock(database: sqlite3.Connection) -> None:
    """Take the file for ourselves until it is closed. Without readers there is no need of a shared index either."""
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("BEGIN EXCLUSIVE")
    database.execute("COMMIT")


def _is_new(database: sqlite3.Connection) -> bool:
    return database.execute("SELECT name FROM sqlite_schema").fetchone() is None


def _make_private(path: Path) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)


def _write(value: dict[str, Any]) -> str:
    return msgspec.json.encode(value).decode()


def _read(text: str) -> dict[str, Any]:
    value: dict[str, Any] = msgspec.json.decode(text)
    return value
