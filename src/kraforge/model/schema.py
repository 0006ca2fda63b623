"""The catalog's JSON Schema, for editors, from the shapes that the loader reads along.

It is shipped as catalog.schema.json; `python -m kraforge.model.schema` writes that file anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, assert_never

from kraforge.model.format import CATALOG
from kraforge.model.shapes import Either, Many, Named, Plain, Record, Shape

FILE: Final = Path(__file__).with_name("catalog.schema.json")
_TYPES: Final = {"text": "string", "number": "number", "bool": "boolean"}


def schema() -> dict[str, Any]:
    """The schema of a catalog, in JSON Schema 2020-12. What it accepts may still break a rule between two parts."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "kraforge catalog"}
    return head | _schema(CATALOG)


def text() -> str:
    """The schema as the file has it."""
    return json.dumps(schema(), indent=1, ensure_ascii=True) + "\n"


def _schema(shape: Shape) -> dict[str, Any]:
    match shape:
        case Plain():
            return _plain(shape)
        case Many():
            return {"type": "array", "minItems": 0 if shape.empty else 1, "items": _schema(shape.item)}
        case Named():
            names = {"pattern": f"^(?:{shape.pattern})$"}
            return {"type": ["object", "null"], "propertyNames": names, "additionalProperties": _schema(shape.item)}
        case Record():
            return _record(shape)
        case Either():
            return {"anyOf": [_schema(one) for one in shape.shapes]}
        case _:
            assert_never(shape)


def _plain(shape: Plain) -> dict[str, Any]:
    if shape.choices:
        return {"enum": list(shape.choices)}
    kinds = [_TYPES[kind] for kind in shape.kinds if kind in _TYPES]
    made: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else kinds}
    if shape.pattern:
        made["pattern"] = f"^(?:{shape.pattern})$"
    if shape.examples:
        made["examples"] = list(shape.examples)
    return made


def _record(shape: Record) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "object" if shape.needs else ["object", "null"],
        "properties": {name: {"description": key.doc} | _schema(key.shape) for name, key in shape.keys.items()},
        "additionalProperties": False,
    }
    if required := [group[0] for group in shape.needs if len(group) == 1]:
        made["required"] = required
    for group in shape.needs:
        if len(group) > 1:
            made["anyOf"] = [{"required": [name]} for name in group]
    if shape.alone:
        made["dependentSchemas"] = {
            name: {"properties": {other: False for other in shape.keys if other != name and other not in beside}}
            for name, beside in shape.alone.items()
        }
    return made


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
