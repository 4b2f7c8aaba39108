"""Numbers that a venue takes only once: they rise for each key, whatever restarts and whoever else uses the key.

A nonce is the time, or one more than the last nonce where that is more. What was last is kept per key and in no
unit, so a key that counted microseconds is never handed milliseconds again, which the venue would refuse.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any, Final, Protocol

_PER_SECOND: Final = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_BUSY_SECONDS: Final = 10
"""How long to wait for another process; a turn takes it less than a millisecond."""


class NonceSource(Protocol):
    """Where rising numbers come from."""

    def next(self, key: str, at_least: int) -> int:
        """A number that is at least this, and more than any that was handed out for the key before.

        Args:
            key: a fingerprint of the key, never the key.
            at_least: the time, in the unit that the venue counts in.
        """
        ...


class MemoryNonces:
    """Rising numbers for the connectors that share this object, until the process ends."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._lock = threading.Lock()

    def next(self, key: str, at_least: int) -> int:
        with self._lock:
            number = self._last[key] = max(at_least, self._last.get(key, -1) + 1)
        return number


class StoredNonces:
    """Rising numbers for all processes that use the same file; the last ones survive a crash.

    Every number is written before it is handed out. Reserving many at once would be faster, but then two processes
    would draw from ranges of which one lies below the other, and a venue refuses the lower numbers. A power failure
    may undo the last writes; the time has moved on when the machine is back.

    Args:
        path: the file; it and its directory are made if they are absent, for the user's eyes only.

    Raises:
        sqlite3.Error: the file cannot be opened, or is no database.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute("CREATE TABLE IF NOT EXISTS nonces (key TEXT PRIMARY KEY, last INTEGER NOT NULL)")

    def next(self, key: str, at_least: int) -> int:
        """See `NonceSource`.

        Raises:
            sqlite3.OperationalError: another process keeps the file locked, or the disk is full.
        """
        # One statement is one transaction: nobody can read between the reading and the writing.
        statement = """
            INSERT INTO nonces VALUES (?, ?)
            ON CONFLICT (key) DO UPDATE SET last = max(excluded.last, last + 1) RETURNING last
        """
        with self._lock:
            return int(self._database.execute(statement, (key, at_least)).fetchone()[0])

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        self._database.close()


class Nonces(Mapping[str, Any]):
    """The nonces of one request: ``{nonce.ms}``, ``{nonce.uuid}``, each made when it is first asked for, and once.

    Args:
        source: where rising numbers come from.
        key: the fingerprint of the account's key.
        time_ns: the time of the request, nanoseconds since the epoch.
        random: where random ones come from.
    """

    __slots__ = ("_key", "_made", "_random", "_source", "_time_ns")

    def __init__(self, source: NonceSource, key: str, time_ns: int, random: Random) -> None:
        self._source, self._key, self._time_ns, self._random = source, key, time_ns, random
        self._made: dict[str, int | str] = {}

    def __getitem__(self, form: str) -> int | str:
        if form not in self._made:
            self._made[form] = self._make(form)
        return self._made[form]

    def _make(self, form: str) -> int | str:
        if form in _PER_SECOND:
            return self._source.next(self._key, self._time_ns * _PER_SECOND[form] // 10**9)
        return _RANDOM[form](self._random)

    def __iter__(self) -> Iterator[str]:
        return iter((*_PER_SECOND, *_RANDOM))

    def __len__(self) -> int:
        return len(_PER_SECOND) + len(_RANDOM)


_RANDOM: Final = {
    "uuid": lambda random: str(uuid.UUID(int=random.getrandbits(128), version=4)),
    "hex16": lambda random: f"{random.getrandbits(64):016x}",
    "hex32": lambda random: f"{random.getrandbits(128):032x}",
    "digits8": lambda random: f"{random.getrandbits(64) % 10**8:08}",
}


def fingerprint(key: str) -> str:
    """What stands for a key where it is written down: enough to tell keys apart, nothing to sign with."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]
