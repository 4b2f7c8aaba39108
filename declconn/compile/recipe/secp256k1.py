"""Signatures on the curve of Ethereum, through `coincurve` (libsecp256k1); deterministic by RFC 6979."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from declconn.compile.recipe import codes
from declconn.compile.recipe.extras import need
from declconn.compile.recipe.keys import key_bytes

_ETHEREUM = 27
"""What Ethereum adds to the recovery id."""


def loader(where: str) -> Callable[[Any, str], Callable[[bytes], bytes]]:
    """From a private key to the function that signs a digest: r, s and the recovery id, 65 bytes."""
    private_key = need("coincurve", "evm", where).PrivateKey

    def load(key: Any, key_enc: str) -> Callable[[bytes], bytes]:
        secret = key_bytes(key, "hex" if key_enc == "text" else key_enc)
        if len(secret) != 32:
            raise ValueError(f"expected a private key of 32 bytes (64 hex digits), found {len(secret)} bytes")
        private = private_key(secret)
        return lambda digest: bytes(private.sign_recoverable(_digest(digest), hasher=None))

    return load


def _digest(data: bytes) -> bytes:
    if len(data) != 32:
        raise ValueError(f"secp256k1 signs a digest of 32 bytes, and this has {len(data)}; hash it before")
    return data


def _rsv_hex(signature: bytes) -> str:
    return f"0x{signature[:64].hex()}{signature[64] + _ETHEREUM:02x}"


def _rsv_object(signature: bytes) -> dict[str, Any]:
    r, s = signature[:32].hex(), signature[32:64].hex()
    return {"r": f"0x{r}", "s": f"0x{s}", "v": signature[64] + _ETHEREUM}


OUTPUTS: Final[Mapping[str, Callable[[bytes], Any]]] = {
    **codes.OUTPUTS,
    "rsv_hex": _rsv_hex,
    "rsv_object": _rsv_object,
}
"""The plain ones write the recovery id as it is, 0 or 1; `rsv_*` as Ethereum does, 27 or 28."""
