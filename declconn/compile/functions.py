"""What paths compute with: the functions of JMESPath and the language's own, and comparison.

Numbers are int, float and Decimal. A float counts as the shortest decimal that means it (``1.1``, not its binary
expansion), so a literal of a path equals both the float and the Decimal of a message.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterable
from decimal import Context, Decimal, DecimalException, DivisionByZero, Inexact, InvalidOperation, Overflow
from typing import Any, TypeVar

from jmespath import functions as library
from jmespath.exceptions import JMESPathError, JMESPathTypeError

from declconn.compile.decode import compile_decode
from declconn.errors import DeclconnError, MappingError

NUMBERS = frozenset({int, float, Decimal})
"""The classes that are numbers; ``bool`` is not one."""

EXACT = Context(prec=120, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
"""For sums and products: more digits than any venue's, and an error instead of rounding."""

QUOTIENT = Context(prec=34, traps=[InvalidOperation, DivisionByZero, Overflow])
"""For quotients, which may have no end: 34 significant digits."""


_decode = compile_decode(["json"])


class PathError(DeclconnError, JMESPathError):  # type: ignore[misc]
    """A path cannot be applied to this message."""


def is_true(value: Any) -> bool:
    """Truth of JMESPath: 0 is true; null, false, and what is empty are false."""
    return bool(value) or type(value) in NUMBERS


def exact(number: Any) -> Any:
    """The number, and a float as a Decimal: 1.1 becomes ``Decimal('1.1')``."""
    return Decimal(repr(number)) if number.__class__ is float else number


def equal(left: Any, right: Any) -> bool:
    """Equality of JMESPath: a boolean equals only itself (in Python, ``True == 1``)."""
    kinds = {left.__class__, right.__class__}
    if bool in kinds:
        return left is right
    if kinds == {float, Decimal}:
        return bool(exact(left) == exact(right))
    return bool(left == right)


def _ordering(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool | None]:
    def ordered(left: Any, right: Any) -> bool | None:
        if left.__class__ in NUMBERS and right.__class__ in NUMBERS:
            return compare(exact(left), exact(right)) if left.__class__ is not right.__class__ else compare(left, right)
        return compare(left, right) if left.__class__ is str and right.__class__ is str else None

    return ordered


ORDERINGS: dict[str, Callable[[Any, Any], bool | None]] = {
    "lt": _ordering(operator.lt),
    "lte": _ordering(operator.le),
    "gt": _ordering(operator.gt),
    "gte": _ordering(operator.ge),
}
"""Two numbers or two texts are ordered; anything else gives null."""


def operand(name: str, value: Any) -> Decimal | None:
    """An operand of exact arithmetic; null and empty text are absent."""
    if value is None or value == "":
        return None
    if value.__class__ in NUMBERS or value.__class__ is str:
        try:
            number = Decimal(exact(value))
        except DecimalException:
            raise _not_a_number(name, value) from None
        if number.is_finite():
            return number
    raise _not_a_number(name, value)


def _not_a_number(name: str, value: Any) -> JMESPathTypeError:
    return JMESPathTypeError(name, value, type(value).__name__, ["number", "a number in text"])


def _arithmetic(name: str, compute: Callable[..., Decimal], *values: Any) -> Decimal | None:
    numbers = [operand(name, value) for value in values]
    if None in numbers:
        return None
    try:
        return compute(*numbers)
    except DecimalException as error:
        raise PathError(
            f"{name}({', '.join(map(str, numbers))}) has no exact result ({type(error).__name__})"
        ) from None


_Method = TypeVar("_Method", bound=Callable[..., Any])


def _takes(*arguments: str, more: bool = False) -> Callable[[_Method], _Method]:
    """The JMESPath types of each argument ("" is any); ``more`` says that the last may be repeated."""
    signature = [{"types": types.split()} for types in arguments]

    def register(method: _Method) -> _Method:
        method.signature = [*signature[:-1], {**signature[-1], "variadic": True}] if more else signature  # type: ignore[attr-defined]
        return method

    return register


class Functions(library.Functions):  # type: ignore[misc]
    """JMESPath's functions, which know Decimal here, and the language's own.

    In the functions that JMESPath does not have, an absent (null) subject gives null.
    """

    def _get_allowed_pytypes(self, types: list[str]) -> tuple[list[str], list[tuple[str, ...]]]:
        # The library tells types by the name of the class, and knows no Decimal.
        allowed, items = super()._get_allowed_pytypes(types)
        return (
            [*allowed, "Decimal"] if "float" in allowed else allowed,
            [(*names, "Decimal") if "float" in names else names for names in items],
        )

    def _convert_to_jmespath_type(self, name: str) -> str:
        return "number" if name == "Decimal" else super()._convert_to_jmespath_type(name)

    # -- JMESPath's own, where Decimal makes a difference

    @_takes("")
    def _func_abs(self, value: Any) -> Any:
        return abs(value) if value.__class__ in (int, float) else _arithmetic("abs", Decimal.copy_abs, value)

    @_takes("array-number")
    def _func_sum(self, numbers: list[Any]) -> Any:
        if Decimal not in map(type, numbers):
            return sum(numbers)
        total = Decimal(0)
        for number in numbers:
            total = EXACT.add(total, exact(number))
        return total

    @_takes("array-number")
    def _func_avg(self, numbers: list[Any]) -> Any:
        total = self._func_sum(numbers)
        if not numbers:
            return None
        return QUOTIENT.divide(total, len(numbers)) if total.__class__ is Decimal else total / len(numbers)

    @_takes("")
    def _func_to_number(self, value: Any) -> Any:
        if value.__class__ in NUMBERS:
            return value
        if value.__class__ is not str:
            return None
        try:
            return int(value)
        except ValueError:
            pass
        try:
            number = Decimal(value)
        except DecimalException:
            return None
        return number if number.is_finite() else None

    @_takes("")
    def _func_to_string(self, value: Any) -> str:
        return value if value.__class__ is str else _json(value)

    @_takes("")
    def _func_type(self, value: Any) -> Any:
        return "number" if value.__class__ is Decimal else super()._func_type(value)

    @_takes("array string", "")
    def _func_contains(self, subject: Any, search: Any) -> bool:
        if subject.__class__ is list and search.__class__ in (float, Decimal):
            return any(item.__class__ is not bool and equal(item, search) for item in subject) or search in subject
        return search in subject

    # -- text

    @_takes("string null", "string")
    def _func_split(self, text: str | None, separator: str) -> list[str] | None:
        if text is None:
            return None
        return text.split(separator) if separator else list(text)

    @_takes("string null")
    def _func_upper(self, text: str | None) -> str | None:
        return None if text is None else text.upper()

    @_takes("string null")
    def _func_lower(self, text: str | None) -> str | None:
        return None if text is None else text.lower()

    @_takes("string null")
    def _func_trim(self, text: str | None) -> str | None:
        return None if text is None else text.strip()

    @_takes("string null", "string", "string")
    def _func_replace(self, text: str | None, old: str, new: str) -> str | None:
        return None if text is None else text.replace(old, new)

    # -- maps and lists

    @_takes("object null")
    def _func_items(self, mapping: dict[str, Any] | None) -> list[Any] | None:
        return None if mapping is None else [[key, value] for key, value in mapping.items()]

    @_takes("array null")
    def _func_from_items(self, pairs: list[Any] | None) -> dict[str, Any] | None:
        if pairs is None:
            return None
        for pair in pairs:
            if pair.__class__ is not list or len(pair) != 2 or pair[0].__class__ is not str:
                raise JMESPathTypeError("from_items", pair, type(pair).__name__, ["a pair of a text and a value"])
        return dict(pairs)

    @_takes("string null")
    def _func_from_json(self, text: str | None) -> Any:
        try:
            return None if text is None else _decode(text)
        except MappingError as error:
            raise PathError(f"from_json: {error.reason}") from error

    @_takes("array null", more=True)
    def _func_zip(self, *lists: Any) -> list[Any] | None:
        if None in lists:
            return None
        for items in lists:
            if items.__class__ is not list:
                raise JMESPathTypeError("zip", items, type(items).__name__, ["array"])
        return [list(row) for row in zip(*lists, strict=False)]

    @_takes("array null")
    def _func_enumerate(self, items: list[Any] | None) -> list[Any] | None:
        return None if items is None else [[number, item] for number, item in enumerate(items)]

    # -- exact decimals

    @_takes("", "")
    def _func_add(self, left: Any, right: Any) -> Decimal | None:
        return _arithmetic("add", EXACT.add, left, right)

    @_takes("", "")
    def _func_subtract(self, left: Any, right: Any) -> Decimal | None:
        return _arithmetic("subtract", EXACT.subtract, left, right)

    @_takes("", "")
    def _func_multiply(self, left: Any, right: Any) -> Decimal | None:
        return _arithmetic("multiply", EXACT.multiply, left, right)

    @_takes("", "")
    def _func_divide(self, left: Any, right: Any) -> Decimal | None:
        return _arithmetic("divide", QUOTIENT.divide, left, right)

    @_takes("")
    def _func_negate(self, value: Any) -> Decimal | None:
        return _arithmetic("negate", EXACT.minus, value)

    @_takes("")
    def _func_step(self, digits: Any) -> Decimal | None:
        return _arithmetic("step", lambda number: Decimal(1).scaleb(-int(number)), digits)


def _json(value: Any) -> str:
    """JSON text in which a Decimal is a number, in plain notation."""
    if value.__class__ is Decimal:
        return format(value, "f")
    if value.__class__ is list:
        return f"[{','.join(map(_json, value))}]"
    if value.__class__ is dict:
        return f"{{{','.join(f'{json.dumps(key)}:{_json(item)}' for key, item in value.items())}}}"
    return json.dumps(value, default=str)


def flatten(items: Iterable[Any]) -> list[Any]:
    """One level less of lists."""
    flat: list[Any] = []
    for item in items:
        if item.__class__ is list:
            flat.extend(item)
        else:
            flat.append(item)
    return flat


class _Expression:
    """What ``&path`` becomes for a function of the library, which looks at the name of this class."""

    __slots__ = ("_evaluate", "_frame", "_key", "expression")

    def __init__(self, evaluate: Callable[[Any, Any, Any], Any], key: Any, frame: Any) -> None:
        self._evaluate, self._key, self._frame = evaluate, key, frame
        self.expression = None

    def visit(self, _expression: None, value: Any) -> Any:
        return self._evaluate(value, self._key, self._frame)


Expression = _Expression
