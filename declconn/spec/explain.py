"""What pydantic found wrong, in our words: what was found, what was expected, what to try."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import Tag
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from declconn.spec.models import Model, Spec
from declconn.spec.models.base import Inner, found
from declconn.spec.node import Loc
from declconn.suggest import hint, near

_EXPECTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "dict_type": "a map",
    "model_type": "a map",
    "list_type": "a list",
    "tuple_type": "a list",
}
_AT_MOST = 12
_ELSEWHERE = {"url": "get", "path": "get", "method": "get", "query": "params", "data": "body", "map": "result"}
"""Names that other formats, or other places of ours, have for keys of an endpoint."""


def explain(error: ErrorDetails) -> list[Inner]:
    """The problems of one error of pydantic, with their places and words."""
    loc, kind = error["loc"], error["type"]
    if kind == "inner":
        return [Inner((*loc, *inner.loc), inner.message, inner.at_key) for inner in error["ctx"]["problems"]]
    if loc and loc[-1] == "[key]":
        return [Inner(loc[:-1], f"unknown word {_choose(error, str(loc[-2]))}", at_key=True)]
    if kind == "extra_forbidden":
        return [Inner(loc, _unknown_key(loc), at_key=True)]
    if kind == "missing":
        return [Inner(loc[:-1], _missing(loc), at_key=True)]
    return [Inner(loc, _message(error))]


def suggest(name: str, known: Iterable[str], shown: Iterable[str] | None = None) -> str:
    """``'weigth'; did you mean 'weight'?``, or what is known (of it, what is worth showing) if nothing is near."""
    words = list(known)
    listed = words if shown is None else list(shown)
    more = ", ..." if len(listed) > _AT_MOST else ""
    otherwise = f"known are {', '.join(listed[:_AT_MOST])}{more}" if listed else "none is known here"
    return f"'{name}'; {hint(name, words, otherwise)}"


def _message(error: ErrorDetails) -> str:
    kind, value = error["type"], error["input"]
    if kind in ("literal_error", "enum"):
        return f"found {_choose(error, value)}"
    if kind in _EXPECTED:
        quoted = "; put it in quotes" if kind == "string_type" and isinstance(value, int) else ""
        return f"expected {_EXPECTED[kind]}, found {found(value)}{quoted}{_example(error['loc'])}"
    if kind == "string_pattern_mismatch":
        return f"found {found(value)}; expected {_doc(error['loc'])}{_example(error['loc'])}"
    if kind == "greater_than_equal":
        return f"expected a number of at least {error['ctx']['ge']}, found {value}"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    return error["msg"]


def _choose(error: ErrorDetails, value: Any) -> str:
    """The words that may stand here, and the one that was probably meant."""
    words = re.findall(r"'([^']*)'|(True|False|-?\d+)", error["ctx"]["expected"])
    known = [text or other.lower() for text, other in words]
    if isinstance(value, str):
        return suggest(value, known)
    return f"{found(value)}, expected one of {', '.join(known)}"


def meant_key(loc: Loc) -> str | None:
    """The key that was probably meant by the unknown one at ``loc``."""
    meant = near(str(loc[-1]), _keys(loc))
    return meant[0] if len(meant) == 1 else None


def _unknown_key(loc: Loc) -> str:
    name, keys = str(loc[-1]), _keys(loc)
    ours = _ELSEWHERE.get(name)
    if ours in keys:
        return f"unknown key '{name}'; here it is called '{ours}'{_example((*loc[:-1], ours))}"
    return f"unknown key {suggest(name, keys)}"


def _keys(loc: Loc) -> list[str]:
    """All keys that may stand beside the one at ``loc``."""
    return [_name(*field) for field in _model_at(loc[:-1]).model_fields.items()]


def _missing(loc: Loc) -> str:
    doc = _doc(loc)
    return f"'{loc[-1]}' is missing{f': {doc}' if doc else ''}{_example(loc)}"


def _doc(loc: Loc) -> str:
    """What the field at ``loc`` is, without a capital and a full stop."""
    field = _field_at(loc)
    doc = (field.description if field else None) or ""
    return doc[:1].lower() + doc[1:].rstrip(".")


def _example(loc: Loc) -> str:
    field = _field_at(loc)
    if field is not None:
        return f"; for example `{loc[-1]}: {_flow(field.examples[0])}`" if field.examples else ""
    model = _model_at(loc, or_none=True)
    first = next(iter(model.model_fields.items()), None) if model else None
    return f"; for example {_flow({_name(*first): first[1].examples[0]})}" if first and first[1].examples else ""


def _flow(value: Any) -> str:
    """A value as YAML writes it on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(child)}" for key, child in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, str) and not re.search(r"[{}\[\],#\"]|: |^[@&*!|>%`']", value):
        return value
    return json.dumps(value)


def _name(name: str, field: FieldInfo) -> str:
    return field.alias or name


def _field_at(loc: Loc) -> FieldInfo | None:
    model = _model_at(loc[:-1], or_none=True) if loc else None
    fields = model.model_fields.items() if model else ()
    return next((field for name, field in fields if _name(name, field) == loc[-1]), None)


def _model_at(loc: Loc, or_none: bool = False) -> Any:
    """The model that reads the map at ``loc``, whose steps are keys, indexes and tags of unions."""
    types: list[Any] = [Spec]
    for step in loc:
        types = [inner for outer in types for inner in _inside(outer, step)]
    models = [model for outer in types for model in _models(outer)]
    return models[0] if models else None if or_none else Model


def _inside(outer: Any, step: str | int) -> Iterator[Any]:
    """The types that a value of type ``outer`` may have at one step of its place."""
    origin, arguments = get_origin(outer), get_args(outer)
    if origin is Annotated:
        tags = [tag.tag for tag in arguments[1:] if isinstance(tag, Tag)]
        if step in tags:
            yield arguments[0]
        elif not tags:
            yield from _inside(arguments[0], step)
    elif origin in (Union, UnionType):
        for member in arguments:
            yield from _inside(member, step)
    elif origin in (dict, list, tuple):
        yield arguments[1] if origin is dict else arguments[0]
    elif isinstance(outer, type) and issubclass(outer, Model):
        for name, field in outer.model_fields.items():
            if _name(name, field) == step:
                yield field.annotation


def _models(outer: Any) -> Iterator[type[Model]]:
    if get_origin(outer) in (Annotated, Union, UnionType):
        for member in get_args(outer):
            yield from _models(member)
    elif isinstance(outer, type) and issubclass(outer, Model):
        yield outer
