"""What log records say besides their text."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextvars import copy_context
from typing import Any

import pytest

from declconn.log import FIELDS, about, about_only, get_logger

logger = get_logger("declconn.test")


def fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}


def test_a_record_says_what_the_work_around_it_is_about(caplog: pytest.LogCaptureFixture) -> None:
    with about(venue="one", operation="balances"):
        with about(operation="ping"):
            logger.warning("inside")
        logger.warning("between")
    logger.warning("outside")
    assert [fields(record) for record in caplog.records] == [
        {"venue": "one", "operation": "ping"},
        {"venue": "one", "operation": "balances"},
        {},
    ]


def test_what_was_said_may_be_closed_where_it_was_not_said() -> None:
    """So a coroutine ends whose loop died: whoever collects it closes it in a context of his own."""
    left = work_that_waits()
    copy_context().run(left.send, None)
    left.close()


async def work_that_waits() -> None:
    with about(venue="one"), about_only(venue="two"):
        await Forever()


class Forever:
    def __await__(self) -> Iterator[None]:
        yield


def test_a_record_can_say_more_itself(caplog: pytest.LogCaptureFixture) -> None:
    with about(venue="one", trading_pair="BTC-USD"):
        logger.warning("%s", "text", extra={"trading_pair": "ETH-USD"})
    (record,) = caplog.records
    assert (record.getMessage(), record.name, record.funcName) == (
        "text",
        "declconn.test",
        "test_a_record_can_say_more_itself",
    )
    assert fields(record) == {"venue": "one", "trading_pair": "ETH-USD"}


async def test_tasks_are_about_what_started_them_unless_they_outlive_it(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        logger.warning("working")

    with about(venue="one", operation="balances"):
        heir = asyncio.create_task(work())
        with about_only(venue="one"):
            other = asyncio.create_task(work())
    await asyncio.gather(heir, other)
    assert [fields(record) for record in caplog.records] == [
        {"venue": "one", "operation": "balances"},
        {"venue": "one"},
    ]
