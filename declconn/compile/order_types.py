"""`orders.types` compiled: what a request says of an order's type, its time in force and its trigger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from declconn.compile.lookup import Sources, complaint, missing
from declconn.compile.template import as_text, compile_template
from declconn.errors import ConfigurationError
from declconn.spec import models
from declconn.spec.order_terms import offered, types_read, withheld
from declconn.types import TimeInForce, TimeUnit

ADDS: Final = "place_order"
"""The operation whose requests take the fields of the order's type; others may read them as ``{type.x}``."""

_Write: TypeAlias = Callable[[Sources], dict[str, Any]]
_Fields: TypeAlias = tuple[_Write, frozenset[str]]
"""What an order's type writes, and the request's own fields that it takes away."""

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
        self._types: dict[_Key, _Fields] = {
            (terms.order_type, as_text(orders.sides[terms.side]), terms.time_in_force, terms.trigger or ""): (
                compile_template(fields, time_unit, f"orders.types.{terms.order_type}"),
                withheld(orders.types[terms.order_type], terms) - read if adds else frozenset(),
            )
            for terms, fields in offered(orders).items()
            if terms.side in orders.sides
        }

    def written(self, sources: Sources) -> tuple[Sources, dict[str, Any], frozenset[str]]:
        """What an order's type says.

        The sources with ``{type.x}`` where it is read, the fields that the request takes besides, and those of its own
        that it goes without.

        Args:
            sources: the request's, with ``type`` and, in the venue's word, ``side``; ``time_in_force`` and ``trigger``
                may be absent.

        Raises:
            ConfigurationError: there are no such orders, or a source of the fields is absent.
        """
        write, without = self._chosen(sources)
        fields = write(sources)
        if not self._read:
            return sources, fields, without
        added = {name: value for name, value in fields.items() if name not in self._read} if self._adds else {}
        return {**sources, "type": fields}, added, without

    def _chosen(self, sources: Sources) -> _Fields:
        kind, side, time, trigger = (_word(sources.get(name), usual) for name, usual in _CHOOSES.items())
        chosen = self._types.get((kind, side, time, trigger))
        if chosen is None:
            raise self._refusal((kind, side, time, trigger))
        return chosen

    def _refusal(self, key: _Key) -> ConfigurationError:
        """The error about the first argument that does not fit."""
        fitting = list(self._types)
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
    read = types_read(model)
    adds = operation == ADDS
    return OrderTypes(orders, time_unit, read, adds) if orders is not None and (adds or read) else None


def _word(value: Any, usual: str) -> str:
    return usual if value is None else as_text(value)
