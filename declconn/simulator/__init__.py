"""A spec read backwards: the venue that it describes, on localhost or in the same process, and a matching engine."""

from declconn.simulator.faults import Faults, FrameFault, RequestFault
from declconn.simulator.fees import FeeSchedule
from declconn.simulator.lens import UnwritableError
from declconn.simulator.local_venue import InProcessVenue
from declconn.simulator.market import Market
from declconn.simulator.markets import random_markets
from declconn.simulator.matching_engine import MatchingEngine
from declconn.simulator.orders import NewOrder, TimeInForce
from declconn.simulator.random_market import RandomMarket
from declconn.simulator.refusals import RefusedError
from declconn.simulator.venue import Venue

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
    "UnwritableError",
    "Venue",
    "random_markets",
]
