"""The steps of bytes and keys without public-key mathematics: `hash hmac encode decode`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from declconn.compile.filters import as_text
from declconn.compile.lookup import ABSENT, Absent, Sources
from declconn.compile.recipe.codes import OUTPUTS, as_bytes, decoded
from declconn.compile.recipe.compiler import Compiler, mapped
from declconn.compile.recipe.extras import keccak
from declconn.compile.recipe.keys import KeyReader, key_bytes
from declconn.compile.recipe.scope import Value
from declconn.spec.models import steps

_HASHES: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "sha512": lambda data: hashlib.sha512(data).digest(),
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
}


def hash_function(name: str, where: str) -> Callable[[bytes], bytes]:
    """The hash function of that name, loaded if it is not in the standard library."""
    return keccak(where) if name == "keccak256" else _HASHES[name]


def hash_(model: steps.Hash, compiler: Compiler, where: str) -> Value:
    function, write = hash_function(model.hash, where), OUTPUTS[model.out]
    return mapped(compiler.step(model.data, f"{where}.data"), lambda data: write(function(as_bytes(data))))


def hmac(model: steps.Hmac, compiler: Compiler, where: str) -> Value:
    from declconn.compile.recipe import hmacs

    load = KeyReader(model.key, compiler, where, lambda given: hmacs.begin(key_bytes(given, model.key_enc), model.hmac))
    begin = compiler.folded(load, model.key)
    read_data = compiler.step(model.data, f"{where}.data")
    write = OUTPUTS[model.out]

    def sign(sources: Sources) -> Any:
        begun = begin(sources)
        if isinstance(begun, Absent) or (data := read_data(sources)) is ABSENT:
            return ABSENT
        digest = begun.copy()  # with the key in it already
        digest.update(data.encode() if type(data) is str else as_bytes(data))
        return write(digest.finalize())

    return sign


def encode(model: steps.Encode, compiler: Compiler, where: str) -> Value:
    write = OUTPUTS[model.encode]
    return mapped(compiler.step(model.data, f"{where}.data"), lambda data: write(as_bytes(data)))


def decode(model: steps.Decode, compiler: Compiler, where: str) -> Value:
    code = model.decode
    return mapped(compiler.step(model.data, f"{where}.data"), lambda text: decoded(code, as_text(text)))
