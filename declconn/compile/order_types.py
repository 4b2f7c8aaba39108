"""`orders.types` compiled: what a request says of an order's type, its time in force and its trigger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from declconn.compile.lookup import Sources, complaint, missing
from declconn.compile.template import as_text, compile_template
from declconn.errors import ConfigurationError
from declconn.spec import models
from declconn.spec.order_terms import offered
from declconn.spec.template import placeholders
from declconn.types import TimeInForce, TimeUnit

ADDS: Final = "place_order"
"""The operation whose requests take the fields of the order's type; others may read them as ``{type.x}``."""

_Write: TypeAlias = Callable[[Sources], dict[str, Any]]
_Key: TypeAlias = tuple[str, str, str, str]

_CHOOSES: Final[Mapping[str, str]] = {"type": "", "side": "", "time_in_force": TimeInForce.GTC, "trigger": ""}
"""The arguments that choose, and what stands for an absent one."""

_NOTHING: Final[Mapping[str, str]] = {name: "no trigger" if name == "trigger" else "no order" for name in _CHOOSES}


class OrderTypes:
    """Writes the fields of an order's type.

    They are chosen by the arguments ``type``, ``time_in_force``, ``trigger``, words of ours, and ``side``, the venue's.

    Args:
        orders: the spec's section.
        time_unit: how times are written.
        read: the fields that the request's templates read as ``{type.x}``.
        adds: the request takes all other fields.
    """

    def __init__(self, orders: models.Orders, time_unit: TimeUnit, read: frozenset[str], adds: bool) -> None:
        self._read, self._adds = read, adds
        self._writers: dict[_Key, _Write] = {
            (terms.order_type, as_text(orders.sides[terms.side]), terms.time_in_force, terms.trigger or ""): (
                compile_template(fields, time_unit, f"orders.types.{terms.order_type}")
            )
            for terms, fields in offered(orders).items()
            if terms.side in orders.sides
        }

    def written(self, sources: Sources) -> tuple[Sources, dict[str, Any]]:
        """The sources with ``{type.x}`` where it is read, and the fields that the request takes besides.

        Args:
            sources: the request's, with ``type`` and, in the venue's word, ``side``; ``time_in_force`` and ``trigger``
                may be absent.

        Raises:
            ConfigurationError: there are no such orders, or a source of the fields is absent.
        """
        fields = self._chosen(sources)(sources)
        if not self._read:
            return sources, fields
        added = {name: value for name, value in fields.items() if name not in self._read} if self._adds else {}
        return {**sources, "type": fields}, added

    def _chosen(self, sources: Sources) -> _Write:
        kind, side, time, trigger = (_word(sources.get(name), usual) for name, usual in _CHOOSES.items())
        write = self._writers.get((kind, side, time, trigger))
        if write is None:
            raise self._refusal((kind, side, time, trigger))
        return write

    def _refusal(self, key: _Key) -> ConfigurationError:
        """The error about the first argument that does not fit."""
        fitting = list(self._writers)
        index = 0
        while chosen := [each for each in fitting if each[index] == key[index]]:
            fitting, index = chosen, index + 1
        name, word = list(_CHOOSES)[index], key[index]
        cases = list(dict.fromkeys(each[index] for each in fitting if each[index]))
        expected = f"expected {' or '.join(cases) or _NOTHING[name]}"
        if not word:
            return missing("orders.types", f"'{name}' has no value here; {expected}", name, cases)
        return complaint("orders.types", f"'{name}' is {word!r}; {expected}")


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


def _word(value: Any, usual: str) -> str:
    return usual if value is None else as_text(value)
