"""`errors`: how a refusal is told from success, and what kind it is."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema

from declconn.spec.models.base import Listed, Model, Scalar, found, word
from declconn.spec.models.mapping import Path

ErrorKind: TypeAlias = Literal[
    "order_not_found",
    "order_done",
    "duplicate_order",
    "insufficient_funds",
    "invalid_order",
    "rejected",
    "post_only_rejected",
    "not_modified",
    "rate_limited",
    "clock_skew",
    "nonce",
    "authentication",
    "permission",
    "maintenance",
    "unknown_outcome",
]
ERROR_KINDS: tuple[str, ...] = get_args(ErrorKind)


def _check_regex(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError(f"expected a regular expression, found {found(value)}")
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"'{value}' is not a regular expression: {error}") from None
    return value


def _check_status(value: Any) -> Any:
    """A status, or a class of statuses like ``5xx``."""
    if re.fullmatch(r"[1-5](\d\d|xx)", str(value), re.ASCII) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"expected an HTTP status like 429 or 5xx, found {found(value)}")


Regex: TypeAlias = Annotated[str, BeforeValidator(_check_regex)]
Status: TypeAlias = Annotated[str, PlainValidator(_check_status), WithJsonSchema({"type": ["integer", "string"]})]


class ErrorRule(Model):
    """All words of a rule must hold; in each, a list means one of."""

    code: Listed[Scalar] | None = word("The venue's code, exactly.", [-2010, "51008"], None)
    message: Listed[str] | None = word("Text that the venue's words contain.", "insufficient balance", None)
    regex: Listed[Regex] | None = word("An expression that is found in the venue's words.", "^Order .* not found", None)
    status: Listed[Status] | None = word("The HTTP status.", [429, "5xx"], None)
    on: Listed[str] | None = word("Only answers of these operations.", ["cancel_order", "order_status"], None)


class Errors(Model):
    """How a refusal is told from success, and what kind it is."""

    ok: Path | None = word("Holds for a good answer; default: an HTTP status 2xx.", "code == '0'", None)
    code: Path | None = word("Where the venue's code stands.", "code", None)
    message: Path | None = word("Where the venue's words stand.", "msg", None)
    kinds: dict[ErrorKind, Listed[ErrorRule]] = word(
        "Rules for each kind, tried in order; any rule of a list is enough.",
        {"insufficient_funds": {"code": -2010, "message": "insufficient balance"}},
        {},
    )
