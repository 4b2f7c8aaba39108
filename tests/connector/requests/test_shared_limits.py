"""Several connectors in one process, and what a venue counts of them together."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declconn.connector.exchange import Exchange
from declconn.connector.requests.shared_limits import SharedLimits
from declconn.errors import NetworkError
from declconn.net.transport import Request, Response, Socket
from declconn.registry import connect
from declconn.testing import ManualClock

LIMITED = """\
rate_limits:
  weight: {allow: 4/1s, per: ip}
  orders: {allow: 2/1s, per: account}
endpoints:
  trading_rules: {cost: {weight: 1}}
  balances: {cost: {weight: 1, orders: 1}}
streams: {market: {limits: {connect: 2/10s}}}
"""
MAIN, TEST = "https://toy.example/api", "https://test.toy.example/api"


class Gate:
    """A venue that notes when something arrives, and opens no sockets."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.requests: dict[str, list[float]] = {}
        self.handshakes: list[float] = []

    async def send(self, request: Request) -> Response:
        self.requests.setdefault(request.url.rpartition("/")[0], []).append(self._clock.monotonic())
        market = {"id": "btcusd", "base": "BTC", "quote": "USD"}
        return Response(200, {}, json.dumps([market] if "/markets" in request.url else []).encode())

    async def connect(self, url: str, headers: Mapping[str, str], *, max_frame: int, ping: float | None) -> Socket:
        self.handshakes.append(self._clock.monotonic())
        raise NetworkError("refused")

    async def close(self) -> None: ...


class Party:
    """Connectors of the same process."""

    def __init__(self, spec: Path) -> None:
        self.clock = ManualClock()
        self.gate = Gate(self.clock)
        self.limits = SharedLimits(self.clock)
        self._spec = spec

    def connector(self, *, rest: str = MAIN, key: str = "key", limits: SharedLimits | None = None) -> Exchange:
        return connect(
            self._spec,
            ["BTC-USD"],
            credentials={"api_key": key, "api_secret": "secret"},
            environment={"rest": rest, "ws": "wss://toy.example/ws"},
            transport=self.gate,
            clock=self.clock,
            random=Random(1),
            trading=False,
            limits=limits or self.limits,
        )

    async def pass_by(self, seconds: float, step: float = 0.125) -> None:
        for _ in range(round(seconds / step) + 1):
            for _ in range(20):
                await asyncio.sleep(0)
            self.clock.advance(step)


@pytest.fixture
def party(variant: Callable[[str], Path]) -> Party:
    return Party(variant(LIMITED))


def most_within(window: float, times: list[float]) -> int:
    """The most that a half-open window holds."""
    return max(sum(begin <= time < begin + window for time in times) for begin in times)


async def ask(party: Party, *connectors: Exchange, operation: str = "trading_rules", times: int = 4) -> None:
    calls = [each.parts.operations.call(operation) for _ in range(times) for each in connectors]
    asked = [asyncio.ensure_future(call) for call in calls]
    await party.pass_by(20)
    await asyncio.gather(*asked)


async def test_one_address_has_one_allowance_however_many_connectors_there_are(party: Party) -> None:
    await ask(party, party.connector(), party.connector(key="another"))
    times = party.gate.requests[MAIN]
    assert len(times) == 8
    assert most_within(1, times) == 4


async def test_another_address_has_an_allowance_of_its_own(party: Party) -> None:
    await ask(party, party.connector(), party.connector(rest=TEST))
    assert [most_within(1, times) for times in party.gate.requests.values()] == [4, 4]
    assert set(party.gate.requests[MAIN] + party.gate.requests[TEST]) == {0.0}


@pytest.mark.parametrize(("key", "most"), [("key", 2), ("another", 4)])
async def test_one_account_has_one_allowance_and_two_have_two(party: Party, key: str, most: int) -> None:
    await ask(party, party.connector(), party.connector(key=key), operation="balances")
    assert most_within(1, party.gate.requests[MAIN]) == most


async def test_connectors_with_other_limits_know_nothing_of_each_other(party: Party) -> None:
    await ask(party, party.connector(), party.connector(limits=SharedLimits(party.clock)))
    assert most_within(1, party.gate.requests[MAIN]) == 8


async def test_sockets_of_all_connectors_are_opened_no_faster_than_the_venue_allows(party: Party) -> None:
    connectors = [party.connector() for _ in range(3)]
    for each in connectors:
        await each.start()
    await party.pass_by(60, step=0.5)
    for each in connectors:
        await each.stop()
    assert len(party.gate.handshakes) > 6
    assert most_within(10, party.gate.handshakes) == 2


async def test_what_a_venue_asks_of_one_it_asks_of_all_at_its_address(party: Party) -> None:
    party.limits.at(MAIN).back_off(None, 5)
    await ask(party, party.connector(), party.connector(rest=TEST), times=1)
    assert (party.gate.requests[MAIN], party.gate.requests[TEST]) == ([5.0], [0.0])


def test_by_default_all_connectors_of_the_process_share(variant: Any) -> None:
    spec, credentials = variant(LIMITED), {"api_key": "key", "api_secret": "secret"}
    environment = {"rest": "https://toy.example/defaults", "ws": "wss://toy.example/ws"}

    async def ask_once() -> float:
        gate = Gate(ManualClock())
        exchange = connect(spec, credentials=credentials, environment=environment, transport=gate, trading=False)
        await exchange.parts.operations.call("trading_rules")
        return exchange.parts.allowances.use()["weight"][0].in_use

    assert [asyncio.run(ask_once()) for _ in range(2)] == [1, 2], "also from one event loop to the next"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    calls=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["trading_rules", "balances"]), st.integers(0, 6)),
        min_size=1,
        max_size=30,
    )
)
def test_together_they_never_exceed_a_limit_of_the_address(variant: Any, calls: list[tuple[int, str, int]]) -> None:
    async def play() -> list[float]:
        party = Party(variant(LIMITED))
        connectors = [party.connector(), party.connector(), party.connector(key="another")]
        asked = []
        for who, operation, eighths in calls:
            asked.append(asyncio.ensure_future(connectors[who].parts.operations.call(operation)))
            await party.pass_by(eighths / 8)
        await party.pass_by(30)
        await asyncio.gather(*asked)
        return party.gate.requests[MAIN]

    times = asyncio.run(play())
    assert len(times) == len(calls)
    assert most_within(1, times) <= 4
