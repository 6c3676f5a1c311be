"""Fit the confidence of findings to runs with known faults, and measure it on runs that it was not fitted to.

    python benchmarks/confidence.py CORPUS [CORPUS ...]        # writes rules/calibration.json and docs/accuracy.md
    python benchmarks/confidence.py --keep rows.jsonl CORPUS   # keeps the findings, and takes them from there the next time

Each CORPUS holds logs of training runs and a `labels.json` (see `benchmarks/labelled.py`). A finding is true if the label
needs or allows its rule; it names the fault if the label needs it. Where a label lists only what is needed ("healthy" and
"needs"), other findings of a faulty run are not counted as true or false. Simulated runs have equal weight together with the
labelled ones, half of it planted faults, half healthy.

Even seeds and every other labelled run fit the parameters whose error is measured on the others; the published ones are
then fitted to all.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from calibration import Row, fitted, reliability
from labelled import owner_of
from simulation import FAMILIES, FAULTS, SEVERITIES

from trainlint.analyzer.judging.engine import case_in, judge
from trainlint.analyzer.judging.story import places_of
from trainlint.analyzer.library import discover_logs, read_runs
from trainlint.rules.accuracy import measured
from trainlint.rules.base import Severity
from trainlint.rules.confidence import parameters
from trainlint.rules.registry import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trainlint.analyzer.judging.judgement import Judgement

ROOT = Path(__file__).parents[1]
HEALTHY_SEEDS, PLANTED_SEEDS = 60, 8  # of each family, and of each fault and severity


class Label(NamedTuple):
    """What a run has: rules that name its fault, and rules that are right beside them; None if those are not known."""

    needed: frozenset[str]
    allowed: frozenset[str] | None


def labels_of(folder: Path) -> dict[str, Label]:
    """The labels of a corpus, of either kind."""
    entries = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    return {name: _label(entry) for name, entry in entries.items()}


def _label(entry: dict[str, list[list[str]]]) -> Label:
    groups = entry["need"] if "need" in entry else entry["needs"]
    needed = frozenset(rule for group in groups for rule in group)
    if "may" in entry:
        return Label(needed, frozenset(rule for rule in entry["may"] if isinstance(rule, str)))
    return Label(needed, None if needed else frozenset())


def rows_of(judgement: Judgement, label: Label, source: str, *, half: int, weight: float) -> Iterator[Row]:
    """The surest warning or error of each rule in a run."""
    seen: set[str] = set()
    for found, place in zip(judgement.findings, places_of(judgement.findings), strict=True):
        names = {found.rule.id, found.rule.formerly} - {""}
        if found.severity < Severity.WARNING or found.rule.id in seen:
            continue
        seen.add(found.rule.id)
        is_cause = bool(names & label.needed)
        is_true = is_cause or (None if label.allowed is None else bool(names & label.allowed))
        case = case_in(judgement.view, found.rule, found.finding)
        yield Row(source, half, weight, found.rule.id, *case, place, is_true, is_cause)


def labelled_rows(folder: Path) -> Iterator[Row]:
    """Findings in a labelled corpus; every other run belongs to the other half."""
    labels = labels_of(folder)
    halves = {name: i % 2 for i, name in enumerate(sorted(labels))}
    for run in read_runs(discover_logs([folder])):
        path = run.path or run.name
        if owner := owner_of(path, labels):
            yield from rows_of(judge(run, RULES), labels[owner], "labelled", half=halves[owner], weight=1.0)


def healthy_rows(name: str) -> list[Row]:
    """False alarms in one family of healthy simulated runs."""
    (family,) = (family for family in FAMILIES if family.name == name)
    rules = [rule for rule in RULES if rule.id not in family.may]
    weight = 1 / (len(FAMILIES) * HEALTHY_SEEDS)
    label = Label(frozenset(), frozenset())
    return [
        row
        for seed in range(HEALTHY_SEEDS)
        for row in rows_of(judge(family.run(seed), rules), label, "simulated", half=seed % 2, weight=weight)
    ]


def planted_rows(name: str) -> list[Row]:
    """Findings of the rule that is meant to find a planted fault."""
    (fault,) = (fault for fault in FAULTS if fault.name == name)
    rules = [rule for rule in RULES if rule.id == fault.rule]
    weight = 1 / (len(FAULTS) * len(SEVERITIES) * PLANTED_SEEDS)
    label = Label(frozenset({fault.rule}), frozenset())
    return [
        row
        for severity in SEVERITIES.values()
        for seed in range(PLANTED_SEEDS)
        for row in rows_of(judge(fault.run(seed, severity), rules), label, "simulated", half=seed % 2, weight=weight)
    ]


def collected(corpora: list[Path], jobs: int) -> list[Row]:
    """All findings, of simulated and of labelled runs."""
    names = {rule.id for rule in RULES}
    with ProcessPoolExecutor(jobs) as pool:
        healthy = pool.map(healthy_rows, [family.name for family in FAMILIES])
        planted = pool.map(planted_rows, [fault.name for fault in FAULTS if fault.rule in names])
        labelled = pool.map(_labelled, corpora)
        return [row for rows in (*healthy, *planted, *labelled) for row in rows]


def _labelled(folder: Path) -> list[Row]:
    return list(labelled_rows(folder))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path, help="folders of labelled training runs")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep the findings, or take those that are kept")
    options = parser.parse_args()
    if options.keep and options.keep.exists():
        rows = [Row(*json.loads(line)) for line in options.keep.read_text(encoding="utf-8").splitlines()]
    else:
        rows = collected(options.corpora, options.jobs)
        if options.keep:
            options.keep.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    held_out = reliability([row for row in rows if row.half], fitted([row for row in rows if not row.half]))
    names = ", ".join(sorted(folder.name for folder in options.corpora))
    document = {
        "schema": "trainlint-calibration/1",
        "source": f"{sum(row.source == 'simulated' for row in rows):,} findings in simulated runs, "
        f"{sum(row.source == 'labelled' for row in rows):,} in labelled ones of {len(options.corpora)} sets",
        **fitted(rows),
        "held_out": held_out,
    }
    (ROOT / "rules" / "calibration.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    parameters.cache_clear()
    sys.path.insert(0, str(ROOT / "docs"))
    from accuracy_page import rewritten

    page = ROOT / "docs" / "accuracy.md"
    page.write_text(rewritten(page.read_text(encoding="utf-8"), measured()), encoding="utf-8")
    print(f"{document['source']}: {names}", file=sys.stderr)
    for each in held_out:
        print(each)


if __name__ == "__main__":
    main()
