"""The step `sign`: Ed25519, RSA and ECDSA through `cryptography`, secp256k1 through `coincurve`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from declconn.compile.lookup import ABSENT, Absent, Sources
from declconn.compile.recipe import secp256k1
from declconn.compile.recipe.codes import OUTPUTS, as_bytes
from declconn.compile.recipe.compiler import Compiler
from declconn.compile.recipe.keys import KeyReader
from declconn.compile.recipe.scope import Value
from declconn.spec.models import steps

Signer: TypeAlias = Callable[[bytes], bytes]
"""Signs with the key that it holds; it hashes what it is given, as its algorithm does."""

Loader: TypeAlias = Callable[[Any, str], Signer]
"""``load(key, key_enc)``: from a key, as it is written, to its signer. Raises ``ValueError``."""


def key_loader(algorithm: str, where: str) -> Loader:
    """The loader of keys of an algorithm; a library is imported only when a recipe needs it."""
    if algorithm == "secp256k1":
        return secp256k1.loader(where)
    from declconn.compile.recipe import private_keys

    return private_keys.LOADERS[algorithm]


def sign(model: steps.Sign, compiler: Compiler, where: str) -> Value:
    load = key_loader(model.sign, where)
    write = secp256k1.OUTPUTS[model.out] if model.sign == "secp256k1" else OUTPUTS[model.out]
    read_key = KeyReader(model.key, compiler, where, lambda given: load(given, model.key_enc))
    read_data = compiler.step(model.data, f"{where}.data")

    def signature(sources: Sources) -> Any:
        signer = read_key(sources)
        if isinstance(signer, Absent) or (data := read_data(sources)) is ABSENT:
            return ABSENT
        return write(signer(as_bytes(data)))

    return signature
