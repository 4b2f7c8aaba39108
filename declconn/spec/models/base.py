"""What all section models are made of: the strict root, shorthands, choices, and the checked scalars."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Generic, NamedTuple, TypeAlias, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    Strict,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from declconn.spec.node import Loc
from declconn.spec.template import parse_source, parse_template
from declconn.spec.units import Allowance, parse_allowance, parse_duration, parse_size

T = TypeVar("T")


class Model(BaseModel):
    """The root of all models of the language: strict about keys, and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def word(doc: str, example: Any, default: Any = ..., *, alias: str | None = None) -> Any:
    """A key of the language: every one has a description and an example."""
    return Field(default, description=doc, examples=[example], alias=alias)


class Inner(NamedTuple):
    """A problem inside a value that one validator checks as a whole."""

    loc: Loc
    message: str
    at_key: bool = False


def refuse(problems: list[Inner]) -> None:
    """Raise one error that carries all problems, each with its place below the value; none: do nothing."""
    if problems:
        raise PydanticCustomError("inner", "{text}", {"text": problems[0].message, "problems": problems})


@dataclass(frozen=True, slots=True)
class Shorthand:
    """A short form of a key: turned into the long form before validation; JSON Schema shows both."""

    lengthen: Callable[[Any], Any]
    short: JsonSchemaValue = field(hash=False)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.lengthen, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [self.short, handler(schema)]}


TEXT: JsonSchemaValue = {"type": "string"}
SCALAR: JsonSchemaValue = {"type": ["string", "number", "boolean"]}
ANYTHING: JsonSchemaValue = {"type": ["string", "number", "boolean", "object", "array"]}


def is_choice(value: Any) -> bool:
    """``{by: SOURCE, of: {case: value}}`` stands in place of a value."""
    return isinstance(value, dict) and value.keys() == {"by", "of"}


def problem_of(check: Callable[[Any], Any], value: Any) -> str | None:
    try:
        check(value)
    except ValueError as error:
        return str(error)
    return None


def tree_problems(tree: Any, loc: Loc = ()) -> Iterator[Inner]:
    """What is wrong in a tree of templates: each text that does not parse, each broken choice."""
    if isinstance(tree, str):
        if message := problem_of(parse_template, tree):
            yield Inner(loc, message)
    elif is_choice(tree):
        yield from choice_problems(tree, loc, tree_problems)
    elif isinstance(tree, dict):
        for name, child in tree.items():
            yield from tree_problems(child, (*loc, name))
    elif isinstance(tree, list):
        for index, child in enumerate(tree):
            yield from tree_problems(child, (*loc, index))


def choice_problems(tree: dict[str, Any], loc: Loc, inside: Callable[[Any, Loc], Iterator[Inner]]) -> Iterator[Inner]:
    """What is wrong in ``{by: SOURCE, of: {case: value}}``; ``inside`` looks at each case's value."""
    if message := problem_of(check_source, tree["by"]):
        yield Inner((*loc, "by"), message)
    if not isinstance(tree["of"], dict) or not tree["of"]:
        yield Inner((*loc, "of"), f"expected a map of cases, like {{GET: 1, '*': 2}}, found {found(tree['of'])}")
        return
    for case, child in tree["of"].items():
        yield from inside(child, (*loc, "of", case))


def _check_tree(value: Any) -> Any:
    refuse(list(tree_problems(value)))
    return value


def _check_template_map(value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"expected a map of names to templates, found {found(value)}")
    return _check_tree(value)


def _check_template_text(value: Any) -> Any:
    if not isinstance(value, str) and not is_choice(value):
        raise ValueError(f"expected a template text, found {found(value)}")
    return _check_tree(value)


def check_source(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError(f"expected a source without braces, like opt.tier, found {found(value)}")
    parse_source(value)
    return value


def found(value: Any) -> str:
    """A value in the words of an error: what kind of thing it is, and itself if it is short."""
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"the text '{value if len(value) <= 60 else value[:57] + '...'}'"
    return f"the number {value}"


def _check_number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"expected a number, found {found(value)}")
    return value


def _check_scalar(value: Any) -> Any:
    if not isinstance(value, str | bool | int | Decimal):
        raise ValueError(f"expected a text, a number or a boolean, found {found(value)}")
    return value


def _duration_or_template(value: Any) -> Any:
    return _check_tree(value) if isinstance(value, str) and "{" in value else parse_duration(value)


def _whole_or_template(value: Any) -> Any:
    if (isinstance(value, str) and "{" in value) or is_choice(value):
        return _check_tree(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"expected a whole number above 0 or a template, found {found(value)}")
    return value


@dataclass(frozen=True, slots=True)
class OneOrMore:
    """A single value stands for a list of one; JSON Schema shows both."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            lambda value: value if isinstance(value, list | tuple) else [value], handler(source)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        several = handler(schema)
        return {"anyOf": [several["items"], several]}


Template: TypeAlias = Annotated[Any, BeforeValidator(_check_tree), WithJsonSchema(ANYTHING)]
"""A tree of maps, lists, texts and scalars in which every text is a template."""
TemplateMap: TypeAlias = Annotated[
    dict[str, Any], BeforeValidator(_check_template_map), WithJsonSchema({"type": "object"})
]
"""A map of names to templates."""
TemplateText: TypeAlias = Annotated[
    Any, BeforeValidator(_check_template_text), WithJsonSchema({"type": ["string", "object"]})
]
"""One template text, or a choice of texts."""
Source: TypeAlias = Annotated[str, BeforeValidator(check_source)]
"""A source without braces, as ``by`` takes it."""

Flag: TypeAlias = Annotated[bool, Strict()]
Whole: TypeAlias = Annotated[int, Strict()]
Count: TypeAlias = Annotated[int, Strict(), Field(ge=1)]
Number: TypeAlias = Annotated[Decimal, BeforeValidator(_check_number), WithJsonSchema({"type": "number"})]
Scalar: TypeAlias = Annotated[str | bool | int | Decimal, PlainValidator(_check_scalar), WithJsonSchema(SCALAR)]
Duration: TypeAlias = Annotated[Decimal, PlainValidator(parse_duration), WithJsonSchema(TEXT)]
"""Seconds; written ``30s``."""
Size: TypeAlias = Annotated[int, PlainValidator(parse_size), WithJsonSchema(TEXT)]
"""Bytes; written ``8MiB``."""
AllowanceText: TypeAlias = Annotated[Allowance, PlainValidator(parse_allowance), WithJsonSchema(TEXT)]
"""Written ``6000/1m`` or ``15+20/1m``."""
DurationOrTemplate: TypeAlias = Annotated[Decimal | str, PlainValidator(_duration_or_template), WithJsonSchema(TEXT)]
CountOrTemplate: TypeAlias = Annotated[
    int | str | dict[str, Any],
    PlainValidator(_whole_or_template),
    WithJsonSchema({"type": ["integer", "string", "object"]}),
]

Listed: TypeAlias = Annotated[tuple[T, ...], OneOrMore()]
"""One value or a list of them; always a tuple afterwards."""


class Choice(Model, Generic[T]):
    """The value by case: ``of[text of by]``, else ``of["*"]``."""

    by: Source = word("The source whose value chooses; without braces, filters allowed.", "opt.tier")
    of: dict[str, T] = word("The value for each case; `*` is any other.", {"starter": "15+20/1m", "*": "20+60/1m"})


ONE_OR_BY = Discriminator(lambda value: "(by)" if is_choice(value) or isinstance(value, Choice) else "(one)")
"""Tells a value, tagged ``(one)``, from a ``{by, of}`` in its place, tagged ``(by)``."""


class Hook(Model):
    """Python instead of words; runs only with ``allow_code=True``."""

    python: str = Field(
        pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$",
        description="`package.module:function`; no I/O, no clock.",
        examples=["my_venue.hooks:decode"],
    )
