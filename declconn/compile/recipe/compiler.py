"""From a step of a recipe to a function: what all kinds of steps share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, TypeVar

from declconn.compile.lookup import ABSENT, Sources, compile_choice, complaint
from declconn.compile.recipe.scope import Value
from declconn.compile.template import compile_template
from declconn.errors import ConfigurationError
from declconn.spec.models import Model
from declconn.spec.recipe_graph import has_hook, uses
from declconn.types import TimeUnit

T = TypeVar("T")

CompileStep: TypeAlias = Callable[[Any, "Compiler", str], Value]
"""``compile_step(model, compiler, where)``; the function raises ``ValueError`` for a value that does not fit."""


_FIXED: Final = frozenset({"cred", "opt", "const", "env"})
"""What sources begin with that stay as they are for as long as a connector lives."""


class Compiler:
    """Compiles the steps and templates of one recipe.

    Args:
        steps: for each step's model the function that compiles it.
        time_unit: how times are written that no filter gives a unit.
        fixed: sources that stay as they are, or ``None``; what needs only these is computed here, once.
        allow_code: Python hooks may be loaded.
    """

    def __init__(
        self,
        steps: Mapping[type[Model], CompileStep],
        time_unit: TimeUnit,
        fixed: Sources | None,
        allow_code: bool,
    ) -> None:
        self._steps, self._time_unit, self._fixed = steps, time_unit, fixed
        self.allow_code = allow_code

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
            except (LookupError, TypeError) as error:
                # Not to be mistaken for a name that is missing among the sources.
                raise complaint(where, f"this step fails with a {type(error).__name__}") from None

        return self.folded(located, step)

    def template(self, tree: Any, where: str, then: Callable[[Any], Any] | None = None) -> Value:
        """A template of any form, and what is done with what it writes."""
        value = compile_template(tree, self._time_unit, where)
        return self.folded(value if then is None else mapped(value, then), tree)

    def choice(self, by: str, of: Mapping[str, T], where: str) -> Callable[[Sources], T]:
        """One of some values, by the text of a source."""
        return compile_choice(by, of, self._time_unit, where)

    def cases(self, by: str, of: Mapping[str, T], where: str) -> Mapping[str, T]:
        """The cases that can happen: one, where a source that stays as it is chooses."""
        if self._fixed is None or not self.is_known(f"{{{by}}}"):
            return of
        case = self.choice(by, {case: case for case in of}, where)(self._fixed)
        return {case: of[case]}

    def folded(self, value: Callable[[Sources], T], made_of: Any) -> Callable[[Sources], T]:
        """What will always be the same, computed once; what cannot be computed yet is left as it is."""
        if self._fixed is None or not self.is_known(made_of):
            return value
        try:
            constant = value(self._fixed)
        except ConfigurationError:
            return value
        return lambda sources: constant

    def is_known(self, made_of: Any) -> bool:
        """Whether a step or template will always give the same."""
        if self._fixed is None or has_hook(made_of):
            return False
        return all(source.partition(".")[0] in _FIXED for source, _ in uses(made_of))


def mapped(value: Value, function: Callable[[Any], Any]) -> Value:
    """A function of a value; what is made from an absent one is absent."""

    def result(sources: Sources) -> Any:
        given = value(sources)
        return ABSENT if given is ABSENT else function(given)

    return result
