"""Shipped specs whose streams need more than a subscription, on real sockets of a venue that keeps to their protocol.

It proves that the runtime plays these specs; that the specs are right about their venues is proven elsewhere.
"""

from __future__ import annotations

import gzip
import json
from typing import Any

from declconn.types import BookState, Integrity


async def test_kucoin_negotiates_its_socket_waits_for_the_greeting_and_pings(play: Any, venue: Any, until: Any) -> None:
    venue.answers = {
        "/api/v2/symbols": {
            "code": "200000",
            "data": [{"symbol": "BTC-USDT", "baseCurrency": "BTC", "quoteCurrency": "USDT", "enableTrading": True}],
        },
        "/api/v1/bullet-public": {
            "code": "200000",
            "data": {
                "token": "t0ken",
                "instanceServers": [{"endpoint": f"ws://{venue.host}/endpoint", "pingInterval": 18000}],
            },
        },
        "/api/v1/market/orderbook/level2_100": {
            "code": "200000",
            "data": {"sequence": "10", "bids": [["99", "1"]], "asks": [["101", "1"]], "time": 1_700_000_000_000},
        },
    }

    async def greet(talk: Any) -> None:
        await talk.say({"id": "hQvf8jkno", "type": "welcome"})

    async def answer(talk: Any, message: Any) -> None:
        await talk.say({"id": message["id"], "type": "pong" if message["type"] == "ping" else "ack"})

    venue.on_open, venue.on_message = greet, answer
    exchange = await play("kucoin", "BTC-USDT", environment={"rest": f"http://{venue.host}"})
    await until(lambda: exchange.ready)
    [talk] = venue.talks
    changes = {"bids": [["100", "2", "11"], ["0", "0", "12"]], "asks": []}
    data = {"symbol": "BTC-USDT", "sequenceStart": 11, "sequenceEnd": 12, "changes": changes, "time": 1}
    await talk.say({"type": "message", "topic": "/market/level2:BTC-USDT", "subject": "trade.l2update", "data": data})
    book = exchange.get_order_book("BTC-USDT")
    await until(lambda: book.last_diff_uid == 12)
    await until(lambda: any(message["type"] == "ping" for message in talk.heard))

    assert talk.path.startswith("/endpoint?token=t0ken&connectId=")
    assert [m["topic"] for m in talk.heard[:2]] == ["/market/match:BTC-USDT", "/market/level2:BTC-USDT"]
    assert book.rows(5) == ([["100", "2"], ["99", "1"]], [["101", "1"]])
    assert book.integrity is Integrity.SEQUENCED


async def test_htx_asks_for_its_book_on_the_socket_of_the_diffs_and_answers_pings_in_gzip(
    play: Any, venue: Any, until: Any
) -> None:
    market = {"symbol": "btcusdt", "bc": "btc", "qc": "usdt", "state": "online", "pp": 2, "ap": 6, "vp": 8}
    venue.answers = {"/v1/settings/common/market-symbols": {"status": "ok", "data": [market]}}

    async def say(talk: Any, message: Any) -> None:
        await talk.say(gzip.compress(json.dumps(message).encode()))

    async def answer(talk: Any, message: Any) -> None:
        if "req" in message:
            whole = {"seqNum": 10, "bids": [[99, 1]], "asks": [[101, 1]]}
            await say(talk, {"id": message["id"], "rep": message["req"], "status": "ok", "ts": 1, "data": whole})
        elif "sub" in message:
            await say(talk, {"id": message["id"], "status": "ok", "subbed": message["sub"], "ts": 1})

    venue.on_message = answer
    ws = f"ws://{venue.host}"
    environment = {"rest": f"http://{venue.host}", "ws": f"{ws}/ws", "ws_feed": f"{ws}/feed", "ws_user": f"{ws}/v2"}
    exchange = await play("htx", "BTC-USDT", environment=environment)
    await until(lambda: exchange.ready)
    [feed] = [talk for talk in venue.talks if talk.path == "/feed"]
    asked = next(message["req"] for message in feed.heard if "req" in message)
    tick = {"seqNum": 11, "prevSeqNum": 10, "bids": [[100, 2]], "asks": []}
    await say(feed, {"ch": asked, "ts": 2, "tick": tick})
    await say(feed, {"ping": 1492420473027})
    await until(lambda: exchange.get_order_book("BTC-USDT").last_diff_uid == 11)
    await until(lambda: {"pong": 1492420473027} in feed.heard)

    assert exchange.get_order_book("BTC-USDT").state is BookState.LIVE


async def test_coinbase_counts_all_frames_and_names_the_markets_in_its_messages(
    play: Any, venue: Any, until: Any
) -> None:
    products = [
        {"product_id": f"{base}-USD", "base_currency_id": base, "quote_currency_id": "USD", "product_type": "SPOT"}
        for base in ("BTC", "ETH")
    ]
    venue.answers = {"/market/products": {"products": products}}

    async def answer(talk: Any, message: Any) -> None:
        number = vars(talk).setdefault("number", iter(range(1_000_000)))
        await talk.say({"channel": "subscriptions", "sequence_num": next(number), "events": []})
        if message["type"] == "subscribe" and message["channel"] == "level2":
            for product in message["product_ids"]:
                updates = [
                    {"side": "bid", "price_level": "99", "new_quantity": "1"},
                    {"side": "offer", "price_level": "101", "new_quantity": "1"},
                ]
                event = {"type": "snapshot", "product_id": product, "updates": updates}
                await talk.say(
                    {
                        "channel": "l2_data",
                        "timestamp": "2023-02-09T20:32:50.714964855Z",
                        "sequence_num": next(number),
                        "events": [event],
                    }
                )

    venue.on_message = answer
    ws = f"ws://{venue.host}/ws"
    environment = {"rest": f"http://{venue.host}", "ws": ws, "ws_user": ws}
    exchange = await play("coinbase_advanced_trade", "BTC-USD", "ETH-USD", environment=environment)
    await until(lambda: exchange.ready)
    said = {message["channel"]: message.get("product_ids") for message in venue.talks[0].heard}
    assert said["level2"] == ["BTC-USD", "ETH-USD"]
    assert {message["channel"] for message in venue.talks[0].heard} == {"heartbeats", "level2", "market_trades"}

    await venue.talks[0].say({"channel": "heartbeats", "sequence_num": 999, "events": []})
    await until(lambda: len(venue.talks) == 2 and exchange.ready)
    assert exchange.parts.complaints.counts["streams.market.sequence"] == 1
