"""docs/first-spec.md: its parts are the README's spec, its messages are read as it says, and what it adds trades."""

from __future__ import annotations

import ast
import asyncio
import json
import re
import shlex
from collections.abc import AsyncIterator, Callable
from contextlib import chdir
from dataclasses import replace
from decimal import Decimal as D
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import declconn
from declconn import MemoryStore, OrderState, OrderType, Side, TradingSettings
from declconn.cli import main
from declconn.cli.main import COMMANDS
from declconn.clock import SystemClock
from declconn.compile.template import compile_template
from declconn.records import Trade
from declconn.simulator import FeeSchedule, InProcessVenue, Market, MatchingEngine, NewOrder, RequestFault
from declconn.spec.order_terms import offered
from declconn.types import TimeInForce, TimeUnit, Trigger

GUIDE = "docs/first-spec.md"
TEXT = (Path(__file__).parents[2] / GUIDE).read_text()
PAIR = "BTC-USDT"
KEYS = {"api_key": "key", "api_secret": "secret"}


@pytest.fixture
def spec(tmp_path: Path, blocks: Any) -> Path:
    """The spec that trades, beside the one that it extends."""
    *parts, trading = blocks(GUIDE, "yaml")
    (tmp_path / "my_venue.yaml").write_text("\n".join(parts))
    path = tmp_path / "my_venue_trading.yaml"
    path.write_text(trading)
    return path


@pytest.fixture
async def trader(spec: Path) -> AsyncIterator[Any]:
    """The spec as a connector, and as the venue that it is connected to."""
    clock = SystemClock()
    fees = FeeSchedule(maker=D("0.001"), taker=D("0.002"))
    engine = MatchingEngine([Market.of(PAIR, tick=D("0.1"), step=D("0.001"))], fees, clock)
    engine.open_account("me", {"USDT": D(10000)})
    engine.open_account("somebody", {"BTC": D(10)})
    venue = InProcessVenue(declconn.load_spec(spec), engine, clock=clock, accounts=["me"])
    assert venue.unplayed == {}
    exchange = declconn.connect(
        spec,
        [PAIR],
        credentials=venue.credentials("me"),
        transport=venue.transport,
        trading=TradingSettings(store=MemoryStore()),
    )
    async with exchange:
        await exchange.wait_until_ready(5)
        yield SimpleNamespace(exchange=exchange, engine=engine, venue=venue)
    await venue.close()


def offer(engine: MatchingEngine, amount: str) -> None:
    """Somebody sells at 1000."""
    engine.place("somebody", NewOrder(trading_pair=PAIR, side=Side.SELL, amount=D(amount), price=D(1000)))


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - what is waited for is on the other side of a socket
            await asyncio.sleep(0.01)


def test_the_parts_make_the_spec_of_the_readme(spec: Path, blocks: Any) -> None:
    (readme,) = blocks("README.md", "yaml")
    assert (spec.parent / "my_venue.yaml").read_text().split() == readme.split()


def test_its_messages_are_read_as_it_says(spec: Path, blocks: Any, capsys: pytest.CaptureFixture[str]) -> None:
    names = dict(zip(("markets", "book", "trade", "diff"), blocks(GUIDE, "json"), strict=True))
    code = blocks(GUIDE, "python")[0]
    with chdir(spec.parent):
        exec(compile(code, GUIDE, "exec"), names)

    assert capsys.readouterr().out.strip() == code.rpartition("# ")[2].strip()
    venue: Any = names["venue"]
    assert [event.price for event in venue.events if isinstance(event, Trade)] == [D("64000.4")]
    assert venue.exchange.parts.complaints.counts == {}


def test_it_plays_its_own_venue(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", str(spec.parent / "my_venue.yaml"), "--seconds", "1.5"]) == 0
    assert "BTC-USDT: live, sequenced" in capsys.readouterr().out


def test_every_command_that_is_shown_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    commands = set(re.findall(r"\bdeclconn (?:-vv )?([a-z]+)", TEXT))
    assert commands >= {"validate", "demo", "call", "book", "record", "replay", "sign", "schema"}
    assert commands <= set(COMMANDS)


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+\.md)", TEXT)
    assert links
    assert [link for link in links if not (Path(__file__).parents[2] / "docs" / link).is_file()] == []


def test_the_spec_is_right_and_has_no_lints(spec: Path) -> None:
    assert declconn.load_spec(spec.parent / "my_venue.yaml", strict=True).name == "my_venue"
    assert declconn.load_spec(spec, strict=True).name == "my_venue_trading"


async def test_its_orders_are_placed_filled_and_cancelled(trader: Any) -> None:
    exchange = trader.exchange
    order = await exchange.place_order(PAIR, Side.BUY, D(1), OrderType.LIMIT, D(1000))
    offer(trader.engine, "0.4")
    await until(lambda: order.executed_amount_base == D("0.4"))
    await exchange.cancel_order(order.client_order_id)

    assert (order.state, order.fees_paid) == (OrderState.CANCELED, {"USDT": D("0.4")})
    await until(lambda: exchange.get_balance("BTC") == D("0.4"))
    assert exchange.parts.complaints.counts == {}


def test_what_is_sent_of_each_kind_of_order_is_as_shown(spec: Path) -> None:
    orders = declconn.load_spec(spec).orders
    assert orders is not None
    sources = {"price": D(100), "trigger_price": D(95), "side": "buy"}
    sent = {
        str(terms): compile_template(fields, TimeUnit.MS)(sources)
        for terms, fields in offered(orders).items()
        if terms.side is Side.BUY
    }
    shown = {
        name: json.loads(fields) for name, fields in re.findall(r"^\| ([A-Z ]+) \| `({.*})` \|$", TEXT, re.MULTILINE)
    }
    assert shown == {name: sent[name] for name in shown}
    assert sent.keys() - shown.keys() == {"LIMIT_MAKER", "MARKET"}


@pytest.mark.parametrize("types", re.findall(r"`((?:LIMIT|MARKET): {.*})`", TEXT))
def test_what_other_venues_want_can_be_written(spec: Path, types: str, tmp_path: Path) -> None:
    path = tmp_path / "other.yaml"
    price = types.replace("LIMIT: {", 'LIMIT: {price: "{price}", ')
    text = spec.read_text().replace("name: my_venue_trading", "name: other")
    given = text[text.index("    LIMIT:\n") : text.index("  states:")]
    path.write_text(text.replace(given, f"    {price}\n"))
    assert declconn.load_spec(path, strict=True).name == "other"


async def test_what_is_not_filled_at_once_of_an_ioc_order_is_cancelled(trader: Any) -> None:
    offer(trader.engine, "0.4")
    ioc = TimeInForce.IOC
    order = await trader.exchange.place_order(PAIR, Side.BUY, D(1), OrderType.LIMIT, D(1000), time_in_force=ioc)
    await order.wait_until_done()

    assert (order.state, order.executed_amount_base) == (OrderState.CANCELED, D("0.4"))
    assert trader.exchange.parts.complaints.counts == {}


async def test_a_stop_order_waits_for_its_price_as_shown(trader: Any, blocks: Any) -> None:
    offer(trader.engine, "2")
    bought = await trader.exchange.place_order(PAIR, Side.BUY, D(1), OrderType.MARKET)
    await bought.wait_until_done()
    names: dict[str, Any] = {"declconn": declconn, "Decimal": D, "exchange": trader.exchange}
    code = compile(blocks(GUIDE, "python")[1], GUIDE, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    await eval(code, names)
    order = names["order"]
    assert (order.state, order.trigger, order.trigger_price) == (OrderState.OPEN, Trigger.STOP, D(900))

    bid = NewOrder(trading_pair=PAIR, side=Side.BUY, amount=D(2), price=D(900))
    trader.engine.open_account("a buyer", {"USDT": D(10000)})
    trader.engine.place("a buyer", bid)
    trader.engine.place("somebody", replace(bid, side=Side.SELL, amount=D(1)))
    await order.wait_until_done()
    assert (order.state, order.average_executed_price) == (OrderState.FILLED, D(900))


async def test_an_order_whose_answer_is_lost_is_found_again(trader: Any) -> None:
    offer(trader.engine, "1")
    trader.venue.faults.plan(RequestFault.ANSWER_LOST, "place_order")
    order = await trader.exchange.place_order(PAIR, Side.BUY, D(1), OrderType.MARKET)
    await order.wait_until_done()

    assert (order.state, order.fate_unknown) == (OrderState.FILLED, False)
    assert trader.venue.transport.sent.count("place_order") == 1


def test_the_command_that_signs_runs_as_it_stands(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = re.findall(r"`(declconn sign .*?)`", TEXT)
    (spec.parent / "account.yaml").write_text(json.dumps(KEYS))
    (spec.parent / "account.yaml").chmod(0o600)
    with chdir(spec.parent):
        assert main(shlex.split(line)[1:]) == 0
    shown = capsys.readouterr().out
    assert "POST https://api.my-venue.example/v1/orders" in shown
    assert '"client_id":"dc-1"' in shown


def test_it_connects_to_other_urls(spec: Path, blocks: Any) -> None:
    with chdir(spec.parent):
        exchange = eval(blocks(GUIDE, "python")[2], {"declconn": declconn})
    assert exchange.name == "my_venue_trading"
