"""Fields as ``a=1&b=2``: the text of queries, forms, and of much that venues want signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote

from declconn.compile.decode import encode
from declconn.compile.filters import as_text

Arrays: TypeAlias = Literal["repeat", "brackets", "indexed", "comma", "json"]
Sort: TypeAlias = Literal[False, True, "recursive"]

_UNRESERVED: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
"""What is never escaped (RFC 3986, section 2.3)."""

_PLAIN: Final = frozenset({str, int})
"""Types whose values are one text each, the one that Python gives."""


class Form:
    """Writes fields as pairs of name and value; every choice is made here, once.

    Args:
        arrays: how a list is written: ``a=1&a=2``, ``a[]=1``, ``a[0]=1``, ``a=1,2``, ``a=[1,2]``. A map within is
            ``a[b]=1`` with the second and third, JSON with the others.
        sort: by name, or by name at every depth.
        raw: nothing is escaped.
        safe: characters that are not escaped, besides letters, digits and ``_.~-``.
        space: how a space is escaped.
        sep: what stands between the pairs.
    """

    def __init__(
        self,
        *,
        arrays: Arrays = "repeat",
        sort: Sort = False,
        raw: bool = False,
        safe: str = "",
        space: str = "%20",
        sep: str = "&",
    ) -> None:
        self._arrays, self._sort, self._raw, self._safe, self._space, self._sep = arrays, sort, raw, safe, space, sep
        self._is_special = raw or sep != "&"

    def __call__(self, fields: Mapping[str, Any]) -> str:
        """The text. A field that is ``None`` is absent.

        Raises:
            ValueError: a value has no text; the message does not show it.
        """
        if self._sort:
            fields = ordered(fields, self._sort)
        if self._is_special or not _PLAIN.issuperset(map(type, fields.values())):
            return self._write(fields)
        text = "&".join([f"{name}={value}" for name, value in fields.items()])
        # If only the signs between names and values are left without these, nothing in either is to be escaped.
        if len(text.encode().translate(None, _UNRESERVED)) == 2 * len(fields) - 1:
            return text
        return self._write(fields)

    def escape(self, text: str) -> str:
        """A text as it stands in a query."""
        escaped = quote(text, safe=self._safe)
        return escaped if self._space == "%20" else escaped.replace("%20", self._space)

    def _write(self, fields: Mapping[str, Any]) -> str:
        pairs = (pair for name, value in fields.items() if value is not None for pair in self._of(name, value))
        if self._raw:
            return self._sep.join([f"{name}={text}" for name, text in pairs])
        return self._sep.join([f"{self.escape(name)}={self.escape(text)}" for name, text in pairs])

    def _of(self, name: str, value: Any) -> Iterator[tuple[str, str]]:
        if isinstance(value, Mapping):
            yield from self._of_map(name, value)
        elif isinstance(value, list | tuple):
            yield from self._of_list(name, value)
        else:
            yield name, as_text(value)

    def _of_map(self, name: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if self._arrays not in ("brackets", "indexed"):
            yield name, encode(value)
            return
        for key, item in value.items():
            yield from self._of(f"{name}[{key}]", item)

    def _of_list(self, name: str, items: list[Any] | tuple[Any, ...]) -> Iterator[tuple[str, str]]:
        if self._arrays == "json":
            yield name, encode(items)
        elif self._arrays == "comma":
            yield name, ",".join(map(_item_text, items))
        elif self._arrays == "repeat":
            yield from ((name, _item_text(item)) for item in items)
        else:
            for index, item in enumerate(items):
                yield from self._of(f"{name}[{index if self._arrays == 'indexed' else ''}]", item)


def ordered(value: Any, sort: Sort) -> Any:
    """A map sorted by name, or with ``"recursive"`` at every depth; anything else as it is."""
    if isinstance(value, Mapping):
        names = sorted(value) if sort else value
        return {name: ordered(value[name], sort) if sort == "recursive" else value[name] for name in names}
    if sort == "recursive" and isinstance(value, list | tuple):
        return [ordered(item, sort) for item in value]
    return value


def _item_text(item: Any) -> str:
    return encode(item) if isinstance(item, Mapping | list | tuple) else as_text(item)
