"""How many wrong versions of a rule its own cases let pass: python benchmarks/mutants.py [RULE ...] [--all]

Each mutant is the file of a rule with one change: a comparison turned round or its equality moved, `and` for `or`, a
guard dropped, a threshold doubled or halved, a number in a message one tenth too large. It is killed if a case of
tests/rules/ (or a shared shape: empty, constant, NaN, shuffled ...) ends otherwise, says something else, or raises. The
table has the survivors of each kind; `--all` lists every survivor with its line.
"""

from __future__ import annotations

import argparse
import ast
import copy
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from trainlint.analyzer.judging.engine import judge
from trainlint.rules.registry import RULES
from trainlint.rules.thresholds import thresholds_of, with_thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
KINDS = ("comparison", "and/or", "guard", "threshold", "statement")
GOALS = {"comparison": 0.10, "and/or": 0.15, "guard": 0.15, "threshold": 0.05, "statement": 0.10}
FLIPS = {ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}


@dataclass(frozen=True)
class Mutant:
    """One changed rule.

    Attributes:
        kind: one of `KINDS`.
        line: of the rule's file.
        change: in words.
        rule: the changed rule; None if its file cannot even be run.

    """

    kind: str
    line: int
    change: str
    rule: Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rules", nargs="*", help="ids; all rules that have cases if left out")
    parser.add_argument("--all", action="store_true", help="list every survivor")
    options = parser.parse_args()
    cases = cases_by_rule()
    totals: Counter[str] = Counter()
    survivors: Counter[str] = Counter()
    print(f"{'rule':<30}" + "".join(f"{kind:>14}" for kind in KINDS))
    for rule in RULES:
        if (options.rules and rule.id not in options.rules) or rule.id not in cases:
            continue
        usual = told(rule, cases[rule.id])
        found = [(mutant, told(mutant.rule, cases[rule.id]) == usual) for mutant in mutants_of(rule)]
        row = {kind: [survives for mutant, survives in found if mutant.kind == kind] for kind in KINDS}
        print(f"{rule.id:<30}" + "".join(f"{sum(row[kind]):>7} of {len(row[kind]):<3}" for kind in KINDS), flush=True)
        for mutant, survives in found:
            if survives and options.all:
                print(f"    line {mutant.line}: {mutant.kind}: {mutant.change}")
        for kind in KINDS:
            totals[kind] += len(row[kind])
            survivors[kind] += sum(row[kind])
    for kind in KINDS:
        share = survivors[kind] / max(totals[kind], 1)
        print(f"{kind}: {survivors[kind]} of {totals[kind]} survive, {share:.1%} (goal: at most {GOALS[kind]:.0%})")


def cases_by_rule() -> dict[str, list[Any]]:
    """The runs on which a rule is tried: those of its cases, and the shared shapes."""
    from tests.rules.test_rules import CASES
    from tests.test_package import SHAPES, run_of

    runs: dict[str, list[Any]] = {}
    for case in CASES:
        runs.setdefault(case.rule, []).append(case.make())
    with np.errstate(all="ignore"):
        shared = [run_of(shape) for shape in SHAPES]
    return {rule: [*made, *shared] for rule, made in runs.items()}


def told(rule: Any, runs: list[Any]) -> list[object] | None:
    """All that a rule makes of runs, in a form that can be compared; None if it raises."""
    if rule is None:
        return None
    all_told: list[object] = []
    for run in runs:
        try:
            with np.errstate(all="ignore"):
                judgement = judge(run, [rule], strict=True)
        except Exception:  # noqa: BLE001  (a mutant may raise anything)
            return None
        verdict = judgement.verdicts[rule.id]
        findings = [
            (f.severity, f.finding.message, f.finding.steps, f.finding.metric, round(f.finding.confidence, 2), f.finding.remedies)
            for f in judgement.findings
        ]  # fmt: skip
        all_told.append((verdict.outcome, verdict.reason, findings))
    return all_told


def mutants_of(rule: Any) -> Iterator[Mutant]:
    """Every mutant of a rule."""
    for threshold in thresholds_of(rule).values():
        for factor in (0.5, 2.0):
            value = threshold.value * factor
            value = round(value) if threshold.is_count else value
            if value != threshold.value:
                changed = with_thresholds(rule, {threshold.name: value})
                yield Mutant("threshold", 0, f"{threshold.name} = {value:g} for {threshold.value:g}", changed)
    module = sys.modules[rule.check.__module__]
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    for i, function in enumerate(functions):
        for j, node in enumerate(ast.walk(function)):
            for kind, change in changes_of(node):
                changed_tree = copy.deepcopy(tree)
                defined = [n for n in changed_tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)][i]
                target = list(ast.walk(defined))[j]
                before = ast.unparse(target)[:60]
                apply(target, kind, change)
                text = f"{before}  ->  {ast.unparse(target)[:60]}"
                yield Mutant(kind, getattr(node, "lineno", function.lineno), text, compiled(changed_tree, module, rule))


def changes_of(node: ast.AST) -> Iterator[tuple[str, int]]:
    """The kinds of change that a node admits, and which of its parts they concern."""
    if isinstance(node, ast.Compare):
        yield from (("comparison", n) for n, op in enumerate(node.ops) if type(op) in FLIPS)
    elif isinstance(node, ast.BoolOp):
        yield "and/or", 0
    elif (
        isinstance(node, ast.If)
        and not node.orelse
        and isinstance(node.body[-1], ast.Return | ast.Raise | ast.Continue)
    ):
        yield "guard", 0
    elif isinstance(node, ast.JoinedStr):
        yield from (("statement", n) for n, part in enumerate(node.values) if _is_number(part))


def _is_number(part: ast.expr) -> bool:
    """Whether a part of an f-string is written as a number."""
    if not isinstance(part, ast.FormattedValue) or part.format_spec is None:
        return False
    return any(letter in ast.unparse(part.format_spec) for letter in ("g", "f", "%", ",", "d"))


def apply(node: Any, kind: str, part: int) -> None:
    """Change a node in place."""
    if kind == "comparison":
        node.ops[part] = FLIPS[type(node.ops[part])]()
    elif kind == "and/or":
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif kind == "guard":
        node.test = ast.Constant(value=False)
    else:
        value = node.values[part].value
        is_count = ast.unparse(node.values[part].format_spec).strip("f'\"") in (",", "d", ",d")
        larger = ast.BinOp(value, ast.Add() if is_count else ast.Mult(), ast.Constant(1 if is_count else 1.1))
        node.values[part].value = ast.fix_missing_locations(ast.copy_location(larger, value))


def compiled(tree: ast.Module, original: ModuleType, rule: Any) -> Any:
    """The rule of a changed file, with the thresholds of the original; None if the file cannot be run."""
    changed = ModuleType(original.__name__)
    changed.__package__, changed.__file__ = original.__package__, original.__file__
    try:
        sys.modules[original.__name__] = changed
        exec(compile(ast.fix_missing_locations(tree), str(original.__file__), "exec"), changed.__dict__)
    except Exception:  # noqa: BLE001  (a mutant may raise anything)
        return None
    finally:
        sys.modules[original.__name__] = original
    return next(other for other in vars(changed).values() if isinstance(other, type(rule)) and other.id == rule.id)


if __name__ == "__main__":
    main()
