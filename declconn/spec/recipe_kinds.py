"""What kind of value each step of a recipe gives: text, bytes, a number, a map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from declconn.spec.models import Model, Recipe, steps
from declconn.spec.recipe_graph import OWN
from declconn.spec.template import Placeholder, is_choice, parse_template

Kinds: TypeAlias = frozenset[str]
"""What a value may be; one that is known for sure has one kind."""

TEXT: Final = frozenset({"text"})
BYTES: Final = frozenset({"bytes"})
NUMBER: Final = frozenset({"number"})
MAP: Final = frozenset({"map"})
SCALAR: Final = TEXT | NUMBER
ANY: Final = SCALAR | BYTES | MAP | {"list"}

_NUMBERS: Final = frozenset({"s", "ms", "us", "ns"})
_FILTERED: Final[Mapping[str, Kinds]] = dict.fromkeys(("number", "int", "plus", *_NUMBERS), NUMBER)
_ROOTS: Final[Mapping[str, Kinds]] = {
    "cred": TEXT,
    "req": TEXT,
    "url": TEXT,
    "auth": TEXT,
    "fields": MAP | {"list"},
    "params": MAP,
    "request_id": NUMBER,
}
_STEPS: Final[Mapping[type[Model], Kinds]] = {
    steps.Merge: MAP,
    steps.Form: TEXT,
    steps.Json: TEXT,
    steps.KvConcat: TEXT,
    steps.KvJoin: TEXT,
    steps.Jwt: TEXT,
    steps.Encode: TEXT,
    steps.Decode: BYTES,
    steps.Msgpack: BYTES,
    steps.Uint: BYTES,
    steps.FixedPoint: NUMBER,
    steps.Eip712: BYTES,
    steps.Eip191: BYTES,
    steps.AbiEncode: BYTES,
}
_OUTPUTS: Final[Mapping[str, Kinds]] = {"raw": BYTES, "rsv_object": MAP}


class RecipeKinds:
    """The kinds of the values of one recipe."""

    def __init__(self, recipe: Recipe) -> None:
        self._let = recipe.let
        self._known: dict[str, Kinds] = {}

    def of(self, value: Any) -> Kinds:
        """What a step or template may give."""
        if isinstance(value, Model):
            return self._of_step(value)
        if is_choice(value):
            return frozenset().union(*map(self.of, value["of"].values()))
        if isinstance(value, Mapping):
            return MAP
        if isinstance(value, list):
            return frozenset({"list"})
        if not isinstance(value, str):
            return NUMBER
        template = parse_template(value)
        return self.of_source(template.placeholders[0]) if template.is_value else TEXT

    def of_source(self, hole: Placeholder) -> Kinds:
        """What stands for a placeholder."""
        if hole.filters:
            return _FILTERED.get(hole.filters[-1][0], TEXT)
        return frozenset().union(*map(self._of_name, hole.sources))

    def _of_name(self, source: str) -> Kinds:
        root, _, rest = source.partition(".")
        if source in self._let:
            if source not in self._known:
                self._known[source] = ANY  # while it is looked at: what needs itself is another check's finding
                self._known[source] = self.of(self._let[source])
            return self._known[source]
        if root in ("clock", "nonce"):
            return NUMBER if rest in _NUMBERS else TEXT
        return ANY if rest and root in OWN else _ROOTS.get(root, ANY)

    def _of_step(self, step: Model) -> Kinds:
        if isinstance(step, steps.Hash | steps.Hmac | steps.Sign):
            return _OUTPUTS.get(step.out, TEXT)
        if isinstance(step, steps.Concat | steps.Lines):
            parts = step.concat if isinstance(step, steps.Concat) else step.lines
            return self._joined([self.of(part) for part in parts])
        if isinstance(step, steps.If):
            return self.of(step.then) | (TEXT if step.else_ is None else self.of(step.else_))
        if isinstance(step, steps.By):
            return frozenset().union(*map(self.of, step.of.values()))
        return _STEPS.get(type(step), ANY)

    def _joined(self, parts: list[Kinds]) -> Kinds:
        if BYTES in parts:
            return BYTES
        return TEXT | BYTES if any("bytes" in part for part in parts) else TEXT
