"""Whether a training keeps its verdict when its log tells it in other words.

    python benchmarks/metamorphic.py sample_logs other/folder ...
    python benchmarks/metamorphic.py sample_logs --only percent --verbose

Each run is judged as it is and after each change of `metamorphic_changes` (names by another convention, order, axis,
units, irrelevant columns, fewer points) and each change of its format. Kept means the same rules at warning or error
and the same status; too little data counts as not kept, except where points were taken away. Prints the share kept by
change and by rule, and every ill run that turns clear. Rules that read what only the first format holds (wall times,
histograms, the output of the process) are compared after both were reduced to curves.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import metamorphic_changes as changes
import numpy as np

from trainlint.analyzer.judging.engine import judge
from trainlint.analyzer.library import discover_logs, read_runs
from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.meaning.tasks import task_of
from trainlint.rules.base import Severity
from trainlint.rules.registry import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trainlint.parsers.run import Run

ILL = ("warning", "error")
THINNING = ("a third of the points", "cut at the last whole epoch")


class Verdict(NamedTuple):
    """The status of a run, its rules at warning or error, and those that had too little data."""

    status: str
    rules: frozenset[str]
    short: frozenset[str]


class Outcome(NamedTuple):
    """A run before and after a change."""

    run: str
    change: str
    before: Verdict
    after: Verdict

    @property
    def is_kept(self) -> bool:
        if self.change in THINNING:
            lost = self.before.rules - self.after.rules
            is_told = self.after.rules <= self.before.rules and lost <= self.after.short
            return is_told and (
                self.after.status == self.before.status or bool(lost) or self.after.status == "not-checked"
            )
        return self.before[:2] == self.after[:2]

    @property
    def turns_clear(self) -> bool:
        return self.before.status in ILL and self.after.status == "clear"


def verdict_of(run: Run) -> Verdict:
    judgement = judge(run, RULES)
    rules = frozenset(f.rule.id for f in judgement.findings if f.severity >= Severity.WARNING)
    short = frozenset(rule for rule, verdict in judgement.verdicts.items() if verdict.outcome == "insufficient-data")
    return Verdict(judgement.status, rules, short)


def understood(run: Run) -> Run:
    """The run with the meanings that its names have."""
    known = replace(run, all_curves=resolve(run.all_curves))
    known.task, known.task_evidence = task_of(known)
    return known


def in_one_table(run: Run) -> Run:
    """What a table of one row a step can hold of a run."""
    curves = [c for c in changes.plain(run) if not c.statistic and (np.diff(c.step) > 0).all()]
    timeless = [replace(c, wall_time=np.full(len(c), np.nan), epoch=np.full(len(c), np.nan)) for c in curves]
    return understood(replace(changes.told(run, timeless), incidents=[], is_cut_short=False, notes=[]))


def read(folder: Path) -> Run | None:
    """What is read of a folder with one run; None if it is none, or several."""
    runs = list(read_runs(discover_logs([folder])))
    return runs[0] if len(runs) == 1 else None


def outcomes_of(run: Run, only: str = "") -> Iterator[Outcome]:
    """The verdicts on a run as it is and after each change that applies to it."""
    before = verdict_of(understood(changes.unchanged(run)))
    for name, change in changes.CHANGES.items():
        if only in name and (changed := change(run)) is not None:
            yield Outcome(run.name, name, before, verdict_of(understood(changed)))
    bare = in_one_table(run)
    before = verdict_of(bare)
    for name, write in changes.FORMATS.items():
        if only in f"format: {name}" and len(bare.all_curves) and len({c.axis for c in bare.all_curves}) == 1:
            with tempfile.TemporaryDirectory() as folder:
                write(bare, Path(folder))
                told = read(Path(folder))
            if told is not None:
                told.hyperparameters = dict(bare.hyperparameters)
                told.task, told.task_evidence = task_of(told)
            after = Verdict("unreadable", frozenset(), frozenset()) if told is None else verdict_of(told)
            yield Outcome(run.name, f"format: {name}", before, after)


def printed(outcomes: Sequence[Outcome], *, verbose: bool) -> None:
    print(f"{'change':32s} kept      share")
    for change in dict.fromkeys(o.change for o in outcomes):
        kept = [o.is_kept for o in outcomes if o.change == change]
        print(f"{change:32s} {sum(kept):4d}/{len(kept):<4d} {sum(kept) / len(kept):6.1%}")
    print("\nrule: kept of the changes that it could be kept in")
    total = Counter(rule for o in outcomes for rule in o.before.rules)
    held = Counter(rule for o in outcomes for rule in o.before.rules & o.after.rules)
    new = Counter(rule for o in outcomes for rule in o.after.rules - o.before.rules)
    for rule in sorted({*total, *new}, key=lambda r: (held[r] / max(total[r], 1), -new[r])):
        share = f"{held[rule] / total[rule]:6.1%}" if total[rule] else "     -"
        print(f"{rule:32s} {held[rule]:4d}/{total[rule]:<4d} {share}, {new[rule]} new")
    ill = [o for o in outcomes if o.turns_clear]
    print(f"\n{len(ill)} ill runs turn clear")
    for o in [o for o in outcomes if not o.is_kept] if verbose else ill:
        print(
            f"{o.run}: {o.change}: {o.before.status} -> {o.after.status}, lost {sorted(o.before.rules - o.after.rules)}, "
            f"new {sorted(o.after.rules - o.before.rules)}"
        )


def outcomes_below(folders: Iterable[Path], only: str = "") -> list[Outcome]:
    runs = [run for folder in folders for run in read_runs(discover_logs([folder]))]
    return [outcome for run in runs for outcome in outcomes_of(run, only)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, help="with logs; every run below them is told in other words")
    parser.add_argument("--only", default="", help="changes whose name holds this text")
    parser.add_argument("--verbose", action="store_true", help="name every run whose verdict changes")
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    printed(outcomes_below(args.folders, args.only), verbose=args.verbose)


if __name__ == "__main__":
    main()
