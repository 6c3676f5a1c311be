"""How often the rules find the faults of trainings of our own, and what they say of sound ones.

    python benchmarks/real_runs.py FOLDER                # odd seeds; writes rules/measured.json and docs/accuracy.md
    python benchmarks/real_runs.py FOLDER --half tuning  # even seeds, run by run; writes nothing

FOLDER is written by `benchmarks/train_runs.py`. Of a run with a fault one of the rules that its label names has to find
something; what is found in a sound one, as a warning or an error, is a false alarm. Intervals are those of Clopper and
Pearson at 95%.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelled import audited, rate_of

from trainlint.rules.code_hash import code_hash
from trainlint.rules.registry import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labelled import LabelledRun

ROOT = Path(__file__).parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="written by benchmarks/train_runs.py")
    parser.add_argument("--half", choices=("reporting", "tuning"), default="reporting", help="odd or even seeds")
    options = parser.parse_args()
    odd = options.half == "reporting"
    runs = [run for run in audited(options.folder) if _split(run.name)[1] % 2 == odd]
    if not runs:
        parser.error(f"no runs of {'odd' if odd else 'even'} seeds in {options.folder}")
    measured = document(runs)
    print(_summary(measured))
    if options.half == "tuning":
        for run in runs:
            if run.false_alarms or not all(run.met):
                found = sorted({finding["rule"] for finding in run.strong})
                print(
                    f"{run.name:36} {'' if all(run.met) else 'missed'} found {found} false {sorted(run.false_alarms)}"
                )
        return 0
    sys.path.insert(0, str(ROOT / "docs"))
    from accuracy_page import rewritten

    file, page = ROOT / "rules" / "measured.json", ROOT / "docs" / "accuracy.md"
    whole = json.loads(file.read_text(encoding="utf-8")) | {"trained": measured}
    file.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    page.write_text(rewritten(page.read_text(encoding="utf-8"), whole), encoding="utf-8")
    return 0


def document(runs: Sequence[LabelledRun]) -> dict[str, Any]:
    """What was measured, as it stands in rules/measured.json under "trained"."""
    ill, sound = [run for run in runs if run.need], [run for run in runs if not run.need]
    faults = {}
    for name in dict.fromkeys(_split(run.name)[0] for run in ill):
        same = [run for run in ill if _split(run.name)[0] == name]
        by = Counter(rule for run in same for rule in run.counted & {rule for group in run.need for rule in group})
        faults[name] = rate_of(all(run.met) for run in same).entry() | {"found_by": dict(by.most_common())}
    alarms = Counter(rule for run in sound for rule in run.false_alarms)
    others = Counter(rule for run in ill for rule in run.false_alarms)
    return {
        "faults_found": rate_of(all(run.met) for run in ill).entry(),
        "healthy_alarmed": rate_of(bool(run.false_alarms) for run in sound).entry()
        | {"alarms_by_rule": dict(alarms.most_common())},
        "ill_alarmed": rate_of(bool(run.false_alarms) for run in ill).entry()
        | {"alarms_by_rule": dict(others.most_common())},
        "faults": faults,
        "code": {rule.id: code_hash(rule.check) for rule in RULES},
    }


def _split(name: str) -> tuple[str, int]:
    """Name of the training, and the seed."""
    name, _, seed = name.rpartition("-s")
    return name, int(seed)


def _summary(measured: dict[str, Any]) -> str:
    rows = ("faults_found", "healthy_alarmed", "ill_alarmed")
    return "\n".join(
        f"{name:16} {rate['hits']} of {rate['runs']} ({rate['low']:.1%} to {rate['high']:.1%}) {rate.get('alarms_by_rule', '')}"
        for name in rows
        if (rate := measured[name])
    )


if __name__ == "__main__":
    sys.exit(main())
