"""How many logs of tools that no list names are read right: runs, main curves, their first and last values.

    python benchmarks/unknown_logs.py third fourth     # a line for each log that is read wrongly, and the counts

The logs were rebuilt with made-up values, by people who had not read the parsers, from the printed output of 298 tools; what
`expect.json` beside each asks for was written down before it was read. Read right at first sight were 23 of the first set,
36 of the second, 37 of the third, 40 of the fourth and 38 of the fifth; what is read wrongly in a set was then mended by its
kind.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trainlint

if TYPE_CHECKING:
    from collections.abc import Mapping

LOGS = Path(__file__).parent / "unknown_logs"
SETS = ["first", "second", "third", "fourth", "fifth"]
TOLERANCE = 2e-3  # of a value: logs are rebuilt with the digits that the tools print


def main() -> None:
    """Print the logs that are read wrongly, and how many are not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "sets", nargs="*", default=SETS, metavar="SET", help=f"of {', '.join(SETS)}; all if none is given"
    )
    for name in parser.parse_args().sets:
        folders = sorted(path.parent for path in (LOGS / name).glob("*/expect.json"))
        right = 0
        for folder in folders:
            expected = json.loads((folder / "expect.json").read_text())
            wrong = wrong_about(folder / "input", expected)
            right += not wrong
            if wrong:
                print(f"{name}/{folder.name} {expected.get('tool', '')}: {'; '.join(wrong)}")
        print(f"{name}: {right} of {len(folders)} read right")


def wrong_about(logs: Path, expected: Mapping[str, Any]) -> list[str]:
    """What is read otherwise than expected, a phrase each."""
    runs = [run for run in trainlint.audit(logs).report["runs"] if run["status"] != "unreadable"]
    wrong = [] if len(runs) == expected.get("runs", len(runs)) else [f"{len(runs)} runs, not {expected['runs']}"]
    points = trainlint.read(logs)
    first = points.groupby(["run", "tag", "split"], observed=True)["value"].first().to_dict() if len(points) else {}
    metrics = [
        {**metric, "first": first.get((run["run"], metric["tag"], metric["split"]))}
        for run in runs
        for metric in run["metrics"]
    ]
    curves = expected.get("curves", [])
    wrong += [f"no curve {curve}" for curve in curves if not any(_fits(metric, curve) for metric in metrics)]
    for curve in expected.get("no_curves", []):
        wrong += [f"{metric['tag']} is a curve" for metric in metrics if _fits(metric, curve)]
    return wrong


def _fits(metric: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(_is(metric.get(name), value, is_tag=name == "tag") for name, value in wanted.items())


def _is(value: Any, wanted: Any, *, is_tag: bool) -> bool:
    """Whether a property is as wanted: a text, one of several globs, a number, or a range of them."""
    if isinstance(wanted, str) or is_tag:
        globs = [wanted] if isinstance(wanted, str) else wanted
        return any(fnmatch.fnmatchcase(str(value).lower(), glob.lower()) for glob in globs)
    if value is None:
        return False
    low, high = wanted if isinstance(wanted, list) else (wanted, wanted)
    slack = TOLERANCE * abs(wanted) + 1e-9 if isinstance(wanted, float) else 0.0
    return bool(low - slack <= value <= high + slack)


if __name__ == "__main__":
    main()
