"""Whatever order a true history is told in, and however often: the same amounts, and one end."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from declconn.records import OrderUpdate, TradeUpdate
from declconn.types import OrderState

D = Decimal
News = OrderUpdate | TradeUpdate


@st.composite
def histories(draw: st.DrawFn) -> tuple[OrderState, Decimal, list[News]]:
    """How an order of 10 ends, how much of it is executed, and all that the venue says about it, in its order."""
    end = draw(st.sampled_from([OrderState.FILLED, OrderState.CANCELED]))
    sizes = draw(st.lists(st.integers(1, 3), max_size=3))
    if end is OrderState.FILLED:
        sizes.append(10 - sum(sizes))
    told: list[News] = [OrderUpdate(**_ids(draw, must_be_ours=True), state=OrderState.OPEN, filled=D(0), timestamp=1)]
    filled = 0
    for number, size in enumerate(sizes):
        filled += size
        told.append(TradeUpdate(str(number), D(100), D(size), **_ids(draw), timestamp=number + 2))
        if draw(st.booleans()):
            told.append(OrderUpdate(**_ids(draw), state=OrderState.OPEN, filled=D(filled), timestamp=number + 2))
    says_filled = end is OrderState.CANCELED or draw(st.booleans())
    told.append(OrderUpdate(**_ids(draw), state=end, filled=D(filled) if says_filled else None, timestamp=99))
    return end, D(filled), told


@st.composite
def short_lives(draw: st.DrawFn) -> tuple[Decimal, bool, list[News]]:
    """How much of an IOC or FOK order of 10 is executed, whether its end says so, and all that is said of it.

    Often that is no more than its end.

    Some venues call such an end a failure, whatever was executed.
    """
    sizes = draw(st.lists(st.integers(1, 3), max_size=3))
    filled = D(sum(sizes))
    told: list[News] = [TradeUpdate(str(n), D(100), D(size), **_ids(draw)) for n, size in enumerate(sizes)]
    if draw(st.booleans()):
        told.insert(0, OrderUpdate(**_ids(draw), state=OrderState.OPEN, filled=D(0), timestamp=1))
    end = draw(st.sampled_from([OrderState.CANCELED, OrderState.FAILED] if sizes else [OrderState.CANCELED]))
    says_filled = end is OrderState.FAILED or draw(st.booleans())
    ids = _ids(draw, must_be_ours=True)
    told.append(OrderUpdate(**ids, state=end, filled=filled if says_filled else None, timestamp=9))
    return filled, says_filled, told


def _ids(draw: st.DrawFn, must_be_ours: bool = False) -> dict[str, Any]:
    """The ids that a message names: ours, the venue's, or both."""
    both = {"client_order_id": "dc-1", "exchange_order_id": "77"}
    names = ["both"] if must_be_ours else ["both", "ours", "venue's"]
    left_out = {"both": None, "ours": "exchange_order_id", "venue's": "client_order_id"}[draw(st.sampled_from(names))]
    return {name: value for name, value in both.items() if name != left_out}


def tell(desk: Any, news: News) -> None:
    if isinstance(news, OrderUpdate):
        desk.tracker.process_order_update(news)
    else:
        desk.tracker.process_trade_update(news)


def ends(desk: Any) -> list[str]:
    return [event for event in desk.events if event not in ("BuyOrderCreated", "OrderFilled")]


@given(histories(), st.data())
async def test_any_order_and_any_repetition_of_news_ends_the_same(
    new_desk: Any, history: tuple[OrderState, Decimal, list[News]], data: st.DataObject
) -> None:
    end, executed, told = history
    repeated = told + data.draw(st.lists(st.sampled_from(told), max_size=5))
    desk = new_desk()
    order = desk.start()
    for news in data.draw(st.permutations(repeated)):
        tell(desk, news)
    assert order.state is end
    assert (order.executed_amount_base, order.executed_amount_quote) == (executed, executed * 100)
    assert not order.is_missing_fills
    assert ends(desk) == ["BuyOrderCompleted" if end is OrderState.FILLED else "OrderCancelled"]
    assert desk.events[-1:] == ends(desk), "all of its fills come before"
    assert max(Counter(event.event_id for event in desk.heard).values()) == 1
    assert "BuyOrderCreated" not in desk.events[1:]
    await desk.tracker.stop()


@given(short_lives(), st.data())
async def test_an_order_that_does_not_wait_ends_with_what_was_filled_at_once(
    new_desk: Any, life: tuple[Decimal, bool, list[News]], data: st.DataObject
) -> None:
    filled, says_filled, told = life
    desk = new_desk()
    order = desk.start()
    for news in data.draw(st.permutations(told + data.draw(st.lists(st.sampled_from(told), max_size=3)))):
        tell(desk, news)
    assert order.state is OrderState.CANCELED
    assert order.executed_amount_base == filled
    assert not order.is_missing_fills
    assert len(ends(desk)) == 1
    assert ends(desk)[0] in ("OrderCancelled", "OrderExpired")
    assert not says_filled or desk.events[-1:] == ends(desk), "all of its fills come before"
    assert desk.events.count("OrderFilled") == len([news for news in told if isinstance(news, TradeUpdate)])
    assert "BuyOrderCreated" not in desk.events[1:]
    await desk.tracker.stop()


@given(histories(), st.data())
async def test_crashes_between_any_news_lose_no_fill_and_no_event(
    new_desk: Any, history: tuple[OrderState, Decimal, list[News]], data: st.DataObject
) -> None:
    """After a crash the venue is asked for everything, so its whole history is told again."""
    end, executed, told = history
    desk = new_desk()
    desk.start()
    ids: list[str] = []
    for _ in range(data.draw(st.integers(1, 3))):
        for news in data.draw(st.permutations(told))[: data.draw(st.integers(0, len(told)))]:
            tell(desk, news)
        ids += [event.event_id for event in desk.heard]
        await desk.tracker.stop()
        desk = new_desk(desk.store, desk.clock)
        desk.tracker.restore()
    for news in told:
        tell(desk, news)
    ids += [event.event_id for event in desk.heard]
    order = desk.tracker.fetch_order("dc-1")
    assert order.state is end
    assert order.executed_amount_base == executed
    assert len(desk.store.fills("dc-1")) == len([news for news in told if isinstance(news, TradeUpdate)])
    fills = {f"BTC-USDT:{news.trade_id}:dc-1" for news in told if isinstance(news, TradeUpdate)}
    assert {one for one in ids if one.startswith("BTC")} == fills
    assert max(Counter(ids).values()) == 1  # nothing crashed between telling and keeping
    assert ids.count("dc-1:completed") + ids.count("dc-1:cancelled") == 1
    await desk.tracker.stop()


@given(histories(), st.data())
async def test_late_fills_after_the_wait_do_not_change_the_sums(
    new_desk: Any, history: tuple[OrderState, Decimal, list[News]], data: st.DataObject
) -> None:
    """All updates first, the fills any time later, also after nobody waits for them any more."""
    end, executed, told = history
    desk = new_desk()
    order = desk.start()
    for news in told:
        if isinstance(news, OrderUpdate):
            tell(desk, news)
    await asyncio.sleep(0)
    desk.clock.advance(data.draw(st.sampled_from([0, 3, 6])))
    await asyncio.sleep(0)
    for news in data.draw(st.permutations([news for news in told if isinstance(news, TradeUpdate)])):
        tell(desk, news)
    assert order.state is end
    assert order.executed_amount_base == executed
    assert len(ends(desk)) == 1
    await desk.tracker.stop()
