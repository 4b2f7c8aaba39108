"""What the tests share: a connector that is nothing but its numbers, and a desk that follows orders."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Any

import pytest

from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.fee_schedule import FeeSchedule
from declconn.account.in_flight_order import InFlightOrder
from declconn.account.order_store import AccountStore, MemoryStore
from declconn.account.trade_fee import DeductedFromReturnsTradeFee, TokenAmount, TradeFeeBase, TradeFeeSchema
from declconn.records import OrderUpdate, TradeUpdate
from declconn.testing import ManualClock
from declconn.types import OrderState, OrderType, PositionAction, Side

ONE_AND_TWO_PERCENT = TradeFeeSchema(
    maker_percent_fee_decimal=Decimal("0.01"), taker_percent_fee_decimal=Decimal("0.02")
)


def numbers(written: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(number) for name, number in written.items()}


@dataclass
class PaperMarket:
    """COINALPHA-HBOT and its account. Balances, asks and leverage are text; `decimals=None` takes any amount."""

    schema: TradeFeeSchema = ONE_AND_TWO_PERCENT
    balances: Mapping[str, str] = field(default_factory=dict)
    asks: Mapping[str, str] = field(default_factory=dict)
    bids: Mapping[str, str] = field(default_factory=dict)
    totals: Mapping[str, str] = field(default_factory=dict)
    decimals: int | None = None
    collateral: str | None = None
    leverage: str = "1"

    def get_balance(self, asset: str) -> Decimal:
        return Decimal(self.totals.get(asset, "0"))

    def get_available_balance(self, asset: str) -> Decimal:
        return Decimal(self.balances.get(asset, "0"))

    def get_price(self, trading_pair: str, is_buy: bool) -> Decimal | None:
        return numbers(self.asks if is_buy else self.bids).get(trading_pair)

    def quantize_order_amount(self, trading_pair: str, amount: Decimal, price: Decimal) -> Decimal:
        if self.decimals is None:
            return amount
        return amount.quantize(Decimal(1).scaleb(-self.decimals), context=Context(100, ROUND_FLOOR))

    def get_fee(
        self, trading_pair: str, order_side: Side, *, is_maker: bool, position_action: PositionAction
    ) -> TradeFeeBase:
        margin = None if self.collateral is None else self.get_buy_collateral_token
        schedule = FeeSchedule(self.schema, collateral_token=margin)
        return schedule.get_fee(trading_pair, order_side, is_maker=is_maker, position_action=position_action)

    def get_buy_collateral_token(self, trading_pair: str) -> str:
        return self.collateral or "HBOT"

    def get_sell_collateral_token(self, trading_pair: str) -> str:
        return self.collateral or "COINALPHA"

    def get_leverage(self, trading_pair: str) -> Decimal:
        return Decimal(self.leverage)


@pytest.fixture(scope="session")
def paper_market() -> type[PaperMarket]:
    return PaperMarket


@pytest.fixture(scope="session")
def schema() -> object:
    """A schema from text: `schema(maker="0.01", flat={"HBOT": "1"}, token="PFC", deducted=True)`."""

    def written(
        maker: str = "0",
        taker: str = "0",
        token: str | None = None,
        deducted: bool = False,
        flat: tuple[tuple[str, str], ...] = (),
    ) -> TradeFeeSchema:
        fixed = tuple(TokenAmount(name, Decimal(amount)) for name, amount in flat)
        return TradeFeeSchema(token, Decimal(maker), Decimal(taker), deducted, fixed, fixed)

    return written


class Desk:
    """Follows orders of BTC-USDT and writes down what it hears; ``events`` in short words, ``heard`` as they are."""

    def __init__(self, store: AccountStore | None = None, clock: ManualClock | None = None) -> None:
        self.clock = ManualClock() if clock is None else clock
        self.store = MemoryStore() if store is None else store
        self.heard: list[Any] = []
        self.wanted: list[str] = []
        self.asked: set[str] = set()
        self.changed: list[str] = []
        self.tracker = ClientOrderTracker(
            clock=self.clock,
            store=self.store,
            trigger_event=self.heard.append,
            fee_of=lambda order, trade: DeductedFromReturnsTradeFee(Decimal("0.001")),
            want_fills=lambda order: self.wanted.append(order.client_order_id),
            is_asked=lambda order: order.client_order_id in self.asked,
            on_change=lambda order: self.changed.append(order.client_order_id),
        )

    @property
    def events(self) -> list[str]:
        return [type(event).__name__.removesuffix("Event") for event in self.heard]

    def start(self, client_order_id: str = "dc-1", side: Side = Side.BUY, amount: str = "10") -> InFlightOrder:
        order = InFlightOrder(
            client_order_id=client_order_id,
            trading_pair="BTC-USDT",
            order_type=OrderType.LIMIT,
            trade_type=side,
            amount=Decimal(amount),
            price=Decimal(100),
            creation_timestamp=self.clock.time_ns(),
        )
        self.tracker.start_tracking_order(order)
        return order

    def says(self, state: str | None, filled: str | None = None, order: str | None = "dc-1", **told: Any) -> None:
        """The venue says this of an order."""
        self.tracker.process_order_update(
            OrderUpdate(
                client_order_id=order,
                state=None if state is None else OrderState(state),
                filled=None if filled is None else Decimal(filled),
                **told,
            )
        )

    def fills(self, amount: str, trade_id: str = "t1", order: str | None = "dc-1", **told: Any) -> None:
        """The venue tells a fill at 99."""
        self.tracker.process_trade_update(
            TradeUpdate(trade_id, Decimal(99), Decimal(amount), client_order_id=order, **told)
        )


@pytest.fixture(scope="session")
def new_desk() -> type[Desk]:
    return Desk


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    one = Desk()
    yield one
    await one.tracker.stop()
