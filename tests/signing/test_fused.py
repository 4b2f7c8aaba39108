"""Recipes that are compiled with their keys sign in straight lines what they sign the general way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from declconn.compile.encoding import Encoder
from declconn.compile.recipe.compiler import Compiler
from declconn.compile.recipe.fused import fuse_body, fuse_query
from declconn.compile.recipe.steps import STEPS
from declconn.spec.load import load_spec_file, sibling_finder
from declconn.spec.models import Recipe
from declconn.types import TimeUnit

RECIPES = Path(__file__).parent / "recipes"
CREDENTIALS = ("api_key", "api_secret", "passphrase", "uid", "account_id", "address", "private_key")


@pytest.mark.slow
def test_a_recipe_that_knows_its_keys_signs_the_same_request(case: Any, sign: Any) -> None:
    if case.entry.get("secret") == "ec":
        pytest.skip("its signature is another one each time")
    url = f"https://api.venue.example/api/v1/{case.path.removeprefix('api/v1/')}"
    general, straight = sign(case, url), sign(case, url, known=True)
    assert (straight.method, straight.url, straight.body) == (general.method, general.url, general.body)
    assert straight.headers == general.headers


def test_most_recipes_are_written_in_straight_lines() -> None:
    fixed = {"env": {}, "opt": {"recv_window": 5000}, "const": {}, "cred": dict.fromkeys(CREDENTIALS, "a" * 64)}
    compiler = Compiler(STEPS, TimeUnit.MS, fixed, allow_code=False)
    straight = {name for name, recipe in recipes() if is_straight(recipe, compiler)}
    assert {"binance", "okx", "kraken", "gate", "htx", "kucoin", "bybit", "bitget", "bitfinex"} <= straight
    assert len(straight) > 55


def recipes() -> Iterator[tuple[str, Recipe]]:
    """All recipes of `recipes/`, with their cases."""
    for path in RECIPES.glob("*.yaml"):
        if path.stem != "base":
            for recipe in load_spec_file(path, sibling_finder(path, lambda name: None)).auth.recipes.values():
                cases = [recipe] if isinstance(recipe, Recipe) else recipe.of.values()
                yield from ((path.stem, one) for one in cases)


def is_straight(recipe: Recipe, compiler: Compiler) -> bool:
    """Whether a function is generated for a recipe."""
    encoder = Encoder(recipe.encoding)
    return bool(fuse_body(recipe, encoder, compiler) or fuse_query(recipe, encoder, compiler))
