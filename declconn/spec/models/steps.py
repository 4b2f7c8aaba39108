"""The closed vocabulary of recipe steps: what a value of `let` may be made with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Tag
from pydantic_core import PydanticCustomError

from declconn.spec.models.base import Count, Flag, Hook, Model, Source, Template, TemplateMap, Whole, word
from declconn.suggest import near

Codec: TypeAlias = Literal["hex", "HEX", "base64", "base64url", "base58"]
Output: TypeAlias = Literal["hex", "HEX", "base64", "base64url", "base58", "raw"]
SignatureOutput: TypeAlias = Literal["hex", "HEX", "base64", "base64url", "base58", "raw", "rsv_hex", "rsv_object"]
KeyEncoding: TypeAlias = Literal["text", "pem", "hex", "HEX", "base64", "base64url", "base58"]


def _data() -> Any:
    return word("What it is computed over: a template or a further step.", "{req.payload}")


def _key() -> Any:
    return word("The key: a template or a further step.", "{cred.api_secret}")


def _key_enc() -> Any:
    return word("How the key is written.", "base64", "text")


def _out() -> Any:
    return word("How the result is written; `raw` keeps bytes.", "hex", "hex")


def _sort() -> Any:
    return word("Sort the fields by name.", True, False)


class Concat(Model):
    """Texts and bytes in one; bytes stay bytes."""

    concat: list[Step] = word("What is joined.", ["{req.path}", "{digest}"])
    sep: str = word("What stands between.", "|", "")


class Lines(Model):
    """Texts with a line feed between each."""

    lines: list[Step] = word("What is joined.", ["{req.method}", "{req.path}"])


class Merge(Model):
    """Several maps in one; later ones win."""

    merge: list[Template] = word("Maps, or templates that give maps.", ["{fields}", {"nonce": "{nonce.ms}"}])
    sort: Flag = _sort()


class Form(Model):
    """``a=1&b=2``, as in a query."""

    form: Template = word("A map, or a template that gives one.", {"apiKey": "{cred.api_key}"})
    sort: Flag = _sort()
    arrays: Literal["repeat", "brackets", "indexed", "comma", "json"] = word(
        "How lists are written.", "comma", "repeat"
    )
    raw: Flag = word("Nothing is escaped.", True, False)
    safe: str = word("Characters that are not escaped.", ",", "")


class Json(Model):
    """JSON text."""

    json_: Template = word("What is written.", "{body}", alias="json")
    sort: Flag = _sort()


class KvConcat(Model):
    """Names and values without anything between: ``a1b2``."""

    kv_concat: Template = word("A map, or a template that gives one.", "{fields}")
    sort: Flag = _sort()
    sep: str = word("What stands between the pairs.", "&", "")


class KvJoin(Model):
    """``a=1,b=2``, unescaped."""

    kv_join: Template = word("A map, or a template that gives one.", "{fields}")
    sort: Flag = _sort()
    sep: str = word("What stands between the pairs.", ",", "&")


class Hash(Model):
    """A digest without a key."""

    hash: Literal["sha256", "sha512", "md5", "keccak256"] = word("The algorithm.", "sha256")
    data: Step = _data()
    out: Output = _out()


class Hmac(Model):
    """A digest with a key."""

    hmac: Literal["sha256", "sha384", "sha512"] = word("The algorithm.", "sha256")
    key: Step = _key()
    key_enc: KeyEncoding = _key_enc()
    data: Step = _data()
    out: Output = _out()


class Sign(Model):
    """A signature with a private key."""

    sign: Literal["ed25519", "rsa_pkcs1_sha256", "ecdsa_p256_sha256", "secp256k1"] = word("The algorithm.", "ed25519")
    key: Step = _key()
    key_enc: KeyEncoding = _key_enc()
    data: Step = _data()
    out: SignatureOutput = word("How the signature is written; `rsv_*` for secp256k1.", "base64", "hex")


class JwtBody(Model):
    """What a token says and who signs it."""

    alg: Literal["HS256", "ES256", "EdDSA", "RS256"] = word("The algorithm.", "ES256")
    key: Step = _key()
    key_enc: KeyEncoding = _key_enc()
    header: TemplateMap = word("Further words of the header.", {"kid": "{cred.api_key}"}, {})
    claims: TemplateMap = word("What is claimed.", {"sub": "{cred.api_key}", "exp": "{clock.s|plus:120}"})


class Jwt(Model):
    """A signed JSON web token."""

    jwt: JwtBody = word(
        "What it says.", {"alg": "HS256", "key": "{cred.api_secret}", "claims": {"nonce": "{nonce.uuid}"}}
    )


class Encode(Model):
    """Bytes as text."""

    encode: Codec = word("The code.", "base64")
    data: Step = _data()


class Decode(Model):
    """Text as bytes."""

    decode: Codec = word("The code.", "hex")
    data: Step = _data()


class If(Model):
    """One value or another; without `else` the value may be absent."""

    if_: Template = word("Holds if it is present and not empty, false or zero.", "{opt.use_vault}", alias="if")
    then: Step = word("The value if it holds.", "{cred.address|lower}")
    else_: Step | None = word("The value if it does not.", {"decode": "hex", "data": "00"}, None, alias="else")


class By(Model):
    """The value by case."""

    by: Source = word("The source whose value chooses.", "req.method")
    of: dict[str, Step] = word("The value for each case; `*` is any other.", {"GET": "{req.query}", "*": "{req.body}"})


class Msgpack(Model):
    """MessagePack bytes; the order of keys is kept."""

    msgpack: Template = word("What is written.", "{body}")


class Uint(Model):
    """A whole number as big-endian bytes."""

    uint: Template = word("The number.", "{nonce.ms}")
    bytes: Count = word("How many bytes.", 8)


class FixedPoint(Model):
    """A decimal as a whole number of its last decimals."""

    fixed_point: Template = word("The decimal.", "{price}")
    decimals: Whole = word("How many decimals are kept.", 8)


class Eip712Body(Model):
    """Typed structured data."""

    domain: TemplateMap = word("The domain.", {"name": "Exchange", "version": "1", "chainId": 1337})
    types: dict[str, dict[str, str]] = word(
        "The types: fields and their types, in order.", {"Agent": {"source": "string"}}
    )
    message: TemplateMap = word("The message.", {"source": "{env.agent}"})
    primary: str | None = word("The type of the message; default: the first.", "Agent", None)


class Eip712(Model):
    """The digest of typed structured data (EIP-712)."""

    eip712: Eip712Body = word(
        "What is hashed.", {"domain": {"name": "X"}, "types": {"A": {"b": "string"}}, "message": {"b": "c"}}
    )


class Eip191(Model):
    """The digest of a personal message (EIP-191)."""

    eip191: Step = word("The text.", "{clock.ms}")


class AbiBody(Model):
    """Values and their Solidity types."""

    types: list[str] = word("The types.", ["uint256", "address"])
    values: list[Step] = word("The values.", ["{nonce.ms}", "{cred.address}"])


class AbiEncode(Model):
    """Values in Solidity's encoding."""

    abi_encode: AbiBody = word("What is encoded.", {"types": ["uint256"], "values": ["{nonce.ms}"]})


STEPS: Mapping[str, type[Model]] = {
    "concat": Concat,
    "lines": Lines,
    "merge": Merge,
    "form": Form,
    "json": Json,
    "kv_concat": KvConcat,
    "kv_join": KvJoin,
    "hash": Hash,
    "hmac": Hmac,
    "sign": Sign,
    "jwt": Jwt,
    "encode": Encode,
    "decode": Decode,
    "if": If,
    "by": By,
    "msgpack": Msgpack,
    "uint": Uint,
    "fixed_point": FixedPoint,
    "eip712": Eip712,
    "eip191": Eip191,
    "abi_encode": AbiEncode,
    "python": Hook,
}
"""The word that names a step: its model."""


def _which_step(value: Any) -> str:
    if isinstance(value, Model):
        return next(f"({word})" for word, model in STEPS.items() if isinstance(value, model))
    if not isinstance(value, dict):
        return "(template)"
    return next((f"({word})" for word in value if word in STEPS), "(none)")


def _known_step(value: Any) -> Any:
    if _which_step(value) != "(none)":
        return value
    meant = [match for name in value for match in near(name, STEPS)]
    hint = f"did you mean '{meant[0]}'?" if meant else f"known are {', '.join(STEPS)}"
    words = ", ".join(f"'{name}'" for name in value)
    raise PydanticCustomError("step", "{text}", {"text": f"no step has the word {words or 'of an empty map'}; {hint}"})


Step: TypeAlias = Annotated[
    Annotated[Concat, Tag("(concat)")]
    | Annotated[Lines, Tag("(lines)")]
    | Annotated[Merge, Tag("(merge)")]
    | Annotated[Form, Tag("(form)")]
    | Annotated[Json, Tag("(json)")]
    | Annotated[KvConcat, Tag("(kv_concat)")]
    | Annotated[KvJoin, Tag("(kv_join)")]
    | Annotated[Hash, Tag("(hash)")]
    | Annotated[Hmac, Tag("(hmac)")]
    | Annotated[Sign, Tag("(sign)")]
    | Annotated[Jwt, Tag("(jwt)")]
    | Annotated[Encode, Tag("(encode)")]
    | Annotated[Decode, Tag("(decode)")]
    | Annotated[If, Tag("(if)")]
    | Annotated[By, Tag("(by)")]
    | Annotated[Msgpack, Tag("(msgpack)")]
    | Annotated[Uint, Tag("(uint)")]
    | Annotated[FixedPoint, Tag("(fixed_point)")]
    | Annotated[Eip712, Tag("(eip712)")]
    | Annotated[Eip191, Tag("(eip191)")]
    | Annotated[AbiEncode, Tag("(abi_encode)")]
    | Annotated[Hook, Tag("(python)")]
    | Annotated[Template, Tag("(template)")],
    Discriminator(_which_step),
    BeforeValidator(_known_step),
]
"""A template (text, number or boolean), or a map with one of the words of ``STEPS``."""

for _model in STEPS.values():
    _model.model_rebuild()
