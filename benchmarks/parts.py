"""Simulated runs, judged and counted part by part: in several processes, and kept in a file from which to go on.

Counting needs what each rule finds and how sure it is; how early that could have been known, and what caused what, is
left out. A kept part holds for the code that counted it: the file begins with a hash of the rules, of what they stand
on, and of the simulation.
"""

from __future__ import annotations

import hashlib
import json
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rates import Tally, is_alarm
from simulation import FAMILIES, FAULTS, SEVERITIES

from trainlint.analyzer.judging.engine import findings_of
from trainlint.rules.base import Severity
from trainlint.rules.registry import RULES
from trainlint.rules.view.run_view import RunView

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
PART_RUNS = 100  # a second or two of work: what is lost when the machine goes down
CODE = ("rules", "parsers", "analyzer/judging/engine.py", "benchmarks/simulation")


class Part(NamedTuple):
    """Runs of one family, or of one planted fault and severity, by their seeds."""

    family: str
    fault: str
    severity: str
    first: int
    end: int

    def count(self, names: frozenset[str]) -> Tally:
        """Judge them by the named rules."""
        seeds = range(self.first, self.end, 2)
        return _planted(self.fault, self.severity, seeds) if self.fault else _healthy(self.family, seeds, names)


def parts_of(runs: int, planted: int, names: frozenset[str], *, first_seed: int) -> list[Part]:
    """All parts: so many healthy runs of each family, and of each severity of the faults that the rules look for."""
    parts = [Part(family.name, "", "", *seeds) for family in FAMILIES for seeds in _seeds(runs, first_seed)]
    faults = [fault.name for fault in FAULTS if fault.rule in names]
    return parts + [Part("", f, s, *seeds) for f in faults for s in SEVERITIES for seeds in _seeds(planted, first_seed)]


def _seeds(runs: int, first_seed: int) -> Iterator[tuple[int, int]]:
    """First seed and end of each part; every other number is a seed of the same half."""
    for done in range(0, runs, PART_RUNS):
        yield 2 * done + first_seed, 2 * min(done + PART_RUNS, runs) + first_seed


def counted(parts: Sequence[Part], names: frozenset[str], *, jobs: int, kept: Path | None) -> Tally:
    """The sum over all parts, those that are in the file `kept` taken from there, the others added to it.

    Raises:
        ValueError: the file was written by other code, or for other rules.

    """
    known = _read(kept, names) if kept else {}
    total = Tally()
    for part in parts:
        if part in known:
            total.add(known[part])
    left = [part for part in parts if part not in known]
    with ProcessPoolExecutor(jobs) as pool:
        waiting = {pool.submit(part.count, names): part for part in left}
        for done, task in enumerate(as_completed(waiting), start=1):
            tally = task.result()
            total.add(tally)
            if kept:
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([waiting[task], tally.listed()]) + "\n")
            if done % (len(left) // 20 + 1) == 0:
                print(f"{done:,} of {len(left):,} parts judged", file=sys.stderr)
    return total


def _read(kept: Path, names: frozenset[str]) -> dict[Part, Tally]:
    """What was counted before; a line that was cut short is counted again."""
    head = f"{_code()} {hashlib.blake2b(' '.join(sorted(names)).encode(), digest_size=8).hexdigest()}"
    if not kept.exists():
        kept.write_text(json.dumps(head) + "\n", encoding="utf-8")
        return {}
    first, *lines = kept.read_text(encoding="utf-8").split("\n")
    if json.loads(first) != head:
        raise ValueError(f"{kept} was counted by other code or for other rules: take a new file")
    if lines[-1]:  # what follows must not be glued to it
        kept.write_text("\n".join([first, *lines[:-1], ""]), encoding="utf-8")
    entries = [json.loads(line) for line in lines[:-1] if line]
    return {Part(*part): Tally.of(listed) for part, listed in entries}


def _code() -> str:
    """Hash of all files that a count depends on."""
    digest = hashlib.blake2b(digest_size=8)
    for place in CODE:
        path = ROOT / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _healthy(name: str, seeds: range, names: frozenset[str]) -> Tally:
    """Judge healthy runs of one family."""
    (family,) = (family for family in FAMILIES if family.name == name)
    tally = Tally()
    rules = [rule for rule in RULES if rule.id in names and rule.id not in family.may]
    for seed in seeds:
        found, verdicts = findings_of(RunView(family.run(seed)), rules)
        found.sort(key=lambda f: (f.severity, f.confidence))  # of several by one rule the gravest, surest counts
        alarms = {f.rule.id: f for f in found if is_alarm(f.rule, f.severity)}
        errors = {f.rule.id for f in found if f.severity is Severity.ERROR}
        infos = {f.rule.id for f in found} - alarms.keys()
        for rule, verdict in verdicts.items():
            if verdict.outcome == "failed":
                tally.failed[f"{rule}: {verdict.reason}"] += 1
            tally.healthy[rule, name, "runs"] += verdict.outcome in ("fired", "clear")
            tally.healthy[rule, name, "alarm"] += rule in alarms
            tally.healthy[rule, name, "error"] += rule in errors
            tally.healthy[rule, name, "info"] += rule in infos
        worst = [f for f in alarms.values() if f.severity >= Severity.WARNING]
        tally.alarmed[name, "runs"] += 1
        tally.alarmed[name, "alarm"] += bool(worst)
        tally.wrong.update((f.rule.id, round(100 * f.confidence)) for f in worst)
    return tally


def _planted(name: str, severity: str, seeds: range) -> Tally:
    """Judge runs with one planted fault by the rule that is meant to find it."""
    (fault,) = (fault for fault in FAULTS if fault.name == name)
    (rule,) = (rule for rule in RULES if rule.id == fault.rule)
    tally = Tally()
    for seed in seeds:
        findings, verdicts = findings_of(RunView(fault.run(seed, SEVERITIES[severity])), [rule])
        if verdicts[rule.id].outcome == "failed":
            tally.failed[f"{rule.id}: {verdicts[rule.id].reason}"] += 1
        found = [f for f in findings if is_alarm(rule, f.severity)]
        tally.planted[rule.id, severity, "runs"] += 1
        tally.planted[rule.id, severity, "fired"] += bool(found)
        tally.planted[rule.id, severity, "info"] += bool(findings) and not found
        surest = max(found, key=lambda f: (f.severity, f.confidence), default=None)
        if surest is not None and surest.severity >= Severity.WARNING:
            tally.right[rule.id, round(100 * surest.confidence)] += 1
    return tally
