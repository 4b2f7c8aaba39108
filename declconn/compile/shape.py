"""What of a JSON document is read, as nested msgspec Structs; a decoder of them skips all else."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from declconn.spec.path import Ast, PathText, parse_path

REQUIRED: Final = msgspec.NODEFAULT

_WORD: Final[Any] = str | msgspec.UnsetType | None

_NOBODYS: Final = "\uffff"
"""The keys of what is not read begin so; it is no character, so no document has such a key."""


class UnclearError(ValueError):
    """Plain paths cannot say this."""


class Shape:
    """The keys of one object: values, and further objects.

    Args:
        base: a Struct whose attributes the object has too, with their defaults where they are not read.
    """

    def __init__(self, base: type[msgspec.Struct] | None = None) -> None:
        self._base = base
        self._names: dict[str, str] = {}
        self._values: dict[str, tuple[Any, Any]] = {}
        self._objects: dict[str, Shape] = {}

    def value(self, keys: tuple[str, ...], kind: Any, default: Any = REQUIRED, name: str = "") -> str:
        """Read a value.

        Args:
            keys: where it stands.
            kind: its type, as msgspec takes it.
            default: what it is where it is absent.
            name: what its attribute is to be called.

        Returns:
            its attributes, from this object on: ``.a0.a2``.

        Raises:
            UnclearError: it is read already, in another way; or it would be the whole document.
        """
        if not keys:
            raise UnclearError("a whole object is not read at once")
        attributes, shape = self.within(keys[:-1])
        key = keys[-1]
        if key in shape._objects or shape._values.setdefault(key, (kind, default)) != (kind, default):
            raise UnclearError(f"{key!r} is read in two ways")
        return f"{attributes}.{shape._name(key, name)}"

    def word(self, keys: tuple[str, ...]) -> str:
        """Read what may be a text, null (``None``) or absent (``UNSET``), and may be read as a required text too."""
        _, shape = self.within(keys[:-1])
        if keys and shape._values.get(keys[-1]) == (str, REQUIRED):
            return self.value(keys, str)
        return self.value(keys, _WORD, msgspec.UNSET)

    def within(self, keys: tuple[str, ...], base: type[msgspec.Struct] | None = None) -> tuple[str, Shape]:
        """An object somewhere in this one: its attributes, and its shape."""
        if not keys:
            return "", self
        key, *inner = keys
        if key in self._values:
            raise UnclearError(f"{key!r} is both a value and an object")
        shape = self._objects.setdefault(key, Shape(None if inner else base))
        attributes, innermost = shape.within(tuple(inner), base)
        return f".{self._name(key)}{attributes}", innermost

    def struct(self) -> type[msgspec.Struct]:
        """The class of the object."""
        if self._base is None:
            return msgspec.defstruct("Decoded", self._fields(), kw_only=True, gc=False)
        unread = [
            (field.name, Any, _absent(field))
            for field in msgspec.structs.fields(self._base)
            if field.name not in self._names.values()
        ]
        return msgspec.defstruct("Decoded", [*unread, *self._fields()], bases=(self._base,), kw_only=True, gc=False)

    def _fields(self) -> list[tuple[str, Any, Any]]:
        fields: list[tuple[str, Any, Any]] = []
        for key, name in self._names.items():
            if key in self._values:
                kind, default = self._values[key]
                fields.append((name, kind, msgspec.field(name=key, default=default)))
            else:
                inner = self._objects[key]
                kind = inner.struct()
                without: Any = {} if inner._is_needed() else {"default_factory": kind}
                fields.append((name, kind, msgspec.field(name=key, **without)))
        return fields

    def _name(self, key: str, name: str = "") -> str:
        known = self._names.setdefault(key, name or f"a{len(self._names)}")
        if name not in ("", known):
            raise UnclearError(f"{key!r} is both {known} and {name}")
        return known

    def _is_needed(self) -> bool:
        return any(default is REQUIRED for _, default in self._values.values()) or any(
            inner._is_needed() for inner in self._objects.values()
        )


def _absent(field: Any) -> Any:
    key = _NOBODYS + field.name
    if field.default_factory is not msgspec.NODEFAULT:
        return msgspec.field(name=key, default_factory=field.default_factory)
    return msgspec.field(name=key, default=field.default)


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
