"""Orders in the venue's words and units: what the templates of an operation may name of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any, Final, Protocol, TypeAlias

from declconn.account.order_facts import external_order_id
from declconn.account.order_rules import quantize_price
from declconn.account.position_words import position_words
from declconn.compile.assets import Assets
from declconn.connector.symbols import Symbols
from declconn.connector.trading.sizes import market_amount, needs_price, quote_amount, shortest
from declconn.connector.venue_words import VenueWords
from declconn.errors import InvalidOrderError, NotSupportedError
from declconn.records import TradingRule
from declconn.spec import Spec
from declconn.spec.amendments import AMENDABLE, demanded
from declconn.spec.order_ids import IDS, MANY_IDS, can_name, takes_lists
from declconn.spec.order_terms import Terms, offered
from declconn.spec.order_triggers import amends_triggers, of_trigger, tells_triggers
from declconn.spec.template import placeholders
from declconn.types import OrderType, PositionAction, PositionMode, Side, TimeInForce, Trigger

ThroughBook: TypeAlias = Callable[[str, Side, Decimal], Decimal | None]
"""The average price that an amount of base would trade at now, by pair and side; ``None`` if nobody knows."""

Arguments: TypeAlias = dict[str, Any]


_IDS: Final = (set(IDS), *({one} for one in IDS))
"""What may be known of an order."""


class Order(Protocol):
    """What of an order a request may speak of."""

    @property
    def client_order_id(self) -> str: ...
    @property
    def exchange_order_id(self) -> str | None: ...
    @property
    def has_client_order_id(self) -> bool: ...
    @property
    def trading_pair(self) -> str: ...
    @property
    def order_type(self) -> OrderType: ...
    @property
    def trade_type(self) -> Side: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def price(self) -> Decimal | None: ...
    @property
    def time_in_force(self) -> TimeInForce: ...
    @property
    def trigger_price(self) -> Decimal | None: ...
    @property
    def trigger(self) -> Trigger | None: ...
    @property
    def leverage(self) -> Decimal: ...
    @property
    def position(self) -> PositionAction: ...


class OrderArguments:
    """Writes orders as arguments of operations.

    Args:
        spec: the venue's words.
        symbols: the markets, in the venue's spelling.
        assets: the venue's names of assets.
        position_mode: the account's.
        through_book: prices market orders that are written with a price, or counted in quote.

    Attributes:
        amends_trigger: the venue can be told another trigger price of an order.
    """

    def __init__(
        self,
        spec: Spec,
        symbols: Symbols,
        assets: Assets,
        *,
        position_mode: Callable[[], PositionMode] = lambda: PositionMode.ONEWAY,
        through_book: ThroughBook = lambda _pair, _side, _amount: None,
    ) -> None:
        self._symbols, self._words = symbols, VenueWords(spec, symbols, assets)
        self._position_mode, self._through_book = position_mode, through_book
        self._unit, self._is_derivative = spec.amount_unit, spec.kind == "derivative"
        self._types = list(spec.orders.types) if spec.orders else []
        self._numbers = spec.orders is not None and spec.orders.client_order_id.format == "int"
        self._slippage = spec.orders.slippage if spec.orders else None
        self._counted_in_quote = _counted_in_quote(spec)
        self._nameable = {
            (operation, trigger): [ids for ids in _IDS if can_name(of_trigger(spec, operation, trigger), ids)]
            for operation in spec.endpoints
            for trigger in (None, *Trigger)
        }
        self.amends_trigger = amends_triggers(spec)
        self._demanded = {trigger: demanded(spec, trigger) for trigger in (None, *Trigger)}
        self._with_triggers = {operation for operation in spec.endpoints if tells_triggers(spec, operation)}
        self._with_lists = {operation for operation in spec.endpoints if takes_lists(spec, operation)}

    def of(self, order: Order) -> Arguments:
        """The arguments that place an order, which is quantized by the market's rules.

        Raises:
            InvalidOrderError: the venue does not offer the type, or nobody knows the price that it needs.
            UnknownPairError: the venue does not list the pair.
        """
        return self._written(order, order.amount, order.price, order.trigger_price)

    def amending(
        self,
        order: Order,
        amount: Decimal,
        price: Decimal | None,
        trigger_price: Decimal | None,
        told: AbstractSet[str] = AMENDABLE,
    ) -> Arguments:
        """The arguments that make an order one of another amount (in all), price and trigger price.

        Args:
            told: what changes; the rest is left out where `amend_order` can do without.

        Raises:
            InvalidOrderError, UnknownPairError: as `of`.
        """
        arguments = self._written(order, amount, price, trigger_price)
        unsaid = AMENDABLE - told - self._demanded[order.trigger]
        return {name: value for name, value in arguments.items() if name not in unsaid}

    def _written(
        self, order: Order, amount: Decimal, price: Decimal | None, trigger_price: Decimal | None
    ) -> Arguments:
        if order.order_type not in self._types:
            offered = ", ".join(self._types) or "none"
            raise InvalidOrderError(f"{order.order_type} orders are not offered here; the venue's types are {offered}")
        rule = self._symbols.rule(order.trading_pair)
        written, worth_at = self._prices(rule, order, amount, price, trigger_price)
        size = market_amount(rule, self._unit, amount, worth_at)
        arguments = {
            **self.naming(order),
            "type": order.order_type,
            "time_in_force": order.time_in_force,
            "side": self._words.side(order.trade_type),
            "amount": size,
            "signed_amount": size.copy_negate() if order.trade_type is Side.SELL else size,
            **self._position(order),
        }
        if written is not None:
            arguments["price"] = shortest(written)
        if trigger_price is not None:
            arguments["trigger_price"] = shortest(trigger_price)
        if worth_at is not None:
            arguments["quote_amount"] = quote_amount(rule, amount, worth_at)
        return arguments

    def naming(self, order: Order) -> Arguments:
        """The arguments that say which order is meant, its market, and whether it waits for a price."""
        arguments = self._words.market(order.trading_pair)
        if order.trigger is not None:
            arguments["trigger"] = order.trigger
        if order.client_order_id not in (order.exchange_order_id, _made_up_id(order)):
            arguments["client_order_id"] = self._client_order_id(order.client_order_id)
        if order.exchange_order_id is not None:
            arguments["exchange_order_id"] = order.exchange_order_id
        return arguments

    def many(self, orders: Sequence[Order]) -> Arguments:
        """The arguments that name orders together; and their market and trigger, where they have one in common."""
        named = [self.naming(order) for order in orders]
        lists = {many: [arguments[one] for arguments in named if one in arguments] for many, one in MANY_IDS.items()}
        pairs, triggers = {order.trading_pair for order in orders}, {order.trigger for order in orders}
        market = self._words.market(*pairs) if len(pairs) == 1 else {}
        trigger = triggers.pop() if len(triggers) == 1 else None
        return {**market, **lists} if trigger is None else {**market, "trigger": trigger, **lists}

    def can_name(self, operation: str, order: Order) -> bool:
        """Whether an operation's requests can name an order by the ids that it has."""
        return self.naming(order).keys() & {*IDS} in self._nameable[operation, order.trigger]

    def require_named(self, operation: str, order: Order) -> None:
        """See that an operation can name an order.

        Raises:
            NotSupportedError: the venue wants an id that is not known, or amends no order that waits for its price.
        """
        if not self.can_name(operation, order):
            if operation == "amend_order" and order.trigger is not None and self.tells_triggers(operation):
                raise NotSupportedError(
                    f"{order.client_order_id}: an order that waits for its price cannot be amended here; "
                    "cancel it and place another"
                )
            lacking = "the venue's id, which is not known" if order.exchange_order_id is None else "a client order id"
            raise NotSupportedError(f"{operation} of {order.client_order_id}: the venue wants to be told {lacking}")

    def takes_lists(self, operation: str) -> bool:
        """Whether an operation's requests name orders by lists of their ids, see `many`."""
        return operation in self._with_lists

    def tells_triggers(self, operation: str) -> bool:
        """Whether an operation's requests differ for orders that wait for a price: they are not asked together."""
        return operation in self._with_triggers

    def _client_order_id(self, client_order_id: str) -> str | int:
        return int(client_order_id) if self._numbers and client_order_id.isdecimal() else client_order_id

    def _position(self, order: Order) -> Arguments:
        """What derivative venues are told besides. What they do not ask for is left out."""
        if not self._is_derivative:
            return {}
        mode = self._position_mode()
        words = position_words(mode, order.position, order.trade_type)
        told = {
            "leverage": order.leverage,
            "position_action": order.position,
            "position_mode": self._words.position_mode(mode),
            "position_side": self._words.position_side(words["position_side"]),
            "reduce_only": words.get("reduce_only"),
        }
        return {name: value for name, value in told.items() if value is not None}

    def _prices(
        self, rule: TradingRule, order: Order, amount: Decimal, price: Decimal | None, trigger_price: Decimal | None
    ) -> tuple[Decimal | None, Decimal | None]:
        """The price that is written, and the one that tells what the order is worth."""
        if order.order_type is not OrderType.MARKET:
            return price, price
        terms = Terms(order.order_type, order.trade_type, order.time_in_force, order.trigger)
        counted_in_quote = terms in self._counted_in_quote
        if self._slippage is None and not counted_in_quote and not needs_price(rule, self._unit):
            return None, None
        at = trigger_price  # where it will trade, whatever the book says now
        if at is None:
            at = self._through_book(order.trading_pair, order.trade_type, amount)
        if at is None:
            raise InvalidOrderError(
                f"{rule.trading_pair}: a market order needs a price here, and the order book has none; "
                "wait until it is live, or place a limit order"
            )
        if self._slippage is None:
            return None, at
        further = -self._slippage if order.trade_type is Side.SELL else self._slippage
        return quantize_price(rule, at * (1 + further)), at


def _made_up_id(order: Order) -> str:
    """What an order that others placed without a client id is called here; the venue does not know it."""
    return external_order_id(order.trading_pair, order.exchange_order_id)


def _counted_in_quote(spec: Spec) -> frozenset[Terms]:
    """The orders whose requests name ``{quote_amount}``."""
    requests = [[model.path, model.params, model.body] for model in spec.requests("place_order")]
    return frozenset(terms for terms, fields in offered(spec.orders).items() if _names_quote([requests, fields]))


def _names_quote(tree: Any) -> bool:
    return any("quote_amount" in hole.sources for _, hole in placeholders(tree))
