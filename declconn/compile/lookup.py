"""Where the values of a template come from: a source found by its name, sent through its filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, Final, TypeAlias, TypeVar

from pydantic import SecretStr

from declconn.compile.filters import FUNCTIONS, Duration, Time, in_unit
from declconn.errors import ConfigurationError, MissingValueError
from declconn.spec.template import Placeholder, parse_source
from declconn.types import TimeUnit

Sources: TypeAlias = Mapping[str, Any]
"""What templates may name: ``{"symbol": "BTCUSDT", "env": {"rest": ..}, "since": Time(..), "cred": {..: SecretStr}}``.

A dotted source walks through mappings, which may compute their values when asked. ``None`` and ``ABSENT`` are absent.
"""

_T = TypeVar("_T")

_MAPS: Final = (dict, Mapping)
"""``dict`` first: to ask whether something is a ``Mapping`` takes many times longer."""


_ORDINARY: Final = frozenset({str, int})
"""Types of values that are what they are: neither absent nor secret, nor a time whose unit is still to be chosen."""


class Obtained(dict[str, Any]):
    """What an operation answered for `session.x`: ``session.x.y`` is its field `y`, ``session.x`` its field `x`."""


class Absent:
    """The type of ``ABSENT``."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()
"""There is no value here: what it would stand in is left out."""


def find(sources: Sources, source: str) -> Any:
    """The value of ``env.rest`` or ``symbol``, with a secret's own text; ``ABSENT`` when there is none."""
    return finder(source)(sources)


@lru_cache(maxsize=4096)
def finder(source: str) -> Callable[[Sources], Any]:
    """``find`` for one source, whose name is taken apart once."""
    names = source.split(".")

    def found(sources: Sources) -> Any:
        # Indexed, because a mapping that computes its values answers ``get`` many times slower.
        value: Any = sources
        try:
            for name in names:
                value = value[name]
        except (KeyError, TypeError):
            return ABSENT  # no such name, or the value before the dot is no map
        if type(value) in _ORDINARY:
            return value
        if isinstance(value, Obtained):
            value = value.get(names[-1])
        if isinstance(value, SecretStr):
            return value.get_secret_value()
        return ABSENT if value is None else value

    return found


def compile_source(source: str | Placeholder, time_unit: TimeUnit, where: str = "") -> Callable[[Sources], Any]:
    """Compile one source with its filters (written without braces) into a function that gives its typed value.

    Args:
        source: such as ``cred.api_secret|kind`` or ``exchange_order_id??client_order_id``.
        time_unit: how a ``Time`` or ``Duration`` is written when the first filter is not a unit.
        where: its place in the spec, for error messages.

    Returns:
        a function that gives ``ABSENT`` for an absent optional source. It raises ``ConfigurationError`` for an absent
        required one and for a value that a filter refuses; no message shows a value, because it may be a secret.

    Raises:
        ValueError: the text is not a source.
    """
    placeholder = parse_source(source) if isinstance(source, str) else source
    steps = _steps(placeholder, time_unit)
    look, *others = map(finder, placeholder.sources)

    def read(sources: Sources) -> Any:
        value = look(sources)
        for look_elsewhere in others:
            value = look_elsewhere(sources) if value is ABSENT else value
        if value is ABSENT:
            if placeholder.optional:
                return ABSENT
            hint = f"write '{{{replace(placeholder, optional=True)}}}' to leave it out when it is absent"
            raise missing(where, f"'{placeholder}' has no value here; {hint}", placeholder.sources[0])
        try:
            for step in steps:
                value = step(value)
        except (ValueError, ArithmeticError) as error:
            raise complaint(where, f"'{placeholder}': {error}") from None
        return value

    return read


def quickly(placeholder: Placeholder, read: Callable[[Sources], Any]) -> Callable[[Sources], Any]:
    """The same as ``read``, without a detour where a placeholder without filters finds an ordinary value."""
    if placeholder.filters or placeholder.sources[0].count(".") > 1:
        return read
    root, _, name = placeholder.sources[0].partition(".")

    def look(sources: Sources) -> Any:
        try:
            value = sources[root][name] if name else sources[root]
        except (KeyError, TypeError):
            return read(sources)
        return value if type(value) in _ORDINARY else read(sources)

    return look


def compile_choice(by: str, of: Mapping[str, _T], time_unit: TimeUnit, where: str = "") -> Callable[[Sources], _T]:
    """Compile ``by: SOURCE, of: {case: value, "*": value}`` for values of any kind.

    Cases are compared as text. ``"*"`` is for any other value and for none. The function raises
    ``ConfigurationError`` when no case fits.
    """
    source = parse_source(by)
    read = compile_source(replace(source, optional=True, filters=(*source.filters, ("text", ()))), time_unit, where)

    def choose(sources: Sources) -> _T:
        case = read(sources)
        if case in of:
            return of[case]
        if "*" in of:
            return of["*"]
        cases = f"the cases are {', '.join(of)}; add '*' for any other"
        if case is ABSENT:
            raise missing(where, f"'by: {by}' has no value here; {cases}", source.sources[0], of)
        raise complaint(where, f"'by: {by}' is none of the cases; {cases}")

    return choose


def complaint(where: str, message: str) -> ConfigurationError:
    """An error about a value that does not fit, with its place in the spec if that is known."""
    return ConfigurationError(_placed(where, message))


def missing(where: str, message: str, source: str, choices: Iterable[str] = ()) -> MissingValueError:
    """The same about a source that has no value, and what it may be."""
    return MissingValueError(_placed(where, message), source, tuple(choices))


def _placed(where: str, message: str) -> str:
    return f"{where}: {message}" if where else message


def _steps(placeholder: Placeholder, time_unit: TimeUnit) -> list[Callable[[Any], Any]]:
    """The filters as functions; a time is written in the usual unit first, unless the first filter names another."""
    units = frozenset(TimeUnit)
    steps: list[Callable[[Any], Any]] = [_filter(name, arguments) for name, arguments in placeholder.filters]
    if placeholder.filters and placeholder.filters[0][0] in units:
        return steps
    return [partial(_in_usual_unit, time_unit), *steps]


def _filter(name: str, arguments: tuple[str, ...]) -> Callable[[Any], Any]:
    function = FUNCTIONS[name]
    return lambda value: function(value, *arguments)


def _in_usual_unit(time_unit: TimeUnit, value: Any) -> Any:
    return in_unit(value, time_unit) if isinstance(value, Time | Duration) else value
