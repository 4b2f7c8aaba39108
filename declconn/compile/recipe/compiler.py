"""From a step of a recipe to a function: what all kinds of steps share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from declconn.compile.lookup import ABSENT, Sources, compile_choice, complaint
from declconn.compile.recipe.scope import Value
from declconn.compile.template import compile_template
from declconn.spec.models import Model
from declconn.types import TimeUnit

T = TypeVar("T")

CompileStep: TypeAlias = Callable[[Any, "Compiler", str], Value]
"""``compile_step(model, compiler, where)``; the function raises ``ValueError`` for a value that does not fit."""


class Compiler:
    """Compiles the steps and templates of one recipe.

    Args:
        steps: for each step's model the function that compiles it.
        time_unit: how times are written that no filter gives a unit.
        allow_code: Python hooks may be loaded.
    """

    def __init__(self, steps: Mapping[type[Model], CompileStep], time_unit: TimeUnit, allow_code: bool) -> None:
        self._steps, self._time_unit = steps, time_unit
        self.allow_code = allow_code
        self.keys: list[Value] = []
        """All keys of the recipe, to be looked at when the credentials are known."""

    def step(self, step: Any, where: str) -> Value:
        """A step, or a template in its place, at a place of the spec that errors name.

        Raises:
            ConfigurationError: the step needs something that is not installed or not allowed.
        """
        if not isinstance(step, Model):
            return self.template(step, where)
        compute = self._steps[type(step)](step, self, where)

        def located(sources: Sources) -> Any:
            try:
                return compute(sources)
            except (ValueError, ArithmeticError) as error:
                # The cause may show a value, and a value may be a secret.
                raise complaint(where, str(error)) from None

        return located

    def template(self, tree: Any, where: str) -> Value:
        """A template of any form."""
        return compile_template(tree, self._time_unit, where)

    def choice(self, by: str, of: Mapping[str, T], where: str) -> Callable[[Sources], T]:
        """One of some values, by the text of a source."""
        return compile_choice(by, of, self._time_unit, where)


def mapped(value: Value, function: Callable[[Any], Any]) -> Value:
    """A function of a value; what is made from an absent one is absent."""

    def result(sources: Sources) -> Any:
        given = value(sources)
        return ABSENT if given is ABSENT else function(given)

    return result
