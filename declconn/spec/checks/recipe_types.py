"""Every step of a recipe is given what it can take: text, bytes, a number or a map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from declconn.spec.checks.finding import Finding, wrong
from declconn.spec.checks.sites import words
from declconn.spec.models import Around, Inject, Model, Recipe, Spec, steps
from declconn.spec.node import Loc
from declconn.spec.recipe_graph import recipes
from declconn.spec.recipe_kinds import ANY, BYTES, MAP, SCALAR, TEXT, Kinds, RecipeKinds
from declconn.spec.template import is_choice, parse_template

_TAKES: Final[Mapping[tuple[type[Model], str], Kinds]] = {
    (steps.Concat, "concat"): SCALAR | BYTES,
    (steps.Lines, "lines"): SCALAR | BYTES,
    (steps.Merge, "merge"): MAP,
    (steps.Form, "form"): MAP,
    (steps.KvConcat, "kv_concat"): MAP,
    (steps.KvJoin, "kv_join"): MAP,
    (steps.Hash, "data"): SCALAR | BYTES,
    (steps.Hmac, "data"): SCALAR | BYTES,
    (steps.Hmac, "key"): TEXT | BYTES,
    (steps.Sign, "data"): SCALAR | BYTES,
    (steps.Sign, "key"): TEXT | BYTES,
    (steps.JwtBody, "key"): TEXT | BYTES,
    (steps.Encode, "data"): SCALAR | BYTES,
    (steps.Decode, "data"): TEXT,
    (steps.Uint, "uint"): SCALAR,
    (steps.FixedPoint, "fixed_point"): SCALAR,
    (steps.Eip191, "eip191"): SCALAR | BYTES,
}
"""What a word of a step takes, or each item of its list; anything else takes any value."""

_TEXT_ONLY: Final = frozenset(
    {
        (steps.Form, "form"),
        (steps.Json, "json"),
        (steps.KvConcat, "kv_concat"),
        (steps.KvJoin, "kv_join"),
        (steps.JwtBody, "header"),
        (steps.JwtBody, "claims"),
        (Around, "before"),
        (Around, "after"),
        (Inject, "headers"),
        (Inject, "query"),
        (Inject, "body"),
        (Inject, "append"),
        (Inject, "message"),
        (Recipe, "envelope"),
    }
)
"""Words whose templates become text, so that no bytes may stand in them."""

_NO_TEMPLATES: Final = frozenset(
    {"encoding", "types", "sep", "safe", "arrays", "key_enc", "out", "alg", "primary", "python", "by"}
)
_PEM_ONLY: Final = frozenset({"rsa_pkcs1_sha256", "ecdsa_p256_sha256", "ES256", "RS256"})
_NO_PEM: Final = frozenset({"hmac", "HS256", "secp256k1"})

_HINTS: Final = {
    "bytes": "write them as text with `out: hex` or `encode`, or join bytes with `concat`",
    "map": "write it as text with `json` or `form`",
    "list": "write it as text with `join` or `json`",
    "text": "write it in another way",
    "number": "write it in another way",
}
_NEEDED: Final = {
    MAP: ("a map", "name a map of fields, such as {fields}"),
    BYTES: ("a digest of 32 bytes", "hash it, with `out: raw`"),
}


def check_recipe_types(spec: Spec) -> Iterator[Finding]:
    """Bytes where text is needed, text where a map or bytes are needed, and keys that no algorithm reads."""
    for name, declared in spec.auth.recipes.items():
        for loc, recipe in recipes(("auth", "recipes", name), declared):
            yield from _Reader(recipe).read(recipe, loc)


class _Reader:
    """Looks through one recipe."""

    def __init__(self, recipe: Recipe) -> None:
        self._kinds = RecipeKinds(recipe)

    def read(self, value: Any, loc: Loc, text_only: bool = False) -> Iterator[Finding]:
        """What is wrong in a recipe, a step or a tree of templates, and in everything within."""
        if isinstance(value, Model):
            yield from self._of_model(value, loc)
        elif isinstance(value, Mapping):
            for name, child in value["of"].items() if is_choice(value) else value.items():
                yield from self.read(child, (*loc, "of", name) if is_choice(value) else (*loc, name), text_only)
        elif isinstance(value, list):
            for index, child in enumerate(value):
                yield from self.read(child, (*loc, index), text_only)
        elif isinstance(value, str):
            yield from self._of_template(value, loc, text_only)

    def _of_model(self, model: Model, loc: Loc) -> Iterator[Finding]:
        yield from _check_words(model, loc)
        if isinstance(model, steps.Sign) and model.sign == "secp256k1":
            yield from self._check(model.data, BYTES, (*loc, "data"))
        for word, child in words(model):
            takes = _TAKES.get((type(model), word), ANY)
            if isinstance(child, list):
                for index, item in enumerate(child):
                    yield from self._check(item, takes, (*loc, word, index))
            else:
                yield from self._check(child, takes, (*loc, word))
            if word not in _NO_TEMPLATES:
                yield from self.read(child, (*loc, word), (type(model), word) in _TEXT_ONLY)

    def _of_template(self, text: str, loc: Loc, text_only: bool) -> Iterator[Finding]:
        template = parse_template(text)
        takes = ANY if template.is_value else SCALAR
        for hole in template.placeholders:
            kinds = self._kinds.of_source(hole)
            if not kinds & (takes - BYTES if text_only else takes):
                yield wrong(loc, f"'{hole}' gives {_named(kinds)}, and text is needed; {_HINTS[min(kinds)]}")

    def _check(self, value: Any, takes: Kinds, loc: Loc) -> Iterator[Finding]:
        kinds = self._kinds.of(value) if takes != ANY else ANY
        if not kinds & takes:
            needed, hint = _NEEDED.get(takes, ("text", _HINTS[min(kinds)]))
            yield wrong(loc, f"this gives {_named(kinds)}, and {needed} is needed; {hint}")


def _check_words(model: Model, loc: Loc) -> Iterator[Finding]:
    """Words that do not go with the algorithm."""
    if isinstance(model, steps.Sign) and model.sign != "secp256k1" and model.out.startswith("rsv"):
        yield wrong(
            (*loc, "out"), f"'{model.out}' is a form of secp256k1; for {model.sign} write hex, base64 or another"
        )
    if isinstance(model, steps.Hmac | steps.Sign | steps.JwtBody):
        algorithm = _algorithm(model)
        if algorithm in _PEM_ONLY and model.key_enc not in ("pem", "text"):
            yield wrong((*loc, "key_enc"), f"keys of {algorithm} are PEM, not {model.key_enc}; write `key_enc: pem`")
        if algorithm in _NO_PEM and model.key_enc == "pem":
            yield wrong((*loc, "key_enc"), f"keys of {algorithm} are not PEM; write text, hex, base64 or another")


def _algorithm(model: steps.Hmac | steps.Sign | steps.JwtBody) -> str:
    if isinstance(model, steps.Hmac):
        return "hmac"
    return model.sign if isinstance(model, steps.Sign) else model.alg


def _named(kinds: Kinds) -> str:
    return " or ".join(f"a {kind}" if kind in ("map", "list", "number") else kind for kind in sorted(kinds))
