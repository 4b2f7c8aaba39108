"""What an account holds and pays, as a connector shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from declconn.account.budget_checker import BudgetChecker
from declconn.account.given import word
from declconn.account.order_rules import quantize_amount, quantize_price
from declconn.account.rates import BookRates, RateSource
from declconn.account.trade_fee import TradeFeeBase
from declconn.connector.market_data import MarketData, Parts
from declconn.connector.trading.account import Account
from declconn.connector.trading.account_metrics import of_account
from declconn.errors import CredentialsError
from declconn.log import about
from declconn.metrics import Sample
from declconn.net.duties import one_after_another
from declconn.types import OrderType, PositionAction, Side


class AccountData(MarketData):
    """Market data, and for whoever has credentials the balances and fees of an account."""

    def __init__(
        self, parts: Parts, trading_pairs: Sequence[str], account: Account | None = None, why_not: str | None = None
    ) -> None:
        super().__init__(parts, trading_pairs)
        self._account, self._why_not = account, why_not
        self._budget_checker = self._new_budget_checker()

    default_position_action = PositionAction.NIL
    """What an order does that does not say whether it opens or closes a position."""

    def _new_budget_checker(self) -> BudgetChecker:
        return BudgetChecker(self)

    @property
    def account(self) -> Account:
        """The account's rooms, for whoever needs more than is here.

        Raises:
            CredentialsError: there is none; the message says why, and what to give.
        """
        if self._account is None:
            raise CredentialsError(f"{self.name} has no account: {self._why_not}")
        return self._account

    async def start(self) -> None:
        """As without an account; orders that were open when the connector last stopped are taken up again.

        Raises:
            ConfigurationError: another connector trades with this account.
        """
        if self._started or self._account is None:
            await super().start()
            return
        self._account.open()
        await super().start()
        try:
            with about(venue=self.name):
                await self._account.start(self._trading_pairs)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close every socket and end every task; what is known of open orders stays in the store."""
        account = self._account
        with about(venue=self.name):
            await one_after_another(*([] if account is None else [account.stop]), super().stop)

    async def add_trading_pair(self, trading_pair: str) -> None:
        """Follow one more pair, also in what the venue tells of the account.

        Raises:
            UnknownPairError: the venue does not list it.
        """
        await super().add_trading_pair(trading_pair)
        if self._account is not None:
            await self._account.follow(trading_pair)

    async def remove_trading_pair(self, trading_pair: str) -> None:
        """Stop following a pair; its book is gone afterwards. Orders that are open stay known."""
        await super().remove_trading_pair(trading_pair)
        if self._account is not None:
            await self._account.leave(trading_pair)

    def _troubles(self) -> list[str]:
        return [*super()._troubles(), *(self._account.troubles if self._account else [])]

    @property
    def status_dict(self) -> dict[str, bool]:
        """What is ready, part by part, under Hummingbot's names."""
        return {**super().status_dict, **(self._account.status_dict if self._account else {})}

    def metrics(self) -> Iterator[Sample]:
        """Everything that is counted, as it is now; any thread may ask. `docs/metrics.md` lists the names."""
        yield from super().metrics()
        if self._account is not None:
            yield from of_account(self.name, self._account, self.parts.clock)

    @property
    def budget_checker(self) -> BudgetChecker:
        """Cuts orders down to what the account can pay."""
        return self._budget_checker

    def get_balance(self, asset: str) -> Decimal:
        """All that there is of an asset; 0 of one that the venue did not name, and of all before `ready`."""
        return self.account.balances.get_balance(asset)

    def get_available_balance(self, asset: str) -> Decimal:
        """What of it can be used: no order holds it, and no limit of the user forbids it."""
        return self.account.balances.get_available_balance(asset)

    def get_all_balances(self) -> dict[str, Decimal]:
        """All that there is, by asset."""
        return self.account.balances.get_all_balances()

    @property
    def available_balances(self) -> Mapping[str, Decimal]:
        """What can be used, by asset."""
        return self.account.balances.available_balances

    async def update_balances(self) -> None:
        """Ask the venue for the balances now.

        Raises:
            VenueError, NetworkError, MappingError: it was asked in vain.
        """
        await self.account.inquiries.balances()

    def get_fee(
        self,
        trading_pair: str,
        order_side: Side,
        *,
        is_maker: bool,
        position_action: PositionAction = PositionAction.NIL,
    ) -> TradeFeeBase:
        """What a trade would cost: the account's own fee where the venue tells it, else the schedule of the spec.

        Raises:
            InvalidOrderError: the side or the action is none.
        """
        action = word("position_action", position_action, PositionAction)
        return self.account.fees.get_fee(
            trading_pair,
            word("order_side", order_side, Side),
            is_maker=is_maker,
            position_action=self.default_position_action if action is PositionAction.NIL else action,
        )

    @property
    def rates(self) -> RateSource:
        """What one token is worth in another: by the user's own source, or else by the books that are followed.

        For fees that are paid in a third token: `InFlightOrder.cumulative_fee_paid(token, exchange.rates)`.
        """
        own = self._account.settings.rates if self._account else None
        return own if own is not None else BookRates(lambda: self.trading_pairs, self.get_mid_price)

    def quantize_order_price(self, trading_pair: str, price: Decimal) -> Decimal:
        """The price in the venue's steps, rounded down."""
        return quantize_price(self.parts.symbols.rule(trading_pair), price)

    def quantize_order_amount(self, trading_pair: str, amount: Decimal, price: Decimal | None = None) -> Decimal:
        """The amount in the venue's steps, rounded down; inverse contracts need the price."""
        return quantize_amount(self.parts.symbols.rule(trading_pair), amount, price)

    def get_buy_collateral_token(self, trading_pair: str) -> str:
        """What a buy is paid with."""
        return self.parts.symbols.rule(trading_pair).quote

    def get_sell_collateral_token(self, trading_pair: str) -> str:
        """What a sale is paid with."""
        return self.parts.symbols.rule(trading_pair).base

    def get_leverage(self, trading_pair: str) -> Decimal:
        """How much more an order may be worth than its collateral; 1 on a spot venue."""
        return Decimal(1)

    def supported_order_types(self) -> list[OrderType]:
        """The kinds of orders that the venue takes."""
        return sorted(self.spec.orders.types) if self.spec.orders else []

    def get_maker_order_type(self) -> OrderType:
        """LIMIT_MAKER where there is one, else LIMIT."""
        types = self.supported_order_types()
        return OrderType.LIMIT_MAKER if OrderType.LIMIT_MAKER in types else OrderType.LIMIT

    def get_taker_order_type(self) -> OrderType:
        """MARKET where there is one, else LIMIT."""
        return OrderType.MARKET if OrderType.MARKET in self.supported_order_types() else OrderType.LIMIT
