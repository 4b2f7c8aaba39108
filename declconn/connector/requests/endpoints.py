"""The operations of a spec, compiled: every request with its recipe and its reader."""

from __future__ import annotations

from collections.abc import Mapping

from declconn.compile.endpoint import Endpoint
from declconn.compile.errors import ErrorReader
from declconn.compile.mapping import Reader, Units, Words
from declconn.compile.recipe import PLAIN, Recipe
from declconn.errors import NotSupportedError
from declconn.records import OPERATIONS, RECORDS
from declconn.spec import Spec, models


def compile_endpoints(
    spec: Spec, words: Words, errors: ErrorReader, recipes: Mapping[str, Recipe]
) -> dict[str, list[Endpoint]]:
    """The requests of every operation; a `then` is the ``then`` of the one that it follows.

    Raises:
        NotSupportedError: a result is read by Python code.
    """
    units = Units(spec.time_unit, spec.amount_unit, spec.negative_prices)

    def endpoint(operation: str, model: models.Endpoint, *, follows: bool = False) -> Endpoint:
        return Endpoint(
            operation,
            model,
            reader=_reader(operation, model, words, units, partial=follows),
            errors=errors,
            time_unit=spec.time_unit,
            recipe=recipes.get(model.auth or "", PLAIN),
            orders=spec.orders,
            then=None if model.then is None else endpoint(operation, model.then, follows=True),
        )

    return {
        operation: [endpoint(operation, model) for model in spec.requests(operation)] for operation in spec.endpoints
    }


def _reader(operation: str, model: models.Endpoint, words: Words, units: Units, *, partial: bool) -> Reader | None:
    if model.result is None:
        return None
    if isinstance(model.result, models.Hook):
        raise NotSupportedError(f"endpoints.{operation}.result: Python hooks are not called yet")
    record = OPERATIONS.get(operation)
    return Reader(
        f"endpoints.{operation}",
        RECORDS[record] if record else None,
        model.result,
        words=words,
        units=units,
        unwrap=model.unwrap,
        each=model.each,
        row_where=model.where,
        facts=model.market,
        partial=partial,
    )
