"""JSON Schema (draft 2020-12) of a TypedDict: for the documentation, and to validate reports."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN = {bool: "boolean", int: "integer", float: "number", str: "string", NoneType: "null"}


def json_schema(root: type, *, title: str) -> dict[str, Any]:
    """The schema of a TypedDict and all those below it.

    Raises:
        TypeError: a field has a type that JSON does not have.

    """
    definitions: dict[str, Any] = {}
    reference = _schema_of(root, definitions)
    return {"$schema": DRAFT, "title": title, **reference, "$defs": dict(sorted(definitions.items()))}


def _schema_of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    if origin is Annotated:
        return {**_schema_of(arguments[0], definitions), "description": arguments[1]}
    if origin in (NotRequired, Required):
        return _schema_of(arguments[0], definitions)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, UnionType):
        return _union(arguments, definitions)
    if origin is list:
        return {"type": "array", "items": _schema_of(arguments[0], definitions)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema_of(arguments[1], definitions)}
    if isinstance(kind, type) and hasattr(kind, "__required_keys__"):
        _define(kind, definitions)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    raise TypeError(f"JSON has no {kind!r}")


def _union(kinds: tuple[Any, ...], definitions: dict[str, Any]) -> dict[str, Any]:
    schemas = [_schema_of(each, definitions) for each in kinds]
    if all(schema.keys() == {"type"} for schema in schemas):
        return {"type": [schema["type"] for schema in schemas]}
    return {"anyOf": schemas}


def _define(kind: Any, definitions: dict[str, Any]) -> None:
    if kind.__name__ in definitions:
        return
    definitions[kind.__name__] = {}  # a type that holds itself ends here
    hints = get_type_hints(kind, include_extras=True)
    definitions[kind.__name__] = {
        "type": "object",
        "description": (kind.__doc__ or "").strip(),
        "properties": {name: _schema_of(hint, definitions) for name, hint in hints.items()},
        "required": sorted(kind.__required_keys__),
        "additionalProperties": False,
    }
