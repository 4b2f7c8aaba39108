"""A spec read backwards: the venue that it describes, on localhost or in the same process, and a matching engine."""

from declconn.simulator.engine.fees import FeeSchedule
from declconn.simulator.engine.market import Market
from declconn.simulator.engine.matching_engine import MatchingEngine
from declconn.simulator.engine.orders import NewOrder
from declconn.simulator.engine.refusals import RefusedError
from declconn.simulator.faults import Faults, FrameFault, RequestFault
from declconn.simulator.in_process_venue import InProcessVenue
from declconn.simulator.markets import random_markets
from declconn.simulator.random_market import RandomMarket
from declconn.simulator.venue import Venue
from declconn.simulator.wire.lens import UnwritableError
from declconn.types import TimeInForce, Trigger

__all__ = [
    "Faults",
    "FeeSchedule",
    "FrameFault",
    "InProcessVenue",
    "Market",
    "MatchingEngine",
    "NewOrder",
    "RandomMarket",
    "RefusedError",
    "RequestFault",
    "TimeInForce",
    "Trigger",
    "UnwritableError",
    "Venue",
    "random_markets",
]
