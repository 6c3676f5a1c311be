"""JSON Schema (draft 2020-12) of a TypedDict: for the documentation, and to validate reports."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Literal,
    NotRequired,
    TypeAlias,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

if TYPE_CHECKING:
    from collections.abc import Callable

DRAFT = "https://json-schema.org/draft/2020-12/schema"
PLAIN: dict[object, str] = {bool: "boolean", int: "integer", float: "number", str: "string", NoneType: "null"}
Schema: TypeAlias = dict[str, object]
Arguments: TypeAlias = tuple[object, ...]


def json_schema(root: type, *, title: str) -> Schema:
    """The schema of a TypedDict and all nested ones; additional keys are invalid.

    Raises:
        TypeError: a field has a type that JSON does not have.

    """
    definitions: dict[str, Schema] = {}
    reference = _schema_of(root, definitions)
    return {"$schema": DRAFT, "title": title, **reference, "$defs": definitions}


def _schema_of(kind: object, definitions: dict[str, Schema]) -> Schema:
    if kind in PLAIN:
        return {"type": PLAIN[kind]}
    if isinstance(kind, type) and is_typeddict(kind):
        return _reference(kind, definitions)
    make = BY_ORIGIN.get(get_origin(kind))
    if make is None:
        raise TypeError(f"JSON has no {kind!r}")
    return make(get_args(kind), definitions)


def _annotated(arguments: Arguments, definitions: dict[str, Schema]) -> Schema:
    return {**_schema_of(arguments[0], definitions), "description": arguments[1]}


def _not_required(arguments: Arguments, definitions: dict[str, Schema]) -> Schema:
    return _schema_of(arguments[0], definitions)


def _literal(arguments: Arguments, _: dict[str, Schema]) -> Schema:
    return {"enum": list(arguments)}


def _list(arguments: Arguments, definitions: dict[str, Schema]) -> Schema:
    return {"type": "array", "items": _schema_of(arguments[0], definitions)}


def _dict(arguments: Arguments, definitions: dict[str, Schema]) -> Schema:
    return {"type": "object", "additionalProperties": _schema_of(arguments[1], definitions)}


def _union(arguments: Arguments, definitions: dict[str, Schema]) -> Schema:
    schemas = [_schema_of(each, definitions) for each in arguments]
    if all(schema.keys() == {"type"} for schema in schemas):
        return {"type": [schema["type"] for schema in schemas]}
    return {"anyOf": schemas}


BY_ORIGIN: dict[object, Callable[[Arguments, dict[str, Schema]], Schema]] = {
    Annotated: _annotated,
    NotRequired: _not_required,
    Literal: _literal,
    list: _list,
    dict: _dict,
    Union: _union,
    UnionType: _union,
}


def _reference(kind: type, definitions: dict[str, Schema]) -> Schema:
    """A reference to a TypedDict, which is defined on first use."""
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}  # recursion of a self-referential type ends here
        hints = get_type_hints(kind, include_extras=True)
        properties = {key: _schema_of(hint, definitions) for key, hint in hints.items()}
        definitions[name] = {
            "type": "object",
            "description": (kind.__doc__ or "").strip(),
            "properties": properties,
            "required": [key for key, hint in hints.items() if get_origin(hint) is not NotRequired],
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{name}"}
