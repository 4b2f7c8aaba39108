"""`orders.types` compiled: what a request says of an order's type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from declconn.compile.lookup import Sources, complaint, missing
from declconn.compile.template import as_text, compile_template
from declconn.spec import models
from declconn.spec.template import placeholders
from declconn.types import Side, TimeUnit

ADDS: Final = "place_order"
"""The operation whose requests take the fields of the order's type; others may read them as ``{type.x}``."""

_Write: TypeAlias = Callable[[Sources], dict[str, Any]]


class OrderTypes:
    """Writes the fields of an order's type. It is chosen by two arguments: ``type``, a word of ours, and ``side``.

    Args:
        orders: the spec's section.
        time_unit: how times are written.
        read: the fields that the request's templates read as ``{type.x}``.
        adds: the request takes all other fields.
    """

    def __init__(self, orders: models.Orders, time_unit: TimeUnit, read: frozenset[str], adds: bool) -> None:
        self._read, self._adds = read, adds
        self._writers: dict[str, dict[str, _Write]] = {
            order_type: {
                as_text(word): compile_template(_of_side(fields, side), time_unit, f"orders.types.{order_type}")
                for side, word in orders.sides.items()
            }
            for order_type, fields in orders.types.items()
        }

    def written(self, sources: Sources) -> tuple[Sources, dict[str, Any]]:
        """The sources with ``{type.x}`` where it is read, and the fields that the request takes besides.

        Args:
            sources: the request's, with ``type`` and, in the venue's word, ``side``.

        Raises:
            ConfigurationError: one of the two is absent or unknown, or a source of the fields is absent.
        """
        writers = _chosen(self._writers, "type", sources)
        fields: dict[str, Any] = _chosen(writers, "side", sources)(sources)
        if not self._read:
            return sources, fields
        added = {name: value for name, value in fields.items() if name not in self._read} if self._adds else {}
        return {**sources, "type": fields}, added


def types_of(
    operation: str, model: models.Endpoint, orders: models.Orders | None, time_unit: TimeUnit
) -> OrderTypes | None:
    """The types that a request speaks of; ``None`` if it does not."""
    read = _read_words(model.path, model.params, model.body, model.headers)
    adds = operation == ADDS
    return OrderTypes(orders, time_unit, read, adds) if orders is not None and (adds or read) else None


def _read_words(*templates: Any) -> frozenset[str]:
    sources = (source for tree in templates for _, hole in placeholders(tree) for source in hole.sources)
    return frozenset(source.split(".")[1] for source in sources if source.startswith("type."))


def _of_side(fields: Mapping[str, Any], side: Side) -> dict[str, Any]:
    """The fields of both sides, and those that stand under ``BUY`` or ``SELL``."""
    common = {name: value for name, value in fields.items() if name not in set(Side)}
    return {**common, **(fields.get(side) or {})}


def _chosen(cases: Mapping[str, Any], argument: str, sources: Sources) -> Any:
    value = sources.get(argument)
    word = "" if value is None else as_text(value)
    expected = f"expected {' or '.join(cases) or 'no order'}"
    if not word:
        raise missing("orders.types", f"'{argument}' has no value here; {expected}", argument, cases)
    if word not in cases:
        raise complaint("orders.types", f"'{argument}' is {word!r}; {expected}")
    return cases[word]
