"""What happens to who cannot bear his losses."""

from __future__ import annotations

from decimal import Decimal

from declconn.records import Liquidation
from declconn.simulator.engine.accounts import Account
from declconn.simulator.engine.market import Market
from declconn.simulator.engine.orders import ZERO, NewOrder, Order
from declconn.simulator.engine.positions import Position
from declconn.simulator.engine.settlement import Fill
from declconn.simulator.engine.trading import LIQUIDATED, VENUE, Trading
from declconn.types import OrderType, Side

AUTOCLOSE = "autoclose-"
"""What the client order ids begin with that the venue gives the orders which close positions by force."""


def liquidate(trading: Trading) -> None:
    """Close the positions of all who have less than their maintenance margin.

    All orders in the markets of that collateral are cancelled, the venue takes the positions over at the mark price,
    and pays what is missing.
    """
    for collateral in {trading.markets[pair].collateral for pair in trading.perpetuals}:
        markets = {pair: trading.markets[pair] for pair in trading.perpetuals}
        markets = {pair: market for pair, market in markets.items() if market.collateral == collateral}
        for account in trading.accounts.values():
            if account.name != VENUE:
                _examine(trading, account, collateral, markets)


def _examine(trading: Trading, account: Account, collateral: str, markets: dict[str, Market]) -> None:
    positions = [position for (pair, _), position in account.positions.items() if pair in markets and position.amount]
    equity, needed = account.total(collateral), ZERO
    for position in positions:
        market = markets[position.trading_pair]
        equity += position.profit(market.mark_price)
        needed += abs(position.amount) * market.mark_price * market.maintenance
    if positions and equity < needed:
        _close_all(trading, account, positions, markets)
    elif positions:
        return
    _cover(trading, account, collateral)


def _close_all(trading: Trading, account: Account, positions: list[Position], markets: dict[str, Market]) -> None:
    for order in list(account.open_orders.values()):
        if order.asked.trading_pair in markets:
            trading.end(order, LIQUIDATED)
    for position in positions:
        _take_over(trading, account, position, markets[position.trading_pair].mark_price)


def _take_over(trading: Trading, account: Account, position: Position, price: Decimal) -> None:
    """The account closes its position as a taker, and the venue opens it."""
    pair, time, order_id = position.trading_pair, trading.desk.next_time(), trading.next_order_id()
    amount, side = abs(position.amount), Side.SELL if position.amount > 0 else Side.BUY
    asked = NewOrder(
        trading_pair=pair,
        side=side,
        amount=amount,
        order_type=OrderType.MARKET,
        client_order_id=f"{AUTOCLOSE}{order_id}",
        reduce_only=True,
        position_side=position.side,
    )
    order = Order(order_id, account.name, asked, amount, None, time, time)
    trade_id = trading.next_trade_id()
    trading.register(order)
    trading.record(Fill(order, price, amount, is_taker=True), trade_id, time)
    trading.desk.add(account.name, position.update(price))
    venue, settlement = trading.accounts[VENUE], trading.perpetuals[pair]
    opposite = Side.BUY if side is Side.SELL else Side.SELL
    profit, _ = settlement.move(venue, position.side, opposite, amount, price)
    venue.credit(settlement.collateral, profit)
    trading.desk.add(None, Liquidation(pair, price, amount, side, trade_id, time))


def _cover(trading: Trading, account: Account, collateral: str) -> None:
    """Nobody owes the venue more than he had."""
    missing = -account.total(collateral)
    if missing > 0:
        account.credit(collateral, missing)
        trading.accounts[VENUE].credit(collateral, -missing)
