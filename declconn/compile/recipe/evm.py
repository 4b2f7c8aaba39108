"""The steps of Ethereum's typed data: `eip712 eip191 abi_encode`, through `eth-account` and `eth-abi`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from declconn.compile.filters import as_text
from declconn.compile.lookup import ABSENT, Sources
from declconn.compile.recipe.binary import whole_number
from declconn.compile.recipe.codes import as_bytes, decoded
from declconn.compile.recipe.compiler import Compiler, mapped
from declconn.compile.recipe.extras import keccak, need
from declconn.compile.recipe.scope import Value
from declconn.spec.models import steps

_ARRAY: Final = re.compile(r"(.+)\[\d*\]")


def eip712(model: steps.Eip712, compiler: Compiler, where: str) -> Value:
    """The digest of EIP-712 that is signed: keccak(0x19 01, domain separator, hash of the message)."""
    words, place = model.eip712, f"{where}.eip712"
    encode_typed_data = need("eth_account.messages", "evm", where).encode_typed_data
    refusals = (need("eth_utils", "evm", where).ValidationError, *_refusals(where))
    hash_ = keccak(where)
    primary = words.primary or next(iter(words.types))
    types = {
        name: [{"name": field, "type": kind} for field, kind in words.types[name].items()]
        for name in _needed(primary, words.types)
    }
    domain = compiler.template(words.domain, f"{place}.domain")
    message = compiler.template(words.message, f"{place}.message")

    def digest(sources: Sources) -> bytes:
        try:
            signable = encode_typed_data(domain(sources), types, message(sources))
        except refusals:
            raise ValueError(f"the message does not have the fields of the type '{primary}'") from None
        return hash_(b"\x19" + signable.version + signable.header + signable.body)

    return digest


def _needed(name: str, types: Mapping[str, Mapping[str, str]], seen: tuple[str, ...] = ()) -> Iterator[str]:
    """A type and the ones that it is made of; the library takes the one that no other needs for the message's."""
    if name in types and name not in seen:
        yield name
        for kind in types[name].values():
            yield from _needed(kind.partition("[")[0], types, (*seen, name))


def eip191(model: steps.Eip191, compiler: Compiler, where: str) -> Value:
    """The digest of a personal message, version 0x45 of EIP-191."""
    hash_ = keccak(where)

    def digest(given: Any) -> bytes:
        text = as_bytes(given)
        return hash_(b"\x19Ethereum Signed Message:\n%d" % len(text) + text)

    return mapped(compiler.step(model.eip191, f"{where}.eip191"), digest)


def abi_encode(model: steps.AbiEncode, compiler: Compiler, where: str) -> Value:
    types, place = model.abi_encode.types, f"{where}.abi_encode.values"
    values = [compiler.step(step, f"{place}[{index}]") for index, step in enumerate(model.abi_encode.values)]
    encode, refusals = need("eth_abi", "evm", where).encode, _refusals(where)

    def encoded(sources: Sources) -> Any:
        given = [value(sources) for value in values]
        if ABSENT in given:
            return ABSENT
        try:
            return encode(types, [_solid(kind, value) for kind, value in zip(types, given, strict=True)])
        except refusals:
            raise ValueError(f"the values do not fit the types {', '.join(types)}") from None

    return encoded


def _solid(kind: str, value: Any) -> Any:
    """A value as the library takes it: whole numbers and bytes may come as text."""
    if array := _ARRAY.fullmatch(kind):
        return [_solid(array[1], item) for item in value]
    if kind.startswith(("uint", "int")):
        return whole_number(value)
    if kind.startswith("bytes") and not isinstance(value, bytes):
        return decoded("hex", as_text(value))
    return value


def _refusals(where: str) -> tuple[type[Exception], ...]:
    abi = need("eth_abi.exceptions", "evm", where)
    return abi.EncodingError, abi.ABITypeError, abi.ParseError, TypeError, ValueError
