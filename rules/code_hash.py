"""A hash of the code of a rule, which shows whether a measured rate is that of an older version.

It covers the module of the rule and what that imports from this package, without documentation and prose: text with a
blank in it is a sentence for people, and rewording it changes no verdict.
"""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from importlib.abc import InspectLoader
from importlib.util import find_spec, resolve_name
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HASH_DIGITS = 12
_PACKAGE = __package__ or ""
_DECIDES_NOTHING = frozenset(f"{_PACKAGE}.{name}" for name in ("base", "registry", "thresholds"))


def code_hash(check: Callable[..., Any]) -> str | None:
    """Hash of the code behind the `check` of a rule, 12 hexadecimal digits; None where its source is not installed."""
    waiting, found = [check.__module__], dict[str, str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            code = _code(name)
            if code is None:
                return None
            found[name] = code[0]
            waiting += code[1]
    text = "\n".join(found[name] for name in sorted(found))
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS]


@cache
def _code(module: str) -> tuple[str, tuple[str, ...]] | None:
    """The code of a module without prose, and the modules of this package that it imports; None without a source."""
    spec = find_spec(module)
    source = spec.loader.get_source(module) if spec and isinstance(spec.loader, InspectLoader) else None
    if source is None:
        return None
    tree = ast.parse(source)
    return _text(tree), tuple(_imported(tree, module))


def _text(part: Any) -> str:
    """A tree as text that is equal in all versions of Python: empty fields are omitted."""
    if isinstance(part, ast.JoinedStr):
        return "''"
    if isinstance(part, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(part) if value not in (None, []))
        return f"{type(part).__name__}({','.join(f'{name}={_text(value)}' for name, value in fields)})"
    if isinstance(part, list):
        return f"[{','.join(map(_text, part))}]"
    return "''" if isinstance(part, str) and " " in part else repr(part)


def _imported(tree: ast.Module, module: str) -> Iterator[str]:
    """Modules of this package that a module imports."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = resolve_name("." * node.level + (node.module or ""), module.rpartition(".")[0])
        for name in (base, *(f"{base}.{alias.name}" for alias in node.names)):
            if name.startswith(f"{_PACKAGE}.") and name not in _DECIDES_NOTHING and _is_module(name):
                yield name


@cache
def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # a name inside a module
        return False
