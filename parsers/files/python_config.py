"""Configuration files that are Python code, as OpenMMLab writes them: read as text, never executed."""

from __future__ import annotations

import ast
from typing import Any

MAX_DEPTH = 40  # of nested brackets
_UNKNOWN = object()


def assignments(text: str) -> dict[str, Any]:
    """The values of a file that only assigns plain values and calls of `dict`; empty for any other code.

    Values that are neither, such as `range(4)`, are left out.
    """
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    values: dict[str, Any] = {}
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # a docstring
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            return {}
        (target,) = statement.targets
        if not isinstance(target, ast.Name):
            return {}
        value = _plain(statement.value, 0)
        if value is not _UNKNOWN:
            values[target.id] = value
    return values


def _plain(node: ast.expr, depth: int) -> Any:
    """The value of a literal, also with calls of `dict` in it; `_UNKNOWN` for others, which are left out of a mapping."""
    if depth > MAX_DEPTH:
        return _UNKNOWN
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict" and not node.args:
        return _mapping({each.arg: each.value for each in node.keywords if each.arg}, depth)
    if isinstance(node, ast.Dict):
        keys = [each.value if isinstance(each, ast.Constant) else None for each in node.keys]
        return _mapping(
            {str(key): value for key, value in zip(keys, node.values, strict=True) if key is not None}, depth
        )
    if isinstance(node, ast.List | ast.Tuple):
        items = [_plain(each, depth + 1) for each in node.elts]
        return _UNKNOWN if _UNKNOWN in items else items
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return _UNKNOWN


def _mapping(nodes: dict[str, ast.expr], depth: int) -> dict[str, Any]:
    values = {key: _plain(node, depth + 1) for key, node in nodes.items()}
    return {key: value for key, value in values.items() if value is not _UNKNOWN}
