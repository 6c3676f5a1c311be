"""The thresholds of a rule: what they are, why, and the same rule with others.

A threshold is a number that a rule's file names in capitals at its top level, `MIN_SHARE_LOST = 0.2  # of the descent`;
users write `min-share-lost`.
"""

from __future__ import annotations

import ast
import inspect
import io
import sys
import tokenize
from dataclasses import dataclass, replace
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from .base import BatchRule, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .base import Severity

AnyRule = TypeVar("AnyRule", Rule, BatchRule)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that a rule compares with.

    Attributes:
        name: as users write it, kebab-case.
        value: the default.
        reason: the comment beside it.

    """

    name: str
    value: float
    reason: str


def thresholds_of(rule: Rule | BatchRule) -> dict[str, Threshold]:
    """The thresholds of a rule by name, in the order of its file; none where the file's source is not at hand."""
    try:
        source = inspect.getsource(_module(rule))
    except OSError:
        return {}
    lines = source.splitlines()
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and "noqa" not in token.string
    }
    found: dict[str, Threshold] = {}
    for node in ast.parse(source).body:
        for name in _assigned(node):
            value = getattr(_module(rule), name, None)
            if name.isupper() and isinstance(value, int | float) and not isinstance(value, bool):
                found[_shown(name)] = Threshold(_shown(name), value, _reason(node, comments, lines))
    return found


def _reason(node: ast.stmt, comments: Mapping[int, str], lines: list[str]) -> str:
    """The comment on the lines of a statement, or those right above it."""
    beside = [comments[line] for line in range(node.lineno, (node.end_lineno or node.lineno) + 1) if line in comments]
    above: list[str] = []
    line = node.lineno - 1
    while not beside and line in comments and lines[line - 1].lstrip().startswith("#"):
        above.insert(0, comments[line])
        line -= 1
    return " ".join(beside or above)


def with_thresholds(rule: AnyRule, values: Mapping[str, float]) -> AnyRule:
    """The same rule with other values of some thresholds.

    Its file is evaluated once more with those numbers in it, so that whatever is computed from a threshold (other
    thresholds, the points that it needs) follows, and the rule itself stays as it was.

    Raises:
        KeyError: it has no such threshold.
        TypeError: a count is given a fraction.

    """
    known = thresholds_of(rule)
    for name, value in values.items():
        if isinstance(known[name].value, int) and value != int(value):
            raise TypeError(f"{name} is a whole number, not {value!r}")
    if not values:
        return rule
    original = _module(rule)
    tree = ast.parse(inspect.getsource(original))
    for node in tree.body:
        names = [_shown(name) for name in _assigned(node)]
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not values.keys() & set(names):
            continue
        if isinstance(node.value, ast.Tuple) and len(names) == len(node.value.elts) > 1:
            pairs = zip(names, node.value.elts, strict=True)
            node.value.elts = [_constant(known[name], values, expression) for name, expression in pairs]
        elif node.value is not None:
            node.value = _constant(known[names[0]], values, node.value)
    changed = ModuleType(original.__name__)
    changed.__package__, changed.__file__ = original.__package__, original.__file__
    code = compile(tree, original.__file__ or original.__name__, "exec")
    exec(code, changed.__dict__)  # noqa: S102  (the code of an installed rule, never anything of a log)
    return next(other for other in vars(changed).values() if isinstance(other, type(rule)) and other.id == rule.id)


def _constant(threshold: Threshold, values: Mapping[str, float], expression: ast.expr) -> ast.expr:
    """The expression of a threshold, or the number that is to stand for it."""
    if threshold.name not in values:
        return expression
    value = values[threshold.name]
    is_count = isinstance(threshold.value, int)
    return ast.copy_location(ast.Constant(int(value) if is_count else float(value)), expression)


def with_severity(rule: AnyRule, severity: Severity) -> AnyRule:
    """The same rule, all of whose findings have this severity."""

    def check(judged: Any) -> Iterator[Any]:
        return (replace(finding, severity=None) for finding in rule.check(judged))

    return replace(rule, severity=severity, check=check)


def _module(rule: Rule | BatchRule) -> ModuleType:
    return sys.modules[rule.check.__module__]


def _assigned(node: ast.stmt) -> list[str]:
    """The names that a statement assigns to, `A = ...` or `A, B = ...`; none if it is not of that kind."""
    if isinstance(node, ast.AnnAssign):
        targets: list[ast.expr] = [node.target]
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        targets = target.elts if isinstance(target, ast.Tuple) else [target]
    else:
        targets = []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _shown(name: str) -> str:
    return name.lower().replace("_", "-")
