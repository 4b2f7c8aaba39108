"""Orders in the venue's words and units: what the templates of an operation may name of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, Protocol, TypeAlias

from declconn.account.order_rules import quantize_price
from declconn.account.position_words import position_words
from declconn.compile.assets import Assets
from declconn.connector.sizes import market_amount, needs_price, quote_amount, shortest
from declconn.connector.symbols import Symbols
from declconn.errors import InvalidOrderError
from declconn.records import TradingRule
from declconn.spec import Spec
from declconn.spec.template import Placeholder, placeholders
from declconn.types import OrderType, PositionAction, PositionMode, Side

ThroughBook: TypeAlias = Callable[[str, Side, Decimal], Decimal | None]
"""The average price that an amount of base would trade at now, by pair and side; ``None`` if nobody knows."""

Arguments: TypeAlias = dict[str, Any]

_IDS: Final = frozenset({"client_order_id", "exchange_order_id"})
_MANY_IDS: Final = {f"{name}s": name for name in _IDS}


class Order(Protocol):
    """What of an order a request may speak of."""

    @property
    def client_order_id(self) -> str: ...
    @property
    def exchange_order_id(self) -> str | None: ...
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
    def leverage(self) -> Decimal: ...
    @property
    def position(self) -> PositionAction: ...


class OrderArguments:
    """Writes orders as arguments of operations.

    Args:
        spec: the venue's words.
        symbols: the markets, in the venue's spelling.
        assets: the venue's names of assets.
    """

    def __init__(self, spec: Spec, symbols: Symbols, assets: Assets) -> None:
        self._symbols, self._assets = symbols, assets
        self._unit = spec.amount_unit
        self._modes = spec.positions.modes if spec.positions else {}
        self._position_sides = spec.positions.sides if spec.positions else {}
        self._is_derivative = spec.kind == "derivative"
        orders = spec.orders
        self._sides: Mapping[Side, Any] = orders.sides if orders else {}
        self._types = orders.types if orders else {}
        self._numbers = bool(orders) and orders.client_order_id.format == "int"
        self._slippage = orders.slippage if orders else None
        self._count_quote = _count_quote(spec)
        self._named = {name: _holes(spec, name) for name in spec.endpoints}

    def of(
        self,
        order: Order,
        *,
        position_mode: PositionMode = PositionMode.ONEWAY,
        through_book: ThroughBook | None = None,
    ) -> Arguments:
        """The arguments that place an order.

        Args:
            order: quantized by the market's rules.
            position_mode: the account's.
            through_book: prices market orders that are written with a price, or count in quote.

        Raises:
            InvalidOrderError: the venue does not offer the type, or nobody knows the price that it needs.
        """
        return self.amended(order, order.amount, order.price, position_mode=position_mode, through_book=through_book)

    def amended(
        self,
        order: Order,
        amount: Decimal,
        price: Decimal | None,
        *,
        position_mode: PositionMode = PositionMode.ONEWAY,
        through_book: ThroughBook | None = None,
    ) -> Arguments:
        """The arguments that make an order into one of another amount or price; as `of`."""
        if order.order_type not in self._types:
            offered = ", ".join(self._types) or "none"
            raise InvalidOrderError(f"{order.order_type} orders are not offered here; the venue's types are {offered}")
        rule = self._symbols.rule(order.trading_pair)
        price, value_at = self._prices(rule, order, amount, price, through_book)
        size = market_amount(rule, self._unit, amount, value_at)
        arguments = {
            **self.naming(order),
            "type": order.order_type,
            "side": self._sides[order.trade_type],
            "amount": size,
            "signed_amount": size.copy_negate() if order.trade_type is Side.SELL else size,
            **self._position(order, position_mode),
        }
        if price is not None:
            arguments["price"] = shortest(price)
        if value_at is not None:
            arguments["quote_amount"] = quote_amount(rule, amount, value_at)
        return arguments

    def naming(self, order: Order) -> Arguments:
        """The arguments that say which order is meant, and its market."""
        arguments = self.market(order.trading_pair)
        if order.client_order_id != order.exchange_order_id:  # the same: it is not ours, and has but one id
            arguments["client_order_id"] = self._client_order_id(order.client_order_id)
        if order.exchange_order_id is not None:
            arguments["exchange_order_id"] = order.exchange_order_id
        return arguments

    def many(self, orders: Iterable[Order]) -> Arguments:
        """The arguments that name orders together; their market, where they have one in common."""
        named = [self.naming(order) for order in orders]
        lists = {many: [arguments[one] for arguments in named if one in arguments] for many, one in _MANY_IDS.items()}
        of_one = named[0] if len({arguments["symbol"] for arguments in named}) == 1 else {}
        return {**{name: value for name, value in of_one.items() if name not in _IDS}, **lists}

    def can_name(self, operation: str, order: Order) -> bool:
        """Whether an operation's requests can name an order by the ids that it has."""
        known = _IDS & self.naming(order).keys()
        return all(hole.optional or known.intersection(map(_singular, hole.sources)) for hole in self._named[operation])

    def market(self, trading_pair: str) -> Arguments:
        """The arguments that name a market.

        Raises:
            UnknownPairError: the venue does not list it.
        """
        return dict(self._symbols.arguments(trading_pair))

    def collateral_tokens(self, trading_pairs: Iterable[str]) -> list[str]:
        """The tokens that margin of these markets is paid in, each once, in the venue's words."""
        tokens = (self._symbols.rule(pair).collateral_token for pair in trading_pairs)
        return [self._assets.write(token) for token in dict.fromkeys(tokens) if token is not None]

    def position_mode(self, mode: PositionMode) -> Any:
        """The venue's word for a position mode; ours where it has none."""
        return self._modes.get(mode, mode)

    def _client_order_id(self, client_order_id: str) -> str | int:
        return int(client_order_id) if self._numbers and client_order_id.isdecimal() else client_order_id

    def _position(self, order: Order, mode: PositionMode) -> Arguments:
        if not self._is_derivative:
            return {}
        words = position_words(mode, order.position, order.trade_type)
        arguments: Arguments = {"position_mode": self.position_mode(mode), "leverage": order.leverage}
        if words["position_side"] in self._position_sides:
            arguments["position_side"] = self._position_sides[words["position_side"]]
        if "reduce_only" in words:
            arguments["reduce_only"] = words["reduce_only"]
        return arguments

    def _prices(
        self,
        rule: TradingRule,
        order: Order,
        amount: Decimal,
        price: Decimal | None,
        through_book: ThroughBook | None,
    ) -> tuple[Decimal | None, Decimal | None]:
        """The price that is written, and the one that tells what the order is worth."""
        if order.order_type is not OrderType.MARKET:
            return price, price
        needed = (
            self._slippage is not None
            or (order.order_type, order.trade_type) in self._count_quote
            or needs_price(rule, self._unit)
        )
        at = through_book(order.trading_pair, order.trade_type, amount) if needed and through_book else None
        if needed and at is None:
            raise InvalidOrderError(
                f"{rule.trading_pair}: a market order needs a price here, and the order book has none; "
                "wait until it is live, or place a limit order"
            )
        if at is None or self._slippage is None:
            return None, at
        further = -self._slippage if order.trade_type is Side.SELL else self._slippage
        return quantize_price(rule, at * (1 + further)), at


def _count_quote(spec: Spec) -> frozenset[tuple[OrderType, Side]]:
    """The types and sides whose requests say what an order is worth."""
    requests = [[model.path, model.params, model.body] for model in spec.requests("place_order")]
    always = "quote_amount" in _sources(requests)
    types = spec.orders.types if spec.orders else {}
    return frozenset(
        (order_type, side)
        for order_type, fields in types.items()
        for side in Side
        if always or "quote_amount" in _sources([fields.get(side), *(fields[name] for name in fields.keys() - {*Side})])
    )


def _sources(tree: Any) -> frozenset[str]:
    return frozenset(source for _, hole in placeholders(tree) for source in hole.sources)


def _holes(spec: Spec, operation: str) -> list[Placeholder]:
    """Where an operation's requests name an order."""
    requests = [[model.path, model.params, model.body, model.headers] for model in spec.requests(operation)]
    return [hole for _, hole in placeholders(requests) if _IDS.intersection(map(_singular, hole.sources))]


def _singular(source: str) -> str:
    return _MANY_IDS.get(source, source)
