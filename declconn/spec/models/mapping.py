"""How an answer or a message becomes records: paths, slots, matchers and what stands around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, PlainValidator, Tag, WithJsonSchema

from declconn.spec.backwards import check_backwards
from declconn.spec.models.base import (
    SCALAR,
    TEXT,
    Hook,
    Inner,
    Model,
    Shorthand,
    TemplateText,
    found,
    problem_of,
    refuse,
    word,
)
from declconn.spec.path import check_path
from declconn.spec.template import parse_source, parse_template

Path: TypeAlias = Annotated[
    str | bool | int | Decimal,
    PlainValidator(check_path),
    WithJsonSchema(SCALAR),
]
"""A JMESPath (or ``$``-JSONPath) into the message; a bare number or boolean is a constant."""


def _check_each(value: Any) -> Any:
    if not isinstance(value, dict):
        return check_path(value)
    if not value:
        raise ValueError("named loops need at least one name, like {dex: '@', coin: dex.universe}")
    refuse([Inner((name,), message) for name, path in value.items() if (message := problem_of(check_path, path))])
    return value


Each: TypeAlias = Annotated[
    str | bool | int | Decimal | dict[str, str | bool | int | Decimal],
    PlainValidator(_check_each),
    WithJsonSchema({"type": ["string", "object"], "additionalProperties": TEXT}),
]
"""A path to the rows, or named nested loops ``{dex: "@", coin: dex.universe}``."""


class Slot(Model):
    """Where a field's value stands in the message, and how it is read."""

    path: Path | None = word("Where the value stands.", "data.p", None)
    unit: Literal["s", "ms", "us", "ns", "iso", "base", "contracts", "quote"] | None = word(
        "The unit of a time (s ms us ns iso), an amount (base contracts quote) or a duration (s ms).", "ns", None
    )
    map: dict[str, Any] | None = word(
        "The venue's word: ours. `*` is the default; without it an unmapped value is an error.",
        {"true": "SELL", "false": "BUY"},
        None,
    )
    render: TemplateText | None = word(
        "A template for the simulator, where the path cannot be inverted.", "{base}/{quote}", None
    )
    price: Path | None = word("Levels and changes: where a row's price stands.", "[0]", None)
    size: Path | None = word("Levels and changes: where a row's size stands.", "[1]", None)
    where: Path | None = word("Levels and changes: only rows for which this holds.", "[0] != '0'", None)
    side: SlotOrPath | None = word("Changes: where a row's side stands.", "side", None)
    each: Path | None = word("Fee: where the fees of one fill stand, if there are several.", "fees", None)
    amount: Path | None = word("Fee: what was paid; negative is a rebate.", "commission", None)
    token: Path | None = word("Fee: the asset it was paid in.", "commissionAsset", None)


def _long_slot(value: Any) -> Any:
    """``p`` is short for ``{path: p}``, and a list of paths for the one path that gives their list."""
    if isinstance(value, list) and value and all(isinstance(path, str) for path in value):
        return {"path": f"[{', '.join(value)}]"}
    return value if isinstance(value, dict | Slot) else {"path": value}


SlotOrPath: TypeAlias = Annotated[Slot, Shorthand(_long_slot, {"type": [*SCALAR["type"], "array"]})]
Slots: TypeAlias = dict[str, SlotOrPath]
"""A record's fields: where each stands. ``price: p`` is short for ``price: {path: p}``."""


def _is_hook(value: Any) -> str:
    hook = isinstance(value, Hook) or (isinstance(value, dict) and value.keys() == {"python"})
    return "(hook)" if hook else "(slots)"


SlotsOrHook: TypeAlias = Annotated[
    Annotated[Slots, Tag("(slots)")] | Annotated[Hook, Tag("(hook)")], Discriminator(_is_hook)
]


def _condition_problems(condition: Any) -> Iterator[Inner]:
    if isinstance(condition, dict):
        yield from _absence_problems(condition)
    elif isinstance(condition, list):
        for index, one in enumerate(condition):
            if isinstance(one, dict | list):
                yield Inner((index,), f"expected a scalar or a template, found {found(one)}")
            elif message := _text_problem(one):
                yield Inner((index,), message)
    elif message := _text_problem(condition):
        yield Inner((), message)


def _absence_problems(condition: dict[str, Any]) -> Iterator[Inner]:
    if condition not in ({"is": None}, {"absent": True}, {"absent": False}):
        yield Inner((), "a condition is a scalar, a list, a template, {is: null}, {absent: true} or {absent: false}")


def _text_problem(value: Any) -> str | None:
    return problem_of(_check_readable, value) if isinstance(value, str) else None


def _check_readable(text: str) -> None:
    check_backwards(parse_template(text))


def _matcher(check_key: Callable[[str], Any]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, dict) or not value:
            raise ValueError(f"expected a map of conditions, like {{type: update}}, found {found(value)}")
        problems = [Inner((name,), message, at_key=True) for name in value if (message := problem_of(check_key, name))]
        for name, condition in value.items():
            problems += [Inner((name, *inner.loc), inner.message) for inner in _condition_problems(condition)]
        refuse(problems)
        return value

    return check


check_matcher = _matcher(check_path)
"""Return a matcher unchanged; raise for every key that is no path and every value that is no condition."""

_CONDITIONS = {"type": "object", "additionalProperties": {"type": [*SCALAR["type"], "array", "object"]}}

Matcher: TypeAlias = Annotated[dict[str, Any], BeforeValidator(check_matcher), WithJsonSchema(_CONDITIONS)]
"""Paths and what must stand there; all must hold. Texts are templates read backwards."""
Condition: TypeAlias = Annotated[dict[str, Any], BeforeValidator(_matcher(parse_source)), WithJsonSchema(_CONDITIONS)]
"""The same about sources instead of paths: ``{session.account_mode: [default, disabled]}``."""


def _long_answer(value: Any) -> Any:
    return value if not isinstance(value, dict) or "when" in value else {"when": value}


class Answer(Model):
    """How an answer to something we sent is told from other frames."""

    when: Matcher = word("What the frame must hold.", {"id": "{request_id}"})
    code: Path | None = word("Where the venue's code stands; default as in `errors`.", "error.code", None)
    message: Path | None = word("Where the venue's words stand; default as in `errors`.", "error.msg", None)


AnswerOrMatcher: TypeAlias = Annotated[Answer, Shorthand(_long_answer, _CONDITIONS)]


class Reading(Model):
    """The way of an answer or a payload to its rows."""

    unwrap: Path | None = word("The path from the whole message to the payload.", "result", None)
    each: Each | None = word(
        "The rows: a path, or named nested loops. A map gives its values, `word()` their keys.", "data.list", None
    )
    where: Path | None = word("Only rows for which this holds.", "status == 'TRADING'", None)
