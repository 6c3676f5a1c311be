"""How often the first finding of an ill run names its fault.

    python benchmarks/first_findings.py FOLDER [FOLDER ...]

Each folder holds labelled runs (`benchmarks/labelled.py`). Counted are runs with a fault and with a warning or an error; the
first of these has to be in one of the groups of rules that the label needs.
"""

from __future__ import annotations

import sys
from pathlib import Path

from labelled import Labelled, audited


def main() -> None:
    """Print the share in each folder, and the runs whose first finding is another."""
    for folder in map(Path, sys.argv[1:]):
        runs = audited(folder)
        rate = Labelled(runs).first
        print(f"{folder.name}: {rate.hits} of {rate.runs} first findings name the fault")
        for run in runs:
            if run.need and run.strong and not run.is_first_the_fault:
                wanted = "; ".join(" or ".join(group) for group in run.need)
                print(f"  {run.name}: {run.strong[0]['rule']}, needed {wanted}")


if __name__ == "__main__":
    main()
