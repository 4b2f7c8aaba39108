"""What an account must not forget: orders, fills, funding times, nonces."""

from __future__ import annotations

from typing import Any, Protocol

from declconn.nonces import MemoryNonces


class AccountStore(Protocol):
    """Keeps an account over restarts. Every method returns when what it was given is kept.

    States and fills are dictionaries of what JSON knows, handed back as they were given. It is a
    `declconn.nonces.NonceSource` as well. Of an order that ended, state and fills are kept until it is forgotten.
    """

    def open(self) -> None:
        """Take hold of files and locks. A second call does nothing; after `close` it may be opened again.

        Raises:
            ConfigurationError: somebody else keeps this account.
        """
        ...

    def save_order(self, state: dict[str, Any]) -> None:
        """Keep an order's state (without fills), in place of an earlier one of the same ``client_order_id``.

        A new order is safe even from a power failure when this returns.
        """
        ...

    def orders(self) -> list[dict[str, Any]]:
        """All states, the order that was saved first at the front."""
        ...

    def forget_order(self, client_order_id: str) -> None:
        """Forget an order and its fills; one that is not known is nothing."""
        ...

    def save_fill(self, trading_pair: str, trade_id: str, client_order_id: str, fill: dict[str, Any]) -> bool:
        """Keep a fill; ``False``: it is known already, and stays as it was."""
        ...

    def fills(self, client_order_id: str) -> list[dict[str, Any]]:
        """An order's fills as they came."""
        ...

    def funding_time(self, trading_pair: str) -> int | None:
        """When funding was paid last, as far as it was told; nanoseconds since the epoch."""
        ...

    def save_funding_time(self, trading_pair: str, timestamp: int) -> None:
        """Keep when funding was paid last."""
        ...

    def next(self, key: str, at_least: int) -> int:
        """A nonce, see `declconn.nonces.NonceSource`."""
        ...

    def close(self) -> None:
        """Let go of files and locks. A second call does nothing."""
        ...


class MemoryStore(MemoryNonces):
    """Keeps an account until the process ends."""

    def __init__(self) -> None:
        super().__init__()
        self._orders: dict[str, dict[str, Any]] = {}
        self._fills: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
        self._funding_times: dict[str, int] = {}

    def __repr__(self) -> str:
        return "memory"

    def open(self) -> None:
        pass

    def save_order(self, state: dict[str, Any]) -> None:
        self._orders[state["client_order_id"]] = state

    def orders(self) -> list[dict[str, Any]]:
        return list(self._orders.values())

    def forget_order(self, client_order_id: str) -> None:
        self._orders.pop(client_order_id, None)
        self._fills.pop(client_order_id, None)

    def save_fill(self, trading_pair: str, trade_id: str, client_order_id: str, fill: dict[str, Any]) -> bool:
        kept = self._fills.setdefault(client_order_id, {})
        return kept.setdefault((trading_pair, trade_id), fill) is fill

    def fills(self, client_order_id: str) -> list[dict[str, Any]]:
        return list(self._fills.get(client_order_id, {}).values())

    def funding_time(self, trading_pair: str) -> int | None:
        return self._funding_times.get(trading_pair)

    def save_funding_time(self, trading_pair: str, timestamp: int) -> None:
        self._funding_times[trading_pair] = timestamp

    def close(self) -> None:
        pass
