"""One request of the venue with its policy: what is asked for, and what is done about every kind of error."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from random import Random
from types import MappingProxyType
from typing import Any, Final

from declconn.clock import Clock
from declconn.compile.endpoint import NO_PAGE, Endpoint
from declconn.compile.paging import Page
from declconn.connector.policies import (
    NOT_SENT,
    READING,
    UNKNOWN_OUTCOME,
    UNREADABLE,
    WRITING,
    Policy,
    Remedy,
    changes_something,
    kind_of,
)
from declconn.connector.sender import Sender
from declconn.connector.session import Session
from declconn.errors import DeclconnError, MappingError, NetworkError, UnknownOutcomeError, VenueError
from declconn.net.backoff import Backoff
from declconn.net.throttler import Priority

logger = logging.getLogger("declconn.rest")

NO_TURN: Final[Mapping[str, Any]] = MappingProxyType({})

PASSES_BY_ITSELF: Final = frozenset({NOT_SENT, UNKNOWN_OUTCOME})
