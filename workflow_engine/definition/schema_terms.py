"""The words the schema is written in."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
ANY: Schema = {}


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def listed(inner: Schema) -> Schema:
    return {"type": "array", "items": inner}


def words(*values: str) -> Schema:
    return {"enum": list(values)}


def closed(required: str, properties: Schema, **more: Any) -> Schema:
    """An object with these fields and `notes`, and no others."""
    found: Schema = {
        "type": "object",
        "properties": {**properties, "notes": ANY},
        "additionalProperties": False,
        **more,
    }
    return {**found, "required": required.split()} if required else found


ID, EXPR, DURATION = ref("id"), ref("expression"), ref("duration")
ACTIONS, NAMED = listed(ref("action")), listed(ref("named"))
PAYLOAD: Schema = {"anyOf": [NAMED, EXPR]}
TARGETS: Schema = {"anyOf": [TEXT, listed(TEXT)]}
