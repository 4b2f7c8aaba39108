"""A whole spec: what is said about one venue, section by section."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from declconn.spec.models.auth import Auth
from declconn.spec.models.base import Flag, Model, Scalar, found, word
from declconn.spec.models.endpoints import Endpoint, EndpointOrList
from declconn.spec.models.environments import Assets, Environment, OptionOrDefault
from declconn.spec.models.errors import Errors
from declconn.spec.models.fees import Fees
from declconn.spec.models.order_book import OrderBook
from declconn.spec.models.orders import Orders
from declconn.spec.models.positions import Positions
from declconn.spec.models.rate_limits import RateLimitOrText
from declconn.spec.models.session import SessionValue
from declconn.spec.models.streams import Stream
from declconn.types import AmountUnit, TimeUnit


def _known_version(value: Any) -> Any:
    if value == 1 and not isinstance(value, bool):
        return 1
    raise ValueError(f"this version of declconn reads `spec: 1`, found {found(value)}")


Version = Annotated[int, BeforeValidator(_known_version), WithJsonSchema({"const": 1})]


class Spec(Model):
    """One venue."""

    spec: Version = word("The version of the spec language.", 1)
    extends: str | None = word("The spec that this one builds on.", "binance", None)
    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        description="The connector's name: lower case letters, digits and underscores, a letter first.",
        examples=["binance_perpetual"],
    )
    kind: Literal["exchange", "derivative"] = word("Spot, or perpetual futures.", "exchange")
    docs: str | None = word("Where the venue documents itself.", "https://docs.kraken.com/api", None)
    credentials: tuple[str, ...] = word(
        "The names behind `{cred.x}`; none: market data only.", ["api_key", "api_secret"], ()
    )
    example_pair: str | None = Field(
        None,
        pattern=r"^[^\s-]+-[^\s-]+$",
        description="A pair that load-time checks and tests use, as BASE-QUOTE.",
        examples=["BTC-USDT"],
    )
    time_unit: TimeUnit = word("The unit of every time, unless a field says otherwise.", "ms", TimeUnit.MS)
    amount_unit: AmountUnit = word(
        "What amounts are counted in, unless a field says otherwise.", "contracts", AmountUnit.BASE
    )
    negative_prices: Flag = word("Prices may be negative or zero.", True, False)
    environments: dict[str, Environment] = word(
        "Named sets of urls and words, read as `{env.rest}`; the first is the default.",
        {"com": {"rest": "https://api.binance.com/api/v3", "ws": "wss://stream.binance.com:9443/stream"}},
    )
    constants: dict[str, Scalar] = word("Words of this spec, read as `{const.x}`.", {"inst_type": "SPOT"}, {})
    options: dict[str, OptionOrDefault] = word("What a user may set, read as `{opt.x}`.", {"recv_window": 5000}, {})
    assets: Assets = word("How the venue spells assets.", {"case": "upper", "rename": {"XBT": "BTC"}}, Assets())
    hosts: tuple[str, ...] = word("Suffixes of further hosts that credentials may go to.", ["kucoin.com"], ())
    rate_limits: dict[str, RateLimitOrText] = word("Pools that requests draw from.", {"orders": "100/10s"}, {})
    auth: Auth = word("How requests are signed.", {"clock": "server_time"}, Auth())
    session: dict[str, SessionValue] = word("What is learnt and kept.", {"account_id": {"obtain": "account"}}, {})
    endpoint_defaults: Endpoint | None = word("Merged under every endpoint.", {"unwrap": "result"}, None)
    endpoints: dict[str, EndpointOrList] = word("Operations: their requests and answers.", {"ping": {"get": "/ping"}})
    orders: Orders | None = word("How orders are written and read.", {"sides": {"BUY": "buy", "SELL": "sell"}}, None)
    positions: Positions | None = word("How positions are written and read.", {"modes": ["ONEWAY"]}, None)
    streams: dict[str, Stream] = word("Connections that bring news.", {"market": {"url": "{env.ws}"}}, {})
    order_book: OrderBook = word("How books are kept.", {"snapshot": "rest", "rule": "range"})
    errors: Errors = word("How the venue says no.", {"code": "code", "message": "msg"}, Errors())
    fees: Fees = word("What trading costs.", {"maker_percent_fee_decimal": 0.001}, Fees())

    def requests(self, operation: str) -> list[Endpoint]:
        """The requests of an operation: one, those of its list, or none if the spec does not have it."""
        declared = self.endpoints.get(operation, [])
        return declared if isinstance(declared, list) else [declared]

    @property
    def operations(self) -> frozenset[str]:
        """The names of all operations that the spec declares."""
        return frozenset(self.endpoints)
