"""Libraries that only some recipes need."""

from __future__ import annotations

import subprocess
import sys

import pytest

from declconn.compile.recipe.extras import need
from declconn.errors import ConfigurationError


def test_a_missing_library_names_the_extra_that_brings_it() -> None:
    with pytest.raises(ConfigurationError, match=r"let\.x: .* 'no_such_library'; install .*'declconn\[evm\]'"):
        need("no_such_library", "evm", "auth.recipes.signed.let.x")


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.slow
def test_recipes_of_hashes_load_no_library_of_public_keys() -> None:
    code = """
import sys
from declconn.compile.recipe import compile_recipe
print([name for name in ("cryptography", "coincurve", "eth_abi", "eth_account", "Crypto") if name in sys.modules])
"""
    assert run(code) == "[]"


@pytest.mark.slow
def test_a_library_cannot_raise_the_depth_to_which_python_recurses() -> None:
    code = """
import sys
from declconn.compile.recipe.extras import need
before = sys.getrecursionlimit()
need("eth_account.messages", "evm", "here")
print(sys.getrecursionlimit() == before)
"""
    assert run(code) == "True"
