"""The steps that choose, and the one that asks Python: `if by python`."""

from __future__ import annotations

import importlib
from dataclasses import replace
from decimal import Decimal
from typing import Any

from declconn.compile.lookup import ABSENT
from declconn.compile.recipe.compiler import Compiler
from declconn.compile.recipe.scope import Value
from declconn.errors import ConfigurationError
from declconn.spec.models import Hook, steps
from declconn.spec.template import Placeholder, parse_template


def if_(model: steps.If, compiler: Compiler, where: str) -> Value:
    condition = compiler.template(_optional(model.if_), f"{where}.if")
    then = compiler.step(model.then, f"{where}.then")
    otherwise = (lambda _: ABSENT) if model.else_ is None else compiler.step(model.else_, f"{where}.else")
    return lambda sources: (then if _holds(condition(sources)) else otherwise)(sources)


def _optional(tree: Any) -> Any:
    """A condition asks whether something is there, so that nothing it names has to be."""
    if not isinstance(tree, str):
        return tree
    parts = parse_template(tree).parts
    return "".join(
        f"{{{replace(part, optional=True)}}}"
        if isinstance(part, Placeholder)
        else part.replace("{", "{{").replace("}", "}}")
        for part in parts
    )


def _holds(value: Any) -> bool:
    """Present and not empty, false or zero; text is asked as text, so that an option `"false"` is false."""
    if isinstance(value, str):
        return value not in ("", "false", "0")
    return value is not ABSENT and (bool(value) if isinstance(value, bool | int | Decimal) else len(value) > 0)


def by(model: steps.By, compiler: Compiler, where: str) -> Value:
    possible = compiler.cases(model.by, model.of, where)
    cases = {case: compiler.step(step, f"{where}.of.{case}") for case, step in possible.items()}
    choose = compiler.choice(model.by, cases, where)
    return lambda sources: choose(sources)(sources)


def python(model: Hook, compiler: Compiler, where: str) -> Value:
    """A plain function of the sources: no I/O, no clock."""
    if not compiler.allow_code:
        hint = "allow it with allow_code=True if you trust its author"
        raise ConfigurationError(f"{where}: this spec runs Python code ({model.python}); {hint}")
    module, _, name = model.python.partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"{where}: there is no {model.python}: {error}") from error
    return lambda sources: function(sources)
