"""Private keys as venues hand them out, loaded by `cryptography`; each becomes a function that signs."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

from declconn.compile.filters import as_text
from declconn.compile.recipe.keys import key_bytes

_SEED: Final = 32
"""Bytes of an Ed25519 seed; some venues hand it out with the public key behind it."""


def ed25519(key: Any, key_enc: str) -> Callable[[bytes], bytes]:
    """A signer of RFC 8032; the key is PEM, or a seed of 32 bytes alone or with its public key behind it."""
    if key_enc in ("pem", "text"):
        private = _pem(key)
        if not isinstance(private, Ed25519PrivateKey):
            raise ValueError("expected an Ed25519 key, found a key of another kind")
        return private.sign
    seed = key_bytes(key, key_enc)
    if len(seed) not in (_SEED, 2 * _SEED):
        raise ValueError(f"expected an Ed25519 key of 32 or 64 bytes as {key_enc}, found {len(seed)} bytes")
    return Ed25519PrivateKey.from_private_bytes(seed[:_SEED]).sign


def rsa_pkcs1_sha256(key: Any, key_enc: str) -> Callable[[bytes], bytes]:
    """A signer of RFC 8017, section 8.2 (RSASSA-PKCS1-v1_5) with SHA-256."""
    private = _pem(_only_pem(key, key_enc))
    if not isinstance(private, RSAPrivateKey):
        raise ValueError("expected an RSA key, found a key of another kind")
    return lambda data: private.sign(data, PKCS1v15(), SHA256())


def ecdsa_p256_sha256(key: Any, key_enc: str) -> Callable[[bytes], bytes]:
    """A signer of ECDSA on P-256 with SHA-256: r and s, 32 bytes each (RFC 7518, section 3.4)."""
    private = _pem(_only_pem(key, key_enc))
    if not isinstance(private, EllipticCurvePrivateKey) or not isinstance(private.curve, SECP256R1):
        raise ValueError("expected an EC key on the curve P-256, found a key of another kind")

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(data, ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    return sign


def _only_pem(key: Any, key_enc: str) -> Any:
    if key_enc not in ("pem", "text"):
        raise ValueError(f"keys of this kind are PEM, not {key_enc}; write `key_enc: pem`")
    return key


def _pem(key: Any) -> PrivateKeyTypes:
    """A private key from PEM, from PEM on one line with its breaks written ``\\n``, or from PEM without its frame."""
    text = as_text(key).replace("\\n", "\n").strip()
    try:
        if text.startswith("-----"):
            return load_pem_private_key(text.encode(), password=None)
        return load_der_private_key(base64.b64decode("".join(text.split()), validate=True), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # ``TypeError``: the key is encrypted. The messages may show parts of it.
        raise ValueError("expected a private key as PEM without a password (-----BEGIN PRIVATE KEY----- ...)") from None


LOADERS: Final[Mapping[str, Callable[[Any, str], Callable[[bytes], bytes]]]] = {
    "ed25519": ed25519,
    "rsa_pkcs1_sha256": rsa_pkcs1_sha256,
    "ecdsa_p256_sha256": ecdsa_p256_sha256,
}
"""By the word of `sign`."""
