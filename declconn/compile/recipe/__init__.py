"""Signing recipes, compiled: lazy graphs of named values that sign what is sent."""

from declconn.compile.recipe.draft import Draft
from declconn.compile.recipe.recipe import PLAIN, Recipe, compile_recipe

__all__ = ["PLAIN", "Draft", "Recipe", "compile_recipe"]
