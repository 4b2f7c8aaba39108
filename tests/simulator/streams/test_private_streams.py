"""Private streams: who is let in, and what he hears, in the words of each venue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from declconn.compile.recipe import compile_recipe
from declconn.compile.source_book import FrozenClock
from declconn.net.transport import HandshakeError, Request, Socket, SocketClosed
from declconn.records import FundingInfo, TradingRule
from declconn.registry import load_spec
from declconn.signing import Signer
from declconn.simulator import FeeSchedule, FrameFault, InProcessVenue, Market, MatchingEngine, NewOrder
from declconn.testing import ManualClock
from declconn.types import Side

D = Decimal
PAIR = "BTC-USDT"


class Played:
    """A venue where ann has keys, and cat trades with her."""

    def __init__(self, name: str) -> None:
        self.spec, self.clock = load_spec(name), ManualClock()
        rule = TradingRule("", "BTC", "USDT", min_price_increment=D("0.1"), min_base_amount_increment=D("0.001"))
        market = Market(rule, is_derivative=self.spec.kind == "derivative")
        self.engine = MatchingEngine([market], FeeSchedule(maker=D("0.001")), self.clock)
        for account in ("ann", "cat"):
            self.engine.open_account(account, {"USDT": D(1000), "BTC": D(10)})
        self.venue = InProcessVenue(self.spec, self.engine, clock=self.clock, accounts=["ann"])
        self.keys = self.venue.credentials("ann")
        self.urls: Mapping[str, Any] = next(iter(self.spec.environments.values()))

    async def open(self, url: str) -> Socket:
        return await self.venue.transport.connect(url, {}, max_frame=1, ping=None)

    async def post(self, url: str, method: str = "POST") -> Any:
        response = await self.venue.transport.send(Request(method, url, {"X-MBX-APIKEY": self.keys["api_key"]}))
        return json.loads(response.body)

    async def let_in(self) -> Socket:
        """A socket on which ann's news are heard."""
        if self.spec.name == "binance":
            socket = await self.open(self.urls["ws_api"])
            await say(socket, self.login())
            assert await hear(socket) == {"id": 1, "status": 200}
        elif self.spec.name == "kraken":
            socket = await self.open(self.urls["ws_auth"])
            for number, channel in enumerate(self.channels(await self.token())):
                await say(socket, {"method": "subscribe", "params": channel, "req_id": number})
                assert await hear(socket) == {"req_id": number, "success": True}
        else:
            key = (await self.post(f"{self.urls['rest']}/listenKey"))["listenKey"]
            socket = await self.open(f"{self.urls['ws']}/private/ws?listenKey={key}")
        return socket

    def login(self) -> Mapping[str, Any]:
        recipe = compile_recipe("ws_api", self.spec.auth.recipes["ws_api"], self.spec.time_unit)
        message = {"id": 1, "method": "userDataStream.subscribe.signature"}
        return recipe.sign_message(message, {"cred": self.keys, "clock": FrozenClock(self.clock.time_ns())})

    async def token(self) -> str:
        """A token, as the signed request gives it."""
        signer = Signer("kraken", at_ms=self.clock.time_ns() // 10**6, credentials=self.keys)
        response = await self.venue.transport.send(signer.operation("ws_token", {}).request)
        return str(json.loads(response.body)["result"]["token"])

    def channels(self, token: str) -> list[dict[str, Any]]:
        executions = {"channel": "executions", "token": token, "snap_orders": True, "snap_trades": True}
        return [executions, {"channel": "balances", "token": token}]

    def buy(self, account: str = "ann", side: Side = Side.BUY, amount: str = "2") -> None:
        order_id = "7" if account == "ann" else None
        order = NewOrder(trading_pair=PAIR, side=side, amount=D(amount), price=D(95), client_order_id=order_id)
        self.engine.place(account, order)

    def trade(self) -> None:
        """Ann buys 2, half of one is filled, and the rest is cancelled."""
        self.buy()
        self.buy("cat", Side.SELL, "0.5")
        self.engine.cancel_all("ann")


async def say(socket: Socket, message: Mapping[str, Any]) -> None:
    await socket.send(json.dumps(message))


async def hear(socket: Socket) -> Any:
    return json.loads(await socket.receive())


async def hear_all(played: Played, socket: Socket) -> list[Any]:
    """All frames that are on their way; the socket is closed then."""
    played.venue.expire_sessions()
    frames = []
    try:
        while True:
            frames.append(await hear(socket))
    except SocketClosed:
        return frames


# -- who is let in


async def test_a_login_with_a_wrong_signature_is_cut_off() -> None:
    played = Played("binance")
    socket = await played.open(played.urls["ws_api"])
    login = json.loads(json.dumps(played.login()))
    login["params"]["signature"] = "00"
    await say(socket, login)
    with pytest.raises(SocketClosed):
        await hear(socket)


async def test_nothing_is_heard_before_a_login() -> None:
    played = Played("binance")
    socket = await played.open(played.urls["ws_api"])
    played.buy()
    await say(socket, played.login())
    assert await hear(socket) == {"id": 1, "status": 200}


async def test_a_listen_key_opens_the_stream_until_it_expires() -> None:
    played = Played("binance_perpetual")
    with pytest.raises(HandshakeError) as refused:
        await played.open(f"{played.urls['ws']}/private/ws?listenKey=made-up")
    assert refused.value.status == 401
    socket = await played.let_in()
    played.venue.expire_sessions()
    assert await hear(socket) == {"e": "listenKeyExpired"}
    with pytest.raises(SocketClosed):
        await hear(socket)


async def test_a_listen_key_can_be_kept_alive_while_it_lives() -> None:
    played = Played("binance_perpetual")
    url = f"{played.urls['rest']}/listenKey"
    key = (await played.post(url))["listenKey"]
    assert await played.post(f"{url}?listenKey={key}", "PUT") == {}
    played.venue.expire_sessions()
    assert (await played.post(f"{url}?listenKey={key}", "PUT"))["code"] == -1022


async def test_a_wrong_token_is_refused_in_the_venues_words() -> None:
    played = Played("kraken")
    socket = await played.open(played.urls["ws_auth"])
    for channel in played.channels("made-up"):
        await say(socket, {"method": "subscribe", "params": channel, "req_id": 3})
        assert await hear(socket) == {"req_id": 3, "success": False, "error": "Invalid key"}


async def test_a_heartbeat_is_answered() -> None:
    played = Played("kraken")
    socket = await played.let_in()
    await say(socket, {"method": "ping", "req_id": 9})
    assert (await hear(socket))["req_id"] == 9


# -- what is heard


async def test_a_fill_and_the_state_that_it_brought_share_a_frame() -> None:
    played = Played("binance")
    socket = await played.let_in()
    played.trade()
    frames = [frame["event"] for frame in await hear_all(played, socket)]
    reports = [frame for frame in frames if frame["e"] == "executionReport"]
    assert [report["X"] for report in reports] == ["NEW", "PARTIALLY_FILLED", "CANCELED"]
    fill = reports[1]
    assert {name: fill[name] for name in ("x", "t", "L", "l", "z", "n", "N", "m", "c")} == {
        "x": "TRADE",
        "t": "1",
        "L": "95",
        "l": "0.5",
        "z": "0.5",
        "n": "0.0475",
        "N": "USDT",
        "m": True,
        "c": "7",
    }
    balances = [frame["B"][0] for frame in frames if frame["e"] == "outboundAccountPosition"]
    assert balances[-1] == {"a": "USDT", "f": "952.4525", "l": "0.0000"}


async def test_a_perpetual_tells_positions_and_what_is_in_the_wallet() -> None:
    played = Played("binance_perpetual")
    socket = await played.let_in()
    played.trade()
    frames = await hear_all(played, socket)
    positions = [frame["a"]["P"][0] for frame in frames if "P" in frame.get("a", {})]
    assert [(position["s"], position["ps"], position["pa"]) for position in positions] == [("BTCUSDT", "BOTH", "0.5")]
    wallets = [frame["a"]["B"][0]["wb"] for frame in frames if "B" in frame.get("a", {})]
    assert wallets[-1] == "999.9525"


async def test_frames_are_numbered_where_the_venue_numbers_them() -> None:
    played = Played("kraken")
    socket = await played.let_in()
    played.trade()
    frames = await hear_all(played, socket)
    for channel in ("executions", "balances"):
        numbers = [frame["sequence"] for frame in frames if frame["channel"] == channel]
        assert numbers == list(range(1, len(numbers) + 1)) != []
    fill = next(frame["data"][0] for frame in frames if frame["data"][0].get("exec_type") == "trade")
    assert (fill["symbol"], fill["order_status"], fill["fees"]) == (
        "BTC/USDT",
        "partially_filled",
        [{"qty": "0.0475", "asset": "USDT"}],
    )


async def test_nobody_hears_what_others_do() -> None:
    played = Played("kraken")
    socket = await played.let_in()
    played.buy("cat")
    assert await hear_all(played, socket) == []


async def test_news_may_be_lost_or_doubled() -> None:
    played = Played("binance")
    socket = await played.let_in()
    played.venue.faults.plan_frame(FrameFault.LOST, "order_update")
    played.venue.faults.plan_frame(FrameFault.TWICE, "trade_update")
    played.trade()
    reports = [frame["event"] for frame in await hear_all(played, socket) if frame["event"]["e"] == "executionReport"]
    assert [report["X"] for report in reports] == ["PARTIALLY_FILLED", "PARTIALLY_FILLED", "CANCELED"]


async def test_funding_is_told_to_everybody() -> None:
    played = Played("binance_perpetual")
    socket = await played.open(f"{played.urls['ws']}/market/stream")
    channels = ["btcusdt@aggTrade", "btcusdt@markPrice", "btcusdt@forceOrder", "btcusdt@kline_1m"]
    await say(socket, {"method": "SUBSCRIBE", "params": channels, "id": 1})
    assert await hear(socket) == {"id": 1, "result": None}
    played.venue.set_funding(FundingInfo(PAIR, D(99), D(100), D("0.0002"), played.clock.time_ns()))
    assert (await hear(socket))["data"]["r"] == "0.0002"
    assert played.engine.markets[PAIR].mark_price == 100


async def test_a_socket_that_was_lost_says_so_to_both_ends() -> None:
    played = Played("kraken")
    socket = await played.let_in()
    played.venue.disconnect()
    for attempt in (socket.receive(), socket.send("x")):
        with pytest.raises(SocketClosed, match="1006"):
            await attempt
    await socket.close()
    assert played.venue.transport.sockets == []
