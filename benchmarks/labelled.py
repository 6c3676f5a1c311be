"""Trainings of which the faults are known, and what an audit says of them.

A folder of them holds the logs and a `labels.json`: {run: {"need": [[rule, ...], ...], "may": [rule, ...]}}. Of every
group of `need` at least one rule has to find something, `may` is right as well, and any other warning or error is a false
alarm.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rates import Rate, is_alarm

import trainlint
from trainlint.rules.base import Severity
from trainlint.rules.registry import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class LabelledRun:
    """One training: what has to be found, what may be, and its entries in the report."""

    name: str
    need: Sequence[Sequence[str]]
    may: frozenset[str]
    entries: Sequence[dict[str, Any]]

    @property
    def fine(self) -> set[str]:
        """Rules that are right to find something."""
        return {rule for group in self.need for rule in group} | self.may

    @property
    def findings(self) -> list[dict[str, Any]]:
        return [finding for entry in self.entries for finding in entry["findings"]]

    @property
    def strong(self) -> list[dict[str, Any]]:
        """Warnings and errors."""
        return [finding for finding in self.findings if finding["severity"] != "info"]

    @property
    def counted(self) -> set[str]:
        """Rules whose findings count as found, under the id before a split as well: labels may be older than it."""
        counting = [finding for finding in self.findings if _counts(finding)]
        return {name for finding in counting for name in (finding["rule"], finding.get("formerly")) if name}

    @property
    def met(self) -> list[bool]:
        """For each group of `need`, whether one of its rules found something."""
        return [bool(self.counted & set(group)) for group in self.need]

    @property
    def is_first_the_fault(self) -> bool:
        """Whether the first warning or error names the fault, under its id or the one that it had before a split."""
        names = {self.strong[0]["rule"], self.strong[0].get("formerly")} if self.strong else set()
        return any(names & set(group) for group in self.need)

    @property
    def false_alarms(self) -> set[str]:
        """Rules that gave a warning or an error without being right."""
        return {f["rule"] for f in self.strong if f.get("formerly") not in self.fine} - self.fine


def audited(folder: Path) -> list[LabelledRun]:
    """All runs of a folder that the report tells of."""
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    entries: dict[str, list[dict[str, Any]]] = {name: [] for name in labels}
    for entry in trainlint.audit(folder)["runs"]:
        owner = owner_of(entry["run"], labels)
        if owner:
            entries[owner].append(entry)
    return [
        LabelledRun(name, label["need"], frozenset(label["may"]), entries[name])
        for name, label in labels.items()
        if entries[name]
    ]


class Labelled:
    """What was found in a folder of labelled trainings.

    Attributes:
        runs: how many there are.
        needs: groups of rules one of which has to find something, and how many did.
        healthy: runs without a fault, and how many of them got a false alarm.
        recall: by rule, over the groups that name no other.
        alarms: by rule, over the runs that it could judge and that it has nothing to find in.
        first: runs with a fault and with a warning or an error, and in how many of them the first one names the fault.
        confidences: (rule, stated confidence in percent, whether it is right) of the surest warning or error of each rule
            in each run: several on the metrics of one run are one claim. What follows from another finding has a
            confidence of its own, and counts.

    """

    def __init__(self, runs: Sequence[LabelledRun]) -> None:
        self.runs = len(runs)
        self.recall: dict[str, Rate] = {}
        self.alarms: dict[str, Rate] = {}
        self.confidences: list[tuple[str, int, bool]] = []
        for run in runs:
            for group in run.need:
                if len(set(group)) == 1:
                    _count(self.recall, group[0], hit=group[0] in run.counted)
            for entry in run.entries:
                for rule, outcome in entry["outcomes"].items():
                    if outcome in ("fired", "clear") and rule not in run.fine:
                        _count(self.alarms, rule, hit=rule in run.counted)
            surest = {f["rule"]: f["confidence"] for f in sorted(run.strong, key=lambda f: f["confidence"])}
            self.confidences += [(rule, round(100 * stated), rule in run.fine) for rule, stated in surest.items()]
        self.needs = rate_of(found for run in runs for found in run.met)
        self.first = rate_of(run.is_first_the_fault for run in runs if run.need and run.strong)
        self.healthy = rate_of(bool(run.false_alarms) for run in runs if not run.need)


def rate_of(outcomes: Iterable[bool]) -> Rate:
    """How many of them are true."""
    listed = list(outcomes)
    return Rate(sum(listed), len(listed))


def owner_of(run: str, names: Iterable[str]) -> str | None:
    """The labelled folder that a run of the report lies in, the deepest if several do."""
    path = f"/{run.replace(chr(92), '/').strip('/')}/"
    return max((name for name in names if f"/{name}/" in path), key=len, default=None)


def _counts(finding: dict[str, Any]) -> bool:
    rule = next((rule for rule in RULES if rule.id == finding["rule"]), None)
    return rule is not None and is_alarm(rule, Severity[finding["severity"].upper()])


def _count(rates: dict[str, Rate], rule: str, *, hit: bool) -> None:
    old = rates.get(rule, Rate(0, 0))
    rates[rule] = Rate(old.hits + hit, old.runs + 1)
