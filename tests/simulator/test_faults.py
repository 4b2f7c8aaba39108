"""Faults come as they were planned, once each."""

from __future__ import annotations

from declconn.simulator.faults import Faults, FrameFault, RequestFault
from declconn.simulator.streams.outbox import Outbox


def test_nothing_goes_wrong_that_was_not_planned() -> None:
    faults = Faults()
    assert (faults.of_request("balances"), faults.delay_of("balances"), faults.of_frame("trade")) == (None, 0.0, None)


def test_a_fault_of_an_operation_comes_before_one_of_any() -> None:
    faults = Faults()
    faults.plan(RequestFault.LOST)
    faults.plan(RequestFault.FAILED, "place_order", times=2)
    asked = [faults.of_request(operation) for operation in ("place_order", "balances", "place_order", "place_order")]
    assert asked == [RequestFault.FAILED, RequestFault.LOST, RequestFault.FAILED, None]


def test_a_closed_venue_is_closed_until_it_opens() -> None:
    faults = Faults()
    faults.is_closed = True
    assert [faults.of_request("balances") for _ in range(2)] == [RequestFault.CLOSED] * 2
    faults.is_closed = False
    assert faults.of_request("balances") is None


async def test_frames_are_lost_doubled_and_late() -> None:
    outbox = Outbox()
    outbox.faults = Faults()
    for fault in (FrameFault.LOST, FrameFault.TWICE, FrameFault.LATE):
        outbox.faults.plan_frame(fault, "trade")
    for text in "abcd":
        outbox.put(text, "trade")
    outbox.put("answer")
    outbox.end()
    frames = []
    while (frame := await outbox.take()) is not None:
        frames.append(frame)
    assert frames == ["b", "b", "d", "c", "answer"]
