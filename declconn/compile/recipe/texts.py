"""The steps that write text and maps: `concat lines merge form json kv_concat kv_join`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from declconn.compile.decode import encode
from declconn.compile.filters import as_text
from declconn.compile.form import Form, ordered
from declconn.compile.lookup import ABSENT, Sources
from declconn.compile.recipe.codes import as_bytes
from declconn.compile.recipe.compiler import Compiler, mapped
from declconn.compile.recipe.scope import Value
from declconn.spec.models import steps


def concat(model: steps.Concat, compiler: Compiler, where: str) -> Value:
    return _joined(model.concat, model.sep, compiler, f"{where}.concat")


def lines(model: steps.Lines, compiler: Compiler, where: str) -> Value:
    return _joined(model.lines, "\n", compiler, f"{where}.lines")


def _joined(items: list[Any], separator: str, compiler: Compiler, where: str) -> Value:
    """Texts make a text; as soon as one is bytes, all are. Absent items are left out."""
    values = [compiler.step(item, f"{where}[{index}]") for index, item in enumerate(items)]

    def join(sources: Sources) -> Any:
        parts = [part for value in values if (part := value(sources)) is not ABSENT]
        if any(isinstance(part, bytes) for part in parts):
            return separator.encode().join(map(as_bytes, parts))
        return separator.join(map(as_text, parts))

    return join


def merge(model: steps.Merge, compiler: Compiler, where: str) -> Value:
    values = [compiler.template(tree, f"{where}.merge[{index}]") for index, tree in enumerate(model.merge)]

    def merged(sources: Sources) -> dict[str, Any]:
        maps = [_map(part) for value in values if (part := value(sources)) is not ABSENT]
        fields = {name: value for fields in maps for name, value in fields.items()}
        return dict(ordered(fields, model.sort))

    return merged


def form(model: steps.Form, compiler: Compiler, where: str) -> Value:
    write = Form(arrays=model.arrays, sort=model.sort, raw=model.raw, safe=model.safe)
    return mapped(compiler.template(model.form, f"{where}.form"), lambda fields: write(_map(fields)))


def kv_join(model: steps.KvJoin, compiler: Compiler, where: str) -> Value:
    write = Form(sort=model.sort, raw=True, sep=model.sep)
    return mapped(compiler.template(model.kv_join, f"{where}.kv_join"), lambda fields: write(_map(fields)))


def json(model: steps.Json, compiler: Compiler, where: str) -> Value:
    value = compiler.template(model.json_, f"{where}.json")
    return mapped(value, lambda document: encode(ordered(document, "recursive") if model.sort else document))


def kv_concat(model: steps.KvConcat, compiler: Compiler, where: str) -> Value:
    value = compiler.template(model.kv_concat, f"{where}.kv_concat")
    return mapped(value, lambda fields: _run_together(_map(fields), model.sort, model.sep))


def _run_together(value: Any, sort: bool, separator: str) -> str:
    if isinstance(value, Mapping):
        pairs = ordered(value, sort).items()
        return separator.join(f"{name}{_run_together(item, sort, separator)}" for name, item in pairs)
    if isinstance(value, list | tuple):
        return "".join(_run_together(item, sort, separator) for item in value)
    return "null" if value is None else as_text(value)


def _map(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"a map of fields is needed here, and this is a {type(value).__name__}")
    return value
