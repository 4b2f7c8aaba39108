"""`auth`: recipes, lazy graphs of named values that sign what is sent."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import PlainValidator, Tag, WithJsonSchema

from declconn.spec.models.base import ONE_OR_BY, Choice, Flag, Model, Template, TemplateMap, found, word
from declconn.spec.models.encoding import Encoding
from declconn.spec.models.steps import Step


def _check_unbound(value: Any) -> Any:
    if value is True or value is False or value == "body":
        return value
    raise ValueError(f"expected true, false or body, found {found(value)}")


Unbound: TypeAlias = Annotated[
    bool | Literal["body"], PlainValidator(_check_unbound), WithJsonSchema({"enum": [True, False, "body"]})
]


class Around(Model):
    """Fields that a recipe puts around the endpoint's own."""

    before: TemplateMap = word("Fields that go before the endpoint's own.", {"nonce": "{nonce.ms}"}, {})
    after: TemplateMap = word("Fields that go after the endpoint's own.", {"timestamp": "{clock.ms}"}, {})


class Inject(Model):
    """What is added after encoding, when the values of `let` are known."""

    headers: TemplateMap | None = word("Headers.", {"X-API-KEY": "{cred.api_key}"}, None)
    query: TemplateMap | None = word("Fields of the query.", {"Signature": "{sign}"}, None)
    body: TemplateMap | None = word("Fields of the body.", {"signature": "{signature}"}, None)
    append: TemplateMap | None = word(
        "Fields of whichever of query and body carries the request's fields.", {"signature": "{signature}"}, None
    )
    message: TemplateMap | None = word(
        "Fields of the stream message that is being sent.", {"params": {"signature": "{signature}"}}, None
    )


class Recipe(Model):
    """How a request or a stream message is signed."""

    fields_: Around | None = word(
        "Fields around the request's own, wherever they travel.",
        {"after": {"timestamp": "{clock.ms}"}},
        None,
        alias="fields",
    )
    params: Around | None = word("Fields around those of the query.", {"before": {"key": "{cred.api_key}"}}, None)
    body: Around | None = word("Fields around those of the body.", {"before": {"nonce": "{nonce.ms}"}}, None)
    encoding: Encoding | None = word("How fields become bytes; an endpoint's own wins.", {"body": "form"}, None)
    let: dict[str, Step] = word(
        "Named values, computed on demand: steps or templates.",
        {"signature": {"hmac": "sha256", "key": "{cred.api_secret}", "data": "{req.payload}", "out": "hex"}},
        {},
    )
    inject: Inject = word("What is added after encoding.", {"headers": {"X-SIGN": "{signature}"}}, Inject())
    envelope: Template | None = word("Sent instead of the body.", {"action": "{body}", "nonce": "{nonce.ms}"}, None)
    serial: Flag = word("One request in flight per key, where nonces must arrive in order.", True, False)
    unbound: Unbound = word(
        "The venue signs nothing of the request itself, only who asks and when; `body`: nothing of bodies. "
        "Without this word the one is an error, the other a warning.",
        True,
        False,
    )


RecipeOrBy: TypeAlias = Annotated[Annotated[Recipe, Tag("(one)")] | Annotated[Choice[Recipe], Tag("(by)")], ONE_OR_BY]


class Auth(Model):
    """Whose clock is followed, and how requests are signed."""

    clock: str = word("The operation that the clock follows, or `local` to trust the machine.", "server_time", "local")
    recipes: dict[str, RecipeOrBy] = word(
        "Named recipes; an endpoint says `auth: signed`.",
        {"signed": {"inject": {"headers": {"X-API-KEY": "{cred.api_key}"}}}},
        {},
    )
