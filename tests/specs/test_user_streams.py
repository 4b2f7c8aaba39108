"""What venues tell of an account, written by hand from their documentation, as the shipped specs read it.

The payloads have the fields and the types that the documentation of each venue shows; ids and numbers are made up.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from declconn.connector.news import PollEvent
from declconn.records import BalanceUpdate, Fee, OrderUpdate, PositionUpdate, TradeUpdate, TradingRule
from declconn.testing import OfflineConnector
from declconn.types import OrderState, PositionSide, Side

D = Decimal
MS = 10**6


def market(symbol: str, base: str, quote: str, **more: Any) -> TradingRule:
    return TradingRule(symbol, base, quote, **more)


def told(spec: str, rule: TradingRule, frame: dict[str, Any]) -> list[Any]:
    """The records of a frame of the user stream."""
    venue = OfflineConnector(spec)
    venue.exchange.parts.symbols.update([rule])
    venue.on_frame("user", json.dumps(frame))
    assert not venue.exchange.parts.complaints.counts
    return venue.events


Terms = tuple[Side, str, str | None]
"""What was ordered: the side, the amount in base, the price."""


def order(
    client: str | None, exchange: str, pair: str, state: OrderState, filled: str | None, at: int, terms: Terms
) -> OrderUpdate:
    side, amount, price = terms
    return OrderUpdate(
        client,
        exchange,
        pair,
        state,
        None if filled is None else D(filled),
        amount=D(amount),
        price=None if price is None else D(price),
        side=side,
        timestamp=at,
    )


class TestBinance:
    RULE = market("ETHBTC", "ETH", "BTC")
    TERMS = (Side.BUY, "1", "0.1026441")

    def report(self, **changes: Any) -> dict[str, Any]:
        event = {
            "e": "executionReport", "E": 1499405658658, "s": "ETHBTC", "c": "mUvoqJxFIILMdfAW5iGSOW", "S": "BUY",
            "o": "LIMIT", "f": "GTC", "q": "1.00000000", "p": "0.10264410", "P": "0.00000000", "F": "0.00000000",
            "g": -1, "C": "", "x": "NEW", "X": "NEW", "r": "NONE", "i": 4293153, "l": "0.00000000", "z": "0.00000000",
            "L": "0.00000000", "n": "0", "N": None, "T": 1499405658657, "t": -1, "I": 8641984, "w": True, "m": False,
            "M": False, "O": 1499405658657, "Z": "0.00000000", "Y": "0.00000000", "Q": "0.00000000", **changes,
        }  # fmt: skip
        return {"subscriptionId": 0, "event": event}

    def test_a_new_order(self) -> None:
        assert told("binance", self.RULE, self.report()) == [
            order("mUvoqJxFIILMdfAW5iGSOW", "4293153", "ETH-BTC", OrderState.OPEN, "0", 1499405658658 * MS, self.TERMS)
        ]

    def test_a_fill_is_news_of_the_order_too(self) -> None:
        traded = {"x": "TRADE", "X": "PARTIALLY_FILLED", "l": "0.40000000", "z": "0.40000000", "L": "0.10264410",
                  "Y": "0.04105764", "n": "0.00001", "N": "BNB", "t": 77, "m": True}  # fmt: skip
        assert told("binance", self.RULE, self.report(**traded)) == [
            order(
                "mUvoqJxFIILMdfAW5iGSOW", "4293153", "ETH-BTC", OrderState.PARTIALLY_FILLED, "0.4",
                1499405658658 * MS, self.TERMS,
            ),
            TradeUpdate(
                "77", D("0.10264410"), D("0.4"), "mUvoqJxFIILMdfAW5iGSOW", "4293153", "ETH-BTC", D("0.04105764"),
                (Fee(D("0.00001"), "BNB"),), is_taker=False, timestamp=1499405658657 * MS,
            ),
        ]  # fmt: skip

    def test_a_cancelled_order_is_named_by_its_first_id(self) -> None:
        cancelled = {"x": "CANCELED", "X": "CANCELED", "c": "of-the-cancel", "C": "of-the-order"}
        assert told("binance", self.RULE, self.report(**cancelled)) == [
            order("of-the-order", "4293153", "ETH-BTC", OrderState.CANCELED, "0", 1499405658658 * MS, self.TERMS)
        ]

    def test_balances(self) -> None:
        event = {
            "e": "outboundAccountPosition", "E": 1564034571105, "u": 1564034571073,
            "B": [{"a": "ETH", "f": "10000.000000", "l": "5.000000"}, {"a": "BTC", "f": "1.0", "l": "0.0"}],
        }  # fmt: skip
        assert told("binance", self.RULE, {"subscriptionId": 0, "event": event}) == [
            BalanceUpdate("ETH", available=D(10000), locked=D(5)),
            BalanceUpdate("BTC", available=D(1), locked=D(0)),
        ]


class TestBinancePerpetual:
    RULE = market("BTCUSDT", "BTC", "USDT", collateral_token="USDT")
    TERMS = (Side.SELL, "0.003", "9900")

    def report(self, **changes: Any) -> dict[str, Any]:
        details = {
            "s": "BTCUSDT", "c": "TEST", "S": "SELL", "o": "LIMIT", "f": "GTC", "q": "0.003", "p": "9900", "ap": "0",
            "sp": "0", "x": "NEW", "X": "NEW", "i": 8886774, "l": "0", "z": "0", "L": "0", "N": "USDT", "n": "0",
            "T": 1568879465650, "t": 0, "b": "0", "a": "9.91", "m": False, "R": False, "wt": "CONTRACT_PRICE",
            "ot": "LIMIT", "ps": "SHORT", "cp": False, "rp": "0", **changes,
        }  # fmt: skip
        return {"e": "ORDER_TRADE_UPDATE", "E": 1568879465651, "T": 1568879465650, "o": details}

    def test_a_new_order(self) -> None:
        assert told("binance_perpetual", self.RULE, self.report()) == [
            order("TEST", "8886774", "BTC-USDT", OrderState.OPEN, "0", 1568879465650 * MS, self.TERMS)
        ]

    def test_a_fill(self) -> None:
        traded = {"x": "TRADE", "X": "FILLED", "l": "0.003", "z": "0.003", "L": "9910", "n": "0.011892", "t": 5}
        assert told("binance_perpetual", self.RULE, self.report(**traded)) == [
            order("TEST", "8886774", "BTC-USDT", OrderState.FILLED, "0.003", 1568879465650 * MS, self.TERMS),
            TradeUpdate(
                "5", D(9910), D("0.003"), "TEST", "8886774", "BTC-USDT", None, (Fee(D("0.011892"), "USDT"),),
                is_taker=True, position_side=PositionSide.SHORT, timestamp=1568879465650 * MS, side=Side.SELL,
            ),
        ]  # fmt: skip

    def test_balances_and_positions_one_of_which_is_closed(self) -> None:
        rows = [
            {"s": "BTCUSDT", "pa": "0", "ep": "0.00000", "cr": "200", "up": "0", "mt": "isolated", "ps": "BOTH"},
            {
                "s": "BTCUSDT",
                "pa": "20",
                "ep": "6563.66500",
                "cr": "0",
                "up": "2850.21200",
                "mt": "cross",
                "ps": "LONG",
            },
            {
                "s": "BTCUSDT",
                "pa": "-10",
                "ep": "6563.86",
                "cr": "-45.04",
                "up": "-1423.156",
                "mt": "cross",
                "ps": "SHORT",
            },
        ]
        balance = {"a": "USDT", "wb": "122624.12345678", "cw": "100.12345678", "bc": "50.12345678"}
        frame = {
            "e": "ACCOUNT_UPDATE",
            "E": 1564745798939,
            "T": 1564745798938,
            "a": {"m": "ORDER", "B": [balance], "P": rows},
        }
        assert told("binance_perpetual", self.RULE, frame) == [
            BalanceUpdate("USDT", total=D("122624.12345678")),
            PositionUpdate("BTC-USDT", D(0), PositionSide.BOTH, D(0), D(0)),
            PositionUpdate("BTC-USDT", D(20), PositionSide.LONG, D("6563.665"), D("2850.212")),
            PositionUpdate("BTC-USDT", D(-10), PositionSide.SHORT, D("6563.86"), D("-1423.156")),
        ]


class TestKraken:
    RULE = market("XBTUSD", "BTC", "USD", aliases=("XBT/USD", "XXBTZUSD"))
    AT = 1695378785709950000
    TERMS = (Side.SELL, "0.005", "26500")

    def frame(self, kind: str, *rows: dict[str, Any]) -> dict[str, Any]:
        return {"channel": "executions", "type": kind, "data": list(rows), "sequence": 1}

    def test_the_orders_that_are_open_when_it_begins(self) -> None:
        row = {
            "order_id": "OK4GJX-KSTLS-7DZZO5", "order_userref": 3, "symbol": "BTC/USD", "order_qty": 0.005,
            "cum_qty": 0.001, "cum_cost": 26.5, "time_in_force": "GTC", "exec_type": "status", "side": "sell",
            "order_type": "limit", "limit_price": 26500.0, "order_status": "partially_filled",
            "timestamp": "2023-09-22T10:33:05.709950Z",
        }  # fmt: skip
        assert told("kraken", self.RULE, self.frame("snapshot", row)) == [
            order("3", "OK4GJX-KSTLS-7DZZO5", "BTC-USD", OrderState.PARTIALLY_FILLED, "0.001", self.AT, self.TERMS)
        ]

    def test_a_fill_with_several_fees(self) -> None:
        row = {
            "order_id": "OK4GJX-KSTLS-7DZZO5", "exec_id": "TXAIPH-D4OGJ-52KLLE", "exec_type": "trade",
            "trade_id": 365573,
            "order_userref": 3, "symbol": "BTC/USD", "side": "sell", "last_qty": 0.005, "last_price": 26599.9,
            "liquidity_ind": "t", "cost": 132.9995, "cum_qty": 0.005, "order_status": "filled", "order_type": "limit",
            "timestamp": "2023-09-22T10:33:05.709950Z",
            "fees": [{"asset": "USD", "qty": 0.3458}, {"asset": "KFEE", "qty": 1.5}],
        }  # fmt: skip
        assert told("kraken", self.RULE, self.frame("update", row)) == [
            OrderUpdate(
                "3", "OK4GJX-KSTLS-7DZZO5", "BTC-USD", OrderState.FILLED, D("0.005"), side=Side.SELL, timestamp=self.AT
            ),
            TradeUpdate(
                "TXAIPH-D4OGJ-52KLLE", D("26599.9"), D("0.005"), "3", "OK4GJX-KSTLS-7DZZO5", "BTC-USD", D("132.9995"),
                (Fee(D("0.3458"), "USD"), Fee(D("1.5"), "KFEE")), is_taker=True, timestamp=self.AT,
            ),
        ]  # fmt: skip

    def test_balances_whole_and_after_a_change(self) -> None:
        rows = [
            {
                "asset": "XBT",
                "asset_class": "currency",
                "balance": 1.2,
                "wallets": [{"type": "spot", "id": "main", "balance": 1.2}],
            },
            {
                "asset": "USD",
                "asset_class": "currency",
                "amount": -0.01,
                "balance": 500.25,
                "fee": 0.0,
                "type": "trade",
            },
        ]
        frame = {"channel": "balances", "type": "snapshot", "data": rows, "sequence": 1}
        assert told("kraken", self.RULE, frame) == [
            BalanceUpdate("BTC", total=D("1.2")),
            BalanceUpdate("USD", total=D("500.25")),
        ]


class TestOkx:
    RULE = market("BTC-USDT", "BTC", "USDT")
    TERMS = (Side.SELL, "0.001", "31527.1")

    def frame(self, **changes: Any) -> dict[str, Any]:
        row = {
            "accFillSz": "0", "avgPx": "", "category": "normal", "clOrdId": "dcb1", "code": "0",
            "cTime": "1654084334977",
            "execType": "", "fee": "0", "feeCcy": "BTC", "fillFee": "0", "fillFeeCcy": "", "fillPx": "", "fillSz": "0",
            "fillTime": "", "instId": "BTC-USDT", "instType": "SPOT", "lever": "0", "ordId": "452197707845865472",
            "ordType": "limit", "posSide": "", "px": "31527.1", "reduceOnly": "false", "side": "sell", "state": "live",
            "sz": "0.001", "tdMode": "cash", "tradeId": "", "uTime": "1654084334977", **changes,
        }  # fmt: skip
        return {"arg": {"channel": "orders", "instType": "SPOT", "uid": "77982378738415879"}, "data": [row]}

    def test_a_new_order(self) -> None:
        assert told("okx", self.RULE, self.frame()) == [
            order("dcb1", "452197707845865472", "BTC-USDT", OrderState.OPEN, "0", 1654084334977 * MS, self.TERMS)
        ]

    def test_a_fill_whose_fee_is_negative_was_paid(self) -> None:
        traded = {"accFillSz": "0.001", "execType": "M", "fillFee": "-0.02522168", "fillFeeCcy": "USDT",
                  "fillPx": "31527.1",
                  "fillSz": "0.001", "fillTime": "1654084353263", "state": "filled", "tradeId": "242589207",
                  "uTime": "1654084353264"}  # fmt: skip
        assert told("okx", self.RULE, self.frame(**traded)) == [
            order("dcb1", "452197707845865472", "BTC-USDT", OrderState.FILLED, "0.001", 1654084353264 * MS, self.TERMS),
            TradeUpdate(
                "242589207", D("31527.1"), D("0.001"), "dcb1", "452197707845865472", "BTC-USDT", None,
                (Fee(D("0.02522168"), "USDT"),), is_taker=False, timestamp=1654084353263 * MS,
            ),
        ]  # fmt: skip

    def test_balances(self) -> None:
        detail = {"availBal": "", "availEq": "1", "ccy": "BTC", "cashBal": "1", "eq": "1.5", "frozenBal": "0.5"}
        frame = {"arg": {"channel": "account", "uid": "1"}, "data": [{"uTime": "1597026383085", "details": [detail]}]}
        assert told("okx", self.RULE, frame) == [BalanceUpdate("BTC", total=D("1.5"), available=D(1))]


class TestOkxPerpetual:
    RULE = market("BTC-USDT-SWAP", "BTC", "USDT", contract_size=D("0.01"), collateral_token="USDT")

    def frame(self, **row: Any) -> dict[str, Any]:
        whole = {"instId": "BTC-USDT-SWAP", "instType": "SWAP", "lever": "10", "mgnMode": "cross", "adl": "1", **row}
        return {"arg": {"channel": "positions", "instType": "SWAP", "uid": "1"}, "data": [whole]}

    def test_a_position_of_contracts_is_one_of_base_units(self) -> None:
        frame = self.frame(posSide="long", pos="30", avgPx="25663.1", upl="-1.25")
        assert told("okx_perpetual", self.RULE, frame) == [
            PositionUpdate("BTC-USDT", D("0.3"), PositionSide.LONG, D("25663.1"), D("-1.25"), D(10), "cross")
        ]

    def test_a_closed_position_has_no_price(self) -> None:
        frame = self.frame(posSide="net", pos="0", avgPx="", upl="")
        assert told("okx_perpetual", self.RULE, frame) == [
            PositionUpdate("BTC-USDT", D(0), PositionSide.BOTH, None, None, D(10), "cross")
        ]


class TestBybit:
    RULE = market("XRPUSDT", "XRP", "USDT", collateral_token="USDT")
    ID = "f6e324ff-99c2-4e89-9739-3086e47f9381"
    TERMS = (Side.SELL, "50", "0.3374")

    def frame(self, topic: str, **row: Any) -> dict[str, Any]:
        whole = {"category": "linear", "symbol": "XRPUSDT", **row}
        return {"id": "592324803b2785", "topic": topic, "creationTime": 1672364174455, "data": [whole]}

    @pytest.mark.parametrize("spec", ["bybit", "bybit_perpetual"])
    def test_an_order(self, spec: str) -> None:
        row = {"orderId": self.ID, "orderLinkId": "dc-1", "side": "Sell", "orderType": "Limit", "price": "0.3374",
               "qty": "50",
               "orderStatus": "PartiallyFilled", "cumExecQty": "25", "avgPrice": "0.3374",
               "updatedTime": "1672364262457"}  # fmt: skip
        assert told(spec, self.RULE, self.frame("order", **row)) == [
            order("dc-1", self.ID, "XRP-USDT", OrderState.PARTIALLY_FILLED, "25", 1672364262457 * MS, self.TERMS)
        ]

    @pytest.mark.parametrize("spec", ["bybit", "bybit_perpetual"])
    def test_a_fill(self, spec: str) -> None:
        row = {"execFee": "0.005061", "execId": "7e2ae69c-4edf-5800-a352-893d52b446aa", "execPrice": "0.3374",
               "execQty": "25",
               "execType": "Trade", "execValue": "8.435", "isMaker": False, "orderId": self.ID, "orderLinkId": "dc-1",
               "side": "Sell", "execTime": "1672364174443", "feeCurrency": "USDT"}  # fmt: skip
        assert told(spec, self.RULE, self.frame("execution", **row)) == [
            TradeUpdate(
                "7e2ae69c-4edf-5800-a352-893d52b446aa", D("0.3374"), D(25), "dc-1", self.ID, "XRP-USDT", None,
                (Fee(D("0.005061"), "USDT"),), is_taker=True, timestamp=1672364174443 * MS, side=Side.SELL,
            )
        ]  # fmt: skip

    def position(self, **row: Any) -> list[Any]:
        whole = {"leverage": "10", "unrealisedPnl": "0", "tradeMode": 0, "positionStatus": "Normal", **row}
        return told("bybit_perpetual", self.RULE, self.frame("position", **whole))

    def test_a_position_asks_for_the_balances_as_well(self) -> None:
        told = self.position(positionIdx=0, side="Sell", size="25", entryPrice="0.34")
        assert told == [
            PositionUpdate("XRP-USDT", D(25), PositionSide.SHORT, D("0.34"), D(0), D(10)),
            PollEvent("user", ("balances",)),
        ]

    @pytest.mark.parametrize(("index", "side"), [(0, "BOTH"), (1, "LONG"), (2, "SHORT")])
    def test_a_closed_position_is_known_by_its_index(self, index: int, side: str) -> None:
        closed, _ = self.position(positionIdx=index, side="", size="0", entryPrice="0")
        assert closed == PositionUpdate("XRP-USDT", D(0), PositionSide(side), D(0), D(0), D(10))


class TestGateIo:
    RULE = market("BTC_USDT", "BTC", "USDT")

    def frame(self, channel: str, row: dict[str, Any]) -> dict[str, Any]:
        return {"time": 1694655225, "time_ms": 1694655225315, "channel": channel, "event": "update", "result": [row]}

    @pytest.mark.parametrize(
        ("event", "finished", "filled", "state"),
        [
            ("put", "open", "0", OrderState.OPEN),
            ("update", "open", "1.3", OrderState.OPEN),
            ("finish", "filled", "2.6", OrderState.FILLED),
            ("finish", "cancelled", "1.3", OrderState.CANCELED),
        ],
    )
    def test_an_order(self, event: str, finished: str, filled: str, state: OrderState) -> None:
        row = {"id": "399123456", "text": "t-1", "create_time_ms": "1694655225315", "update_time_ms": "1694655225316",
               "currency_pair": "BTC_USDT", "type": "limit", "account": "spot", "side": "sell", "amount": "0.0001",
               "price": "26253.3", "left": "0.0001", "filled_total": filled, "fee": "0", "fee_currency": "USDT",
               "event": event, "finish_as": finished}  # fmt: skip
        assert told("gate_io", self.RULE, self.frame("spot.orders", row)) == [
            OrderUpdate(
                "t-1",
                "399123456",
                "BTC-USDT",
                state,
                filled_quote=D(filled),
                amount=D("0.0001"),
                price=D("26253.3"),
                side=Side.SELL,
                timestamp=1694655225316 * MS,
            )
        ]

    def test_a_fill(self) -> None:
        row = {"id": 5736713, "order_id": "30784428", "currency_pair": "BTC_USDT",
               "create_time_ms": "1605176741123.456",
               "side": "sell", "amount": "1.00000000", "role": "taker", "price": "10000.0", "fee": "0.002",
               "fee_currency": "USDT", "text": "t-1"}  # fmt: skip
        assert told("gate_io", self.RULE, self.frame("spot.usertrades", row)) == [
            TradeUpdate(
                "5736713", D(10000), D(1), "t-1", "30784428", "BTC-USDT", None, (Fee(D("0.002"), "USDT"),),
                is_taker=True, timestamp=1605176741123456000,
            )
        ]  # fmt: skip

    def test_balances(self) -> None:
        row = {"timestamp_ms": "1605248616123", "user": "1000001", "currency": "USDT", "change": "100",
               "total": "1032951.325075926", "available": "1022943.325075926"}  # fmt: skip
        assert told("gate_io", self.RULE, self.frame("spot.balances", row)) == [
            BalanceUpdate("USDT", total=D("1032951.325075926"), available=D("1022943.325075926"))
        ]


class TestKucoin:
    RULE = market("KCS-USDT", "KCS", "USDT")
    AT = 1593487482038606180
    TERMS = (Side.BUY, "0.1", "0.967")

    def frame(self, **data: Any) -> dict[str, Any]:
        whole = {"symbol": "KCS-USDT", "orderType": "limit", "side": "buy", "orderId": "5efab07953bdea00089965d2",
                 "orderTime": 1593487481683297666, "size": "0.1", "filledSize": "0", "price": "0.967",
                 "clientOid": "dc-1",
                 "remainSize": "0.1", "status": "open", "ts": self.AT, **data}  # fmt: skip
        return {"type": "message", "topic": "/spotMarket/tradeOrders", "subject": "orderChange",
                "channelType": "private",
                "data": whole}  # fmt: skip

    def test_an_order(self) -> None:
        assert told("kucoin", self.RULE, self.frame(type="open")) == [
            order("dc-1", "5efab07953bdea00089965d2", "KCS-USDT", OrderState.OPEN, "0", self.AT, self.TERMS)
        ]

    def test_a_received_order_says_nothing_yet(self) -> None:
        assert told("kucoin", self.RULE, self.frame(type="received")) == []

    def test_a_fill(self) -> None:
        frame = self.frame(type="match", status="match", filledSize="0.1", remainSize="0", liquidity="taker",
                           matchPrice="0.96738", matchSize="0.1", tradeId="5efab07a4ee4c7000a82d6d9")  # fmt: skip
        assert told("kucoin", self.RULE, frame) == [
            order(
                "dc-1", "5efab07953bdea00089965d2", "KCS-USDT", OrderState.PARTIALLY_FILLED, "0.1", self.AT, self.TERMS
            ),
            TradeUpdate(
                "5efab07a4ee4c7000a82d6d9", D("0.96738"), D("0.1"), "dc-1", "5efab07953bdea00089965d2", "KCS-USDT",
                is_taker=True, timestamp=self.AT,
            ),
        ]  # fmt: skip

    def test_balances(self) -> None:
        data = {"total": "88", "available": "80", "availableChange": "88", "currency": "KCS", "hold": "8",
                "holdChange": "0",
                "relationEvent": "trade.setted", "time": "1545743136994",
                "accountId": "5bd6e9286d99522a52e458de"}  # fmt: skip
        frame = {"type": "message", "topic": "/account/balance", "subject": "account.balance", "data": data}
        assert told("kucoin", self.RULE, frame) == [BalanceUpdate("KCS", total=D(88), available=D(80))]


class TestHtx:
    RULE = market("btcusdt", "BTC", "USDT")

    def test_an_order(self) -> None:
        data = {"orderSize": "2.0", "orderCreateTime": 1583853365586, "orderPrice": "77.0", "type": "sell-limit",
                "orderId": 27163533, "clientOrderId": "abc123", "orderSource": "spot-api", "orderStatus": "submitted",
                "symbol": "btcusdt", "eventType": "creation"}  # fmt: skip
        assert told("htx", self.RULE, {"action": "push", "ch": "orders#btcusdt", "data": data}) == [
            order("abc123", "27163533", "BTC-USDT", OrderState.OPEN, None, 1583853365586 * MS, (Side.SELL, "2", "77"))
        ]

    def test_a_fill(self) -> None:
        data = {"eventType": "trade", "symbol": "btcusdt", "orderId": 99998888, "tradePrice": "9999.99",
                "tradeVolume": "0.96",
                "orderSide": "buy", "aggressor": True, "tradeId": 919219323232, "tradeTime": 1583854188883,
                "transactFee": "0.00192", "feeDeduct": "0", "feeDeductType": "", "feeCurrency": "btc",
                "accountId": 9912791,
                "orderPrice": "10000", "orderSize": "1", "clientOrderId": "a001",
                "orderStatus": "partial-filled"}  # fmt: skip
        assert told("htx", self.RULE, {"action": "push", "ch": "trade.clearing#btcusdt#0", "data": data}) == [
            TradeUpdate(
                "919219323232", D("9999.99"), D("0.96"), "a001", "99998888", "BTC-USDT", None,
                (Fee(D("0.00192"), "BTC"),), is_taker=True, timestamp=1583854188883 * MS,
            )
        ]  # fmt: skip

    def test_balances(self) -> None:
        data = {"currency": "btc", "accountId": 123456, "balance": "23.111", "available": "20.5",
                "changeType": "order.match",
                "accountType": "trade", "seqNum": "86872993928", "changeTime": 1568601800000}  # fmt: skip
        assert told("htx", self.RULE, {"action": "push", "ch": "accounts.update#2", "data": data}) == [
            BalanceUpdate("BTC", total=D("23.111"), available=D("20.5"))
        ]


def test_what_a_spec_does_not_speak_of_is_counted() -> None:
    venue = OfflineConnector("binance")
    venue.on_frame("user", json.dumps({"subscriptionId": 0, "event": {"e": "something new"}}))
    assert venue.connections[0].unrouted == 1
