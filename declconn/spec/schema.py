"""The JSON Schema of the language, generated from the models: what editors complete and explain specs with.

It is looser than the models where a spec's text may be: a child of `extends` says only what differs, `null` removes,
and `like` or `endpoint_defaults` give words that are then required. The loader checks all of that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema

from declconn.records import OPERATIONS, RECORDS
from declconn.spec.models import Endpoint, Spec

SCHEMA_FILE: Final = Path(__file__).parents[2] / "schema" / "exchange-spec.v1.json"
"""Where the schema stands in a checkout; written with ``SCHEMA_FILE.write_text(schema_text())``."""

_OWN: Final = ("kind", "environments", "endpoints", "order_book")
"""What a spec has to say itself unless it extends another."""


def current() -> dict[str, Any]:
    """The schema of the models as they are now (JSON Schema, draft 2020-12)."""
    schema = _loosen(Spec.model_json_schema(by_alias=True, schema_generator=GenerateJsonSchema))
    schema["properties"]["endpoints"] = _endpoints(schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "declconn exchange spec, version 1",
        "required": ["spec", "name"],
        "if": {"not": {"required": ["extends"]}},
        "then": {"required": list(_OWN)},
    }


def schema_text() -> str:
    """The current schema as it is written to its file."""
    return json.dumps(current(), indent=1, default=str) + "\n"


def _endpoints(schema: Mapping[str, Any]) -> dict[str, Any]:
    """`endpoints`, with the operations that the runtime knows, and for each the fields of its record."""
    endpoints: dict[str, Any] = schema["properties"]["endpoints"]
    known = {name: _operation(name, record) for name, record in OPERATIONS.items()}
    return {**endpoints, "properties": known}


def _operation(name: str, record: str | None) -> dict[str, Any]:
    one = {"$ref": f"#/$defs/{Endpoint.__name__}"}
    doc = f"Answers with the record `{record}`." if record else "Its answer is not read."
    described = {"description": f"{name}: {doc}", "examples": [{"get": f"/{name}"}]}
    either: dict[str, Any] = {**described, "anyOf": [one, {"type": "array", "items": one}, {"type": "null"}]}
    if record:
        fields = {field: {"description": f"{kind.doc} ({kind.kind})"} for field, kind in RECORDS[record].fields.items()}
        either["properties"] = {"result": {"properties": fields}}
    return either


def _loosen(schema: Any) -> Any:
    """Nothing is required, `null` is allowed at every key, and one of several forms may fit twice."""
    if isinstance(schema, list):
        return [_loosen(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    loose = {key: _loosen(value) for key, value in schema.items() if key not in ("required", "discriminator", "title")}
    if "oneOf" in loose:
        loose["anyOf"] = loose.pop("oneOf")
    if "properties" in schema and isinstance(schema["properties"], dict):
        loose["properties"] = {name: _or_null(_loosen(value)) for name, value in schema["properties"].items()}
    if isinstance(loose.get("additionalProperties"), dict):
        loose["additionalProperties"] = _or_null(loose["additionalProperties"])
    return loose


def _or_null(schema: Any) -> Any:
    about = {key: schema[key] for key in ("description", "examples", "default") if key in schema}
    form = {key: value for key, value in schema.items() if key not in about}
    if not form or {"type": "null"} in form.get("anyOf", ()):
        return schema
    return {**about, "anyOf": [*(form["anyOf"] if form.keys() == {"anyOf"} else [form]), {"type": "null"}]}
