"""The models of the spec language: its one definition. A section's name is its module's and its model's."""

from declconn.spec.models.auth import Around, Auth, Inject, Recipe
from declconn.spec.models.base import Choice, Hook, Model
from declconn.spec.models.encoding import Encoding
from declconn.spec.models.endpoints import Endpoint, Paging
from declconn.spec.models.environments import Assets, Environment, Option
from declconn.spec.models.errors import ERROR_KINDS, ErrorRule, Errors
from declconn.spec.models.fees import Fees, FixedFee
from declconn.spec.models.mapping import Answer, Each, Matcher, Path, Reading, Slot, Slots
from declconn.spec.models.order_book import After, Checksum, OrderBook, Snapshot
from declconn.spec.models.orders import ClientOrderId, Orders
from declconn.spec.models.positions import Funding, Positions
from declconn.spec.models.rate_limits import RateLimit
from declconn.spec.models.session import SessionValue
from declconn.spec.models.spec import Spec
from declconn.spec.models.steps import STEPS, Step
from declconn.spec.models.streams import Event, Heartbeat, Limits, Login, Message, Reply, Sequence, Stream

__all__ = [
    "ERROR_KINDS",
    "STEPS",
    "After",
    "Answer",
    "Around",
    "Assets",
    "Auth",
    "Checksum",
    "Choice",
    "ClientOrderId",
    "Each",
    "Encoding",
    "Endpoint",
    "Environment",
    "ErrorRule",
    "Errors",
    "Event",
    "Fees",
    "FixedFee",
    "Funding",
    "Heartbeat",
    "Hook",
    "Inject",
    "Limits",
    "Login",
    "Matcher",
    "Message",
    "Model",
    "Option",
    "OrderBook",
    "Orders",
    "Paging",
    "Path",
    "Positions",
    "RateLimit",
    "Reading",
    "Recipe",
    "Reply",
    "Sequence",
    "SessionValue",
    "Slot",
    "Slots",
    "Snapshot",
    "Spec",
    "Step",
    "Stream",
]
