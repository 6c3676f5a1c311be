"""How often the first finding of an ill run names its fault.

    python benchmarks/first_findings.py FOLDER [FOLDER ...]

Each folder holds labelled runs (`benchmarks/labelled.py`). Counted are runs with a fault and with a warning or an error; the
first of these has to be in one of the groups of rules that the label needs.
"""

from __future__ import annotations

import sys
from pathlib import Path

from labelled import LabelledRun, audited
from rates import Rate


def first_of(run: LabelledRun) -> str:
    """Id of the rule whose warning or error comes first; "" if there is none."""
    return run.strong[0]["rule"] if run.strong else ""


def is_cause(run: LabelledRun) -> bool:
    """Whether the first warning or error names the fault, under its id or the one that it had before a split."""
    names = {run.strong[0]["rule"], run.strong[0].get("formerly")}
    return any(names & set(group) for group in run.need)


def main() -> None:
    """Print the share in each folder, and the runs whose first finding is another."""
    for folder in map(Path, sys.argv[1:]):
        ill = [run for run in audited(folder) if run.need and run.strong]
        right = [run for run in ill if is_cause(run)]
        rate = Rate(len(right), len(ill))
        print(f"{folder.name}: {rate.hits} of {rate.runs} first findings name the fault")
        for run in ill:
            if run not in right:
                wanted = "; ".join(" or ".join(group) for group in run.need)
                print(f"  {run.name}: {first_of(run)}, needed {wanted}")


if __name__ == "__main__":
    main()
