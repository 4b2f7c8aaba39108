from __future__ import annotations

import asyncio
from typing import Any

import pytest

from declconn.errors import LostAnswerError
from declconn.net.rest_assistant import RESTAssistant
from declconn.net.throttler import AsyncThrottler, RateLimit
from declconn.net.transport import Request, Response


@pytest.fixture
def assistant(transport: Any, clock: Any) -> RESTAssistant:
    return RESTAssistant(transport, AsyncThrottler([RateLimit("orders", 1, 10.0)], clock))


async def test_it_sends_once_the_cost_is_drawn(assistant: RESTAssistant, transport: Any, clock: Any) -> None:
    transport.answers.extend([Response(200), Response(429)])
    request = Request("GET", "https://venue.example/")
    assert (await assistant.call(request, {"orders": 1})).status == 200
    second = asyncio.create_task(assistant.call(request, {"orders": 1}))
    await clock.advance(9.75)
    assert len(transport.requests) == 1
    await clock.advance(0.25)
    assert (await second).status == 429


async def test_a_request_can_be_made_after_the_wait_so_that_its_signature_is_fresh(
    assistant: RESTAssistant, transport: Any, clock: Any
) -> None:
    transport.answers.extend([Response(200), Response(200)])

    def sign() -> Request:
        return Request("GET", f"https://venue.example/?at={clock.now:g}")

    await assistant.call(sign, {"orders": 1})
    second = asyncio.create_task(assistant.call(sign, {"orders": 1}))
    await clock.advance(10)
    await second
    assert [request.url[-4:] for request in transport.requests] == ["1000", "1010"]


async def test_what_the_transport_raises_passes_through(assistant: RESTAssistant, transport: Any) -> None:
    transport.answers.append(LostAnswerError("gone"))
    with pytest.raises(LostAnswerError, match="gone"):
        await assistant.call(Request("POST", "https://venue.example/"), {})
