"""A spec read backwards: the venue that it describes, on localhost."""

from declconn.simulator.lens import UnwritableError
from declconn.simulator.markets import random_markets
from declconn.simulator.random_market import RandomMarket
from declconn.simulator.venue import Venue

__all__ = ["RandomMarket", "UnwritableError", "Venue", "random_markets"]
