"""The shape of a JSON document as far as somebody reads it, as nested msgspec Structs; the rest is skipped."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from declconn.spec.path import Ast, PathText, parse_path

REQUIRED: Final = msgspec.NODEFAULT


class UnclearError(ValueError):
    """This cannot be said with plain paths."""


class Shape:
    """The keys of one object of a document that are read: values, and further objects."""

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
            how its attribute is written: ``.a0.a2``.

        Raises:
            UnclearError: it is read already, in another way; or it would be the whole document.
        """
        if not keys:
            raise UnclearError("the whole of an object is not read at once")
        key, *rest = keys
        attribute = f".{self._names.setdefault(key, f'a{len(self._names)}')}"
        if rest:
            if key in self._values:
                raise UnclearError(f"{key!r} is both a value and an object")
            return attribute + self._objects.setdefault(key, Shape()).value(tuple(rest), kind, default)
        if key in self._objects or self._values.setdefault(key, (kind, default)) != (kind, default):
            raise UnclearError(f"{key!r} is read in two ways")
        return attribute

    def text(self, keys: tuple[str, ...]) -> str:
        """Read a text that may be null (``None``) or absent (``UNSET``), and which may be read as a text already."""
        try:
            return self.value(keys, str)
        except UnclearError:
            return self.value(keys, str | msgspec.UnsetType | None, msgspec.UNSET)

    def type(self) -> type[msgspec.Struct]:
        """The class of the object."""
        fields = []
        for key, name in self._names.items():
            if key in self._values:
                kind, default = self._values[key]
                fields.append((name, kind, msgspec.field(name=key, default=default)))
            else:
                kind = self._objects[key].type()
                fields.append((name, kind, self._objects[key]._field(key, kind)))
        return msgspec.defstruct("Frame", fields, kw_only=True, gc=False)

    def _field(self, key: str, kind: Any) -> Any:
        """Of this object in the one around it: it may be absent if all its values may."""
        return msgspec.field(name=key) if self._is_needed() else msgspec.field(name=key, default_factory=kind)

    def _is_needed(self) -> bool:
        needed = any(default is REQUIRED for _, default in self._values.values())
        return needed or any(shape._is_needed() for shape in self._objects.values())
