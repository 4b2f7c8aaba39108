"""What an account must not forget, in memory and in a file."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from declconn.account.order_store import AccountStore, MemoryStore
from declconn.account.sqlite_store import SqliteStore
from declconn.errors import ConfigurationError

Reopen = Callable[[], SqliteStore]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "declconn" / "account.db"


@pytest.fixture
def reopen(file: Path) -> Iterator[Reopen]:
    """Opens the file, after closing it if it was open."""
    opened: list[SqliteStore] = []

    def open_again() -> SqliteStore:
        for store in opened:
            store.close()
        opened.append(SqliteStore(file, "toy main"))
        opened[-1].open()
        return opened[-1]

    yield open_again
    for store in opened:
        store.close()


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, reopen: Reopen) -> AccountStore:
    return MemoryStore() if request.param == "memory" else reopen()


def state(order: str, word: str = "OPEN") -> dict[str, Any]:
    return {"client_order_id": order, "last_state": word, "price": None, "amount": "0.1", "created": 2**62}


def test_orders_come_back_as_they_were_in_the_order_of_their_first_saving(store: AccountStore) -> None:
    for order in ("b", "a", "c"):
        store.save_order(state(order, "PENDING_CREATE"))
    store.save_order(state("a"))
    assert store.orders() == [state("b", "PENDING_CREATE"), state("a"), state("c", "PENDING_CREATE")]


def test_a_fill_is_kept_once(store: AccountStore) -> None:
    assert store.save_fill("BTC-USDT", "1", "a", {"amount": "1"})
    assert not store.save_fill("BTC-USDT", "1", "a", {"amount": "2"})
    assert store.save_fill("BTC-USDT", "1", "b", {"amount": "3"})  # the account traded with itself
    assert store.save_fill("BTC-USDT", "0", "a", {"amount": "4"})
    assert store.fills("a") == [{"amount": "1"}, {"amount": "4"}]
    assert store.fills("none") == []


def test_a_forgotten_order_takes_its_fills_with_it(store: AccountStore) -> None:
    store.save_order(state("a"))
    store.save_fill("BTC-USDT", "1", "a", {})
    store.forget_order("a")
    store.forget_order("never there")
    assert store.orders() == store.fills("a") == []


def test_funding_times_are_kept_per_market(store: AccountStore) -> None:
    assert store.funding_time("BTC-USDT") is None
    store.save_funding_time("BTC-USDT", 5)
    store.save_funding_time("BTC-USDT", 2**62)
    store.save_funding_time("ETH-USDT", 7)
    assert (store.funding_time("BTC-USDT"), store.funding_time("ETH-USDT")) == (2**62, 7)


def test_nonces_rise(store: AccountStore) -> None:
    assert [store.next("key", now) for now in (10, 10, 5)] == [10, 11, 12]


def test_a_file_remembers(reopen: Reopen) -> None:
    first = reopen()
    first.save_order(state("a"))
    first.save_fill("BTC-USDT", "1", "a", {"amount": "1"})
    first.save_funding_time("BTC-USDT", 5)
    first.next("key", 10)
    second = reopen()
    assert second.orders() == [state("a")]
    assert second.fills("a") == [{"amount": "1"}]
    assert second.funding_time("BTC-USDT") == 5
    assert second.next("key", 0) == 11


def test_all_files_are_for_their_owners_eyes(reopen: Reopen, file: Path) -> None:
    store = reopen()
    store.save_order(state("a"))
    store.next("key", 1)
    names = {path.name for path in file.parent.iterdir()}
    assert {"account.db", "account.db-wal", "account.db.nonces"} <= names
    assert {stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_closed_to_them(reopen: Reopen, file: Path) -> None:
    file.parent.mkdir()
    file.touch(mode=0o644)
    reopen()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_second_writer_in_the_process_is_refused(reopen: Reopen, file: Path) -> None:
    reopen()
    with pytest.raises(ConfigurationError, match=r"process \d+ on .* is using the orders of this account; stop it"):
        SqliteStore(file, "toy main").open()


def test_the_file_of_another_account_is_refused(reopen: Reopen, file: Path) -> None:
    reopen().close()
    with pytest.raises(ConfigurationError, match="found the orders of account 'toy main', expected those of 'toy test"):
        SqliteStore(file, "toy testnet").open()


def test_the_file_of_a_newer_version_is_refused(reopen: Reopen, file: Path) -> None:
    reopen().close()
    database = sqlite3.connect(file)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(ConfigurationError, match="found version 99 of the store, expected at most 1"):
        SqliteStore(file, "toy main").open()


@pytest.mark.parametrize("content", [b"these are no orders " * 100, None])
def test_a_file_that_is_no_store_is_refused(file: Path, content: bytes | None) -> None:
    file.parent.mkdir()
    if content is not None:
        file.write_bytes(content)
    else:
        database = sqlite3.connect(file)
        database.execute("CREATE TABLE recipes (name TEXT)")
        database.close()
    with pytest.raises(ConfigurationError, match=r"cannot be used to keep orders .*; expected a file that declconn"):
        SqliteStore(file, "toy main").open()


def test_nothing_is_touched_before_it_is_opened(file: Path) -> None:
    store = SqliteStore(file, "toy main")
    store.close()
    assert not file.parent.exists()


def test_what_was_closed_opens_again(reopen: Reopen) -> None:
    store = reopen()
    store.save_order(state("a"))
    first = store.next("key", 5)
    store.close()
    assert store.orders() == [state("a")]
    assert store.next("key", 5) == first + 1


def test_closing_twice_is_nothing(reopen: Reopen) -> None:
    store = reopen()
    store.close()
    store.close()


_TRADER = """
import sys
from decimal import Decimal
from itertools import count
from pathlib import Path

from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.in_flight_order import InFlightOrder
from declconn.account.sqlite_store import SqliteStore
from declconn.account.trade_fee import AddedToCostTradeFee
from declconn.clock import SystemClock
from declconn.records import OrderUpdate, TradeUpdate
from declconn.types import OrderState, OrderType, Side

def say(*words):
    print(*words, flush=True)

store = SqliteStore(Path(sys.argv[1]), "toy main")
tracker = ClientOrderTracker(
    clock=SystemClock(), store=store, trigger_event=lambda event: say("told", event.event_id),
    fee_of=lambda order, trade: AddedToCostTradeFee(), want_fills=print,
)
tracker.restore()
say("ready")
for number in count(len(store.orders())):
    name = f"dc-{number}"
    tracker.start_tracking_order(InFlightOrder(
        client_order_id=name, trading_pair="BTC-USDT", order_type=OrderType.LIMIT, trade_type=Side.BUY,
        amount=Decimal(2), price=Decimal(100), creation_timestamp=number,
    ))
    say("sent", name)
    tracker.process_order_update(OrderUpdate(name, exchange_order_id=str(number), state=OrderState.OPEN))
    tracker.process_trade_update(TradeUpdate(str(number), Decimal(99), Decimal(1), client_order_id=name))
    say("filled", name)
"""


@pytest.mark.slow
def test_a_process_that_is_killed_at_any_moment_loses_nothing_and_holds_nobody_up(file: Path, reopen: Reopen) -> None:
    random = Random(7)
    said: list[list[str]] = []
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", _TRADER, str(file)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        with process.stdout:
            assert process.stdout.readline() == "ready\n"
            time.sleep(random.uniform(0.0, 0.1))
            process.kill()
            said += [line.split() for line in process.stdout if line.endswith("\n")]
            process.wait()
    store = reopen()
    kept = {order["client_order_id"]: order for order in store.orders()}
    sent = [words[1] for words in said if words[0] == "sent"]
    filled = [words[1] for words in said if words[0] == "filled"]
    assert len(filled) > 5
    assert set(sent) <= set(kept)
    assert all(kept[order]["last_state"] == "PARTIALLY_FILLED" and len(store.fills(order)) == 1 for order in filled)
    # What was kept was told before, so no event is missing: at most it is told twice.
    told = {words[1] for words in said if words[0] == "told"}
    assert {f"{order}:created" for order in kept if kept[order]["last_state"] != "PENDING_CREATE"} <= told


def test_a_second_process_is_refused_and_told_who_is_there(file: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from declconn.account.sqlite_store import SqliteStore
store = SqliteStore(Path({str(file)!r}), "toy main")
store.open()
print("ready", flush=True)
sys.stdin.read()
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with pytest.raises(ConfigurationError, match=rf"process {process.pid} on .* is using the orders"):
            SqliteStore(file, "toy main").open()
        process.kill()
    store = SqliteStore(file, "toy main")
    store.open()
    store.close()


def test_a_directory_is_no_file_and_stays_as_it_is(tmp_path: Path) -> None:
    mode = tmp_path.stat().st_mode
    with pytest.raises(ConfigurationError, match="is a directory; name a file in it"):
        SqliteStore(tmp_path, "account").open()
    assert tmp_path.stat().st_mode == mode


def test_directories_are_not_made_out_of_a_mistyped_path(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "at all" / "orders.db"
    with pytest.raises(ConfigurationError, match="cannot be opened to keep orders"):
        SqliteStore(path, "account").open()
    assert list(tmp_path.iterdir()) == []
    store = SqliteStore(path, "account", makes_folders=True)
    store.open()
    store.close()
    assert path.exists()
