"""A nonce is never handed out twice, and never after a higher one."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.nonces import MemoryNonces, Nonces, NonceSource, StoredNonces, fingerprint


@pytest.fixture(params=["memory", "stored"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NonceSource]:
    if request.param == "memory":
        yield MemoryNonces()
        return
    stored = StoredNonces(tmp_path / "declconn" / "nonces.db")
    yield stored
    stored.close()


@pytest.fixture
def open_file(tmp_path: Path) -> Iterator[Callable[[], StoredNonces]]:
    """Opens the same file as often as it is asked."""
    opened: list[StoredNonces] = []

    def open_again() -> StoredNonces:
        opened.append(StoredNonces(tmp_path / "nonces.db"))
        return opened[-1]

    yield open_again
    for nonces in opened:
        nonces.close()


def test_a_nonce_is_the_time_or_one_more_than_the_last(source: NonceSource) -> None:
    assert [source.next("key", now) for now in (1000, 1000, 1000, 1005, 999)] == [1000, 1001, 1002, 1005, 1006]


def test_each_key_counts_for_itself(source: NonceSource) -> None:
    assert [source.next("a", 5), source.next("b", 5), source.next("a", 5)] == [5, 5, 6]


@given(st.lists(st.integers(0, 2**62), min_size=1, max_size=30))
def test_nonces_rise_whatever_the_clock_does(times: list[int]) -> None:
    source = MemoryNonces()
    nonces = [source.next("key", now) for now in times]
    assert all(earlier < later for earlier, later in pairwise(nonces))
    assert all(nonce >= now for nonce, now in zip(nonces, times, strict=True))


def test_a_restart_goes_on_where_it_ended(open_file: Callable[[], StoredNonces]) -> None:
    first = open_file()
    assert first.next("key", 1000) == 1000
    first.close()
    assert open_file().next("key", 900) == 1001


def test_two_connectors_on_one_file_never_get_the_same(open_file: Callable[[], StoredNonces]) -> None:
    def draw(source: StoredNonces) -> list[int]:
        return [source.next("key", 0) for _ in range(100)]

    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(draw, [open_file() for _ in range(4)]))
    assert sorted(nonce for nonces in drawn for nonce in nonces) == list(range(400))
    assert all(nonces == sorted(nonces) for nonces in drawn)


@pytest.mark.slow
def test_a_process_that_is_killed_takes_no_nonce_with_it(tmp_path: Path, open_file: Callable[[], StoredNonces]) -> None:
    code = f"""
from pathlib import Path
from declconn.nonces import StoredNonces
nonces = StoredNonces(Path({str(tmp_path / "nonces.db")!r}))
while True:
    print(nonces.next("key", 0), flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        seen = [int(process.stdout.readline()) for _ in range(50)]
        process.kill()
        seen += [int(line) for line in process.stdout if line.endswith("\n")]
        process.wait()
    assert open_file().next("key", 0) > seen[-1]


def test_the_file_is_for_its_owners_eyes_and_holds_no_key(
    open_file: Callable[[], StoredNonces], tmp_path: Path
) -> None:
    open_file().next(fingerprint("very-secret-api-key"), 1)
    path = tmp_path / "nonces.db"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert all(b"very-secret" not in file.read_bytes() for file in tmp_path.iterdir())


def test_the_nonces_of_a_request_are_made_once_and_in_their_unit() -> None:
    source, now = MemoryNonces(), 1_700_000_000_123_456_789
    nonces = Nonces(source, "key", now, Random(7))
    assert nonces["ms"] == nonces["ms"] == 1_700_000_000_123
    assert Nonces(source, "key", now, Random(7))["ms"] == 1_700_000_000_124
    assert nonces["s"] == 1_700_000_000_125  # the key has counted milliseconds before
    assert Nonces(MemoryNonces(), "key", now, Random(7))["s"] == 1_700_000_000
    assert nonces["us"] == 1_700_000_000_123_456
    assert nonces["ns"] == now


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("uuid", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ("hex16", r"[0-9a-f]{16}"),
        ("hex32", r"[0-9a-f]{32}"),
        ("digits8", r"[0-9]{8}"),
    ],
)
def test_random_nonces_have_their_form_and_come_from_the_given_source(form: str, pattern: str) -> None:
    made = [Nonces(MemoryNonces(), "key", 0, Random(seed))[form] for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]
    assert all(re.fullmatch(pattern, str(nonce)) for nonce in made)


def test_an_unknown_form_is_absent() -> None:
    assert Nonces(MemoryNonces(), "key", 0, Random(1)).get("weeks") is None
