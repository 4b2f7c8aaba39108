"""The step `jwt`: a JSON web token in the compact form of RFC 7515.

The form is three base64url texts with dots between. It is written here, over the same signers as `sign`, because
venues compare what JOSE libraries do not leave to their callers: the order of the header, numbers digit for digit,
and HMAC keys shorter than these libraries accept.
"""

from __future__ import annotations

import hmac
from typing import Any, Final

from declconn.compile.decode import encode
from declconn.compile.lookup import ABSENT, Absent, Sources
from declconn.compile.recipe.codes import base64url
from declconn.compile.recipe.compiler import Compiler
from declconn.compile.recipe.keys import KeyReader, key_bytes
from declconn.compile.recipe.scope import Value
from declconn.compile.recipe.signatures import Signer, key_loader
from declconn.spec.models import steps


def _hs256(key: Any, key_enc: str) -> Signer:
    secret = key_bytes(key, key_enc)
    return lambda data: hmac.digest(secret, data, "sha256")


_ALGORITHMS: Final = {"ES256": "ecdsa_p256_sha256", "EdDSA": "ed25519", "RS256": "rsa_pkcs1_sha256"}
"""RFC 7518, section 3.1; EdDSA: RFC 8037."""


def jwt(model: steps.Jwt, compiler: Compiler, where: str) -> Value:
    words, place = model.jwt, f"{where}.jwt"
    load = _hs256 if words.alg == "HS256" else key_loader(_ALGORITHMS[words.alg], place)
    read_key = KeyReader(words.key, compiler, place, lambda given: load(given, words.key_enc))
    header = compiler.template({"alg": words.alg, "typ": "JWT", **words.header}, f"{place}.header")
    claims = compiler.template(words.claims, f"{place}.claims")

    def token(sources: Sources) -> Any:
        signer = read_key(sources)
        if isinstance(signer, Absent):
            return ABSENT
        said = f"{_part(header(sources))}.{_part(claims(sources))}"
        return f"{said}.{base64url(signer(said.encode()))}"

    return token


def _part(document: Any) -> str:
    return base64url(encode(document).encode())
