"""What of a JSON document is read, as nested msgspec Structs; a decoder of them skips all else."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from declconn.spec.path import Ast, PathText, parse_path

REQUIRED: Final = msgspec.NODEFAULT

_TEXT: Final[Any] = str | msgspec.UnsetType | None


class UnclearError(ValueError):
    """Plain paths cannot say this."""


class Shape:
    """The keys of one object: values, and further objects."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, tuple[Any, Any]] = {}
        self._objects: dict[str, Shape] = {}

    def value(self, keys: tuple[str, ...], kind: Any, default: Any = REQUIRED) -> str:
        """Read a value.

        Args:
            keys: where it stands.
            kind: its type, as msgspec takes it.
            default: what it is where it is absent.

        Returns:
            how it is written as an attribute of the object: ``.a0.a2``.

        Raises:
            UnclearError: it is read already, in another way; or it would be the whole document.
        """
        if not keys:
            raise UnclearError("a whole object is not read at once")
        key, *inner = keys
        attribute = f".{self._names.setdefault(key, f'a{len(self._names)}')}"
        if inner:
            if key in self._values:
                raise UnclearError(f"{key!r} is both a value and an object")
            return attribute + self._objects.setdefault(key, Shape()).value(tuple(inner), kind, default)
        if key in self._objects or self._values.setdefault(key, (kind, default)) != (kind, default):
            raise UnclearError(f"{key!r} is read in two ways")
        return attribute

    def word(self, keys: tuple[str, ...]) -> str:
        """Read what may be a text, null (``None``) or absent (``UNSET``), and may be read as a required text too."""
        needed = self._find(keys) == (str, REQUIRED)
        return self.value(keys, str) if needed else self.value(keys, _TEXT, msgspec.UNSET)

    def _find(self, keys: tuple[str, ...]) -> tuple[Any, Any] | None:
        if len(keys) < 2:
            return self._values.get(keys[0]) if keys else None
        return self._objects[keys[0]]._find(keys[1:]) if keys[0] in self._objects else None

    def struct(self) -> type[msgspec.Struct]:
        """The class of the object."""
        fields: list[tuple[str, Any, Any]] = []
        for key, name in self._names.items():
            if key in self._values:
                kind, default = self._values[key]
                fields.append((name, kind, msgspec.field(name=key, default=default)))
            else:
                inner = self._objects[key]
                kind = inner.struct()
                without = {} if inner._is_needed() else {"default_factory": kind}
                fields.append((name, kind, msgspec.field(name=key, **without)))
        return msgspec.defstruct("Object", fields, kw_only=True, gc=False)

    def _is_needed(self) -> bool:
        return any(default is REQUIRED for _, default in self._values.values()) or any(
            inner._is_needed() for inner in self._objects.values()
        )


def plain_keys(path: PathText | None) -> tuple[str, ...]:
    """The keys of a path that is nothing else (``data.e``); none for no path, and for ``@``.

    Raises:
        UnclearError: it is any other path.
    """
    return () if path is None else _keys(parse_path(path).ast)


def frame_keys(path: PathText) -> tuple[str, ...] | None:
    """The keys of a path that begins at the whole message (``frame().ts``); ``None`` if it does not.

    Raises:
        UnclearError: it is no plain path from there.
    """
    match parse_path(path).ast:
        case {"type": "subexpression", "children": [{"type": "function_expression", "value": "frame"}, *rest]}:
            return tuple(key for child in rest for key in _keys(child))
    return None


def _keys(ast: Ast | None) -> tuple[str, ...]:
    match ast:
        case {"type": "current" | "identity"}:
            return ()
        case {"type": "field", "value": str(key)}:
            return (key,)
        case {"type": "subexpression", "children": children}:
            return tuple(key for child in children for key in _keys(child))
    raise UnclearError("this path is not made of keys alone")
