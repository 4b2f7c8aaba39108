"""The recipes of `recipes/` are specs like any other, and each is compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from declconn.spec.load import check_spec_file, load_spec_file, sibling_finder

RECIPES = Path(__file__).parent / "recipes"
FILES = sorted(path for path in RECIPES.glob("*.yaml") if path.stem != "base")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recipe_passes_every_check_even_the_doubtful_ones(path: Path) -> None:
    spec, problems = check_spec_file(path, sibling_finder(path, lambda name: None))
    assert spec is not None
    assert spec.name == path.stem
    # These specs are recipes without the endpoints that would use them.
    about_endpoints = ("nothing is signed with the recipe", "nothing says whose account is meant")
    assert [str(problem) for problem in problems if not problem.message.startswith(about_endpoints)] == []


def test_every_recipe_is_compared(all_cases: list[Any]) -> None:
    compared = {(case.spec, case.recipe) for case in all_cases}
    specs = {path: load_spec_file(path, sibling_finder(path, lambda name: None)) for path in FILES}
    assert {(path, recipe) for path, spec in specs.items() for recipe in spec.auth.recipes} <= compared


def test_more_than_eighty_venues_need_no_hook(all_cases: list[Any]) -> None:
    assert len({case.file for case in all_cases}) > 80
    assert not [path.stem for path in FILES if "python:" in path.read_text()]


def test_a_recipe_that_no_endpoint_names_may_make_its_key_of_the_secret(tmp_path: Path) -> None:
    base = (RECIPES / "base.yaml").read_text().splitlines()
    (tmp_path / "base.yaml").write_text("\n".join(line for line in base if "auth: signed" not in line))
    path = tmp_path / "apex.yaml"
    path.write_text((RECIPES / "apex.yaml").read_text())
    load_spec_file(path, sibling_finder(path, lambda name: None))
