"""A path of a spec as a Python function, generated once when the spec is loaded."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

from jmespath.exceptions import JMESPathError

from declconn.compile.codegen import Body, Module
from declconn.compile.expression import CONTEXT, NAMES, write_path
from declconn.compile.functions import PathError
from declconn.spec.path import PathText, parse_path

RowReader: TypeAlias = Callable[[Any, Any, Any], Any]
"""Takes a row, its key, and the whole message."""


@lru_cache(maxsize=1024, typed=True)
def compile_path(text: PathText) -> Callable[[Any], Any]:
    """A function that takes a decoded message and returns what the path finds, ``None`` if it finds nothing.

    A JSONPath that searches (``$..x``, ``$.a[*]``) returns the list of all that it finds. ``frame()`` is the
    message itself, and ``key()`` is null.

    Raises:
        ValueError: the path is not well formed. (The function raises a ``JMESPathError`` where a path's function
            does not take the values that the message has.)
    """
    function = compile_row_path(text)
    return lambda message: function(message, None, message)


@lru_cache(maxsize=4096, typed=True)
def compile_row_path(text: PathText) -> RowReader:
    """The same as a function of a row, its key in the map of rows (or ``None``), and the whole message."""
    parsed = parse_path(text)
    if parsed.kind == "constant":
        return lambda _row, _key, _frame: parsed.value
    module = Module({**NAMES, "JMESPathError": JMESPathError, "PathError": PathError, "path": str(text)})
    body = Body(module)
    with body.block("try:"):
        body.put(f"return {write_path(body, parsed, 'row')}")
    body.put("except JMESPathError: raise")
    with body.block("except (TypeError, ValueError, ArithmeticError) as error:"):
        # The library lets Python's own errors out of a few functions: max_by() of mixed keys, merge() of a list.
        body.put("raise PathError(f'path {path!r}: {error}') from None")
    module.define("read", f"row, {CONTEXT}", body)
    return module.build("read")
