"""Recipes from YAML, and sources that stand still."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml
from pydantic import SecretStr, TypeAdapter

from declconn.compile.recipe import Recipe, compile_recipe
from declconn.compile.source_book import FrozenClock
from declconn.spec.models.auth import RecipeOrBy
from declconn.types import TimeUnit

MODEL: TypeAdapter[Any] = TypeAdapter(RecipeOrBy)

Make = Callable[..., Recipe]
GiveSources = Callable[..., dict[str, Any]]


@pytest.fixture
def make() -> Make:
    """A recipe from its YAML: ``make(text)``, ``make(text, fixed={...})``."""

    def from_yaml(text: str, **options: Any) -> Recipe:
        model = MODEL.validate_python(yaml.safe_load(textwrap.dedent(text)))
        return compile_recipe("signed", model, TimeUnit.MS, **options)

    return from_yaml


@pytest.fixture
def given() -> GiveSources:
    """Sources: ``given(ms=1578963600000, api_secret="..", nonce={"ms": 1})``; further names are credentials."""

    def sources(ms: int = 0, nonce: Mapping[str, Any] | None = None, **credentials: str) -> dict[str, Any]:
        secrets = {name: SecretStr(value) for name, value in credentials.items()}
        return {"cred": secrets, "clock": FrozenClock(ms * 10**6), "nonce": nonce or {}, "opt": {}, "env": {}}

    return sources
