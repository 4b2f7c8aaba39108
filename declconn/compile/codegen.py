"""Python source that is written by a program: a module of functions, and the body of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast


class Module:
    """Functions that are generated together; they share the names that are given here, and their constants."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = dict(names)
        self._functions: list[str] = []
        self._count = 0

    def fresh(self, stem: str = "v") -> str:
        """A name that was not used before."""
        self._count += 1
        return f"{stem}{self._count}"

    def constant(self, value: Any) -> str:
        """A name for the value."""
        name = self.fresh("c")
        self._names[name] = value
        return name

    def define(self, name: str, parameters: str, body: Body) -> None:
        """Add a function."""
        self._functions.append(f"def {name}({parameters}):\n" + "\n".join(body.lines) + "\n")

    def build(self, name: str) -> Callable[..., Any]:
        """Run the source and return one of its functions."""
        source = "\n".join(self._functions)
        # Only names and literals that this package writes are in the source: text of a spec is in it as repr().
        exec(compile(source, f"<declconn:{name}>", "exec"), self._names)
        return cast("Callable[..., Any]", self._names[name])


class Body:
    """The statements of one function.

    A value that was read once in a block or around it is not read again: ``remember`` keeps the names.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        self.lines: list[str] = []
        self.depth = 1
        self.shapes: dict[str, type] = {}
        """Names whose class is known where they are used."""
        self._scopes: list[dict[tuple[object, ...], str]] = [{}]

    def put(self, line: str) -> None:
        """Add a statement."""
        self.lines.append(" " * self.depth + line)

    def assign(self, expression: str) -> str:
        """Add an assignment to a fresh name, and return the name."""
        name: str = self.module.fresh()
        self.put(f"{name} = {expression}")
        return name

    def remember(self, key: tuple[object, ...], expression: str) -> str:
        """The name that already holds this value, else a fresh one that is assigned now."""
        for scope in reversed(self._scopes):
            if key in scope:
                return scope[key]
        name = self.assign(expression)
        self._scopes[-1][key] = name
        return name

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Statements under ``if``, ``for``, ``try``, ..."""
        self.put(head)
        self.depth += 1
        self._scopes.append({})
        yield
        self._scopes.pop()
        self.depth -= 1
