"""The house: folders, imports, registries, and the shape of a rule file."""

import ast
import tomllib
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from trainlint.analyzer.judging.engine import judge
from trainlint.parsers.base import NO_SUFFIX, has_no_suffix
from trainlint.parsers.file_names import FORMATS
from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.registry import PARSERS, parsers_for
from trainlint.parsers.run import Curve, Meaning, Run
from trainlint.rules.base import HEADINGS, AnyOf, BatchRule, Need
from trainlint.rules.registry import ALL_RULES, BATCH_RULES, RULES

ROOT = Path(__file__).parent.parent
PACKAGED = ("analyzer", "parsers", "rules", "templates")
MODULES = sorted(
    [*ROOT.glob("*.py"), *(p for folder in PACKAGED for p in (ROOT / folder).rglob("*.py"))], key=lambda p: p.as_posix()
)
SHARED = {"shared", "statistics", "view"}  # the folders of rules that are no families
RULE_FILES = sorted(p for p in (ROOT / "rules").glob("*/[a-z]*.py") if p.parent.name not in SHARED)
IDS = {"ids": lambda p: p.relative_to(ROOT).as_posix() if isinstance(p, Path) else getattr(p, "id", None)}


def name_of(path):
    parts = ["trainlint", *path.relative_to(ROOT).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path):
    """Modules of ours that a file imports, wherever in it; names of packages for what they hold themselves."""
    package = name_of(path).split(".") if path.name == "__init__.py" else name_of(path).split(".")[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            for alias in node.names:
                inner = ".".join([*base, alias.name])
                found.add(inner if inner in NAMES else ".".join(base))
    return found - {"trainlint"}


NAMES = {name_of(path) for path in MODULES}
IMPORTS = {name_of(path): imports_of(path) for path in MODULES}


def test_every_package_is_packaged():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    assert listed == sorted(name_of(path) for path in MODULES if path.name == "__init__.py")


def test_imports_inside_the_package_are_relative():
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            assert not [name for name in names if name.partition(".")[0] == "trainlint"], path


def test_what_a_module_imports_exists():
    assert {name: missing for name, imported in IMPORTS.items() if (missing := imported - NAMES)} == {}


def layer(name):
    folder = name.split(".")[1] if name.count(".") else ""
    return folder if folder in PACKAGED else ""


MAY_IMPORT = {
    "": {"", "analyzer", "rules", "parsers"},
    "analyzer": {"analyzer", "rules", "parsers", "templates"},
    "rules": {"rules", "parsers"},
    "parsers": {"parsers"},
    "templates": set(),
}


def test_who_may_import_whom():
    rule_modules = {name_of(path) for path in RULE_FILES}
    parser_modules = {name_of(path) for path in PARSER_FILES}
    words = [f"meaning.{name}" for name in ("words", "terms", "totals", "vocabulary")]
    told_to_rules = {f"trainlint.parsers.{name}" for name in ("run", *words, "settings.run_names", "settings.kinds")}
    for name, imported in IMPORTS.items():
        assert {layer(other) for other in imported} <= MAY_IMPORT[layer(name)], name
        if layer(name) == "rules":
            assert {other for other in imported if layer(other) == "parsers"} <= told_to_rules, name
        assert name not in rule_modules or not imported & rule_modules, f"{name}: a rule never imports another"
        assert name not in parser_modules or not imported & parser_modules, f"{name}: a parser never imports another"


PARSER_FILES = [
    p for p in sorted((ROOT / "parsers" / "formats").rglob("*.py")) if "\nPARSER = " in p.read_text(encoding="utf-8")
]


def test_the_import_graph_has_no_cycle():
    done, path = set(), []

    def visit(name):
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name in done:
            return
        path.append(name)
        for other in sorted(IMPORTS.get(name, ())):
            visit(other)
        done.add(path.pop())

    for name in sorted(IMPORTS):
        visit(name)


def module(path):
    from importlib import import_module

    found = import_module(name_of(path))
    assert isinstance(found, ModuleType)
    return found


def test_every_parser_file_is_registered():
    assert {path.stem.replace("_", "-") for path in PARSER_FILES} == {parser.id for parser in PARSERS}
    assert [parser.id for parser in PARSERS if parser not in [module(path).PARSER for path in PARSER_FILES]] == []
    assert len({parser.id for parser in PARSERS}) == len(PARSERS)


def test_a_file_is_offered_to_the_parsers_of_its_name():
    names = {
        pattern.replace("[0-9]", "7").replace("*", fill)
        for patterns in FORMATS.values()
        for pattern in patterns
        if pattern != NO_SUFFIX
        for fill in ("", "x", ".X")
    }
    for name in (*names, "one.CSV", "none"):
        offered = [
            p.id
            for p in PARSERS
            if any(
                has_no_suffix(name) if pattern == NO_SUFFIX else fnmatch(name.lower(), pattern)
                for pattern in p.patterns
            )
        ]
        assert [parser.id for parser in parsers_for(name)] == offered


@pytest.mark.parametrize("parser", PARSERS, **IDS)
def test_a_parser_tells_what_it_reads(parser):
    assert parser.doc.strip()
    assert parser.title
    assert parser.patterns
    assert all(pattern == pattern.lower() for pattern in parser.patterns)


def test_every_rule_file_is_registered():
    assert sorted(map(id, (*RULES, *BATCH_RULES))) == sorted(id(module(path).RULE) for path in RULE_FILES)


@pytest.mark.parametrize("path", RULE_FILES, **IDS)
def test_a_rule_has_the_name_of_its_file_and_its_folder(path):
    rule = module(path).RULE
    assert rule.id == path.stem.replace("_", "-")
    assert rule.family == path.parent.name.replace("_", "-")
    assert isinstance(rule, BatchRule) or all(isinstance(need, Need | AnyOf) for need in rule.needs)


@pytest.mark.parametrize("rule", ALL_RULES, **IDS)
def test_a_rule_tells_all_that_is_asked_of_it(rule):
    assert [line[3:] for line in rule.doc.splitlines() if line.startswith("## ")] == list(HEADINGS)
    assert all(rule.section(heading) for heading in HEADINGS)
    assert rule.summary.endswith(".")
    assert rule.title != rule.failure_title
    assert rule.since.count(".") == 2


STEPS = np.arange(200) * 10
RNG = np.random.default_rng(7)
LAYERS = [f"grads/layer{i}" for i in range(6)]
TAGS = [
    "train/loss",
    "val/loss",
    "test/loss",
    "lr",
    "grad_norm",
    "val/accuracy",
    "train/accuracy",
    "train/ppl",
    "reward",
    *LAYERS,
]
SHAPES = {
    "empty": lambda _: ([], []),
    "one point": lambda _: ([0], [1.0]),
    "two points": lambda _: ([0, 1], [1.0, 2.0]),
    "all NaN": lambda _: (STEPS, np.full(200, np.nan)),
    "all infinite": lambda i: (STEPS, np.full(200, np.inf if i % 2 else -np.inf)),
    "NaN from the middle": lambda _: (STEPS, np.where(STEPS < 1000, 1.0, np.nan)),
    "one finite point": lambda _: (STEPS, np.where(STEPS == 500, 1.0, np.nan)),
    "constant": lambda _: (STEPS, np.full(200, 0.5)),
    "zero": lambda _: (STEPS, np.zeros(200)),
    "negative": lambda i: (STEPS, -1.0 - RNG.random(200) * i),
    "huge": lambda i: (STEPS, np.full(200, 1.7e308) * (1 if i % 2 else -1) ** np.arange(200)),
    "tiny": lambda _: (STEPS, np.full(200, 5e-324)),
    "huge and tiny": lambda _: (STEPS, np.where(np.arange(200) % 2, 1e308, 1e-308)),
    "noise": lambda _: (STEPS, RNG.random(200)),
    "falling": lambda i: (STEPS, np.exp(-STEPS / 700) + 0.01 * RNG.random(200) + i),
    "shuffled rows": lambda _: (RNG.permutation(STEPS), RNG.random(200)),
    "backwards": lambda _: (STEPS[::-1], RNG.random(200)),
    "one step for all": lambda _: (np.zeros(200), RNG.random(200)),
    "steps at the limits": lambda _: ([-(2**63), 0, 2**63 - 1] * 10, np.tile([1.0, 2.0, 3.0], 10)),
    "different lengths": lambda i: (STEPS[: 3**i % 200], RNG.random(3**i % 200)),
}  # fmt: skip


def run_of(shape, tags=TAGS, **fields):
    curves = [Curve.build(tag, *SHAPES[shape](i)) for i, tag in enumerate(tags)]
    return Run("r", "/r", "csv-table", all_curves=resolve(curves), **fields)


def told(judgement):
    """What must not hang on the order of curves: of several that fail alike, any may be named."""
    outcomes = {rule: verdict.outcome for rule, verdict in judgement.verdicts.items()}
    return outcomes, sorted(f.rule.id for f in judgement.findings), judgement.status


@pytest.mark.parametrize("shape", SHAPES)
def test_rules_survive_any_run(shape):
    with np.errstate(over="ignore", invalid="ignore"):  # numbers at the limits of float64 overflow on the way
        judgement = judge(run_of(shape, hyperparameters={"lr": float("nan"), "num_classes": 0, "max_steps": -1}), RULES)
    assert [v.reason for v in judgement.verdicts.values() if v.outcome == "failed"] == []
    for found in judgement.findings:
        assert 0 <= found.finding.confidence <= 1
        assert found.finding.steps[0] <= found.finding.steps[1]
        assert found.finding.message
        assert "nan" not in found.finding.message.lower() or found.rule.family == "numeric"


@pytest.mark.parametrize("shape", SHAPES)
def test_the_order_of_curves_changes_nothing(shape):
    run = run_of(shape)
    turned = Run("r", "/r", "csv-table", all_curves=run.all_curves[::-1])
    assert told(judge(run, RULES)) == told(judge(turned, RULES))


def test_rules_survive_a_run_without_curves():
    judgement = judge(Run("r", "/r", "csv-table"), RULES)
    assert judgement.status == "unreadable"
    assert {v.outcome for v in judgement.verdicts.values()} <= {"not-applicable", "insufficient-data", "clear"}


def test_rules_survive_one_curve_of_any_role():
    from typing import get_args

    from trainlint.parsers.run import Role, Split

    for role in get_args(Role):
        for split in get_args(Split):
            curve = Curve.build("x", STEPS, RNG.random(200), meaning=Meaning(role, split, "fc1", "lower"))
            verdicts = judge(Run("r", "/r", "csv-table", all_curves=[curve]), RULES).verdicts
            assert [v.reason for v in verdicts.values() if v.outcome == "failed"] == []


def test_neighbouring_families_come_together():
    families = [rule.family for rule in ALL_RULES]
    assert len([pair for pair in pairwise(families) if pair[0] != pair[1]]) + 1 == len(set(families))
