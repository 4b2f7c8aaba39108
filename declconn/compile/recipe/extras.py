"""Libraries that only some recipes need, loaded when such a recipe is compiled."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

from declconn.errors import ConfigurationError


def need(module: str, extra: str, where: str) -> Any:
    """A module of an optional dependency.

    Raises:
        ConfigurationError: it is not installed; says which extra brings it.
    """
    depth = sys.getrecursionlimit()
    try:
        return importlib.import_module(module)
    except ImportError as error:
        message = (
            f"{where}: this step needs the module '{error.name}'; install it with: pip install 'declconn[{extra}]'"
        )
        raise ConfigurationError(message) from error
    finally:
        # A library below `eth-account` raises the limit to 100,000. A venue could then send JSON that is nested so
        # deep that decoding it overflows the stack of C, which ends the process instead of being refused.
        sys.setrecursionlimit(depth)


def keccak(where: str) -> Callable[[bytes], bytes]:
    """Keccak-256 as Ethereum has it, which is not the SHA-3 of the standard library (its padding differs)."""
    keccak_256 = need("Crypto.Hash.keccak", "evm", where).new
    return lambda data: bytes(keccak_256(data=data, digest_bits=256).digest())
