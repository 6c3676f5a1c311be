"""How often each rule finds what it is made for, how often it raises a false alarm, and what its confidence is worth.

    python benchmarks/accuracy.py                                # simulated runs; writes rules/measured.json, docs/accuracy.md
    python benchmarks/accuracy.py --runs 10000 CORPUS            # more of them, and a folder of labelled trainings
    python benchmarks/accuracy.py --runs 10000 --keep counts.jsonl # the same in parts: started again, it goes on from there
    python benchmarks/accuracy.py --half tuning --select plateau # prints one rule's rates on the tuning half, writes nothing

CORPUS holds the logs of trainings and a `labels.json` (see `benchmarks/labelled.py`). Simulated runs of odd seeds are for
reports; thresholds are tuned with even ones. Rates come with intervals of Clopper and Pearson at 95%.
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelled import Labelled, audited
from parts import counted, parts_of
from rates import Findings, Rate, Tally, precision
from simulation import FAMILIES, SEVERITIES

import trainlint
from trainlint.rules.base import Severity
from trainlint.rules.code_hash import code_hash
from trainlint.rules.registry import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trainlint.rules.base import Rule

ROOT = Path(__file__).parents[1]
BINS = (0, 80, 85, 90, 95, 101)  # percent of stated confidence, lower limits
ILL_SHARE = 0.5  # of the runs of a batch; each has one fault, and all faults are equally likely


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", type=Path, help="folder of labelled trainings")
    parser.add_argument("--runs", type=int, default=500, help="healthy runs of each family (500)")
    parser.add_argument("--planted", type=int, default=200, help="runs of each fault and severity (200)")
    parser.add_argument("--half", choices=("reporting", "tuning"), default="reporting", help="odd or even seeds")
    parser.add_argument("--select", nargs="+", metavar="RULE", help="only these rules; prints and writes nothing")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep what was counted, and go on from it")
    options = parser.parse_args()
    rules = [rule for rule in RULES if options.select is None or rule.id in options.select]
    if options.select and len(rules) < len(set(options.select)):
        parser.error(f"no such rule: {', '.join(set(options.select) - {rule.id for rule in rules})}")
    names = frozenset(rule.id for rule in rules)
    parts = parts_of(options.runs, options.planted, names, first_seed=int(options.half == "reporting"))
    try:
        tally = counted(parts, names, jobs=options.jobs, kept=options.keep)
    except ValueError as error:
        parser.error(str(error))
    labelled = Labelled(audited(options.corpus)) if options.corpus else None
    measured = document(rules, tally, labelled, runs=options.runs, planted=options.planted)
    for why, count in tally.failed.items():
        print(f"failed on {count} runs: {why}", file=sys.stderr)
    sys.path.insert(0, str(ROOT / "docs"))
    from accuracy_page import rewritten, tables

    if options.select or options.half == "tuning":
        print(tables(measured))
        return 0
    file = ROOT / "rules" / "measured.json"
    known = json.loads(file.read_text(encoding="utf-8"))
    measured |= {name: known.get(name) for name in ("trained", "noise")}  # by real_runs.py and noise_runs.py
    file.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    page = ROOT / "docs" / "accuracy.md"
    page.write_text(rewritten(page.read_text(encoding="utf-8"), measured), encoding="utf-8")
    return 0


def document(
    rules: Sequence[Rule], tally: Tally, labelled: Labelled | None, *, runs: int, planted: int
) -> dict[str, Any]:
    """Everything that was measured, as it stands in rules/measured.json."""
    measured: dict[str, Any] = {
        "schema": "trainlint-measured/1",
        "version": trainlint.__version__,
        "simulated": {
            "runs_a_family": runs,
            "planted_a_severity": planted,
            "families": {family.name: _family_entry(family.name, rules, tally) for family in FAMILIES},
        },
        "labelled": None,
        "reliability": reliability(tally, labelled),
        "rules": {rule.id: _rule_entry(rule, tally, labelled) for rule in rules},
    }
    if labelled:
        measured["labelled"] = {
            "runs": labelled.runs,
            "faults_found": labelled.needs.entry(),
            "healthy_alarmed": labelled.healthy.entry(),
            "first_names_fault": labelled.first.entry(),
        }
    measured["rules"] = {rule: entry for rule, entry in measured["rules"].items() if entry}
    return measured


def _family_entry(name: str, rules: Sequence[Rule], tally: Tally) -> dict[str, Any]:
    alarms = {rule.id: tally.healthy[rule.id, name, "alarm"] for rule in rules if rule.severity > Severity.INFO}
    by_rule = {rule: count for rule, count in sorted(alarms.items(), key=lambda item: -item[1]) if count}
    return Rate(tally.alarmed[name, "alarm"], tally.alarmed[name, "runs"]).entry() | {"alarms_by_rule": by_rule}


def _rule_entry(rule: Rule, tally: Tally, labelled: Labelled | None) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    levels = {s: Rate(tally.planted[rule.id, s, "fired"], tally.planted[rule.id, s, "runs"]) for s in SEVERITIES}
    every = Rate(sum(r.hits for r in levels.values()), sum(r.runs for r in levels.values()))
    if every.runs:
        infos = sum(tally.planted[rule.id, s, "info"] for s in SEVERITIES)
        entry["found"] = {"simulated": every.entry() | {"as_info": infos}} | {s: r.entry() for s, r in levels.items()}
    by_family = {
        f.name: Rate(tally.healthy[rule.id, f.name, "alarm"], tally.healthy[rule.id, f.name, "runs"]) for f in FAMILIES
    }
    healthy = Rate(sum(r.hits for r in by_family.values()), sum(r.runs for r in by_family.values()))
    if healthy.runs:
        infos = sum(tally.healthy[rule.id, family.name, "info"] for family in FAMILIES)
        errors = sum(tally.healthy[rule.id, family.name, "error"] for family in FAMILIES)
        entry["alarms"] = {
            "simulated": healthy.entry() | {"as_info": infos}, "errors": Rate(errors, healthy.runs).entry(),
            "bounds": _bounds(rule.id, by_family, tally),
        }  # fmt: skip
        worst = max((name for name in by_family if by_family[name].runs), key=lambda name: by_family[name].share)
        if by_family[worst].hits:
            entry["alarms"]["worst_family"] = {"family": worst} | by_family[worst].entry()
    if labelled and rule.id in labelled.recall:
        entry.setdefault("found", {})["labelled"] = labelled.recall[rule.id].entry()
    if labelled and rule.id in labelled.alarms:
        entry.setdefault("alarms", {})["labelled"] = labelled.alarms[rule.id].entry()
    confidence = _calibration(rule.id, tally)
    entry |= {"confidence": confidence} if confidence else {}
    return entry | {"code": code_hash(rule.check)} if entry else entry


def _bounds(rule: str, by_family: dict[str, Rate], tally: Tally) -> dict[str, dict[str, Any]]:
    """For errors, and for warnings and errors, the family with the highest upper limit, of those with most decided runs.

    A family of which a rule can decide few runs has a high limit for that alone; it says nothing about the rule.
    """
    most = max(rate.runs for rate in by_family.values())
    usual = {name: rate for name, rate in by_family.items() if rate.runs >= most / 2}
    errors = {name: Rate(tally.healthy[rule, name, "error"], rate.runs) for name, rate in usual.items()}
    bounds = {}
    for level, rates in (("error", errors), ("alarm", usual)):
        family = max(rates, key=lambda name: rates[name].interval[1])
        bounds[level] = {"family": family} | rates[family].entry()
    return bounds


def _masses(tally: Tally) -> tuple[dict[str, tuple[int, float]], tuple[int, float]]:
    """Number of runs and their share of a batch: of the runs with each rule's faults, and of the healthy ones."""
    runs: dict[str, int] = {}
    for (rule, _, what), count in tally.planted.items():
        runs[rule] = runs.get(rule, 0) + (count if what == "runs" else 0)
    healthy = sum(count for (_, what), count in tally.alarmed.items() if what == "runs")
    return {rule: (count, ILL_SHARE / len(runs)) for rule, count in runs.items()}, (healthy, 1 - ILL_SHARE)


def _calibration(rule: str, tally: Tally) -> dict[str, Any]:
    """What a rule says of its warnings and errors, and how many of them are right; {} if it never gave one."""
    planted, healthy = _masses(tally)
    right, wrong = ({c: n for (r, c), n in kind.items() if r == rule} for kind in (tally.right, tally.wrong))
    if rule not in planted or not right:
        return {}
    stated = _mean_stated(
        ((c, n, *planted[rule]) for c, n in right.items()), ((c, n, *healthy) for c, n in wrong.items())
    )
    share, low, high = precision(
        [Findings(sum(right.values()), *planted[rule])], [Findings(sum(wrong.values()), *healthy)]
    )
    note = "overstated" if stated > high else "understated" if stated < low else ""
    numbers = {"stated": stated, "right": share, "low": low, "high": high}
    return {name: round(number, 4) for name, number in numbers.items()} | {"note": note}


def _mean_stated(*kinds: Iterable[tuple[int, int, int, float]]) -> float:
    """Mean stated confidence of findings: percent, how many, on how many runs, and the share of all runs they stand for."""
    weights = [(percent, count * mass / runs) for kind in kinds for percent, count, runs, mass in kind]
    return sum(percent * weight for percent, weight in weights) / sum(weight for _, weight in weights) / 100


def reliability(tally: Tally, labelled: Labelled | None) -> list[dict[str, Any]]:
    """For each bin of stated confidence the share of findings that are right.

    Of simulated runs a rule's surest finding on a run counts once, and right is only what was planted; nothing is said
    without both healthy and ill runs.
    """
    planted, healthy = _masses(tally)
    table = []
    for low_end, high_end in pairwise(BINS) if planted and healthy[0] else ():
        right = {key: n for key, n in tally.right.items() if low_end <= key[1] < high_end}
        wrong = {key: n for key, n in tally.wrong.items() if low_end <= key[1] < high_end}
        if right or wrong:
            by_rule = {rule: sum(n for (r, _), n in right.items() if r == rule) for rule, _ in right}
            share, low, high = precision(
                [Findings(n, *planted[rule]) for rule, n in by_rule.items()], [Findings(sum(wrong.values()), *healthy)]
            )
            stated = _mean_stated(
                ((c, n, *planted[rule]) for (rule, c), n in right.items()),
                ((c, n, *healthy) for (_, c), n in wrong.items()),
            )
            count = sum(right.values()) + sum(wrong.values())
            table.append(_bin("simulated", (low_end, high_end), count, stated, (share, low, high)))
    for low_end, high_end in pairwise(BINS):
        found = [(c, ok) for _, c, ok in (labelled.confidences if labelled else []) if low_end <= c < high_end]
        if found:
            rate = Rate(sum(ok for _, ok in found), len(found))
            stated = sum(c for c, _ in found) / len(found) / 100
            table.append(_bin("labelled", (low_end, high_end), len(found), stated, (rate.share, *rate.interval)))
    return table


def _bin(
    source: str, ends: tuple[int, int], count: int, stated: float, right: tuple[float, float, float]
) -> dict[str, Any]:
    return {
        "source": source, "from": ends[0] / 100, "to": min(ends[1], 100) / 100, "findings": count,
        "stated": round(stated, 4), "right": round(right[0], 4), "low": round(right[1], 4), "high": round(right[2], 4),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
