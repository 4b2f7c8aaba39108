"""A derivatives exchange: an `Exchange` whose markets have funding, and whose accounts have positions."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from declconn.account.budget_checker import BudgetChecker
from declconn.account.perpetual_budget_checker import PerpetualBudgetChecker
from declconn.account.positions import PerpetualTrading, Position
from declconn.connector.exchange import Exchange
from declconn.connector.market_data import Parts
from declconn.connector.trading.account import Account
from declconn.errors import DeclconnError, NotSupportedError, UnknownPairError
from declconn.log import about, get_logger
from declconn.records import FundingInfo
from declconn.types import PositionAction, PositionMode, PositionSide

logger = get_logger("declconn.connector")

ASK_AGAIN: Final = 10.0
"""Seconds between two attempts to learn the funding of pairs of which nothing is known."""


class Derivative(Exchange):
    """A live connector of perpetuals; it keeps the funding information of every pair that is followed.

    What is known at the start is asked by REST, as far as the spec has `funding_info`; the streams bring the rest.
    An order that does not say whether it opens or closes a position opens one.
    """

    default_position_action = PositionAction.OPEN

    def __init__(
        self, parts: Parts, trading_pairs: Sequence[str], account: Account | None = None, why_not: str | None = None
    ) -> None:
        super().__init__(parts, trading_pairs, account, why_not)
        events = (event for stream in parts.spec.streams.values() for event in stream.events.values())
        self._asks_funding = "funding_info" in parts.operations
        self._hears_funding = any(event.emit == "funding_info" for event in events)

    def _new_budget_checker(self) -> BudgetChecker:
        return PerpetualBudgetChecker(self)

    @property
    def funding_info(self) -> Mapping[str, FundingInfo]:
        """Index and mark price, rate and next payment by pair, as far as the venue has told."""
        return self.parts.funding.known

    def get_funding_info(self, trading_pair: str) -> FundingInfo:
        """What the funding of a pair stands at; what the venue has not told is ``None``.

        Raises:
            NotSupportedError: the spec has neither an operation nor an event for it.
            UnknownPairError: the pair is not followed, or nothing was heard of it yet.
        """
        self.get_order_book(trading_pair)
        if not self._asks_funding and not self._hears_funding:
            raise NotSupportedError(f"the spec of {self.name} has no funding information")
        info = self.parts.funding.get(trading_pair)
        if info is None:
            raise UnknownPairError(f"{trading_pair}: no funding was heard yet; wait_until_ready() waits for it")
        return info

    @property
    def status_dict(self) -> dict[str, bool]:
        """What is ready, part by part; also the funding of every pair, where the spec has it."""
        known = not (self._asks_funding or self._hears_funding) or self.funding_info.keys() >= set(self.trading_pairs)
        return {**super().status_dict, "funding_info": known}

    async def remove_trading_pair(self, trading_pair: str) -> None:
        """Stop following a pair; its book and its funding are gone afterwards."""
        await super().remove_trading_pair(trading_pair)
        self.parts.funding.forget(trading_pair)

    @property
    def perpetual(self) -> PerpetualTrading:
        """Positions, leverage and modes of the account.

        Raises:
            CredentialsError: there is no account.
            NotSupportedError: the spec has no `positions`.
        """
        perpetual = self.account.perpetual
        if perpetual is None:
            raise NotSupportedError(f"the spec of {self.name} has no section `positions`")
        return perpetual

    @property
    def account_positions(self) -> Mapping[str, Position]:
        """Open positions: by pair, in HEDGE mode by pair and side (``BTC-USDTLONG``)."""
        return self.perpetual.account_positions

    def get_position(self, trading_pair: str, side: PositionSide | None = None) -> Position | None:
        """The position of a pair, in HEDGE mode of one side; ``None`` if there is none."""
        return self.perpetual.get_position(trading_pair, side)

    @property
    def position_mode(self) -> PositionMode:
        """One position per market, or one for each side."""
        return self.perpetual.position_mode

    def supported_position_modes(self) -> list[PositionMode]:
        """The modes that the venue has."""
        return list(self.perpetual.supported_position_modes)

    def get_leverage(self, trading_pair: str) -> Decimal:
        """What leverage new orders of a pair have; 1 until it was set."""
        perpetual = self.account.perpetual
        return Decimal(1) if perpetual is None else perpetual.get_leverage(trading_pair)

    async def set_leverage(self, trading_pair: str, leverage: int | Decimal) -> None:
        """Let new positions of a pair have this leverage; as `PositionTerms.set_leverage`."""
        with about(venue=self.name):
            await self.account.require_terms().set_leverage(trading_pair, leverage)

    async def set_position_mode(self, mode: PositionMode) -> None:
        """Change the account's position mode; as `PositionTerms.set_position_mode`."""
        with about(venue=self.name):
            await self.account.require_terms().set_position_mode(mode)

    async def update_positions(self) -> None:
        """Ask the venue for the positions now.

        Raises:
            VenueError, NetworkError, MappingError: it was asked in vain.
        """
        await self.account.inquiries.positions()

    def get_buy_collateral_token(self, trading_pair: str) -> str:
        """What the margin of a long position is in."""
        rule = self.parts.symbols.rule(trading_pair)
        return rule.collateral_token or rule.quote

    get_sell_collateral_token = get_buy_collateral_token

    def _duties(self) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        yield from super()._duties()
        if self._asks_funding:
            yield "funding", self._learn_funding()

    async def _learn_funding(self) -> None:
        """Ask for the funding of every pair of which nothing is known."""
        while True:
            await self._ask_funding([pair for pair in self.trading_pairs if pair not in self.funding_info])
            await self.parts.clock.sleep(ASK_AGAIN)

    async def _ask_funding(self, trading_pairs: Iterable[str]) -> None:
        for pair in trading_pairs:
            try:
                for news in await self._ask("funding_info", pair):
                    self.parts.listeners.publish(news)
            except DeclconnError as error:
                logger.warning("%s: the funding of %s could not be learnt: %s", self.name, pair, error)
