"""A small venue of our own, as a spec on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

SPEC = """\
spec: 1
name: toy
kind: exchange
example_pair: BTC-USD
credentials: [api_key, api_secret]
time_unit: ms
options: {depth: {default: 10, choices: [10, 100]}, broker: {}}
environments:
  main: {rest: https://toy.example/api, ws: wss://toy.example/ws}
  test: {rest: https://test.toy.example/api, ws: wss://test.toy.example/ws}
rate_limits: {weight: 100/1s}
auth:
  recipes:
    signed:
      let: {sign: {hmac: sha256, key: "{cred.api_secret}", data: "{req.payload}", out: hex}}
      inject: {headers: {KEY: "{cred.api_key}", SIGN: "{sign}"}}
endpoints:
  trading_rules: {get: /markets, cost: {weight: 1}, each: "@", result: {symbol: id, base: base, quote: quote}}
  order_book_snapshot: {get: /book, params: {market: "{symbol}"}, result: {update_id: seq, bids: bids, asks: asks}}
  last_price: {get: "/last/{symbol}", result: {price: last}}
  klines:
    get: /candles
    params: {market: "{symbol}", every: {by: interval, of: {1m: 60, 1h: 3600}}, from: "{since?}"}
    each: "@"
    result: {timestamp: t, open: o, high: h, low: l, close: c, volume: v}
  balances: {get: /balances, auth: signed, each: "@", result: {asset: asset, total: total}}
  tickers: {get: /tickers, each: "@", paging: {param: page, last: pages}, result: {symbol: id, price: last}}
streams:
  market:
    url: "{env.ws}"
    subscribe: {op: sub, channel: "{channel}", id: "{request_id}"}
    unsubscribe: {op: unsub}
    accepted: {ok: "{request_id}"}
    refused: {when: {no: "{request_id}"}, message: why}
    reply: [{when: {ping: "{ping}"}, send: {pong: "{ping}"}}]
    channels: {book: "book.{symbol}", trades: "trades.{symbol}"}
    events:
      trade:
        when: {t: trade}
        emit: trade
        map: {symbol: s, price: p, amount: q, side: {path: m, map: {b: BUY, s: SELL}}}
      depth:
        when: {t: depth}
        emit: order_book_diff
        map: {symbol: s, first_update_id: f, update_id: u, bids: b, asks: a}
order_book: {snapshot: rest, rule: range}
errors: {ok: "!error", code: error.code, message: error.text, kinds: {rate_limited: {code: SLOW}}}
"""

MARKETS = b'[{"id": "btcusd", "base": "BTC", "quote": "USD"}, {"id": "ethusd", "base": "ETH", "quote": "USD"}]'


@pytest.fixture(autouse=True)
def state_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test writes into the home directory."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """The file of a spec with one stream, REST snapshots and a range rule."""
    path = tmp_path / "toy.yaml"
    path.write_text(SPEC)
    return path


@pytest.fixture
def markets() -> bytes:
    """The toy venue's list of markets."""
    return MARKETS
