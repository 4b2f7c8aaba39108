"""Recipes, compiled: a draft goes in, and the request that leaves comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from declconn.compile.lookup import Sources
from declconn.compile.recipe.compiler import Compiler
from declconn.compile.recipe.draft import Draft
from declconn.compile.recipe.explain import explain
from declconn.compile.recipe.formula import Formula
from declconn.compile.recipe.scope import Scope
from declconn.compile.recipe.steps import STEPS
from declconn.net.transport import Request
from declconn.spec import models
from declconn.types import TimeUnit


class Recipe:
    """How requests and messages are signed. It holds no state of a request and does no I/O.

    Attributes:
        name: its name in the spec; an endpoint says `auth: NAME`.
    """

    def __init__(self, name: str, formulas: Mapping[str, Formula], choose: Callable[[Sources], str]) -> None:
        self.name = name
        self._formulas, self._choose = formulas, choose
        self._only = next(iter(formulas.values())) if len(formulas) == 1 else None

    @property
    def serial(self) -> bool:
        """Requests leave one after another, because their nonces must arrive in order."""
        return any(formula.model.serial for formula in self._formulas.values())

    def with_encoding(self, encoding: models.Encoding | None) -> Recipe:
        """The same for an endpoint, whose own encoding wins."""
        if encoding is None:
            return self
        formulas = {case: formula.with_encoding(encoding) for case, formula in self._formulas.items()}
        return Recipe(self.name, formulas, self._choose)

    def draft(self, method: str, url: str, fields: Any, sources: Sources) -> Draft:
        """A request that the spec has no endpoint for: its fields travel where the encoding's `place` says.

        Args:
            method: ``GET``, ``POST``, ...
            url: the whole url.
            fields: a map, or whatever the venue takes as a body.
            sources: what chooses among the recipe's cases.
        """
        place = self._of(method, sources).place(method)
        params = fields if place != "body" else {}
        return Draft(method, url, params, fields if place != "query" else None)

    def sign(self, draft: Draft, sources: Sources) -> Request:
        """The request that leaves; what was signed is what it holds.

        Args:
            draft: what is asked for.
            sources: what the templates may name: ``cred``, ``clock``, ``nonce``, ``opt``, ``const``, ``env``, ...

        Raises:
            ConfigurationError: a source is absent, or a value does not fit a step; the message shows no value.
            CredentialsError: a key does not have the form that its step needs.
        """
        return (self._only or self._of(draft.method, sources)).sign(draft, sources)

    def sign_message(self, message: Mapping[str, Any], sources: Sources) -> dict[str, Any]:
        """A stream message with what `inject.message` adds, maps merged.

        Args:
            message: as the stream would send it; its fields are ``msg.x``.
            sources: as for ``sign``, and the stream's ``url``.
        """
        return self._of("", sources).sign_message(message, sources)

    def values(self, sources: Sources) -> Scope:
        """The values of `let`, computed when they are asked for: what stands behind ``{auth.NAME.x}``."""
        return self._of("", sources).scope(sources)

    def explain(self, draft: Draft, sources: Sources) -> list[tuple[str, str]]:
        """Every named value of a request in the order of their computation, as text, for people.

        What a step is computed over stands before it as ``NAME.data``. Credentials, session values, keys, tokens and
        whatever a credential could be computed back from are ``***name***``.
        """
        return explain(self._of(draft.method, sources), draft, sources)

    def rehearse(self, fixed: Sources) -> None:
        """Look at every key that can be looked at before anything is asked.

        Raises:
            CredentialsError: a key does not have the form that its step needs.
        """
        for formula in self._formulas.values() if self._only is not None else ():
            formula.rehearse(fixed)

    def _of(self, method: str, sources: Sources) -> Formula:
        if self._only is not None:
            return self._only
        return self._formulas[self._choose({**sources, "auth": self.name, "req": {"method": method}})]


def compile_recipe(
    name: str,
    model: models.Recipe | models.Choice[models.Recipe],
    time_unit: TimeUnit,
    *,
    fixed: Sources | None = None,
    allow_code: bool = False,
) -> Recipe:
    """Compile a recipe of `auth.recipes`.

    Args:
        name: its name.
        model: what the spec says of it.
        time_unit: how times are written that no filter gives a unit.
        fixed: ``cred``, ``opt``, ``const`` and ``env`` if they are known: the case of `by` and `of` is then chosen,
            the keys are looked at, and what needs nothing else is computed now instead of for every request.
        allow_code: Python hooks may be loaded; only for specs whose author is trusted.

    Raises:
        ConfigurationError: a step needs a library that is not installed, or Python code that is not allowed.
        CredentialsError: a key does not have the form that its step needs; names it, and never shows it.
    """
    where = f"auth.recipes.{name}"
    compiler = Compiler(STEPS, time_unit, fixed, allow_code)
    if isinstance(model, models.Recipe):
        recipe = Recipe(name, {"": Formula(name, where, model, compiler)}, lambda _: "")
    else:
        cases = compiler.cases(model.by, model.of, where)
        formulas = {case: Formula(name, f"{where}.of.{case}", one, compiler) for case, one in cases.items()}
        recipe = Recipe(name, formulas, compiler.choice(model.by, {case: case for case in cases}, where))
    if fixed is not None and fixed.get("cred"):
        recipe.rehearse(fixed)
    return recipe


PLAIN = compile_recipe("none", models.Recipe(), TimeUnit.MS)
"""The recipe of requests that nobody signs."""
