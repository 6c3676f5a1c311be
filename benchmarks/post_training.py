"""Which faults of fine-tuning on rewards and preferences are found, and how many healthy runs are alarmed.

    python benchmarks/post_training.py                        # 5 runs a fault and library, 200 healthy runs a method
    python benchmarks/post_training.py --draws 1 --healthy 30 --verbose

The runs are simulated (`fine_tuning`), and logged as TRL, verl and OpenRLHF log them. A fault is found if a rule that names it
warns of it; the rules were not read when the faults were written. `reward-stagnation` only ever informs.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from fine_tuning import METHODS
from fine_tuning.libraries import write

import trainlint

INFORMING = {"reward-stagnation"}  # rules that only inform: their finding counts as found
HEALTHY_SEEDS = 10_000  # of the first healthy run: no run of a fault has such a seed


def main() -> None:
    """Print the share found of each fault and library, and the healthy runs with a false alarm."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=5, help="runs of each fault and library")
    parser.add_argument("--healthy", type=int, default=200, help="healthy runs of each method")
    parser.add_argument("--method", choices=sorted(METHODS), action="append")
    parser.add_argument("--verbose", action="store_true", help="print what was found of each run")
    args = parser.parse_args()
    for method in args.method or METHODS:
        with tempfile.TemporaryDirectory() as folder:
            _ill(Path(folder), method, args.draws, verbose=args.verbose)
        with tempfile.TemporaryDirectory() as folder:
            _healthy(Path(folder), method, args.healthy)


def _ill(folder: Path, method: str, draws: int, *, verbose: bool) -> None:
    healthy, faults, libraries = METHODS[method]
    counts: Counter[str] = Counter()
    print(
        f"\n{method}: found of {draws}, the first finding names the fault (of {draws * len(libraries)}), first findings"
    )
    for number, (fault, (plant, needs)) in enumerate(faults.items()):
        found: Counter[str] = Counter()
        firsts: Counter[str] = Counter()
        for library in libraries:
            for draw in range(draws):
                run = healthy(100 * number + draw)
                plant(run)
                place = folder / f"{number}-{library}-{draw}"
                write(place, library, method, run)
                status, findings = _findings(place)
                loud = [rule for rule, severity in findings if severity != "info" or rule in INFORMING]
                found[library] += bool(set(loud) & set(needs))
                firsts[next(iter(loud), status)] += 1
                if verbose:
                    print(f"    {library} {draw}: {status} {findings}")
        counts.update(found)
        per_library = ", ".join(f"{library} {found[library]}" for library in libraries)
        of_cause = sum(firsts[rule] for rule in needs)
        print(f"  {fault:32} {per_library:30} first {of_cause:3}  {dict(firsts)}")
    for library in libraries:
        print(f"  {library}: {counts[library]} of {draws * len(faults)} found")


def _healthy(folder: Path, method: str, runs: int) -> None:
    healthy, _, libraries = METHODS[method]
    alarms: Counter[str] = Counter()
    alarmed = 0
    for number in range(runs):
        library = libraries[number % len(libraries)]
        write(folder / str(number), library, method, healthy(HEALTHY_SEEDS + number))
        status, findings = _findings(folder / str(number))
        loud = {f"{library} {rule}" for rule, severity in findings if severity != "info"}
        alarmed += bool(loud) or status not in {"clear", "info"}
        alarms.update(loud or ({f"{library} status {status}"} if status not in {"clear", "info"} else set()))
    print(f"  healthy: {alarmed} of {runs} alarmed  {dict(alarms)}")


def _findings(folder: Path) -> tuple[str, list[tuple[str, str]]]:
    """Status of the run, and rule and severity of each finding, in the order of the report."""
    runs = trainlint.audit(folder).report["runs"]
    findings = [(finding["rule"], finding["severity"]) for run in runs for finding in run["findings"]]
    return ", ".join(run["status"] for run in runs), findings


if __name__ == "__main__":
    main()
