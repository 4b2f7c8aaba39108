"""Templates as functions: a tree of maps, lists and text, compiled once, written for every request.

What is written is ready for an encoder: text, ``int``, ``bool``, ``Number`` (a JSON number), ``bytes``, lists, maps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from declconn.compile.filters import Duration, Number, Time, as_text
from declconn.compile.lookup import ABSENT, Sources, compile_choice, compile_source, complaint, quickly
from declconn.spec.template import Placeholder, Template, is_choice, parse_template
from declconn.types import TimeUnit

__all__ = [
    "ABSENT",
    "Duration",
    "Number",
    "Sources",
    "Time",
    "as_text",
    "compile_choice",
    "compile_source",
    "compile_template",
]

_Write: TypeAlias = Callable[[Sources], Any]


def compile_template(tree: Any, time_unit: TimeUnit, where: str = "") -> Callable[[Sources], Any]:
    """Compile a tree of maps, lists, text and scalars into a function from sources to what is written.

    Args:
        tree: as it stands in the spec; a ``{by, of}`` map is replaced by one of its values. A decimal that the spec
            itself writes is a JSON number, one that a placeholder gives is a JSON string.
        time_unit: how a ``Time`` or ``Duration`` is written when the first filter is not a unit.
        where: the tree's place in the spec, for error messages.

    Returns:
        a function that gives ``ABSENT`` when the whole is absent. It raises ``ConfigurationError`` when a required
        source is absent or a value does not fit; no message shows a value, because it may be a secret.

    Raises:
        ValueError: a text is not a template.
    """
    if is_choice(tree):
        return _choice(tree, time_unit, where)
    if isinstance(tree, Mapping):
        return _map({key: compile_template(tree[key], time_unit, _inside(where, key)) for key in tree})
    if isinstance(tree, list | tuple):
        return _list([compile_template(item, time_unit, f"{where}[{index}]") for index, item in enumerate(tree)])
    if isinstance(tree, str):
        return _text(parse_template(tree), time_unit, where)
    return _constant(tree)


def _choice(tree: Mapping[str, Any], time_unit: TimeUnit, where: str) -> _Write:
    cases = {str(case): compile_template(value, time_unit, _inside(where, case)) for case, value in tree["of"].items()}
    choose = compile_choice(str(tree["by"]), cases, time_unit, where)
    return lambda sources: choose(sources)(sources)


def _map(values: Mapping[str, _Write]) -> _Write:
    items = list(values.items())

    def write(sources: Sources) -> dict[str, Any]:
        return {key: written for key, value in items if (written := value(sources)) is not ABSENT}

    return write


def _list(items: list[_Write]) -> _Write:
    return lambda sources: [value for value in (item(sources) for item in items) if value is not ABSENT]


def _text(template: Template, time_unit: TimeUnit, where: str) -> _Write:
    if template.is_value:
        return _value(template, time_unit, where)
    parts = [_part(part, time_unit, where) for part in template.parts]

    def write(sources: Sources) -> Any:
        values = [part(sources) for part in parts]
        if ABSENT in values:
            return ABSENT
        return _joined(values, template, where)

    return write


def _part(part: str | Placeholder, time_unit: TimeUnit, where: str) -> _Write:
    return _constant(part) if isinstance(part, str) else quickly(part, compile_source(part, time_unit, where))


def _value(template: Template, time_unit: TimeUnit, where: str) -> _Write:
    """A placeholder alone keeps its type, but a decimal that is no ``Number`` is written as a JSON string."""
    placeholder = template.placeholders[0]
    read = compile_source(placeholder, time_unit, where)

    def write(sources: Sources) -> Any:
        value = read(sources)
        if isinstance(value, Decimal) and not isinstance(value, Number):
            return _joined([value], template, where)
        return value

    return quickly(placeholder, write)


def _joined(values: list[Any], template: Template, where: str) -> str:
    try:
        return "".join(map(as_text, values))
    except ValueError as error:
        raise complaint(where, f"'{template.text}': {error}") from None


def _constant(value: Any) -> _Write:
    written = ABSENT if value is None else Number(value) if isinstance(value, Decimal) else value
    return lambda sources: written


def _inside(where: str, key: str) -> str:
    return f"{where}.{key}" if where else str(key)
