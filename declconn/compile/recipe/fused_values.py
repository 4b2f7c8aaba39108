"""Values of a recipe in straight lines: templates of plain sources, and the steps `hmac hash encode concat lines`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from declconn.compile.codegen import Body
from declconn.compile.filters import as_text
from declconn.compile.lookup import ABSENT
from declconn.compile.recipe.codes import OUTPUTS, as_bytes
from declconn.compile.recipe.compiler import Compiler
from declconn.compile.recipe.digests import hash_function
from declconn.compile.recipe.keys import key_bytes
from declconn.errors import ConfigurationError
from declconn.spec.models import Model, Recipe, steps
from declconn.spec.recipe_kinds import BYTES, NUMBER, TEXT, RecipeKinds
from declconn.spec.template import Placeholder, parse_template

NAMES: Final[Mapping[str, Any]] = {"as_text": as_text, "as_bytes": as_bytes, "OUTPUTS": OUTPUTS}
"""What the generated source may name."""

_OUTSIDE: Final = frozenset({"clock", "nonce"})
_UNRESERVED: Final = frozenset({"hex", "HEX", "base64url", "base58"})


class UnusualError(Exception):
    """There is something in this recipe that is left to the general way."""


class Values:
    """Writes the statements that compute values, each once.

    Args:
        model: the recipe.
        compiler: computes what is always the same.
        body: where the statements go.
        parts: expressions of ``req.x``.
    """

    def __init__(self, model: Recipe, compiler: Compiler, body: Body, parts: Mapping[str, str]) -> None:
        self._let, self._compiler, self._body, self._parts = model.let, compiler, body, parts
        self._kinds = RecipeKinds(model)
        self._known: dict[str, str] = {}

    def each(self, fields: Mapping[str, Any] | None) -> Iterator[tuple[str, Any]]:
        """The fields that are there, without those whose value is always absent."""
        for name, tree in (fields or {}).items():
            if not self._compiler.is_known(tree) or self._constant(tree) is not ABSENT:
                yield name, tree

    def value(self, tree: Any) -> str:
        """The expression of what a template writes, with its type."""
        if self._compiler.is_known(tree):
            return self._body.module.constant(self._present(tree))
        template = parse_template(tree) if isinstance(tree, str) else None
        if template is None:
            raise UnusualError
        return self._of_hole(template.placeholders[0]) if template.is_value else self.text(tree)

    def text(self, tree: Any) -> str:
        """The same as a text."""
        if self._compiler.is_known(tree):
            return self._body.module.constant(as_text(self._present(tree)))
        if not isinstance(tree, str):
            raise UnusualError
        parts = [self._piece(part) for part in parse_template(tree).parts]
        return self._body.assign(f"f{''.join(parts)!r}")

    def data(self, step: Any) -> str:
        """The expression of the bytes of a step or template."""
        kinds = self._kinds.of(step)
        if kinds == BYTES:
            return self._of_step(step)
        if not kinds <= TEXT | NUMBER:
            raise UnusualError
        return f"{self._of_step(step) if isinstance(step, Model) else self.text(step)}.encode()"

    def needs_no_escape(self, tree: Any) -> bool:
        """Whether a value stands in a query as it is, for sure."""
        template = parse_template(tree) if isinstance(tree, str) else None
        if template is None or not template.is_value or template.placeholders[0].filters:
            return False
        step = self._let.get(template.placeholders[0].sources[0])
        return isinstance(step, steps.Hmac | steps.Hash) and step.out in _UNRESERVED

    def _piece(self, part: str | Placeholder) -> str:
        """A part of a template as it stands in an f-string."""
        if isinstance(part, str):
            return part.replace("{", "{{").replace("}", "}}")
        tree = f"{{{part}}}"
        if self._compiler.is_known(tree):
            return f"{{{self.text(tree)}}}"
        kinds = self._kinds.of_source(part)
        if not kinds <= TEXT | NUMBER:
            raise UnusualError
        is_said = kinds == TEXT or (part.sources[0] not in self._let and not part.filters)
        return f"{{{self._of_hole(part)}}}" if is_said else f"{{as_text({self._of_hole(part)})}}"

    def _of_hole(self, hole: Placeholder) -> str:
        source = hole.sources[0]
        root, _, rest = source.partition(".")
        if hole.optional or len(hole.sources) > 1:
            raise UnusualError
        if hole.filters:
            if root not in _OUTSIDE or source in self._let:
                raise UnusualError
            write = self._body.module.constant(self._compiler.template(f"{{{hole}}}", "fused"))
            return self._body.assign(f"{write}(sources)")
        if source in self._let:
            return self._of_let(source)
        if source in self._parts:
            return self._body.remember((source,), self._parts[source])
        if root not in _OUTSIDE or not rest:
            raise UnusualError
        holder = self._body.remember((root,), f"sources[{root!r}]")
        return self._body.remember((source,), f"{holder}[{rest!r}]")

    def _of_let(self, name: str) -> str:
        if name not in self._known:
            step = self._let[name]
            self._known[name] = self._of_step(step) if isinstance(step, Model) else self.value(step)
        return self._known[name]

    def _of_step(self, step: Any) -> str:
        if isinstance(step, steps.Hmac):
            return self._of_hmac(step)
        if isinstance(step, steps.Hash):
            function = self._body.module.constant(hash_function(step.hash, "fused"))
            return self._written(f"{function}({self.data(step.data)})", step.out)
        if isinstance(step, steps.Encode):
            return self._written(self.data(step.data), step.encode)
        if isinstance(step, steps.Concat):
            return self._joined(step.concat, step.sep)
        if isinstance(step, steps.Lines):
            return self._joined(step.lines, "\n")
        if isinstance(step, Model):
            raise UnusualError
        return self.value(step)

    def _of_hmac(self, step: steps.Hmac) -> str:
        from declconn.compile.recipe import hmacs

        if not self._compiler.is_known(step.key):
            raise UnusualError
        try:
            key = key_bytes(self._compiler.step(step.key, "fused")({}), step.key_enc)
        except (ConfigurationError, ValueError):
            raise UnusualError from None
        begun = self._body.module.constant(hmacs.begin(key, step.hmac))
        data = self.data(step.data)
        digest = self._body.assign(f"{begun}.copy()")
        self._body.put(f"{digest}.update({data})")
        return self._written(f"{digest}.finalize()", step.out)

    def _joined(self, items: list[Any], separator: str) -> str:
        if all(self._kinds.of(item) <= TEXT | NUMBER for item in items):
            texts = [self._of_step(item) if isinstance(item, Model) else self.text(item) for item in items]
            return self._body.assign(f"{separator!r}.join(({', '.join(texts)},))")
        return self._body.assign(f"{separator.encode()!r}.join(({', '.join(map(self.data, items))},))")

    def _written(self, data: str, out: str) -> str:
        if out == "raw":
            return self._body.assign(data)
        return self._body.assign(f"{data}.hex()" if out == "hex" else f"OUTPUTS[{out!r}]({data})")

    def _present(self, tree: Any) -> Any:
        value = self._constant(tree)
        if value is ABSENT:
            raise UnusualError
        return value

    def _constant(self, tree: Any) -> Any:
        try:
            return self._compiler.template(tree, "fused")({})
        except ConfigurationError:
            raise UnusualError from None
