"""`{type.x}` in the templates of a request: what an order's type says, put where it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from declconn.compile.lookup import ABSENT
from declconn.spec.template import parse_template

_BEFORE: Final = "type."


def with_type(tree: Any, fields: Mapping[str, Any]) -> Any:
    """Templates in which every ``{type.x}`` is the field itself, a template too.

    Args:
        tree: maps, lists and texts, as in the spec.
        fields: of one kind of orders; what reads one that it does not have is left out.

    Raises:
        ValueError: a field is read inside a text, or through a filter.
    """
    if isinstance(tree, Mapping):
        parts = {name: with_type(part, fields) for name, part in tree.items()}
        return {name: part for name, part in parts.items() if part is not ABSENT}
    if isinstance(tree, list | tuple):
        return [part for part in (with_type(part, fields) for part in tree) if part is not ABSENT]
    if not isinstance(tree, str) or _BEFORE not in tree:
        return tree
    template = parse_template(tree)
    sources = [source for hole in template.placeholders for source in hole.sources]
    if not any(source.startswith(_BEFORE) for source in sources):
        return tree
    if not template.is_value or template.placeholders[0].filters or len(sources) > 1:
        raise ValueError(f"'{tree}' reads a field of orders.types inside a text, which is not taken apart")
    return fields.get(sources[0].removeprefix(_BEFORE), ABSENT)
