"""The vocabulary: every step of a recipe, and the function that compiles it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from declconn.compile.recipe import binary, branches, digests, evm, jwt, signatures, texts
from declconn.compile.recipe.compiler import CompileStep
from declconn.spec.models import Hook, Model, steps

STEPS: Final[Mapping[type[Model], CompileStep]] = {
    steps.Concat: texts.concat,
    steps.Lines: texts.lines,
    steps.Merge: texts.merge,
    steps.Form: texts.form,
    steps.Json: texts.json,
    steps.KvConcat: texts.kv_concat,
    steps.KvJoin: texts.kv_join,
    steps.Hash: digests.hash_,
    steps.Hmac: digests.hmac,
    steps.Sign: signatures.sign,
    steps.Jwt: jwt.jwt,
    steps.Encode: digests.encode,
    steps.Decode: digests.decode,
    steps.If: branches.if_,
    steps.By: branches.by,
    steps.Msgpack: binary.msgpack,
    steps.Uint: binary.uint,
    steps.FixedPoint: binary.fixed_point,
    steps.Eip712: evm.eip712,
    steps.Eip191: evm.eip191,
    steps.AbiEncode: evm.abi_encode,
    Hook: branches.python,
}
